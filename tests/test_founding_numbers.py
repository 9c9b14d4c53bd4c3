"""The numbers that pumpleak stands on; the physiology is Hille 2001's."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.optimize import brentq

import pumpleak as pl

BODY_K = "310.15 K"


def membrane(*mechanisms, inside=None, outside=None, **given):
    return pl.Membrane(
        mechanisms=mechanisms,
        inside=pl.Solution(concentrations=inside or {"K": "140 mM", "Na": "15 mM"}),
        outside=pl.Solution(concentrations=outside or {"K": "4 mM", "Na": "145 mM"}),
        temperature=given.pop("temperature", BODY_K),
        area="1000 um^2",
        **given,
    )


class PotassiumLeak(pl.Channel):
    permeation = pl.Ohmic("K")


class SodiumLeak(pl.Channel):
    permeation = pl.Ohmic("Na")


class Pump(pl.Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s):
        return 1.0


@pytest.mark.parametrize(
    ("ion", "inside", "outside", "expected"),
    [("K", 140, 4, -95.02), ("K", 140, 8, -76.50), ("Na", 15, 145, 60.64)],
)
def test_nernst_potentials_of_a_mammalian_neuron(ion, inside, outside, expected):
    """E_K is -95.02 mV at 4 mM and -76.50 mV at 8 mM outside; E_Na is +60.64 mV."""
    cell = membrane(
        pl.CustomChannel(permeation=pl.Ohmic(ion), density="1 nS"),
        inside={ion: f"{inside} mM"},
        outside={ion: f"{outside} mM"},
    )

    assert expected == pytest.approx(cell.nernst_mV(ion), abs=0.01)
    assert cell.nernst_mV(ion) == pytest.approx(pl.rest(cell)[0].V_mV, abs=1e-9)


def test_doubling_outside_potassium_moves_its_nernst_potential_by_rt_over_f_ln_2():
    """4 to 8 mM takes E_K up by 18.53 mV."""
    cell = membrane(PotassiumLeak(density="1 nS"))

    step = cell.evolve({"outside.K": "8 mM"}).nernst_mV("K") - cell.nernst_mV("K")

    assert 18.53 == pytest.approx(step, abs=0.005)
    assert cell.thermal_voltage_mV * math.log(2) == pytest.approx(step, rel=1e-14)


def test_the_sign_of_the_valence_turns_the_ratio_over_for_chloride():
    """E_Cl = (RT/F) ln(c_in/c_out), from the one formula with z = -1."""
    cell = membrane(
        pl.CustomChannel(permeation=pl.Ohmic("Cl"), density="1 nS"),
        inside={"Cl": "6 mM"},
        outside={"Cl": "110 mM"},
    )

    assert cell.thermal_voltage_mV * math.log(6 / 110) == pytest.approx(cell.nernst_mV("Cl"))


@pytest.mark.parametrize("middle", range(-90, 61, 15))
def test_a_gating_charge_of_a_tenth_moves_the_open_probability_by_under_five_points(middle):
    """A leak is what a small gating charge makes of a channel: any 50 mV change p by under 0.05."""
    cell = membrane(PotassiumLeak(density="1 nS", gating=pl.Boltzmann(V_half="-40 mV", z_g=0.1)))
    problem = pl.ClampedProblem(cell)

    low, high = (problem.open_probabilities(middle + end)["PotassiumLeak"] for end in (-25.0, 25.0))

    assert 0 < high - low < 0.05


def test_a_gating_charge_of_four_moves_the_open_probability_by_nearly_all_of_it():
    """50 mV around the midpoint take a channel with z_g = 4 from nearly shut to nearly open."""
    cell = membrane(PotassiumLeak(density="1 nS", gating=pl.Boltzmann(V_half="-40 mV", z_g=4)))
    problem = pl.ClampedProblem(cell)

    low, high = (problem.open_probabilities(v)["PotassiumLeak"] for v in (-65.0, -15.0))

    assert high - low > 0.95


def test_two_state_flicker_has_the_macroscopic_open_probability_of_boltzmann_gating():
    """alpha/(alpha + beta) is the Boltzmann curve, and the gate relaxes at alpha + beta."""
    V_half, z_g, rate = -30.0, 1.3, 0.7
    smooth = membrane(
        PotassiumLeak(density="1 nS", gating=pl.Boltzmann(V_half=f"{V_half} mV", z_g=z_g))
    )
    flicker = membrane(
        PotassiumLeak(
            density="1 nS",
            gating=pl.TwoState(V_half=f"{V_half} mV", z_g=z_g, rate=f"{rate} 1/ms", delta=0.4),
        )
    )

    for v in (-120.0, -30.0, 0.0, 55.0):
        assert pl.ClampedProblem(smooth).open_probabilities(v)["PotassiumLeak"] == pytest.approx(
            pl.ClampedProblem(flicker).open_probabilities(v)["PotassiumLeak"], rel=1e-12
        )
    state = pl.rest(flicker)[0]
    u = z_g * (state.V_mV - V_half) / flicker.thermal_voltage_mV
    relaxation = rate * (math.exp(0.4 * u) + math.exp(-0.6 * u))
    assert -relaxation == pytest.approx(
        min(state.eigenvalues_per_ms, key=lambda value: value.real).real, rel=1e-6
    )


@pytest.mark.parametrize(("ratio", "expected"), [(25 / 125, -65.0), (20 / 130, -70.0)])
def test_the_chord_conductance_vote(ratio, expected):
    """With E_K -90 and E_Na +60 mV, g_Na/g_K = 0.2 votes for -65 mV and 0.1538 for -70 mV."""
    cell = membrane(
        PotassiumLeak(density="10 nS", permeation=pl.Ohmic("K", reversal="-90 mV")),
        SodiumLeak(density=f"{10 * ratio} nS", permeation=pl.Ohmic("Na", reversal="60 mV")),
    )

    assert expected == pytest.approx(pl.rest(cell)[0].V_mV, abs=1e-9)


def test_conductances_that_depend_on_voltage_can_hold_several_resting_states():
    """An inward rectifier and a leak rest at two stable voltages with an unstable one between."""
    cell = membrane(
        PotassiumLeak(density="20 nS", gating=pl.Boltzmann(V_half="-85 mV", z_g=-4)),
        SodiumLeak(density="0.6 nS"),
        PotassiumLeak(name="background", density="0.6 nS"),
    )

    assert ["stable", "unstable", "stable"] == [state.kind for state in pl.rest(cell, prove=True)]


def test_three_picoamperes_of_sodium_leak_cost_six_million_atp_a_second():
    """I_Na,leak = -3 I_p, one charge and one ATP a cycle: 3.0 pA cost 6.24e6 ATP/s."""
    pump_current = 1.0  # pA, a third of the sodium leak
    cell = membrane(
        Pump(density=f"{pump_current} pA"),
        PotassiumLeak(density="1 nS"),
        SodiumLeak(density="0.02 nS"),
    )
    rest = pl.rest(cell)

    assert 6.24e6 == pytest.approx(rest[0].ATP_per_s, rel=1e-3)
    assert 3.0e-12 / (3 * 1.602176634e-19) == pytest.approx(rest[0].ATP_per_s, rel=1e-9)
    assert 3 * pump_current == pytest.approx(rest[0].currents_pA["Pump", "Na"])
    assert -2 * pump_current == pytest.approx(rest[0].currents_pA["Pump", "K"])


def test_the_direct_effect_of_the_pump_current_is_below_rt_over_f_ln_three_halves():
    """In flux balance the pump adds at most 10.84 mV at 37 degC, whatever the leak's ratio."""
    draw = random.Random(1)
    shifts = []
    for _ in range(40):
        leak = membrane(
            pl.CustomChannel(
                name="leak",
                permeation=pl.GHK(K=1, Na=10 ** draw.uniform(-4, 1)),
                density="1e-6 cm/s",
            )
        )
        pumped = in_flux_balance(leak)
        state = pl.rest(pumped, prove=True)[0]
        assert 3 * state.currents_pA["leak", "K"] == pytest.approx(
            -2 * state.currents_pA["leak", "Na"], rel=1e-9
        )
        shifts.append(state.V_mV - pl.rest(leak)[0].V_mV)
    bound = leak.thermal_voltage_mV * math.log(1.5)

    assert 10.84 == pytest.approx(bound, abs=0.005)
    assert -bound < min(shifts)
    assert max(shifts) < 0
    assert min(shifts) < -0.85 * bound


def in_flux_balance(leak):
    """Return the membrane with the pump current that balances its leak of sodium and potassium."""
    problem = pl.ClampedProblem(leak)

    def unbalanced(v):
        currents = problem.currents(v)
        return currents["leak", "K"] + currents["leak", "Na"] * 2 / 3

    v = brentq(unbalanced, -150.0, 60.0, xtol=1e-12)
    current = -problem.currents(v)["leak", "Na"] / 3
    return pl.Membrane(
        mechanisms=[*leak.mechanisms, Pump(density=f"{current!r} pA")],
        inside=leak.inside,
        outside=leak.outside,
        temperature=leak.temperature,
        area=leak.area,
    )


def test_channel_numbers_fluctuate_as_a_binomial():
    """Relative noise is sqrt((1-p)/(N p)); 1/sqrt(N p) is only its small-p limit."""
    assert 0.3 == pytest.approx(pl.relative_conductance_noise(100, 0.1))
    assert 0.0316227766016838 == pytest.approx(pl.relative_conductance_noise(1000, 0.5), rel=1e-12)
    drawn = np.random.default_rng(0).binomial(1000, 0.2, 200_000)
    assert pl.relative_conductance_noise(1000, 0.2) == pytest.approx(
        drawn.std() / drawn.mean(), rel=0.01
    )


def test_conductance_is_count_times_open_probability_times_unitary():
    """g = N p gamma."""
    cell = membrane(
        pl.CustomChannel(
            name="k",
            permeation=pl.Ohmic("K"),
            density="2 / um^2",
            unitary="14 pS",
            gating=pl.Constant(p=0.25),
        ),
        SodiumLeak(density="1 nS"),
    )
    state = pl.rest(cell)[0]

    conductance = state.currents_pA["k", "K"] / (state.V_mV - cell.nernst_mV("K"))
    assert 2 * 1000 * 0.25 * 0.014 == pytest.approx(conductance, rel=1e-12)


@pytest.mark.parametrize(("potassium", "expected"), [(4.0, 6.7), (27.0, 1.0)])
def test_outside_potassium_is_the_weak_spot(potassium, expected):
    """dE_K/dK_o = VT/K_o: 6.7 mV per mM at 4 mM, 1 at 27 mM."""
    step = 1e-4
    cell = membrane(PotassiumLeak(density="1 nS"))

    slope = (
        cell.evolve({"outside.K": f"{potassium + step} mM"}).nernst_mV("K")
        - cell.evolve({"outside.K": f"{potassium - step} mM"}).nernst_mV("K")
    ) / (2 * step)

    assert expected == pytest.approx(slope, abs=0.05)
    assert cell.thermal_voltage_mV / potassium == pytest.approx(slope, rel=1e-8)


def test_the_pump_works_against_44_kilojoules_and_reverses_below_minus_200_millivolts():
    """A cycle against Na 12/145 and K 140/4 at -70 mV needs 44.37 kJ/mol."""
    R, F, T = 8.314462618, 96485.33212, 310.15
    work = R * T * (3 * math.log(145 / 12) + 2 * math.log(140 / 4)) - F * -0.070

    assert 44.37e3 == pytest.approx(work, abs=5)
    for energy, reversal in ((-57e3, -200.9), (-50e3, -128.4)):
        found = (energy + work + F * -0.070) / F * 1000
        assert reversal == pytest.approx(found, abs=0.05)
