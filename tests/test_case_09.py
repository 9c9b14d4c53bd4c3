"""Duesterwald's neuron: KCC2 and impermeant anions set chloride, volume and voltage."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak_atpase.cubic import Cubic
from pumpleak_atpase.linear import Linear
from pumpleak_cotransporters.kcc2 import KCC2

CASE = json.loads((Path(__file__).parent / "data" / "case_09.json").read_text())
GAS, FARADAY, VT_MV = 8.314462618, 96485.0, 26.725
RADIUS_UM, LENGTH_UM = 5.0, 25.0
VOLUME_FL = math.pi * RADIUS_UM**2 * LENGTH_UM
IMPERMEANT_MM = 154.962
#: 1 A/dm^2 in pA/um^2.
PA_PER_UM2 = 100.0
CUBIC = Cubic(name="pump", density="0.1 A/dm^2")
RUNS = {
    "default": {},
    "kcc2_zero": {"kcc2": "0 uS/cm^2"},
    "kcc2_x4": {"kcc2": "80 uS/cm^2"},
    "cubic_pump_x0p5": {"pump": Cubic(name="pump", density="0.05 A/dm^2")},
    "linear_pump": {"pump": Linear(name="pump", density="1e-3 A/dm^2")},
}


def leak(ion, conductance):
    return pl.CustomChannel(name=ion.lower(), density=conductance, permeation=pl.Ohmic(ion))


def cell(charge, *, kcc2="20 uS/cm^2", pump=CUBIC, valence=-0.85):
    """Return the model; its start is neutral, so that electroneutral means no charge inside."""
    sodium, chloride = 14.0, 5.0
    potassium = chloride - sodium - valence * IMPERMEANT_MM
    return pl.Membrane(
        mechanisms=[
            leak("Na", "20 uS/cm^2"),
            leak("K", "70 uS/cm^2"),
            leak("Cl", "20 uS/cm^2"),
            KCC2(name="kcc2", density=kcc2),
            pump,
        ],
        inside=pl.Solution(
            concentrations={
                "Na": f"{sodium} mM",
                "K": f"{potassium!r} mM",
                "Cl": f"{chloride} mM",
            },
            impermeant=f"{IMPERMEANT_MM} mM",
            impermeant_valence=valence,
        ),
        outside=pl.Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        # The paper's code has RT/F and F as rounded numbers, and no temperature.
        temperature=f"{VT_MV * 1e-3 * FARADAY / GAS!r} K",
        gas_constant=f"{GAS} J/(mol K)",
        faraday=f"{FARADAY} C/mol",
        area=f"{2 * math.pi * RADIUS_UM * LENGTH_UM!r} um^2",
        capacitance="2 uF/cm^2",
        compartments=pl.Compartments(
            free=["Na", "K", "Cl"],
            volume=f"{VOLUME_FL!r} fL",
            swells=True,
            shape="cylinder",
            length=f"{LENGTH_UM} um",
            charge=charge,
            water_permeability="0.0015 dm/s",
        ),
    )


def check(found, expected):
    """Hold the one state against voltage, concentrations, volume and transport rates."""
    assert "found" == found.status
    (state,) = found
    assert expected["V_mV"] == pytest.approx(state.V_mV, rel=1e-12)
    for ion in ("Na", "K", "Cl"):
        assert expected[f"{ion}_mM"] == pytest.approx(state.inside_mM[ion], rel=1e-12)
    assert expected["volume_fL"] == pytest.approx(state.volume_fL, rel=1e-12)
    assert 297.0 == pytest.approx(state.osmolarity_mM, rel=1e-13)
    per_area = PA_PER_UM2 * 2 * math.sqrt(math.pi * LENGTH_UM * state.volume_fL)
    pump = state.currents_pA["pump", "Na"] / 3 / per_area
    kcc2 = -state.currents_pA["kcc2", "K"] / per_area
    assert expected["pump_A_per_dm2"] == pytest.approx(pump, rel=1e-12)
    assert expected["KCC2_A_per_dm2"] == pytest.approx(kcc2, rel=1e-11)
    assert "stable" == state.kind


@pytest.mark.parametrize("charge", ["capacitance", "electroneutral"])
@pytest.mark.parametrize("run", RUNS)
def test_each_published_run_rests_where_the_model_does(run, charge):
    """Five runs, charge on the capacitance or strictly none: one stable state, right to 1e-12."""
    check(pl.steady(cell(charge, **RUNS[run])), CASE[charge][run])


@pytest.mark.parametrize("valence", CASE["electroneutral_by_valence"])
def test_the_scan_of_the_impermeant_valence(valence):
    """From -0.5 to -1.5 elementary charges, the start's potassium closing the charge."""
    found = pl.steady(cell("electroneutral", valence=float(valence)))

    check(found, CASE["electroneutral_by_valence"][valence])


def test_more_negative_impermeant_solute_hyperpolarises_and_swells():
    """Along the scan voltage falls and volume rises, while chloride's driving force stays."""
    states = [
        pl.steady(cell("electroneutral", valence=float(valence)))[0]
        for valence in sorted(CASE["electroneutral_by_valence"], key=float, reverse=True)
    ]
    voltages = [state.V_mV for state in states]
    volumes = [state.volume_fL for state in states]
    forces = [state.V_mV - VT_MV * math.log(state.inside_mM["Cl"] / 119.0) for state in states]

    assert sorted(voltages, reverse=True) == voltages
    assert sorted(volumes) == volumes
    assert max(forces) - min(forces) < 1.2
    assert voltages[0] - voltages[-1] > 14.0


def test_the_two_ways_to_keep_charge_differ_where_the_model_says_they_do():
    """Charge on 2 uF/cm2 shifts voltage by 8 parts in a million and chloride by 24."""
    held, none = (pl.steady(cell(charge))[0] for charge in ("capacitance", "electroneutral"))

    assert 8.4e-6 == pytest.approx(none.V_mV / held.V_mV - 1, rel=0.02)
    assert 2.4e-5 == pytest.approx(1 - none.inside_mM["Cl"] / held.inside_mM["Cl"], rel=0.03)


@pytest.mark.parametrize(
    "start",
    [
        {"V": 0.0, "inside.Na": 60.0, "inside.K": 80.0, "inside.Cl": 60.0},
        {"V": -120.0, "inside.Na": 2.0, "inside.K": 200.0, "inside.Cl": 1.0, "volume": 500.0},
    ],
)
def test_a_start_far_off_leads_to_the_same_state(start):
    """The state does not depend on where the search begins."""
    check(pl.steady(cell("capacitance"), start=start), CASE["capacitance"]["default"])


def test_a_valence_that_broke_the_published_stepper_is_no_trouble():
    """With z = -1.2 and the default concentrations, the start's charge is told and mended."""
    start = cell("capacitance").evolve({"inside.impermeant_valence": -1.2})

    found = pl.steady(start)

    assert any("charge does not fit" in note for note in found.problem.notes)
    expected = CASE["electroneutral_by_valence"]["-1.2"]
    assert expected["V_mV"] == pytest.approx(found[0].V_mV, rel=1e-4)
    assert found[0].stable
