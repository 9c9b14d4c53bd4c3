"""Gates, pools and Markov schemes."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpleak import Gate, PhysicsError, stationary_occupancy
from pumpleak.numbers._numbers import Floats


def test_a_gate_by_rates_and_by_steady_value_are_one() -> None:
    """alpha/(alpha + beta), relaxing with 1/(alpha + beta)."""
    rates = Gate(alpha=2.0, beta=6.0, scale=3.0)
    steady = Gate(steady=0.25, tau=1 / 8, scale=3.0)

    assert rates.steady_value() == steady.steady_value() == 0.25
    assert rates.rate(0.9) == pytest.approx(steady.rate(0.9))
    assert rates.rate(0.25) == 0.0
    assert not rates.is_instantaneous
    assert Gate(steady=0.3).is_instantaneous


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"alpha": 1.0},
        {"beta": 1.0},
        {"tau": 1.0},
        {"alpha": 1.0, "beta": 1.0, "steady": 0.5},
        {"alpha": 1.0, "beta": 1.0, "tau": 1.0},
    ],
)
def test_a_gate_takes_the_one_or_the_other(given: dict[str, Any]) -> None:
    """Half of a description is refused."""
    with pytest.raises(PhysicsError, match="alpha and beta, or steady"):
        Gate(**given)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-12, 12), min_size=12, max_size=12))
def test_occupancies_are_right_to_rounding_over_24_decades(logs: list[float]) -> None:
    """Rates that differ by 24 decades lose no digit: held against 60 digits."""
    names = "ABCD"
    pairs = [(a, b) for a in names for b in names if a != b]
    rates = {pair: 10.0**log for pair, log in zip(pairs, logs, strict=True)}
    found = stationary_occupancy(rates, Floats(), names)
    with mpmath.workdps(80):
        matrix = mpmath.zeros(4)
        for (a, b), rate in rates.items():
            i, j = names.index(a), names.index(b)
            matrix[j, i] += mpmath.mpf(rate)
            matrix[i, i] -= mpmath.mpf(rate)
        for j in range(4):
            matrix[3, j] = 1
        exact = mpmath.lu_solve(matrix, mpmath.matrix([0, 0, 0, 1]))
        expected = [float(x) for x in exact]

    assert list(found.values()) == pytest.approx(expected, rel=1e-13)
    assert sum(found.values()) == pytest.approx(1, rel=1e-15)


def test_a_ring_with_a_missing_step() -> None:
    """Absent pairs do not communicate; a cycle is fine."""
    found = stationary_occupancy({("A", "B"): 1.0, ("B", "C"): 2.0, ("C", "A"): 4.0}, Floats())

    assert found == pytest.approx({"A": 4 / 7, "B": 2 / 7, "C": 1 / 7})


def test_a_state_that_is_never_reached_is_empty() -> None:
    """Zero, exactly."""
    found = stationary_occupancy({("A", "B"): 1.0, ("B", "A"): 1.0, ("C", "A"): 1.0}, Floats())

    assert found["C"] == 0.0


def test_a_dead_end_is_refused() -> None:
    """The state is named."""
    with pytest.raises(PhysicsError, match="'B' of a Markov scheme cannot be left"):
        stationary_occupancy({("A", "B"): 1.0}, Floats())


def test_it_runs_on_arrays() -> None:
    """Any number system will do."""

    class Arrays(Floats):
        pass

    rate = np.array([1.0, 2.0, 3.0])
    found = stationary_occupancy({("C", "O"): rate, ("O", "C"): 1.0 + 0 * rate}, Arrays())

    assert found["O"] == pytest.approx(rate / (1 + rate))


def test_a_state_that_is_left_for_good_is_empty_wherever_it_stands() -> None:
    """I opens into C and O and is never reached again; C and O share what there is."""
    rates = {("I", "C"): 2.0, ("C", "O"): 1.0, ("O", "C"): 3.0}

    assert {"I": 0.0, "C": 0.75, "O": 0.25} == stationary_occupancy(rates, Floats())


def test_two_closed_parts_have_no_stationary_occupancy() -> None:
    """Which part is occupied would depend on the start."""
    rates = {("A", "B"): 1.0, ("B", "A"): 1.0, ("C", "D"): 1.0, ("D", "C"): 1.0}

    with pytest.raises(PhysicsError, match="cannot be left for the rest"):
        stationary_occupancy(rates, Floats())
