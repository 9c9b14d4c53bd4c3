"""Time courses of the plugins' own mechanisms: leaks, pumps, axons and heart cells in time."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest

import pumpleak as pl
from pumpleak import Channel, Compartments, Membrane, Ohmic, Solution
from pumpleak_atpase.cubic import Cubic
from pumpleak_atpase.nak import NaK
from pumpleak_gated.hodgkin_huxley_k import HodgkinHuxleyK
from pumpleak_gated.hodgkin_huxley_na import HodgkinHuxleyNa
from pumpleak_solvers.newton import solve

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


class Sodium(Channel):
    permeation = Ohmic("Na")


class Potassium(Channel):
    permeation = Ohmic("K")


class Chloride(Channel):
    permeation = Ohmic("Cl")


LEAKS = (
    Sodium(name="sodium", density="0.02 mS/cm^2"),
    Potassium(name="potassium", density="0.35 mS/cm^2"),
    Chloride(name="chloride", density="0.2 mS/cm^2"),
)
CELL = Membrane(
    mechanisms=(*LEAKS, Cubic(name="pump", density="1000 uA/cm^2")),
    inside=Solution(concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"}),
    outside=Solution(
        concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
    ),
    temperature="310.15 K",
    area="785.3981634 um^2",
    compartments=Compartments(
        free=["Na", "K", "Cl"], volume="1.963 pL", swells=True, infer_impermeant=True
    ),
)


def test_a_cell_of_hodgkin_and_huxley_channels_pays_for_its_spikes() -> None:
    """Fired by high potassium, it loses potassium, gains sodium, and its gates stay in 0..1."""
    firing = attrs.evolve(
        CELL,
        mechanisms=(*CELL.mechanisms, HodgkinHuxleyNa(name="hna"), HodgkinHuxleyK(name="hk")),
    )
    found = pl.relax(firing, "10 s", ["1 s: outside.K = 20 mM"])
    gates = found["state"].values

    assert {"hna.m", "hna.h", "hk.n"} == set(found["gate"].values)
    assert 0 <= float(gates.min())
    assert float(gates.max()) <= 1
    assert float(found["V"][-1]) > -50.0
    amount = found["volume"] * found["inside"]
    charge = found["charge"] / found["capacitance"]
    assert charge.values == pytest.approx(found["V"].values, abs=1e-7)
    assert float(amount.sel(ion="Na")[-1]) > float(amount.sel(ion="Na")[0])


def test_a_saturating_pump_settles_where_the_solver_says() -> None:
    """With the Hill-law pump, warming and a halved pump end at the states found for them."""
    own = attrs.evolve(CELL, mechanisms=(*LEAKS, NaK(name="pump", density="1000 / um^2")))
    warm = {"temperature": "39 degC", "pump.density": "500 / um^2"}
    event = "1 min: temperature = 39 degC, pump.density *= 0.5"
    found = pl.relax(own, "8 h", [event])
    (first,) = pl.steady(own, starts=0)
    (rest,) = solve(pl.SteadyProblem(own.evolve(warm), first.found, kept=first.problem.kept))

    assert rest.V_mV == pytest.approx(float(found["V"][-1]), abs=1e-4)
    assert "at rest" == found.attrs["status"]


def test_the_squid_axon_comes_back_from_a_push() -> None:
    """Pushed by 3 mV the axon rings and returns to its resting state."""
    axon = pl.load(EXAMPLES / "squid_axon.toml")
    (rest,) = pl.rest(axon)
    found = pl.relax(axon, "300 ms", start={**rest.states, "V": rest.V_mV + 3.0})
    swing = found["V"].values - rest.V_mV

    assert 3.0 == pytest.approx(swing[0], abs=1e-9)
    assert swing.min() < -0.1
    assert abs(swing[-1]) < 1e-3


def test_the_squid_axon_fires_in_high_potassium() -> None:
    """Twice the potassium makes it fire again and again; the pump-free record has no ATP."""
    found = pl.relax(EXAMPLES / "squid_axon.toml", "100 ms", ["10 ms: outside.K *= 2"], points=4000)
    above = found["V"].values > -20.0

    assert 3 <= int((np.diff(above.astype(int)) == 1).sum())
    assert 0.0 == float(found["ATP_per_s"].max())
    assert "still moving" == found.attrs["status"]


@pytest.mark.parametrize("push", [-1e-6, 1e-6])
def test_the_heart_cell_leaves_its_unstable_state(push: float) -> None:
    """A calcium pool and six gates: beside the unstable state it goes to a stable one."""
    cell = pl.load(EXAMPLES / "cardiomyocyte_low_k.toml")
    states = pl.rest(cell)
    middle = states[1]
    found = pl.relax(cell, "2 min", start={**middle.states, "V": middle.V_mV + push})
    ends = [state.V_mV for state in states.stable]

    assert not middle.stable
    assert min(abs(float(found["V"][-1]) - end) for end in ends) < 1e-3
    assert abs(float(found["V"][-1]) - middle.V_mV) > 1.0


@pytest.mark.parametrize("which", [1, 2])
def test_the_heart_cell_leaves_its_unstable_states_from_themselves(which: int) -> None:
    """Rounding is push enough, out of a saddle and out of a slow outward spiral."""
    cell = pl.load(EXAMPLES / "cardiomyocyte_low_k.toml")
    states = pl.rest(cell)
    found = pl.relax(cell, "10 min", start=states[which])

    assert states[which].unstable_directions == which
    assert states[0].V_mV == pytest.approx(float(found["V"][-1]), abs=1e-3)


def test_the_bundled_neuron_jumps_when_its_pump_stops() -> None:
    """Held concentrations: V goes to the state without the pump within a second."""
    neuron = pl.load(EXAMPLES / "neuron.toml")
    (after,) = pl.rest(neuron.evolve({"pump.density": "0 /um^2"}))
    found = pl.relax(neuron, "20 s", ["100 ms: pump.density = 0"])

    assert after.V_mV == pytest.approx(float(found["V"][-1]), abs=1e-3)
