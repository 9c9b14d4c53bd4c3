"""Luo and Rudy's ventricular cell when outside potassium falls: one state, three, one again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak_gated.luo_rudy_background import LuoRudyBackground
from pumpleak_gated.luo_rudy_ca import LuoRudyCa
from pumpleak_gated.luo_rudy_k import LuoRudyK
from pumpleak_gated.luo_rudy_k1 import LuoRudyK1
from pumpleak_gated.luo_rudy_kp import LuoRudyKp
from pumpleak_gated.luo_rudy_na import LuoRudyNa

CASE = json.loads((Path(__file__).parent / "data" / "case_05.json").read_text())
CASE = CASE["states_by_outside_K_mM"]
GATES = {"INa.m": "m", "INa.h": "h", "INa.j": "j", "IK.x": "x", "ICa.d": "d", "ICa.f": "f"}
AREA_UM2 = 1000.0
PA_PER_UA_UF = AREA_UM2 / 100.0

CELL = pl.Membrane(
    mechanisms=[
        LuoRudyNa(name="INa"),
        LuoRudyCa(name="ICa"),
        LuoRudyK(name="IK"),
        LuoRudyK1(name="IK1"),
        LuoRudyKp(name="IKp"),
        LuoRudyBackground(name="Ib"),
    ],
    inside=pl.Solution(concentrations={"Na": "10 mM", "K": "145 mM"}),
    outside=pl.Solution(concentrations={"Na": "140 mM", "K": "5.4 mM", "Ca": "1.8 mM"}),
    temperature="310 K",
    gas_constant="8.314 J/(mol K)",
    faraday="96500 C/mol",
    area=f"{AREA_UM2} um^2",
    capacitance="1 uF/cm^2",
    range=("-140 mV", "40 mV"),
)


def resting(potassium_mM: str) -> pl.Equilibria:
    return pl.rest(CELL.evolve({"outside.K": f"{potassium_mM} mM"}))


@pytest.mark.parametrize("potassium_mM", CASE)
def test_every_state_is_found_and_no_other(potassium_mM):
    """As many equilibria as the model has, each voltage right to rounding."""
    expected = [state["V"] for state in CASE[potassium_mM]]

    found = resting(potassium_mM)

    assert "found" == found.status
    assert expected == pytest.approx([state.V_mV for state in found], rel=1e-13)


@pytest.mark.parametrize("potassium_mM", CASE)
def test_gates_calcium_and_currents_agree_with_the_published_model(potassium_mM):
    """Gates from 1 down to 1e-26 and currents down to 1e-47 uA/uF, all to 1e-10 of themselves."""
    for state, expected in zip(resting(potassium_mM), CASE[potassium_mM], strict=True):
        for own, its in GATES.items():
            assert expected["gates"][its] == pytest.approx(state.states[own], rel=1e-12, abs=0)
        assert expected["Ca"] == pytest.approx(state.states["ICa.Ca"], rel=1e-12)
        for (label, _), current in state.currents_pA.items():
            assert expected["currents"][label] == pytest.approx(
                current / PA_PER_UA_UF, rel=1e-10, abs=0
            )


@pytest.mark.parametrize("potassium_mM", CASE)
def test_eigenvalues_tell_the_stable_states_from_the_others(potassium_mM):
    """All eight eigenvalues agree to 1e-11, and with them the number of unstable directions."""
    for state, expected in zip(resting(potassium_mM), CASE[potassium_mM], strict=True):
        values = sorted((complex(*value) for value in expected["eigenvalues"]), key=_order)
        assert values == pytest.approx(sorted(state.eigenvalues_per_ms, key=_order), rel=1e-11)
        assert expected["unstable"] == state.unstable_directions
        assert state.stable == (expected["unstable"] == 0)


@pytest.mark.parametrize("potassium_mM", ["4.0", "3.0", "2.5", "2.0"])
def test_a_rising_current_does_not_make_the_depolarised_state_stable(potassium_mM):
    """The highest state has a positive steady slope, and is unstable all the same."""
    highest = resting(potassium_mM)[-1]

    assert highest.slope_nS > 0
    assert not highest.stable


def test_the_default_range_gives_the_same_states():
    """Searching from -200 to 150 mV, beyond what the rates were fitted for, finds nothing else."""
    wide = CELL.evolve({"outside.K": "3 mM", "range": ("-200 mV", "150 mV")})

    found = pl.rest(wide)

    assert [state["V"] for state in CASE["3.0"]] == pytest.approx(
        [state.V_mV for state in found], rel=1e-13
    )


def _order(value: complex) -> tuple[float, float]:
    return value.real, value.imag
