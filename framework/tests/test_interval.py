"""Intervals contain what they claim to contain."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pumpleak.equations._kernel import ARRAY
from pumpleak.numbers import _interval
from pumpleak.numbers._interval import NAMES, Interval

SETTINGS = settings(max_examples=150, deadline=None)
ends = (
    st.floats(-1e3, 1e3)
    | st.floats(-1.0, 1.0)
    | st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1e300])
)
shares = st.floats(0.0, 1.0)


def interval(a: float, b: float) -> Interval:
    return Interval(np.array([min(a, b)]), np.array([max(a, b)]))


def within(a: float, b: float, share: float) -> float:
    """Return a number between two."""
    low, high = min(a, b), max(a, b)
    return min(max(low + share * (high - low), low), high)


def holds(bounds: Any, value: float) -> bool:
    if not math.isfinite(value):  # overflow: the real number lies beyond every double
        value = math.copysign(np.finfo(float).max, value) if not math.isnan(value) else 0.0
    return bool(bounds.low[0] <= value <= bounds.high[0])


UNARY = ["exp", "log", "tanh", "sqrt", "exprelr", "exprelr_d1", "exprelr_d2"]


@pytest.mark.parametrize("name", UNARY)
@SETTINGS
@given(ends, ends, shares)
def test_a_function_of_an_interval_holds_the_function_of_its_points(
    name: str, a: float, b: float, share: float
) -> None:
    """Whatever the interval, the image of every point lies in the bounds."""
    x = within(a, b, share)
    if name in ("log", "sqrt"):
        assume(x > 0 or (name == "sqrt" and x == 0))
    with np.errstate(all="ignore"):
        value = float(ARRAY[name](np.float64(x)))

    assert holds(NAMES[name](interval(a, b)), value)


@pytest.mark.parametrize("exponent", [2.0, 3.0, 9.0, 10.0, -9.0, -10.0, 0.37, 1.5, -2.5])
@SETTINGS
@given(st.floats(-50, 50), st.floats(-50, 50), shares)
def test_a_power_of_an_interval_holds_the_powers_of_its_points(
    exponent: float, a: float, b: float, share: float
) -> None:
    """Whole powers of negative numbers included."""
    x = within(a, b, share)
    assume(x > 0 or (exponent == int(exponent) and x != 0))
    with np.errstate(all="ignore"):
        value = float(np.power(np.float64(x), exponent))

    assert holds(NAMES["power"](interval(a, b), exponent), value)


@SETTINGS
@given(st.floats(0.01, 50), st.floats(0.01, 50), st.floats(-5, 5), st.floats(-5, 5), shares, shares)
def test_a_power_with_an_interval_above_holds_it_too(
    a: float, b: float, c: float, d: float, share: float, other: float
) -> None:
    """Base and exponent may both vary."""
    value = within(a, b, share) ** within(c, d, other)

    assert holds(NAMES["power"](interval(a, b), interval(c, d)), value)
    assert holds(NAMES["power"](2.5, interval(c, d)), 2.5 ** within(c, d, other))


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("operation", OPERATORS)
@SETTINGS
@given(ends, ends, ends, ends, shares, shares)
def test_an_operation_on_intervals_holds_that_on_points(
    operation: Callable[[Any, Any], Any], a: float, b: float, c: float, d: float, p: float, q: float
) -> None:
    """Interval with interval, with a number on its right, and on its left."""
    x, y = np.float64(within(a, b, p)), np.float64(within(c, d, q))
    with np.errstate(all="ignore"):
        value = operation(x, y)
    assume(not np.isnan(value) and (operation is not operator.truediv or y != 0))

    assert holds(operation(interval(a, b), interval(c, d)), value)
    assert holds(operation(interval(a, b), float(y)), value)
    assert holds(operation(float(x), interval(c, d)), value)


@pytest.mark.parametrize("operation", OPERATORS)
@given(st.floats(-1e3, 1e3).filter(bool), st.floats(-1e3, 1e3).filter(bool))
def test_a_point_is_rounded_outwards(
    operation: Callable[[Any, Any], Any], x: float, y: float
) -> None:
    """The exact result of an operation on two doubles lies inside: the bounds are a proof."""
    exact = operation(Fraction(x), Fraction(y))
    for bounds in (operation(interval(x, x), y), operation(interval(x, x), interval(y, y))):
        assert bounds.low[0] == -math.inf or Fraction(float(bounds.low[0])) <= exact
        assert bounds.high[0] == math.inf or Fraction(float(bounds.high[0])) >= exact


COMPARISONS = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


@pytest.mark.parametrize("name", COMPARISONS)
@SETTINGS
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2), shares)
def test_a_choice_holds_the_branch_that_a_point_takes(
    name: str, a: float, b: float, c: float, share: float
) -> None:
    """Where the test is undecided both branches are enclosed."""
    x = within(a, b, share)
    value = x + 5 if COMPARISONS[name](x, c) else -x
    bounds = interval(a, b)

    assert holds(NAMES["where"](NAMES[name](bounds, c), bounds + 5, -bounds), value)


@pytest.mark.parametrize("lost", [Interval(np.array([-np.inf]), np.array([np.inf]))])
def test_what_is_not_known_stays_unknown(lost: Interval) -> None:
    """Infinite less infinite, and nan, never become a number."""
    overflow = NAMES["exp"](interval(800.0, 900.0))
    for bounds in (lost - lost, (overflow - overflow) * 2.0, lost * math.nan, lost / 0.0):
        assert bounds.low[0] < -1e300
        assert bounds.high[0] > 1e300
    assert overflow.low[0] < np.inf
    assert holds(1 / (1 + overflow), 1e-340)


def test_the_check_catches_inward_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that forgot to round outwards fails the containment above."""
    monkeypatch.setattr(_interval, "_out", Interval)
    bounds = interval(0.1, 0.1) + 0.2

    assert (
        not Fraction(float(bounds.low[0]))
        <= Fraction(0.1) + Fraction(0.2)
        <= Fraction(float(bounds.high[0]))
    )
