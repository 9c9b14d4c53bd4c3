"""Proof by interval arithmetic that no resting state was missed.

Each interval of voltage is discarded when the enclosure of the current excludes zero, or settled
when the enclosure of the slope does (the curve is monotone there, so its ends tell); the rest is
halved. Enclosures hold for the equations with their constants as the doubles they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .polish import polished

if TYPE_CHECKING:
    from pumpleak import ClampedProblem

_FIRST = 256
_HALVINGS = 48
_MOST = 20_000
#: Intervals shorter than this that are still undecided, mV, end the proof.
_SHORTEST = 1e-7
#: Rounding at an end of the range may not hide a resting state by more than this, mV.
_BLUR = 1e-9


@attrs.frozen(kw_only=True)
class Proof:
    """What was proved.

    Args:
        roots: the resting voltages, mV, with any that the search had missed.
        guarantee: in words.
    """

    roots: list[float]
    guarantee: str


@attrs.frozen(kw_only=True)
class _Pieces:
    """Intervals side by side, and what is certain about the current in each; shape (n,).

    Args:
        low, high: ends, mV.
        sign: of the current throughout; 0 where it may vanish.
        trend: sign of the slope throughout; meant only where `sign` is 0.
    """

    low: Any
    high: Any
    sign: Any
    trend: Any


def prove_complete(problem: ClampedProblem, roots: list[float]) -> Proof:
    """Prove that `roots` are all, or find the missing ones.

    Args:
        problem: clamped ions.
        roots: what the search found, mV, in order.
    """
    where = f"[{problem.low:g}, {problem.high:g}] mV"
    if not problem.can_enclose:
        return Proof(
            roots=roots,
            guarantee=f"searched {where}; no proof, since a mechanism cannot be enclosed",
        )
    edges = np.linspace(problem.low, problem.high, _FIRST + 1)
    low, high = edges[:-1], edges[1:]
    settled: list[_Pieces] = []
    for _ in range(_HALVINGS):
        sign, trend = _certain(problem, low, high)
        done = (sign != 0) | (trend != 0)
        settled.append(_Pieces(low=low[done], high=high[done], sign=sign[done], trend=trend[done]))
        low, high = low[~done], high[~done]
        if not low.size:
            return _counted(problem, roots, _joined(settled), where)
        if low.size > _MOST or np.any(high - low < _SHORTEST):
            break
        middle = 0.5 * (low + high)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return _unproved(roots, where, float(low[np.argmin(high - low)]))


def _certain(problem: ClampedProblem, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the sign of the current and of the slope that hold in each interval, 0 for none."""
    (least, most), (falling, rising) = problem.enclosure(low, high)
    # The mean value form is the sharper one on short intervals.
    middle = 0.5 * (low + high)
    (below, above), _ = problem.enclosure(middle, middle)
    half = 0.5 * (high - low) * (1 + 1e-12)
    with np.errstate(all="ignore"):
        reach = np.maximum(np.abs(falling), np.abs(rising)) * half
        # A few units in the last place cover the rounding of these two lines.
        reach += 4e-16 * (np.abs(below) + np.abs(above) + reach)
        least, most = np.fmax(least, below - reach), np.fmin(most, above + reach)
    sign = np.where(least > 0, 1, np.where(most < 0, -1, 0))
    return sign, np.where(falling > 0, 1, np.where(rising < 0, -1, 0))


def _joined(settled: list[_Pieces]) -> _Pieces:
    order = np.argsort(np.concatenate([part.low for part in settled]))
    low, high, sign, trend = (
        np.concatenate([getattr(part, field) for part in settled])[order]
        for field in ("low", "high", "sign", "trend")
    )
    return _Pieces(low=low, high=high, sign=sign, trend=trend)


def _counted(problem: ClampedProblem, roots: list[float], pieces: _Pieces, where: str) -> Proof:
    """Count the zeros of each monotone stretch by the certain signs on both sides of it."""
    proved: list[float] = []
    open_ = np.flatnonzero(pieces.sign == 0)
    # Stretches of neighbours that are monotone, between pieces where the current has a sign.
    for stretch in np.split(open_, np.flatnonzero(np.diff(open_) > 1) + 1) if open_.size else []:
        first, last = int(stretch[0]), int(stretch[-1])
        a, b = float(pieces.low[first]), float(pieces.high[last])
        if np.ptp(pieces.trend[stretch]):
            return _unproved(roots, where, a)
        left = int(pieces.sign[first - 1]) if first else _sign(problem, a)
        right = int(pieces.sign[last + 1]) if last + 1 < len(pieces.sign) else _sign(problem, b)
        for end, sign in ((a, left), (b, right)):
            if sign is None and not _hidden(problem, end, pieces, first, last):
                return _unproved(roots, where, end)
        if left is None or right is None:
            proved.append(a if left is None else b)
        elif left != right:
            proved.append(polished(problem.total_at, a, b))
    found = sorted({_nearest(root, roots) for root in proved})
    return Proof(roots=found, guarantee=f"proved complete in {where}")


def _sign(problem: ClampedProblem, voltage: float) -> int | None:
    """Return the certain sign of the current at a point; None if rounding hides it."""
    point = np.array([voltage])
    (least, most), _ = problem.enclosure(point, point)
    if least[0] > 0:
        return 1
    return -1 if most[0] < 0 else None


def _hidden(
    problem: ClampedProblem, voltage: float, pieces: _Pieces, first: int, last: int
) -> bool:
    """Whether a current at the range's end that rounding hides puts its zero at that end."""
    point = np.array([voltage])
    (least, most), _ = problem.enclosure(point, point)
    side = first if voltage == pieces.low[first] else last
    _, (falling, rising) = problem.enclosure(
        pieces.low[side : side + 1], pieces.high[side : side + 1]
    )
    flattest = min(abs(float(falling[0])), abs(float(rising[0])))
    return float(most[0] - least[0]) <= _BLUR * flattest


def _unproved(roots: list[float], where: str, spot: float) -> Proof:
    return Proof(
        roots=roots,
        guarantee=f"searched {where}; no proof, since the curve nearly touches zero, or jumps, at "
        f"{spot:.6g} mV",
    )


def _nearest(root: float, roots: list[float]) -> float:
    for known in roots:
        if abs(known - root) < 1e-9:
            return known
    return root
