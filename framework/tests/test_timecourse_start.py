"""Where a time course begins, and what is said about a start that does not fit."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from building import curve, membrane, reference_a, reference_a2
from swelling import (
    Slow,
    bistable_cell,
    cell,
    known_cell,
)

import pumpleak as pl
from pumpleak import (
    CompositionError,
    Solution,
    SolverError,
    UnitError,
)

F = 96.48533212


def test_concentrations_2_mM_out_of_balance_are_told_and_end_right() -> None:
    """By default the start is the state these amounts settle in; a note says what did not fit."""
    exact = pl.relax(known_cell(14.5, 122.0, 4.1), "1 min")
    found = pl.relax(known_cell(14.5, 124.0, 4.1), "1 min")

    assert -89.5020897245741 == pytest.approx(float(found["V"][0]), abs=1e-6)
    assert float(exact["V"][-1]) == pytest.approx(float(found["V"][-1]), abs=1e-6)
    assert "mM of charge too many" in found.attrs["notes"]


def test_given_values_that_no_membrane_stands_are_refused() -> None:
    """Charge for thousands of mV is an error: how many mM, what they stand for, what to do."""
    with pytest.raises(SolverError, match=r"\+1\.719 mM of charge inside more than -70 mV needs"):
        pl.relax(known_cell(14.5, 124.0, 4.1), start="given")
    with pytest.raises(SolverError, match=r"4\.139e\+04 mV.*infer_impermeant = true"):
        pl.relax(known_cell(14.5, 124.0, 4.1), start="given")


def test_given_values_that_nearly_fit_are_told() -> None:
    """Charge that stands for another voltage within reason starts there, with a note."""
    own = cell(start_voltage="-70 mV")
    problem = pl.SteadyProblem(own)
    volume, capacitance = problem.values["volume"], problem.values["capacitance"]
    more = 122.0 + 30.0 * capacitance / F / volume
    trimmed = cell(
        infer_impermeant=False,
        impermeant_amount=f"{problem.values['impermeant']!r} amol",
        inside=Solution(
            concentrations={"Na": "14.5 mM", "K": f"{more!r} mM", "Cl": "4.1 mM"},
            impermeant="1 mM",
            impermeant_valence=problem.values["impermeant_valence"],
        ),
    )
    found = pl.relax(trimmed, "1 min", start="given")

    assert -40.0 == pytest.approx(float(found["V"][0]), abs=1e-3)
    assert "stands for -40 mV, not for the start_voltage of -70 mV" in found.attrs["notes"]


def test_a_given_voltage_takes_a_trace_of_the_most_abundant_ion() -> None:
    """V given means charge: the note says how little potassium that was."""
    found = pl.relax(cell(), "1 min", start={"V": "-60 mV"})
    moved = 10.0 * pl.SteadyProblem(cell()).values["capacitance"] / F / 1963.495408

    assert -60.0 == pytest.approx(float(found["V"][0]), abs=1e-6)
    assert 122.0 + moved == pytest.approx(float(found["inside"].sel(ion="K")[0]), rel=1e-9)
    assert f"inside.K changed by {moved:+.3g} mM" in found.attrs["notes"]


def test_a_state_of_a_healthy_cell_starts_a_sick_one() -> None:
    """Amounts come from the state, parameters from the membrane; like an event at 0 s."""
    (rest,) = pl.steady(cell(), starts=0)
    sick = cell().evolve({"pump.density": "0 uA/cm^2", "outside.K": "8 mM"})
    found = pl.relax(sick, "10 min", start=rest)
    events = pl.relax(cell(), "10 min", ["0 s: pump.density = 0, outside.K = 8 mM"], start=rest)

    assert events["V"].values == pytest.approx(found["V"].values, abs=1e-6)


def test_the_nearest_stable_state_is_taken_not_the_saddle() -> None:
    """Values beside the saddle start at a stable state all the same."""
    low, saddle, high = pl.steady(bistable_cell())
    own = attrs.evolve(
        bistable_cell(),
        inside=Solution(
            concentrations={
                ion: f"{saddle.found.get(f'inside.{ion}', 4.1)!r} mM" for ion in ("Na", "K", "Cl")
            }
        ),
    )
    found = pl.relax(own, "1 min")

    assert found.attrs["start"].startswith("the stable state at")
    assert float(np.ptp(found["V"].values)) < 1e-6
    assert low.V_mV < high.V_mV


def test_of_several_resting_states_the_lowest_starts_and_it_is_told() -> None:
    """A bistable membrane with ions held starts at its lowest stable state, with a note."""
    found = pl.relax(reference_a2(), "10 ms")

    assert -78.8909617037568 == pytest.approx(float(found["V"][0]), rel=1e-12)
    assert "2 stable resting states (-78.89, -33.33 mV)" in found.attrs["notes"]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("givn", r"start: expected 'rest', 'given'.*\(did you mean 'given'\?\)"),
        ({"inside.Kk": 3.0}, r"start: no 'inside\.Kk' here \(did you mean 'inside\.K'\?\)"),
        ({"inside.K": "3 mV"}, r"start: inside\.K: expected a concentration"),
        ({"inside.K": 0.0}, r"start: inside\.K must be above zero, got 0"),
        ({"volume": "soon"}, "start: volume: expected a volume"),
        (7, "start: expected 'rest', 'given', a state"),
    ],
)
def test_a_wrong_start_is_explained(start: Any, said: str) -> None:
    """Near names, wanted dimensions, and what a start can be."""
    with pytest.raises((CompositionError, UnitError), match=said):
        pl.relax(cell(), start=start)


def test_a_start_must_fit_the_membrane() -> None:
    """Held ions need a V; a list of states, or the state of another kind of cell, is no start."""
    with pytest.raises(CompositionError, match="gives no voltage to start from"):
        pl.relax(reference_a(), start="given")
    with pytest.raises(CompositionError, match="start: V is missing"):
        pl.relax(reference_a(), start={})
    with pytest.raises(CompositionError, match=r"give one of its states, such as rest\[0\]"):
        pl.relax(reference_a(), start=pl.rest(reference_a()))  # type: ignore[arg-type]
    with pytest.raises(CompositionError, match="other free ions or other compartments"):
        pl.relax(cell(), start=pl.steady(bistable_cell())[0])  # type: ignore[arg-type]
    with pytest.raises(CompositionError, match="of another membrane"):
        pl.relax(membrane(Slow(density="1 nS")), start=pl.rest(reference_a())[0])


def test_without_a_stable_state_the_start_must_be_told() -> None:
    """No rest to start from is an error that names the other starts."""
    with pytest.raises(SolverError, match=r"no stable state to start from.*start='given'"):
        pl.relax(curve(lambda v, xp: 1.0 + 0.0 * v))
