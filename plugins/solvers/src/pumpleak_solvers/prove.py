"""Proof by interval arithmetic that no resting state was missed.

Each interval of voltage is discarded when the enclosure of the current excludes zero, or settled
when the enclosure of the slope does (the curve is monotone there, so its ends tell); the rest is
halved. Enclosures hold for the equations with their constants as the doubles they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

if TYPE_CHECKING:
    from pumpleak import ClampedProblem

_FIRST = 256
_HALVINGS = 48
_MOST = 20_000
#: Around a root found, the slope must keep its sign over this much of a mV at least.
_AROUND = 1e-7


@attrs.frozen(kw_only=True)
class Proof:
    """What was proved.

    Args:
        roots: the resting voltages, mV, with any that the search had missed.
        guarantee: in words.
    """

    roots: list[float]
    guarantee: str


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
    crossings: list[tuple[float, float]] = []
    for _ in range(_HALVINGS):
        (least, most), (falling, rising) = problem.enclosure(low, high)
        # The mean value form is the sharper one on short intervals.
        middle = 0.5 * (low + high)
        (below, above), _ = problem.enclosure(middle, middle)
        half = 0.5 * (high - low)
        reach = np.maximum(np.abs(falling), np.abs(rising)) * half * (1 + 1e-12)
        least, most = np.fmax(least, below - reach), np.fmin(most, above + reach)
        excluded = (least > 0) | (most < 0)
        monotone = ((falling > 0) | (rising < 0)) & ~excluded
        crossings += zip(low[monotone].tolist(), high[monotone].tolist(), strict=True)
        undecided = ~(excluded | monotone)
        low, high, middle = low[undecided], high[undecided], middle[undecided]
        if not low.size:
            return _settled(problem, roots, crossings, where)
        if low.size > _MOST or np.any(high - low < _AROUND):
            break
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    spot = float(low[0])
    return Proof(
        roots=roots,
        guarantee=f"searched {where}; no proof, since the curve nearly touches zero at {spot:.6g} mV",
    )


def _settled(
    problem: ClampedProblem, roots: list[float], crossings: list[tuple[float, float]], where: str
) -> Proof:
    """Count the zeros of monotone pieces by the signs at their ends."""
    from .scan import polished

    certain: list[float] = []
    for a, b in sorted(crossings):
        left, right = _sign(problem, a), _sign(problem, b)
        if left is None or right is None:
            end = a if left is None else b
            if not any(abs(root - end) < 1e-9 for root in certain):
                certain.append(end)
        elif left != right:
            certain.append(polished(problem.total_at, a, b))
    merged = [_nearest(root, roots) for root in certain]
    return Proof(roots=sorted(set(merged)), guarantee=f"proved complete in {where}")


def _sign(problem: ClampedProblem, voltage: float) -> Any:
    """Return the certain sign of the current at a point; None if rounding hides it."""
    point = np.array([voltage])
    (least, most), _ = problem.enclosure(point, point)
    if least[0] > 0:
        return 1
    return -1 if most[0] < 0 else None


def _nearest(root: float, roots: list[float]) -> float:
    for known in roots:
        if abs(known - root) < 1e-9:
            return known
    return root
