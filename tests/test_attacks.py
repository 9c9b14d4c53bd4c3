"""Wrong answers that an attacker once got, and must not get again."""

from __future__ import annotations

import pickle
from pathlib import Path

import attrs
import pytest

import pumpleak as pl

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


def cell(*mechanisms, **given):
    return pl.Membrane(
        mechanisms=mechanisms,
        inside=pl.Solution(concentrations={"K": "140 mM", "Na": "12 mM"}),
        outside=pl.Solution(concentrations={"K": "4 mM", "Na": "145 mM"}),
        temperature="37 degC",
        area="1000 um^2",
        **given,
    )


class Weighted(pl.Channel):
    permeation = pl.Ohmic("K")
    table = attrs.field(factory=dict)

    def open_probability(self, s):
        return self.table["p"]


@pytest.mark.parametrize("p", [1.0, 0.5, 0.1])
def test_a_plain_option_counts_for_the_equations(p):
    """Two membranes that differ in an option's value alone do not share a kernel."""
    leak = pl.CustomChannel(name="leak", density="5 nS", permeation=pl.Ohmic("Na"))
    membrane = cell(Weighted(density="10 nS", table={"p": p}), leak)

    g = 10 * p
    wanted = (g * membrane.nernst_mV("K") + 5 * membrane.nernst_mV("Na")) / (g + 5)
    assert wanted == pytest.approx(pl.rest(membrane, prove=True)[0].V_mV, abs=1e-9)


class ConstantPower(pl.Mechanism):
    ions = ("K",)
    power = pl.parameter("100 pA", source="assumed")

    def current(self, s):
        return {"K": self.power * s.mV / (s.V + 50 * s.mV)}


@pytest.mark.parametrize("prove", [False, True])
def test_a_pole_is_no_resting_state(prove):
    """A current that goes through infinity changes sign without vanishing."""
    found = pl.rest(cell(ConstantPower()), prove=prove)

    assert 0 == len(found)
    assert "unphysical" == found.status
    assert "ConstantPower" in found.message


def test_a_membrane_can_travel_after_it_has_rested():
    """Pickled and back, to another process for example, it rests at the same voltage."""
    membrane = pl.load(EXAMPLES / "neuron.toml")
    before = pl.rest(membrane)[0].V_mV

    after = pl.rest(pickle.loads(pickle.dumps(membrane)))[0].V_mV

    assert before == after


def test_a_gate_that_is_nearly_shut_hides_no_stability():
    """At depolarised rest an inward rectifier's gate is all but shut; the state is stable still."""
    base = pl.load(EXAMPLES / "reference_b.toml")
    kir = pl.CustomChannel(
        name="kir",
        density="1 mS/cm^2",
        permeation=pl.Ohmic("K"),
        gating=pl.TwoState(V_half="-90 mV", z_g=-4, rate="1 /s"),
    )
    donnan = attrs.evolve(base, mechanisms=[*base.mechanisms, kir]).evolve(
        {"pump.density": "0 uA/cm^2"}
    )

    assert ["stable"] == [state.kind for state in pl.steady(donnan)]


def test_nothing_that_moves_charge_leaves_no_voltage_to_find():
    """Strictly electroneutral with cotransporters alone, any V would do: refused."""
    base = pl.load(EXAMPLES / "reference_b.toml")
    still = attrs.evolve(
        base.without(["na", "k", "cl", "pump"]),
        compartments=attrs.evolve(base.compartments, charge="electroneutral"),
    )

    with pytest.raises(pl.CompositionError, match="leaves V undetermined"):
        pl.steady(still)


def test_a_total_can_be_given_directly():
    """A tenth more potassium in the closed space than the start holds: the rest holds it."""
    base = pl.load(EXAMPLES / "reference_b.toml")
    closed = attrs.evolve(
        base, compartments=attrs.evolve(base.compartments, outside_volume="20 pL")
    )
    start = pl.SteadyProblem(closed).values["total.K"]
    more = attrs.evolve(
        closed,
        compartments=attrs.evolve(closed.compartments, totals={"K": f"{1.1 * start!r} amol"}),
    )

    state = pl.steady(pl.loads(pl.dumps(more)))[0]

    inside = state.inside_mM["K"] * state.volume_fL
    outside = state.outside_mM["K"] * (state.problem.values["both_volumes"] - state.volume_fL)
    assert 1.1 * start == pytest.approx(inside + outside, rel=1e-10)
    assert state.outside_mM["K"] > pl.steady(closed)[0].outside_mM["K"]


def test_an_unknown_total_is_refused_by_name():
    """What is conserved is listed."""
    base = pl.load(EXAMPLES / "reference_b.toml")
    wrong = attrs.evolve(
        base, compartments=attrs.evolve(base.compartments, totals={"K": "400 fmol"})
    )

    with pytest.raises(pl.CompositionError, match=r"steady\.totals: nothing is conserved.*none"):
        pl.steady(wrong)


def test_potassium_from_four_to_eight_depolarises_in_both_modes():
    """The weak spot, with concentrations held and with concentrations free."""
    cell = pl.load(EXAMPLES / "neuron_steady.toml")
    more = cell.evolve({"outside.K": "8 mM"})

    clamped = pl.rest(more).stable[0].V_mV - pl.rest(cell).stable[0].V_mV
    steady = pl.steady(more).stable[0].V_mV - pl.steady(cell).stable[0].V_mV

    assert 3 < clamped < 18.53
    assert 3 < steady < 18.53
