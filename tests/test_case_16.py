"""Attwell and Laughlin's resting cell: what its sodium leak costs, and what a pump cycle is worth.

Attwell & Laughlin 2001, J Cereb Blood Flow Metab 21:1133: g_Na (V - E_Na) + 3 I_p = 0,
g_K (V - E_K) - 2 I_p = 0, g_Na + g_K = 1/R_in, so that
I_p = (E_Na - V)(V - E_K)/(R_in (V + 2 E_Na - 3 E_K)). The numbers are these equations' roots.
"""

from __future__ import annotations

import math

import pytest

import pumpleak as pl
from pumpleak_atpase.constant import Constant

V_MV, E_NA_MV, E_K_MV, R_IN = -70.0, 50.0, -100.0, "200 MOhm"
I_PUMP_PA = 54.5454545454545
G_NA_NS, G_K_NS = 1.36363636363636, 3.63636363636364
ATP_PER_S = 3.40445949516042e8
WORK_KJ_PER_MOL = 44.3677949724582
REVERSALS_MV = {-57.0: -200.923579258634, -50.0: -128.373691664799}
EFFICIENCIES = {-57.0: 0.778382367937863, -50.0: 0.887355899449164}
THERMAL_MV = 8.314462618 * 310.15 / 96.48533212


def cell(inside: dict[str, str], outside: dict[str, str], **given: object) -> pl.Membrane:
    return pl.Membrane(
        mechanisms=[
            pl.CustomChannel(name="na", permeation=pl.Ohmic("Na"), density="1 nS"),
            pl.CustomChannel(name="k", permeation=pl.Ohmic("K"), density="1 nS"),
            Constant(name="pump", density="1 pA"),
        ],
        inside=pl.Solution(concentrations=inside),
        outside=pl.Solution(concentrations=outside, impermeant="100 mM"),
        temperature="310.15 K",
        area="1000 um^2",
        **given,
    )


@pytest.fixture(scope="module")
def balanced() -> pl.Balanced:
    """The cell with the wanted voltage, ion balances and input resistance, by its densities."""
    start = cell(
        {
            "Na": f"{145 * math.exp(-E_NA_MV / THERMAL_MV)!r} mM",
            "K": f"{4 * math.exp(-E_K_MV / THERMAL_MV)!r} mM",
        },
        {"Na": "145 mM", "K": "4 mM"},
        compartments=pl.Compartments(free=["Na", "K"], volume="2 pL"),
    )
    return pl.balance(
        start, free=["na", "k", "pump"], V=f"{V_MV} mV", input_resistance=R_IN, mode="steady"
    )


def test_voltage_fluxes_and_resistance_fix_three_densities(balanced):
    """Pump current and both conductances are the paper's equations' root."""
    found = {change.name: change.new.value for change in balanced.changes}

    assert "balanced" == balanced.status
    assert I_PUMP_PA == pytest.approx(found["pump.density"], rel=1e-8)
    assert G_NA_NS == pytest.approx(found["na.density"], rel=1e-8)
    assert G_K_NS == pytest.approx(found["k.density"], rel=1e-8)


def test_the_root_is_the_closed_form(balanced):
    """(E_Na - V)(V - E_K)/(R_in (V + 2 E_Na - 3 E_K)) is that pump current, to rounding."""
    above, below = E_NA_MV - V_MV, V_MV - E_K_MV
    expected = above * below / (0.2 * (V_MV + 2 * E_NA_MV - 3 * E_K_MV))

    assert expected == pytest.approx(balanced.changes[2].new.value, rel=1e-12)


def test_the_balanced_cell_rests_there_and_spends_that_much(balanced):
    """It is a steady state at -70 mV with 200 MOhm and 3.404e8 ATP/s."""
    state = balanced.state

    assert V_MV == pytest.approx(state.V_mV, abs=1e-8)
    assert 200.0 == pytest.approx(state.clamped.input_resistance_MOhm, rel=1e-8)
    assert ATP_PER_S == pytest.approx(state.ATP_per_s, rel=1e-8)
    assert state.residual_pA < 1e-12


def test_all_of_its_power_is_dissipated(balanced):
    """Power of ATP in is power dissipated, to rounding."""
    found = pl.audit(balanced.state)

    assert found.power_in_W == pytest.approx(found.dissipated_W, rel=1e-12, abs=0)
    assert () == found.problems


@pytest.mark.parametrize("dG", [-57.0, -50.0])
def test_work_efficiency_and_reversal_of_a_cycle(dG):
    """Na 12/145, K 140/4 mM at 37 degC and -70 mV: 44.37 kJ/mol, and where the pump would stop."""
    mammal = cell(
        {"Na": "12 mM", "K": "140 mM"}, {"Na": "145 mM", "K": "4 mM"}, dG_ATP=f"{dG} kJ/mol"
    )

    def affinity(V_mV: float) -> float:
        state = pl.RestingState(pl.ClampedProblem(mammal), V_mV)
        return pl.audit(state).row("pump").affinity_kJ_per_mol

    work = -dG - affinity(V_MV)

    assert WORK_KJ_PER_MOL == pytest.approx(work, rel=1e-8)
    assert EFFICIENCIES[dG] == pytest.approx(work / -dG, rel=1e-8)
    assert abs(affinity(REVERSALS_MV[dG])) < 1e-8 * -dG
    # one charge a cycle: kJ/mol over F in kC/mol is V
    reversal_mV = V_MV - affinity(V_MV) / 96.48533212 * 1000
    assert REVERSALS_MV[dG] == pytest.approx(reversal_mV, rel=1e-8)
