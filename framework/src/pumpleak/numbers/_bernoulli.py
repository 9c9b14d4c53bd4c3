"""exprelr(x) = x/(exp(x) - 1) and its first two derivatives, exact through x = 0.

The name is NMODL's and Arbor's. With it the GHK current is
I = P A z F (c_in exprelr(-u) - c_out exprelr(u)), which has no 0/0 at V = 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

# Taylor coefficients of x/(exp(x)-1) = sum B_n x^n / n!  (Abramowitz and Stegun 1972, 23.1.1).
_NUMERATORS = {
    0: 1.0, 1: -1 / 2, 2: 1 / 6, 4: -1 / 30, 6: 1 / 42, 8: -1 / 30, 10: 5 / 66,
    12: -691 / 2730, 14: 7 / 6, 16: -3617 / 510, 18: 43867 / 798, 20: -174611 / 330,
}  # fmt: skip
_TAYLOR = tuple(_NUMERATORS.get(n, 0.0) / math.factorial(n) for n in range(21))
# The derivatives' series in x^2: (odd part of the first, constant), (even second); highest first.
_SERIES = {
    1: tuple(_TAYLOR[n] * n for n in range(16, 0, -2)),
    2: tuple(_TAYLOR[n] * n * (n - 1) for n in range(20, 0, -2)),
}
#: Below this the closed forms of the derivatives cancel; the series is exact to rounding there.
_SMALL = {1: 0.5, 2: 1.0}


def exprelr_float(x: float) -> float:
    """Return x/(exp(x) - 1) of a float."""
    if x == 0.0:
        return 1.0
    return 0.0 if x > 700.0 else x / math.expm1(x)


def exprelr_array(x: Any) -> Any:
    """Return x/(exp(x) - 1), elementwise; shape of `x`."""
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        return np.where(x == 0.0, 1.0, np.where(x > 700.0, 0.0, x / np.expm1(x)))


def _closed(order: int, x: Any, expm1: Callable[[Any], Any]) -> Any:
    # g and q fall off exponentially to one side each, so that nothing cancels far from zero.
    g, q = 1.0 / expm1(x), -1.0 / expm1(-x)
    if order == 1:
        return g * (1.0 - x * q)
    return g * q * (x * (g + q) - 2.0)


def _series(order: int, x: Any) -> Any:
    square = x * x
    value = 0.0
    for coefficient in _SERIES[order]:
        value = value * square + coefficient
    return value * x - 0.5 if order == 1 else value


def exprelr_derivative_float(order: int, x: float) -> float:
    """Return the first or second derivative of exprelr at a float."""
    if abs(x) < _SMALL[order]:
        return float(_series(order, x))
    # Beyond this a float's expm1 overflows; both derivatives have settled to rounding.
    return float(_closed(order, min(max(x, -700.0), 700.0), math.expm1))


def exprelr_derivative_array(order: int, x: Any) -> Any:
    """Return the first or second derivative of exprelr, elementwise; shape of `x`."""
    x = np.asarray(x, dtype=float)
    within = np.minimum(np.maximum(x, -700.0), 700.0)
    with np.errstate(all="ignore"):
        found = _closed(order, within, np.expm1)
    small = np.abs(x) < _SMALL[order]
    if small.any():
        if found.ndim == 0:
            return np.asarray(_series(order, x))
        found[small] = _series(order, x[small])
    return found
