"""The last digits of a resting voltage."""

from __future__ import annotations

from collections.abc import Callable

_NEWTON_STEPS = 300


def polished(total_at: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Return the zero in a bracket to rounding: Newton's steps, kept inside the bracket.

    SciPy's bracketing roots would do; importing them costs more than the whole solve.

    Args:
        total_at: current and slope at one voltage.
        low: the lower of two voltages whose currents are of opposite sign, mV.
        high: the higher.
    """
    left = total_at(low)[0]
    if left == 0.0:
        return low
    v, step, before = 0.5 * (low + high), high - low, high - low
    for _ in range(_NEWTON_STEPS):
        current, slope = total_at(v)
        if current == 0.0:
            return v
        if (current < 0.0) == (left < 0.0):
            low = v
        else:
            high = v
        following = v - current / slope if slope else low
        # A step must stay inside and halve the step before last, or the bracket is halved.
        if not low < following < high or abs(following - v) > 0.5 * abs(before):
            following = 0.5 * (low + high)
        before, step = step, following - v
        if abs(step) <= 2e-16 * max(abs(v), 1e-3) or following in (low, high):
            return following
        v = following
    return v
