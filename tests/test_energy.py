"""What rest costs, what stays conserved there, and what a stopped pump does at once and later."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import pumpleak as pl
from pumpleak_atpase.constant import Constant
from pumpleak_atpase.cubic import Cubic

THERMAL_MV = 8.314462618 * 310.15 / 96.48533212


class Exporter(pl.Transporter):
    stoichiometry: ClassVar = {"K": 1, "Cl": 1}

    def driving_force(self, s):
        return s.E["Cl"] - s.E["K"]


class Importer(pl.Transporter):
    stoichiometry: ClassVar = {"Na": -1, "K": -1, "Cl": -2}

    def activity(self, s):
        ratio = s.outside.Na * s.outside.K * s.outside.Cl**2
        return s.xp.log(ratio / (s.inside.Na * s.inside.K * s.inside.Cl**2))


def neuron(
    na=0.02, k=0.35, cl=0.2, kcc=0.02, nkcc=1e-13, pump=1000.0, valence=-0.85, **compartments
):
    """Return a cell with every ion free: leaks, exporter, importer and pump."""

    def leak(ion: str, density: float) -> pl.CustomChannel:
        return pl.CustomChannel(
            name=ion.lower(), permeation=pl.Ohmic(ion), density=f"{density!r} mS/cm^2"
        )

    return pl.Membrane(
        mechanisms=[
            leak("Na", na),
            leak("K", k),
            leak("Cl", cl),
            Exporter(name="kcc", density=f"{kcc!r} mS/cm^2"),
            Importer(name="nkcc", density=f"{nkcc!r} mol/s/cm^2"),
            Cubic(name="pump", density=f"{pump!r} uA/cm^2"),
        ],
        inside=pl.Solution(
            concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"},
            impermeant="156.1 mM",
            impermeant_valence=valence,
        ),
        outside=pl.Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        temperature="310.15 K",
        area=None if "shape" in compartments else "785.4 um^2",
        compartments=pl.Compartments(
            **{"free": ["Na", "K", "Cl"], "volume": "1963.5 fL", "swells": True, **compartments}
        ),
    )


def test_three_picoamperes_of_sodium_leak_cost_six_million_atp_a_second():
    """3.0 pA of sodium in is 3.0e-12/(3 e) = 6.24e6 cycles, one ATP each."""
    V_mV = -70.0
    e_na = THERMAL_MV * math.log(145 / 12)
    cell = pl.Membrane(
        mechanisms=[
            pl.CustomChannel(
                name="na", permeation=pl.Ohmic("Na"), density=f"{3.0 / (e_na - V_mV)!r} nS"
            ),
            pl.CustomChannel(name="k", permeation=pl.Ohmic("K"), density="1 nS"),
            Constant(name="pump", density="1 pA"),
        ],
        inside=pl.Solution(concentrations={"Na": "12 mM", "K": "140 mM"}),
        outside=pl.Solution(concentrations={"Na": "145 mM", "K": "4 mM"}, impermeant="20 mM"),
        temperature="310.15 K",
        area="1000 um^2",
        compartments=pl.Compartments(free=["Na", "K"], volume="2 pL"),
    )
    found = pl.balance(cell, free=["k", "pump"], V=f"{V_mV} mV")

    assert "balanced" == found.status
    assert 1.0 == pytest.approx(found.changes[1].new.value, rel=1e-12)  # a third of the leak
    assert 3.0e-12 / (3 * 1.602176634e-19) == pytest.approx(found.state.ATP_per_s, rel=1e-8)
    assert 6.24e6 == pytest.approx(pl.audit(found.state).ATP_per_s, rel=1e-3)


factors = st.floats(0.2, 5.0)
closures = st.sampled_from(
    [
        {},
        {"swells": False},
        {"outside_volume": "700 fL", "infer_impermeant": True},
        {"charge": "electroneutral"},
        {"shape": "sphere"},
    ]
)


@settings(deadline=None, max_examples=60)
@given(
    na=factors, k=factors, cl=factors, kcc=st.floats(0, 5), nkcc=st.floats(0, 5), pump=factors,
    valence=st.floats(-1.3, -0.6), compartments=closures,
)  # fmt: skip
def test_charge_amounts_water_and_power_close_at_every_steady_state(
    na, k, cl, kcc, nkcc, pump, valence, compartments
):
    """Charge, each ion's net flux, osmolarity, totals with the outside, and power: to 1e-12."""
    cell = neuron(
        0.02 * na, 0.35 * k, 0.2 * cl, 0.02 * kcc, 1e-13 * nkcc, 1000 * pump, valence,
        **compartments,
    )  # fmt: skip
    problem_values = pl.SteadyProblem(cell).values
    for state in pl.steady(cell, starts=0):
        inside, outside, volume = state.inside_mM, state.outside_mM, state.volume_fL
        sizes = {}
        for (_, ion), current in state.currents_pA.items():
            sizes.setdefault(ion, []).append(current)
        gross = sum(map(abs, state.currents_pA.values()))
        # in a finite space outside is what the inside leaves over: its rounding is the inside's
        lever = max(1.0, *(inside[ion] / outside[ion] for ion in inside))
        if lever > 1e4:
            continue  # drained of an ion
        loose = 1e-12 * (lever if cell.compartments.outside_volume is not None else 1.0)
        for parts in sizes.values():
            assert abs(math.fsum(parts)) <= loose * gross
        impermeant = problem_values["impermeant"] / volume
        if cell.compartments.swells:
            out = sum(outside.values())
            space = state.problem.values.get("outside_volume")
            if space is None:
                out += 29.5
            else:
                space += problem_values["volume"] - volume
                out += problem_values["outside_impermeant"] / space
                for ion, amount in outside.items():
                    total = amount * space + inside[ion] * volume
                    assert problem_values[f"total.{ion}"] == pytest.approx(total, rel=1e-12)
            assert out == pytest.approx(sum(inside.values()) + impermeant, rel=1e-12)
        charge = (
            inside["Na"]
            + inside["K"]
            - inside["Cl"]
            + impermeant * problem_values["impermeant_valence"]
        )
        faraday = cell.faraday.value
        if cell.compartments.charge == "electroneutral":
            expected = problem_values["start_charge"] / (faraday * volume)
        else:
            capacitance = state.clamped.problem.membrane.capacitance_pF
            expected = capacitance * state.V_mV / (faraday * volume)
        assert abs(charge - expected) <= 1e-12 * (sum(inside.values()) + impermeant)
        found = pl.audit(state)
        assert found.power_in_W == pytest.approx(found.dissipated_W, rel=loose, abs=0)
        # this pump's law looks at sodium only, and may run on where potassium costs too much
        assert all("atpase.Cubic" in problem for problem in found.problems)


def test_a_pump_that_ignores_its_costs_is_caught():
    """Where it drains a small space outside of potassium, the cubic law runs uphill for free."""
    cell = neuron(pump=4000.0, kcc=0.0, nkcc=0.0, outside_volume="700 fL", infer_impermeant=True)
    found = pl.audit(pl.steady(cell)[0])

    assert "uphill for free" == found.row("pump").verdict
    assert "pump (atpase.Cubic of pumpleak-atpase" in found.problems[0]
    assert abs(found.closure) < 1e-9


def test_a_stopped_pump_jumps_a_little_at_once_and_runs_down_over_hours():
    """At once V moves by the pump's own current, below VT ln 1.5; over hours the gradients go."""
    cell = neuron()
    state = pl.steady(cell)[0]
    stopped = cell.evolve({"pump.density": "0 uA/cm^2"})
    at_once = pl.rest(state.problem.membrane_at(state.found).evolve({"pump.density": "0 uA/cm^2"}))[
        0
    ]

    movement = pl.SteadyProblem(stopped).movement
    solved = solve_ivp(
        lambda t, x: movement.rates(x),
        (0.0, 3000 * 3.6e6),
        movement.variables(state.found, {}),
        jac=lambda t, x: movement.jacobian(x),
        method="BDF", rtol=1e-8, atol=1e-6, t_eval=[0.0, 100.0, 600e3, 3000 * 3.6e6],
    )  # fmt: skip
    start, soon, minutes, end = (movement.voltage(list(x)) for x in solved.y.T)
    jump = at_once.V_mV - state.V_mV

    assert state.V_mV == pytest.approx(start, abs=1e-6)
    assert 0 < jump < THERMAL_MV * math.log(1.5)
    assert at_once.V_mV == pytest.approx(soon, abs=0.02)
    assert minutes > soon + 10
    assert pl.steady(stopped)[0].V_mV == pytest.approx(end, abs=0.01)
    assert end - soon > 20 * jump
    assert np.all(np.diff(solved.y[0]) > 0)  # sodium comes in all the while


def test_without_pump_a_steady_cell_costs_and_dissipates_nothing():
    """Donnan's equilibrium: no ATP, no flux, no heat."""
    found = pl.audit(pl.steady(neuron(pump=0.0))[0])

    assert 0.0 == found.power_in_W
    assert abs(found.dissipated_W) < 1e-25
    assert () == found.problems
