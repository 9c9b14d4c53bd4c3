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
_MOST = np.finfo(float).max


class Interval:
    """Bounds of a real number, elementwise; an end that is not known is infinite.

    Args:
        low, high: shape (n,), or numbers.

    >>> import numpy as np
    >>> square = Interval(np.array([-1.0]), np.array([2.0]))
    >>> bool((square * square).low[0] <= -2.0)
    True
    """

    __slots__ = ("high", "low")
    __array_ufunc__ = None  # NumPy numbers on the left defer to us

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = low, high

    @staticmethod
    def of(value: Any) -> Interval:
        """Return value as an interval."""
        return value if isinstance(value, Interval) else Interval(value, value)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Any) -> Interval:
        other = Interval.of(other)
        with np.errstate(all="ignore"):
            return _out(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Interval:
        return self + -Interval.of(other)

    def __rsub__(self, other: Any) -> Interval:
        return Interval.of(other) + -self

    def __mul__(self, other: Any) -> Interval:
        with np.errstate(all="ignore"):
            if isinstance(other, Interval):
                corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
            else:
                if not np.isfinite(other):
                    return _out(self.low * np.nan, self.high * np.nan)
                corners = [self.low * other, self.high * other]
            return _hull(corners)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Interval:
        if isinstance(other, Interval):
            return self * other.inverse()
        with np.errstate(all="ignore"):
            divisor = np.float64(other)
            if divisor == 0.0 or not np.isfinite(divisor):
                return _out(self.low * np.nan, self.high * np.nan)
            return _hull([self.low / divisor, self.high / divisor])

    def __rtruediv__(self, other: Any) -> Interval:
        if isinstance(other, Interval) or not np.isfinite(other):
            return Interval.of(other) * self.inverse()
        with np.errstate(all="ignore"):
            ends = _hull([np.divide(other, self.low), np.divide(other, self.high)])
        across = (self.low <= 0) & (self.high >= 0)
        return Interval(np.where(across, -np.inf, ends.low), np.where(across, np.inf, ends.high))

    def inverse(self) -> Interval:
        """Return 1/x; unbounded where zero lies within."""
        return 1.0 / self


def _hull(corners: list[Any]) -> Interval:
    # 0 times infinity is 0 here: an infinite end is only a bound that is never reached.
    known = [np.where(np.isnan(corner), 0.0, corner) for corner in corners]
    low = high = known[0]
    for corner in known[1:]:
        low, high = np.minimum(low, corner), np.maximum(high, corner)
    return _out(low, high)


def _out(low: Any, high: Any) -> Interval:
    """Round outwards; what overflowed or has no value is known only to be some real number."""
    low, high = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    return Interval(
        np.where(np.isnan(low), -np.inf, np.minimum(low, _MOST)),
        np.where(np.isnan(high), np.inf, np.maximum(high, -_MOST)),
    )


def _loose(low: Any, high: Any) -> Interval:
    """Round outwards by more than NumPy's functions err."""
    low, high = np.minimum(low, _MOST), np.maximum(high, -_MOST)
    return _out(low - _LOOSE * np.abs(low) - _TINY, high + _LOOSE * np.abs(high) + _TINY)


def _rising(function: Callable[[Any], Any], floor: float = -np.inf) -> Callable[[Any], Any]:
    def bounded(x: Any) -> Any:
        if not isinstance(x, Interval):
            return function(x)
        with np.errstate(all="ignore"):
            found = _loose(function(x.low), function(x.high))
        return Interval(np.maximum(found.low, floor), found.high)

    return bounded


def _falling(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def bounded(x: Any) -> Any:
        if not isinstance(x, Interval):
            return function(x)
        with np.errstate(all="ignore"):
            found = _loose(function(x.high), function(x.low))
        return Interval(np.maximum(found.low, 0.0), found.high)

    return bounded


def _second(x: Any) -> Any:
    """Exprelr'' is even, positive and falls away from zero."""
    if not isinstance(x, Interval):
        return exprelr_derivative_array(2, x)
    with np.errstate(all="ignore"):
        a = exprelr_derivative_array(2, x.low)
        b = exprelr_derivative_array(2, x.high)
        peak = np.where((x.low <= 0) & (x.high >= 0), 1.0 / 6.0, np.maximum(a, b))
        found = _loose(np.minimum(a, b), peak)
    return Interval(np.maximum(found.low, 0.0), found.high)


def _power(x: Any, n: Any) -> Any:
    if not isinstance(x, Interval) and not isinstance(n, Interval):
        return np.power(x, n)
    whole = not isinstance(n, Interval) and float(n) == int(n)
    base = Interval.of(x)
    if whole:
        # A whole power of a negative number exists; its size follows from that of the base.
        size = _size(base)
        found = _exp(float(n) * _log(size))
        negative = base.low < 0
        if int(n) % 2:
            return Interval(
                np.where(negative, np.where(base.high < 0, -found.high, -np.inf), found.low),
                np.where(negative, np.where(base.high < 0, -found.low, np.inf), found.high),
            )
        return found
    found = _exp(Interval.of(n) * _log(base))
    outside = base.low < 0
    return Interval(np.where(outside, -np.inf, found.low), np.where(outside, np.inf, found.high))


def _size(x: Interval) -> Interval:
    across = (x.low <= 0) & (x.high >= 0)
    least = np.minimum(np.abs(x.low), np.abs(x.high))
    return Interval(np.where(across, 0.0, least), np.maximum(np.abs(x.low), np.abs(x.high)))


def _where(test: Any, then: Any, otherwise: Any) -> Any:
    surely, never = test if isinstance(test, tuple) else (np.bool_(test), ~np.bool_(test))
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
_exp = _rising(np.exp, floor=0.0)

NAMES: dict[str, Any] = {
    "exp": _exp,
    "log": _log,
    "tanh": _rising(np.tanh),
    "sqrt": _rising(np.sqrt, floor=0.0),
    "power": _power,
    "exprelr": _falling(exprelr_array),
    "exprelr_d1": _rising(lambda x: exprelr_derivative_array(1, x)),
    "exprelr_d2": _second,
    "where": _where,
    "less": _less,
    "less_equal": _less_equal,
    "greater": lambda a, b: _less(b, a),
    "greater_equal": lambda a, b: _less_equal(b, a),
}
