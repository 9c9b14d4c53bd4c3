"""exprelr and its derivatives."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.numbers._bernoulli import (
    exprelr_array,
    exprelr_derivative_array,
    exprelr_derivative_float,
    exprelr_float,
)

POINTS = [0.0, 1e-300, 1e-9, 1e-3, 0.3, 0.499, 0.5, 0.999, 1.0, 1.7, 5.0, 36.0, 100.0, 650.0]


def exact(order: int, x: float) -> float:
    """Return a derivative of x/(exp(x) - 1) to 40 digits, from its closed form."""
    with mpmath.workdps(900):  # the closed form cancels near zero and far below it
        if x == 0.0:
            return [1.0, -0.5, 1.0 / 6.0][order]
        z = mpmath.mpf(x)
        g = 1 / mpmath.expm1(z)
        q = 1 + g
        return float([z * g, g * (1 - z * q), g * q * (z * (g + q) - 2)][order])


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("x", [*POINTS, *(-x for x in POINTS if x)])
def test_is_right_to_rounding_everywhere(order: int, x: float) -> None:
    """Value and derivatives agree with the exact ones, near zero and far away."""
    expected = exact(order, x)
    if order == 0:
        found = [exprelr_float(x), float(exprelr_array(np.array([x]))[0])]
    else:
        found = [
            exprelr_derivative_float(order, x),
            float(exprelr_derivative_array(order, np.array([x]))[0]),
        ]

    assert found == pytest.approx([expected, expected], rel=2e-14, abs=1e-300)


@given(st.floats(-1e6, 1e6))
def test_the_derivative_falls_from_minus_one_to_nought(x: float) -> None:
    """It stays finite, between its limits, and the curve is convex."""
    assert -1.0 <= exprelr_derivative_float(1, x) <= 0.0
    assert exprelr_derivative_float(2, x) >= 0.0


def test_ends_and_nan() -> None:
    """Infinities have their limits, and nan stays nan."""
    assert exprelr_float(math.inf) == 0.0
    assert exprelr_float(-math.inf) == math.inf
    assert math.isnan(exprelr_float(math.nan))
    assert math.isnan(exprelr_derivative_float(1, math.nan))
    assert np.isnan(exprelr_array(np.array([math.nan]))).all()
