"""Linear demands on quantities that cannot be negative: the smallest change that meets them.

A linear program, in two steps: how little of the demands must stay unmet, then, if nothing must,
the smallest sum of relative changes. HiGHS finds which quantities move; their values follow from a
linear solve, so that they are right to rounding and not to the program's tolerance.
"""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np

from .._errors import SolverError

#: What a linear solve may leave of a demand, over the sizes that add up to it.
_ROUNDING = 1e-11
#: Below this, the program's own tolerance, a change is none.
_STILL = 1e-7
_REFINEMENTS = 3


@attrs.frozen(kw_only=True, eq=False)
class Change:
    """What came of it.

    Args:
        values: of the quantities, shape (m,).
        unmet: what is left of each demand, shape (k,); zero to rounding if all can be met.
        met: whether all can be met.
        witness: weights, shape (k,), of a combination of demands that none of the quantities can
            move towards zero; None if all can be met.
    """

    values: Any
    unmet: Any
    met: bool
    witness: Any = None


@attrs.frozen(kw_only=True, eq=False)
class Demands:
    """matrix @ values + held = 0, within bounds.

    Args:
        matrix: of what one of each quantity adds to each demand, shape (k, m).
        held: what everything else adds, shape (k,).
        gross: sizes that add up to each demand, shape (k,), above zero.
        weight: what a unit unmet of each demand counts, shape (k,).
        start: present values, shape (m,).
        size: what a change is measured against, shape (m,), above zero.
        low, high: bounds, shape (m,); `high` may be infinite.
    """

    matrix: Any
    held: Any
    gross: Any
    weight: Any
    start: Any
    size: Any
    low: Any
    high: Any

    def left(self, values: Any) -> Any:
        """Return what is left of each demand, shape (k,), summed without loss."""
        return np.array(
            [
                math.fsum([held, *(row * values)])
                for row, held in zip(self.matrix, self.held, strict=True)
            ]
        )

    def meets(self, values: Any) -> bool:
        """Whether every demand is met to rounding."""
        return bool(np.all(np.abs(self.left(values)) <= _ROUNDING * self.gross))


def least_change(demands: Demands) -> Change:
    """Return the smallest change that meets the demands, or how much of them cannot be met.

    The change is the sum of |value - start|/size, so that as few quantities as can be move.
    """
    now = demands.left(demands.start)
    start = np.clip(demands.start, demands.low, demands.high)
    off = float(np.max(np.abs(now) / demands.gross, initial=0.0))
    if off <= _ROUNDING and np.array_equal(start, demands.start):
        return Change(values=demands.start.copy(), unmet=now, met=True)
    # measured in what is off now, so that the program's tolerance is a share of the change itself
    program = _Program(demands, now, off or 1.0)
    least, attained = program.least_unmet()
    if not least.met:
        return least
    return program.smallest(attained) or least


class _Program:
    """The demands scaled to unit size: values = start + size off x, rows over gross off."""

    def __init__(self, demands: Demands, now: Any, off: float) -> None:
        self.demands, self.off = demands, off
        self.rows = demands.matrix * demands.size / demands.gross[:, None]  # (k, m)
        self.right = -now / (demands.gross * off)  # (k,)
        self.low = (demands.low - demands.start) / (demands.size * off)
        self.high = (demands.high - demands.start) / (demands.size * off)

    def least_unmet(self) -> tuple[Change, Any]:
        """Return the values that leave least unmet, and what of `right` they attain."""
        count, size = self.rows.shape
        eye = np.eye(count)
        weight = self.demands.weight * self.demands.gross
        weight = weight / weight.max()
        found = _solved(
            np.concatenate([np.zeros(size), weight, weight]),
            np.hstack([self.rows, -eye, eye]),
            self.right,
            [*zip(self.low, self.high, strict=True), *[(0.0, np.inf)] * (2 * count)],
        )
        x, unmet = found.x[:size], found.x[size : size + count] - found.x[size + count :]
        done = np.abs(unmet) <= _STILL
        values = self._exact(x, self._inside(x), done)
        left = self.demands.left(values)
        met = bool(np.all(np.abs(left) <= _ROUNDING * self.demands.gross))
        if met or done.all():  # what is within the program's tolerance is for the next step to say
            return Change(values=values, unmet=left, met=True), self.rows @ x
        witness = found.eqlin.marginals / self.demands.gross
        left = np.where(np.abs(left) <= _ROUNDING * self.demands.gross, 0.0, left)
        return Change(values=values, unmet=left, met=False, witness=-witness), None

    def smallest(self, attained: Any) -> Change | None:
        """Return the smallest change, or None where rounding alone stands in the way.

        Args:
            attained: what of `right` can be attained to the program's tolerance, shape (k,).
        """
        _, size = self.rows.shape
        ends = list(zip(self.low, self.high, strict=True))
        up = [(max(low, 0.0), max(high, 0.0)) for low, high in ends]
        down = [(max(-high, 0.0), max(-low, 0.0)) for low, high in ends]
        found = _solved(
            np.ones(2 * size), np.hstack([self.rows, -self.rows]), attained, [*up, *down]
        )
        x = found.x[:size] - found.x[size:]
        moved = self._inside(x) & (np.abs(x) > _STILL)
        everything = np.ones(len(self.right), dtype=bool)
        for chosen in (moved, self._inside(x)):
            values = self._exact(x, chosen, everything)
            if self.demands.meets(values):
                return Change(values=values, unmet=self.demands.left(values), met=True)
        return None

    def _inside(self, x: Any) -> Any:
        """Return which values stand off both bounds, shape (m,)."""
        room = _STILL * np.maximum(1.0, np.abs(x))
        return (x - self.low > room) & (self.high - x > room)

    def _exact(self, x: Any, chosen: Any, done: Any) -> Any:
        """Return values with the chosen ones solved for the demands that are met.

        Args:
            x: of the program, shape (m,); those not chosen are unchanged or at a bound.
            chosen: shape (m,).
            done: which demands are met, shape (k,).
        """
        demands = self.demands
        low, high = x - self.low, self.high - x
        values = demands.start.copy()
        at_low = ~chosen & (np.abs(x) > _STILL) & (low <= high)
        at_high = ~chosen & (np.abs(x) > _STILL) & (low > high)
        values[at_low], values[at_high] = demands.low[at_low], demands.high[at_high]
        values[chosen] += (demands.size * self.off * x)[chosen]
        if chosen.any() and done.any():
            block = self.rows[np.ix_(done, chosen)]
            for _ in range(_REFINEMENTS):
                right = -demands.left(values)[done] / demands.gross[done]
                step = np.linalg.lstsq(block, right, rcond=None)[0]
                values[chosen] += demands.size[chosen] * step
        return np.clip(values, demands.low, demands.high)


def _solved(cost: Any, matrix: Any, right: Any, bounds: Any) -> Any:
    from scipy.optimize import linprog

    for method in ("highs", "highs-ipm"):
        found = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method=method)
        if found.x is not None:
            return found
    raise SolverError(f"the linear program of balancing was not solved: {found.message}")
