"""Pan and others' fifteen-state sodium pump: rate, occupancy, affinity and reversal."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from scipy.optimize import brentq

import pumpleak as pl
from pumpleak_atpase.fifteen_state import FifteenState

CASE = json.loads((Path(__file__).parent / "data" / "case_18.json").read_text())
VARIANTS = CASE["variants"]
CHANGES = {
    "default": {},
    "Na_in 5": {"inside.Na": "5 mM"},
    "Na_in 20": {"inside.Na": "20 mM"},
    "K_out 2": {"outside.K": "2 mM"},
    "Na_out 0.001": {"outside.Na": "0.001 mM"},
    "ATP 0.1, ADP 1": {"pump.MgATP": "0.1 mM", "pump.MgADP": "1 mM"},
}
#: Pumps of the paper's cell.
PUMPS_FMOL = 0.1178145
PUMPS = PUMPS_FMOL * 1e-15 * 6.02214076e23

CELL = pl.Membrane(
    mechanisms=[FifteenState(name="pump", density=f"{PUMPS!r} pumps")],
    inside=pl.Solution(concentrations={"Na": "10 mM", "K": "145 mM"}),
    outside=pl.Solution(concentrations={"Na": "140 mM", "K": "5.4 mM"}),
    temperature="310 K",
    gas_constant="8.314 J/(mol K)",
    faraday="96485 C/mol",
    area="15340 um^2",
    range=("-500 mV", "200 mV"),
)


def rate_per_s(cell: pl.Membrane, V_mV: float) -> float:
    flux_amol_per_ms = pl.ClampedProblem(cell).cycles(V_mV)["pump"]
    return flux_amol_per_ms / PUMPS_FMOL  # 1 amol/ms is 1 fmol/s


class Floats:
    """Enough of a number system to step through the physics by hand."""

    exp, log, sqrt = math.exp, math.log, math.sqrt

    @staticmethod
    def let(x: float, name: str = "") -> float:
        return x


def by_hand(cell: pl.Membrane, V_mV: float) -> tuple[FifteenState, SimpleNamespace]:
    """Return the pump with plain numbers for parameters, and a local state of plain numbers."""
    values = cell.values
    thermal = values["gas_constant"] * values["temperature"] / values["faraday"]
    sides = {
        side: SimpleNamespace(Na=values[f"{side}.Na"], K=values[f"{side}.K"])
        for side in ("inside", "outside")
    }
    local = SimpleNamespace(
        xp=Floats, V=V_mV, VT=thermal, R=values["gas_constant"], T=values["temperature"], **sides
    )
    return cell.mechanism("pump").bound(lambda path, given: given.value), local


@pytest.mark.parametrize("variant", VARIANTS)
def test_cycle_rates_agree_with_the_published_model(variant):
    """From -120 to 60 mV each rate agrees to 1e-13 of itself, forward and backward."""
    cell = CELL.evolve(CHANGES[variant])

    for row in VARIANTS[variant]["rows"]:
        assert row["rate"] == pytest.approx(rate_per_s(cell, row["V"]), rel=1e-13)


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "Na_out 0.001"])
def test_a_membrane_of_nothing_but_pumps_rests_at_their_reversal(variant):
    """The one resting state, proved to be alone, is the published reversal potential."""
    found = pl.rest(CELL.evolve(CHANGES[variant]), prove=True)

    assert 1 == len(found)
    assert found.guarantee.startswith("proved complete")
    assert found[0].stable
    assert VARIANTS[variant]["reversal"] == pytest.approx(found[0].V_mV, rel=1e-13)


def test_without_sodium_outside_the_pump_reverses_beyond_any_membrane():
    """At 1 uM outside sodium the rate changes sign at -1225.9 mV and nowhere in reach."""
    cell, expected = CELL.evolve(CHANGES["Na_out 0.001"]), VARIANTS["Na_out 0.001"]["reversal"]

    found = pl.rest(cell)
    root = brentq(lambda V_mV: rate_per_s(cell, V_mV), -1300, -1100, xtol=1e-12, rtol=1e-15)

    assert "none in range" == found.status
    assert expected == pytest.approx(root, rel=1e-13)


@pytest.mark.parametrize("away_mV", [1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "Na_out 0.001"])
def test_near_reversal_the_rate_keeps_its_digits(variant, away_mV):
    """A nanovolt from reversal, the rate per affinity is still what it is a microvolt away."""
    cell = CELL.evolve(CHANGES[variant])
    reversal = pl.rest(cell)[0].V_mV
    far_mV = 1e-2

    near = [rate_per_s(cell, reversal + sign * away_mV) / (sign * away_mV) for sign in (1, -1)]
    far = [rate_per_s(cell, reversal + sign * far_mV) / (sign * far_mV) for sign in (1, -1)]

    # Voltages near reversal are themselves known to 3e-14 mV only.
    assert sum(far) / 2 == pytest.approx(sum(near) / 2, rel=1e-6 + 1e-13 / away_mV)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_affinity_is_what_the_cycle_dissipates(variant):
    """The affinity agrees with the published one to 1e-12, and the rate has its sign."""
    cell = CELL.evolve(CHANGES[variant])

    for row in VARIANTS[variant]["rows"]:
        pump, local = by_hand(cell, row["V"])
        affinity = pump.affinity(local) / 1000
        assert row["affinity"] == pytest.approx(affinity, rel=1e-12)
        assert (affinity > 0) == (pump.cycle_rate(local) > 0)


def test_plain_floats_give_the_kernels_rate():
    """Stepping through the physics with Python's numbers gives the compiled rate."""
    pump, local = by_hand(CELL, -85.0)

    assert 1000 * pump.cycle_rate(local) == pytest.approx(rate_per_s(CELL, -85.0), rel=1e-14)


def test_occupancies_of_the_fifteen_states():
    """At -85 mV each occupancy, from 0.39 down to 2e-7, agrees to 1e-13 of itself."""
    pump, local = by_hand(CELL, -85.0)

    assert CASE["occupancies_default_minus_85"] == pytest.approx(
        list(pump.occupancies(local).values()), rel=1e-13, abs=0
    )


def test_a_pump_without_free_energy_of_atp_runs_down_the_gradients():
    """With ten times the ADP of ATP the pump runs backward at -90 mV and makes ATP."""
    leak = pl.CustomChannel(name="k", permeation=pl.Ohmic("K"), density="1 mS/cm^2")
    cell = CELL.evolve(CHANGES["ATP 0.1, ADP 1"])
    cell = pl.Membrane(
        mechanisms=[*cell.mechanisms, leak],
        inside=cell.inside,
        outside=cell.outside,
        temperature="310 K",
        area="15340 um^2",
    )

    state = pl.rest(cell)[0]

    assert state.V_mV < VARIANTS["ATP 0.1, ADP 1"]["reversal"]
    assert state.ATP_per_s < 0
