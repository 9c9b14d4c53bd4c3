"""Hodgkin and Huxley's squid axon at rest, in every convention its voltages are counted in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak_gated.hodgkin_huxley_k import HodgkinHuxleyK
from pumpleak_gated.hodgkin_huxley_na import HodgkinHuxleyNa
from pumpleak_gated.leak import Leak

CASE = json.loads((Path(__file__).parent / "data" / "case_03.json").read_text())["conventions"]
AREA_UM2 = 1000.0
PA_PER_UA_CM2 = AREA_UM2 / 100.0


def axon(convention: dict) -> pl.Membrane:
    V_rest = f"{convention['V_rest']} mV"
    return pl.Membrane(
        mechanisms=[
            HodgkinHuxleyNa(
                name="na",
                V_rest=V_rest,
                permeation=pl.Ohmic("Na", reversal=f"{convention['E_Na']} mV"),
            ),
            HodgkinHuxleyK(
                name="k",
                V_rest=V_rest,
                permeation=pl.Ohmic("K", reversal=f"{convention['E_K']} mV"),
            ),
            Leak(name="leak"),
        ],
        inside=pl.Solution(),
        outside=pl.Solution(),
        temperature="6.3 degC",
        area=f"{AREA_UM2} um^2",
        range=(f"{convention['V_rest'] - 60} mV", f"{convention['V_rest'] + 100} mV"),
    ).evolve({"leak.permeation.reversal": f"{convention['E_leak']} mV"})


@pytest.mark.parametrize("name", CASE)
def test_the_axon_rests_where_the_paper_has_it(name):
    """One equilibrium, its voltage right to rounding, proved to be the only one."""
    convention = CASE[name]

    found = pl.rest(axon(convention), prove=True)

    assert convention["equilibria"] == len(found)
    assert found.guarantee.startswith("proved complete")
    # The tuned leak rests at 8e-9 mV, where only an absolute error has a meaning.
    assert convention["V"] == pytest.approx(found[0].V_mV, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", CASE)
def test_gates_and_currents_of_the_axon_are_the_papers(name):
    """Gates and the three currents agree with the reference to 1e-11."""
    convention = CASE[name]

    state = pl.rest(axon(convention))[0]

    gates = {"na.m": "m", "na.h": "h", "k.n": "n"}
    for own, its in gates.items():
        assert convention[its] == pytest.approx(state.states[own], rel=1e-12)
    for key, current in zip(
        [("na", "Na"), ("k", "K"), ("leak", "nonspecific")], convention["currents"], strict=True
    ):
        assert current == pytest.approx(state.currents_pA[key] / PA_PER_UA_CM2, rel=1e-11)
    for key, gate_product in (
        ("g_Na", 120 * state.states["na.m"] ** 3 * state.states["na.h"]),
        ("g_K", 36 * state.states["k.n"] ** 4),
    ):
        assert convention[key] == pytest.approx(gate_product, rel=1e-11)


@pytest.mark.parametrize("name", CASE)
def test_the_axon_is_stable_with_the_eigenvalues_of_its_four_variables(name):
    """All four eigenvalues agree to 1e-10, and none has a positive real part."""
    convention = CASE[name]

    state = pl.rest(axon(convention))[0]

    expected = sorted((complex(*value) for value in convention["eigenvalues"]), key=_order)
    assert expected == pytest.approx(sorted(state.eigenvalues_per_ms, key=_order), rel=1e-10)
    assert state.stable
    assert 0 == state.unstable_directions


def test_temperature_leaves_the_rest_alone_and_speeds_the_gates():
    """16.3 instead of 6.3 degC: the same voltage, each gate three times as fast."""
    cold = axon(next(iter(CASE.values())))

    here, warm = pl.rest(cold)[0], pl.rest(cold.evolve({"temperature": "16.3 degC"}))[0]

    assert here.V_mV == warm.V_mV
    for own, across in zip(here.jacobian[1:, 1:], warm.jacobian[1:, 1:], strict=True):
        assert 3 * own == pytest.approx(across, rel=1e-12)


def _order(value: complex) -> tuple[float, float]:
    return value.real, value.imag
