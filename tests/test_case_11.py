"""Huebel and Dahlem's closed neuron: rest, a saddle, and the state without free energy."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak_atpase.switched import Switched
from pumpleak_gated.huebel_k import HuebelK
from pumpleak_gated.huebel_na import HuebelNa

CASE = json.loads((Path(__file__).parent / "data" / "case_11.json").read_text())
GAS, FARADAY, VT_MV = 8.314462618, 96485.0, 26.64
#: gamma = area/F in the paper's units turns uA/cm2 into mM/ms times 1e3 um3.
GAMMA = 9.55589e-5
AREA_UM2 = GAMMA * 1e5 * FARADAY / 1e3
PUMP = 6.8


def leak(ion, conductance):
    return pl.CustomChannel(
        name=f"{ion.lower()}-leak", density=conductance, permeation=pl.Ohmic(ion)
    )


def cell(scale=1.0):
    return pl.Membrane(
        mechanisms=[
            HuebelNa(name="na", potassium="k.n"),
            HuebelK(name="k"),
            leak("Na", "0.0175 mS/cm^2"),
            leak("K", "0.05 mS/cm^2"),
            leak("Cl", "0.02 mS/cm^2"),
            Switched(name="pump", density=f"{PUMP * scale!r} uA/cm^2"),
        ],
        inside=pl.Solution(
            concentrations={"Na": "25.231485 mM", "K": "129.25764 mM", "Cl": "9.900239 mM"}
        ),
        outside=pl.Solution(
            concentrations={"Na": "125.30555 mM", "K": "4 mM", "Cl": "123.2716 mM"}
        ),
        temperature=f"{VT_MV * 1e-3 * FARADAY / GAS!r} K",
        gas_constant=f"{GAS} J/(mol K)",
        faraday=f"{FARADAY} C/mol",
        area=f"{AREA_UM2!r} um^2",
        compartments=pl.Compartments(
            free=["Na", "K", "Cl"],
            volume="2160 fL",
            outside_volume="720 fL",
            charge="electroneutral",
        ),
    )


@lru_cache
def resting():
    return pl.steady(cell())


def test_rest_saddle_and_depolarised_state_are_all_found():
    """Three states, voltage and concentrations on both sides right to 1e-12."""
    found = resting()

    assert "found" == found.status
    for state, expected in zip(found, CASE["states"], strict=True):
        assert expected["V_mV"] == pytest.approx(state.V_mV, rel=1e-12)
        assert expected["inside_mM"] == pytest.approx(dict(state.inside_mM), rel=1e-12)
        assert expected["outside_mM"] == pytest.approx(dict(state.outside_mM), rel=1e-12)


def test_eigenvalues_tell_the_saddle_from_the_stable_states():
    """Four each, from 0.1 ms to an hour and a half, right to 1e-10; one rises at the saddle."""
    for state, expected in zip(resting(), CASE["states"], strict=True):
        assert expected["eigenvalues_per_ms"] == pytest.approx(
            list(state.eigenvalues_per_ms), rel=1e-10
        )
        assert expected["unstable_directions"] == state.unstable_directions
    assert ["stable", "saddle", "stable"] == [state.kind for state in resting()]


def test_gates_and_the_pump_are_the_models():
    """The dynamic gate n, m and h with it, and the pump's net current, 6.8 uA/cm2 at most."""
    for state, expected in zip(resting(), CASE["states"], strict=True):
        open_fraction = expected["m"] ** 3 * expected["h"]
        pump = state.currents_pA["pump", "Na"] / 3 / AREA_UM2 * 100.0

        assert expected["n"] == pytest.approx(state.clamped.states["k.n"], rel=1e-12)
        opening = state.clamped.problem.open_probabilities(state.V_mV)
        assert open_fraction == pytest.approx(opening["na"], rel=1e-11)
        assert expected["pump_uA_per_cm2"] == pytest.approx(pump, rel=1e-12)


@pytest.mark.parametrize("scale", CASE["states_by_pump_scale"])
def test_the_scan_of_the_pump_has_as_many_states_as_the_model(scale):
    """Without a pump only the depolarised state is left; from half the pump on there are three."""
    expected = CASE["states_by_pump_scale"][scale]

    found = pl.steady(cell(float(scale)))

    assert len(expected) == len(found)
    for state, its in zip(found, expected, strict=True):
        assert its["V_mV"] == pytest.approx(state.V_mV, rel=1e-12)
        for ion in ("Na", "K", "Cl"):
            assert its[f"{ion}_mM"] == pytest.approx(state.inside_mM[ion], rel=1e-12)
        assert its["outside_K_mM"] == pytest.approx(state.outside_mM["K"], rel=1e-12)
        assert its["unstable_directions"] == state.unstable_directions


@pytest.mark.parametrize(
    "start",
    [
        {"V": -20.0, "inside.Na": 57.0, "inside.K": 115.0, "inside.Cl": 28.0},
        {"V": -56.0, "inside.Na": 30.0, "inside.K": 113.0, "inside.Cl": 30.0},
        {"V": 2.0, "inside.Na": 42.0, "inside.K": 108.0, "inside.Cl": 11.0},
        {"V": -48.0, "inside.Na": 19.0, "inside.K": 109.0, "inside.Cl": 26.0},
    ],
)
def test_all_three_are_found_from_starts_far_off(start):
    """Also where the start holds more of an ion outside than a neuron ever would."""
    voltages = [state.V_mV for state in pl.steady(cell(), start=start)]

    assert [state["V_mV"] for state in CASE["states"]] == pytest.approx(voltages, rel=1e-11)


def test_totals_of_the_closed_space_are_those_of_the_start():
    """In each state inside and outside together hold as much of each ion as given."""
    given = {"Na": (25.231485, 125.30555), "K": (129.25764, 4.0), "Cl": (9.900239, 123.2716)}
    for state in resting():
        for ion, (inside, outside) in given.items():
            total = 2160 * state.inside_mM[ion] + 720 * state.outside_mM[ion]
            assert 2160 * inside + 720 * outside == pytest.approx(total, rel=1e-14)


@pytest.mark.parametrize("position", [0, 2])
def test_a_bath_fixed_at_a_state_keeps_that_state(position):
    """With the outside held at what it is there, the same inside is a state of the open neuron."""
    import attrs

    state = resting()[position]
    closed = cell()
    bath = attrs.evolve(
        closed.evolve(
            {f"inside.{ion}": f"{value!r} mM" for ion, value in state.inside_mM.items()}
            | {f"outside.{ion}": f"{value!r} mM" for ion, value in state.outside_mM.items()}
        ),
        compartments=attrs.evolve(closed.compartments, outside_volume=None),
    )

    voltages = [other.V_mV for other in pl.steady(bath)]

    assert 1 == sum(state.V_mV == pytest.approx(voltage, rel=1e-9) for voltage in voltages)
