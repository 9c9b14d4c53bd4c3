"""The number system of intervals: a kernel run with it returns bounds that hold everywhere between.

Every operation is rounded outwards, so a bound is a proof up to the accuracy that NumPy states
for its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._bernoulli import exprelr_array, exprelr_derivative_array

#: NumPy's exp, log and tanh are good to 4 units in the last place; ours to a few more.
_LOOSE = 16 * np.finfo(float).eps
_TINY = 1e-300


class Interval:
    """Bounds of a real number, elementwise.

    Args:
        low, high: shape (n,), or numbers.

    >>> import numpy as np
    >>> square = Interval(np.array([-1.0]), np.array([2.0]))
    >>> (square * square).low[0] <= -2.0
    True
    """

    __slots__ = ("high", "low")
    __array_ufunc__ = None  # NumPy numbers on the left defer to us

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = low, high

    @staticmethod
    def of(value: Any, like: Any = 0.0) -> Interval:
        """Return value as an interval, of the shape of `like`."""
        if isinstance(value, Interval):
            return value
        filled = np.broadcast_to(np.asarray(value, dtype=float), np.shape(like))
        return Interval(filled, filled)

    @property
    def ends(self) -> tuple[Any, Any]:
        """(low, high), with nan read as unbounded."""
        return (
            np.where(np.isnan(self.low), -np.inf, self.low),
            np.where(np.isnan(self.high), np.inf, self.high),
        )

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Any) -> Interval:
        other = Interval.of(other)
        return _out(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Interval:
        return self + -Interval.of(other)

    def __rsub__(self, other: Any) -> Interval:
        return Interval.of(other) + -self

    def __mul__(self, other: Any) -> Interval:
        if not isinstance(other, Interval):
            a, b = self.low * other, self.high * other
            return _out(np.minimum(a, b), np.maximum(a, b))
        with np.errstate(all="ignore"):
            corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        # 0 times infinity is 0 here: the infinite end is only a bound that was never reached.
        corners = [np.where(np.isnan(corner), 0.0, corner) for corner in corners]
        return _out(
            np.minimum(np.minimum(corners[0], corners[1]), np.minimum(corners[2], corners[3])),
            np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3])),
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Interval:
        if not isinstance(other, Interval):
            return self * (1.0 / other)
        return self * other.inverse()

    def __rtruediv__(self, other: Any) -> Interval:
        return other * self.inverse()

    def inverse(self) -> Interval:
        """Return 1/x; unbounded where zero lies within."""
        with np.errstate(all="ignore"):
            low, high = 1.0 / self.high, 1.0 / self.low
        across = (self.low <= 0) & (self.high >= 0)
        return _out(np.where(across, -np.inf, low), np.where(across, np.inf, high))


def _out(low: Any, high: Any) -> Interval:
    return Interval(np.nextafter(low, -np.inf), np.nextafter(high, np.inf))


def _loose(low: Any, high: Any) -> Interval:
    return Interval(low - _LOOSE * np.abs(low) - _TINY, high + _LOOSE * np.abs(high) + _TINY)


def _rising(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def bounded(x: Any) -> Any:
        if not isinstance(x, Interval):
            return function(x)
        with np.errstate(all="ignore"):
            return _loose(function(x.low), function(x.high))

    return bounded


def _falling(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def bounded(x: Any) -> Any:
        if not isinstance(x, Interval):
            return function(x)
        with np.errstate(all="ignore"):
            return _loose(function(x.high), function(x.low))

    return bounded


def _exp(x: Any) -> Any:
    if not isinstance(x, Interval):
        return np.exp(x)
    with np.errstate(all="ignore"):
        bounds = _loose(np.exp(x.low), np.exp(x.high))
    return Interval(np.maximum(bounds.low, 0.0), bounds.high)


def _second(x: Any) -> Any:
    """exprelr'' is even, positive and falls away from zero."""
    if not isinstance(x, Interval):
        return exprelr_derivative_array(2, x)
    a = exprelr_derivative_array(2, x.low)
    b = exprelr_derivative_array(2, x.high)
    peak = np.where((x.low <= 0) & (x.high >= 0), 1.0 / 6.0, np.maximum(a, b))
    # Far out the closed form cancels to rounding of 1: widen by that.
    low = np.minimum(a, b) - 1e-12
    return Interval(np.where(np.isfinite(low), low, -1e-12), peak + 1e-12)


def _first(x: Any) -> Any:
    if not isinstance(x, Interval):
        return exprelr_derivative_array(1, x)
    wide = 1e-13 * (1.0 + np.abs(x.low) + np.abs(x.high))
    low, high = exprelr_derivative_array(1, x.low), exprelr_derivative_array(1, x.high)
    return Interval(
        np.where(np.isfinite(low), low, -1.0) - wide, np.where(np.isfinite(high), high, 0.0) + wide
    )


def _power(x: Any, n: Any) -> Any:
    if not isinstance(x, Interval) and not isinstance(n, Interval):
        return np.power(x, n)
    return _exp(Interval.of(n) * _log(Interval.of(x)))


def _where(test: Any, then: Any, otherwise: Any) -> Any:
    if not any(isinstance(item, Interval) for item in (then, otherwise)) and not isinstance(test, tuple):
        return np.where(test, then, otherwise)
    surely, never = test if isinstance(test, tuple) else (test, ~np.asarray(test))
    a, b = Interval.of(then), Interval.of(otherwise)
    return Interval(
        np.where(surely, a.low, np.where(never, b.low, np.minimum(a.low, b.low))),
        np.where(surely, a.high, np.where(never, b.high, np.maximum(a.high, b.high))),
    )


def _less(a: Any, b: Any) -> Any:
    a, b = Interval.of(a), Interval.of(b)
    return a.high < b.low, a.low >= b.high


def _less_equal(a: Any, b: Any) -> Any:
    a, b = Interval.of(a), Interval.of(b)
    return a.high <= b.low, a.low > b.high


_log = _rising(np.log)

NAMES: dict[str, Any] = {
    "exp": _exp,
    "log": _log,
    "tanh": _rising(np.tanh),
    "sqrt": _rising(np.sqrt),
    "power": _power,
    "exprelr": _falling(exprelr_array),
    "exprelr_d1": _first,
    "exprelr_d2": _second,
    "where": _where,
    "less": _less,
    "less_equal": _less_equal,
    "greater": lambda a, b: _less(b, a),
    "greater_equal": lambda a, b: _less_equal(b, a),
}
