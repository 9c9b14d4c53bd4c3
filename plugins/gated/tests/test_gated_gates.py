"""The squid's channels, the leak, and the two channels without a published model."""

from __future__ import annotations

import math

import pytest

import pumpleak as pl
from pumpleak_gated._root import LeakyRootOhmic, RootOhmic
from pumpleak_gated.hodgkin_huxley_k import HodgkinHuxleyK
from pumpleak_gated.hodgkin_huxley_na import HodgkinHuxleyNa
from pumpleak_gated.inward_rectifier import InwardRectifier
from pumpleak_gated.leak import Leak, LeakReversal
from pumpleak_gated.persistent_na import PersistentNa

SPECIES = {name: pl.IonSpecies(name=name, valence=1) for name in ("Na", "K")}


def problem(channel, K_out=4.0, temperature="6.3 degC"):
    return pl.ClampedProblem(
        pl.Membrane(
            mechanisms=[channel],
            inside=pl.Solution(concentrations={"Na": "15 mM", "K": "140 mM"}),
            outside=pl.Solution(concentrations={"Na": "145 mM", "K": f"{K_out} mM"}),
            temperature=temperature,
            area="100 um^2",
            species=SPECIES,
        )
    )


def current(channel, V_mV, K_out=4.0, temperature="6.3 degC"):
    """Return the current, uA/cm2."""
    (value,) = problem(channel, K_out, temperature).currents(V_mV).values()
    return value


def steady(alpha, beta):
    return alpha / (alpha + beta)


@pytest.mark.parametrize("above_rest", [-40.0, 0.0, 3.5, 60.0])
def test_squid_gates_are_the_papers(above_rest):
    """m, h and n at rest are those of the rates of 1952, wherever rest is placed."""
    u = above_rest
    expected = {
        "na.m": steady(0.1 * (25 - u) / math.expm1((25 - u) / 10), 4 * math.exp(-u / 18)),
        "na.h": steady(0.07 * math.exp(-u / 20), 1 / (math.exp((30 - u) / 10) + 1)),
        "k.n": steady(0.01 * (10 - u) / math.expm1((10 - u) / 10), 0.125 * math.exp(-u / 80)),
    }
    for V_rest in (-65.0, 0.0):
        placed = f"{V_rest} mV"
        found = {
            **problem(HodgkinHuxleyNa(name="na", V_rest=placed)).states(V_rest + u),
            **problem(HodgkinHuxleyK(name="k", V_rest=placed)).states(V_rest + u),
        }

        assert expected == pytest.approx(found, rel=1e-13)


@pytest.mark.parametrize(
    ("channel", "above_rest", "gate", "alpha", "beta"),
    [
        (HodgkinHuxleyNa, 25.0, "HodgkinHuxleyNa.m", 1.0, 4 * math.exp(-25 / 18)),
        (HodgkinHuxleyK, 10.0, "HodgkinHuxleyK.n", 0.1, 0.125 * math.exp(-10 / 80)),
    ],
)
def test_rates_are_whole_where_their_formula_is_zero_over_zero(
    channel, above_rest, gate, alpha, beta
):
    """At 25 and 10 mV above rest the rate takes its limit, and so does the gate."""
    found = problem(channel()).states(-65.0 + above_rest)[gate]

    assert steady(alpha, beta) == pytest.approx(found, rel=1e-15)


def test_ten_degrees_make_the_gates_three_times_as_fast():
    """The Q10 of 3 scales every rate and leaves the steady values alone."""
    cold, warm = (problem(HodgkinHuxleyNa(), 4.0, f"{6.3 + t} degC") for t in (0, 10))

    values = tuple(cold.states(-65.0).values())
    here, there = cold.full(-50.0, values)[0], warm.full(-50.0, values)[0]

    assert cold.states(-50.0) == pytest.approx(warm.states(-50.0), rel=1e-14)
    assert list(3 * here[1:]) == pytest.approx(list(there[1:]), rel=1e-12)


def test_sixty_channels_of_twenty_picosiemens_make_the_squids_sodium_conductance():
    """A count of 60 per um2 is 120 mS/cm2."""
    counted = current(HodgkinHuxleyNa(density="60 /um^2"), -40.0)

    assert counted == pytest.approx(current(HodgkinHuxleyNa(), -40.0), rel=1e-13)


def test_a_fixed_reversal_can_take_the_place_of_nernsts():
    """With 50 mV given, the sodium current changes sign there and nowhere near E_Na."""
    channel = HodgkinHuxleyNa(permeation=pl.Ohmic("Na", reversal="50 mV"))

    assert current(channel, 49.9) < 0 < current(channel, 50.1)


def test_the_leak_is_a_line():
    """0.3 mS/cm2 through -54.387 mV."""
    assert 0.0 == pytest.approx(current(Leak(), -54.387), abs=1e-14)
    assert 3.0 == pytest.approx(current(Leak(), -44.387), rel=1e-13)


def test_a_permeability_is_no_density_of_the_leak():
    """The message says what the density may be."""
    with pytest.raises(pl.UnitError, match="density: expected a conductance per area"):
        Leak(density="1e-6 cm/s")


@pytest.mark.parametrize("permeation", [LeakReversal, RootOhmic, LeakyRootOhmic])
def test_a_permeability_is_refused_by_ohmic_permeation(permeation):
    """The message names the channel and asks for a conductance."""
    channel = pl.CustomChannel(name="pore", permeation=permeation(), density="1e-6 cm/s")

    with pytest.raises(pl.CompositionError, match=r"pore.*needs a conductance.*permeability"):
        problem(channel)


def test_persistent_sodium_makes_a_region_of_negative_slope():
    """Between its foot and E_Na the inward current first grows with depolarisation."""
    channel = PersistentNa(density="0.1 mS/cm^2")

    foot, middle, top = (current(channel, V_mV) for V_mV in (-90.0, -40.0, 40.0))

    assert middle < foot < 0
    assert middle < top < 0


def test_the_inward_rectifier_lets_in_more_than_out():
    """At 20 mV either side of E_K the inward current is the larger, over fivefold."""
    made = problem(InwardRectifier(density="1 mS/cm^2"))
    E_K = made.membrane.nernst_mV("K")

    inward, outward = (
        abs(current(InwardRectifier(density="1 mS/cm^2"), E_K + side)) for side in (-20.0, 20.0)
    )

    assert inward > 5 * outward > 0


def test_the_inward_rectifier_conducts_with_the_root_of_outside_potassium():
    """At one driving force, fourfold outside potassium makes twice the current."""
    channel = InwardRectifier(density="1 mS/cm^2")
    low, high = (problem(channel, K_out).membrane.nernst_mV("K") for K_out in (3.0, 12.0))

    ratio = current(channel, high - 15.0, 12.0) / current(channel, low - 15.0, 3.0)

    assert 2.0 == pytest.approx(ratio, rel=1e-12)
