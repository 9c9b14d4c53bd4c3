"""Clamped ions with a pool: its balance is found at every voltage, then the curve is searched.

Where the pool balances in one way only, the reduced curve is a function of voltage. Where it
balances in several, each balance is followed by itself and every hit is polished in both unknowns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak import Equilibria, RestingState

if TYPE_CHECKING:
    from pumpleak import ClampedProblem

_SPACING_MV = 0.25
_NEWTON_STEPS = 60


def solve_with_pools(problem: ClampedProblem) -> Equilibria:
    """Find every resting state of a membrane with one pool.

    Args:
        problem: clamped ions.

    Returns:
        All resting states found; the guarantee is `searched`.
    """
    if len(problem.kernel.pools) > 1:
        names = ", ".join(pool.name for pool in problem.kernel.pools)
        return _result(
            problem,
            [],
            "not converged",
            f"several pools ({names}) without a balance in closed form; this solver takes one",
        )
    count = max(3, round((problem.high - problem.low) / _SPACING_MV) + 1)
    voltage = _grid(problem, count)
    branches = problem.pool_branches(voltage)
    roots: list[tuple[float, float]] = []
    exists = False
    for (pool,) in branches:
        here = np.isfinite(pool)
        exists |= bool(here.any())
        current = np.full(voltage.shape, np.nan)
        slope = np.full(voltage.shape, np.nan)
        if here.any():
            current[here], slope[here] = _reduced(problem, voltage[here], pool[here])
        for i in _candidates(voltage, current, slope):
            roots += _newton(problem, float(voltage[i]), float(pool[i]))
            roots += _newton(problem, float(voltage[i + 1]), float(pool[i + 1]))
        for i in _ends(here):
            roots += _newton(problem, float(voltage[i]), float(pool[i]))
    distinct: list[tuple[float, float]] = []
    for root in sorted(roots):
        if not any(
            abs(root[0] - kept[0]) < 1e-9 and abs(root[1] - kept[1]) < 1e-9 * kept[1]
            for kept in distinct
        ):
            distinct.append(root)
    if not exists:
        pool_name = problem.kernel.pools[0].name
        return _result(
            problem,
            [],
            "none in range",
            f"the pool {pool_name} balances nowhere within its bounds; widen them",
        )
    if not distinct:
        return _result(
            problem, [], "none in range", "no voltage in the range balances the currents"
        )
    plural = "s" if len(distinct) > 1 else ""
    return _result(problem, distinct, "found", f"{len(distinct)} resting state{plural}")


def _grid(problem: ClampedProblem, count: int) -> Any:
    base = np.linspace(problem.low, problem.high, count)
    around = np.array([-8, -4, -2, -1, 0, 1, 2, 4, 8], dtype=float)
    steep = [
        centre + width * around
        for centre, width in problem.landmarks()
        if width < 2.0 * _SPACING_MV and problem.low < centre < problem.high
    ]
    return np.unique(np.concatenate([base, *steep])) if steep else base


def _reduced(problem: ClampedProblem, voltage: Any, pool: Any) -> tuple[Any, Any]:
    """Return current and slope along a balance of the pool, shape (n,)."""
    current = np.empty(voltage.shape)
    slope = np.empty(voltage.shape)
    for i, (v, w) in enumerate(zip(voltage.tolist(), pool.tolist(), strict=True)):
        values, matrix = problem.with_pools(v, (w,))
        current[i] = values[0]
        follow = matrix[1, 0] / matrix[1, 1] if matrix[1, 1] else np.inf
        slope[i] = matrix[0, 0] - matrix[0, 1] * follow
    return current, slope


def _candidates(voltage: Any, current: Any, slope: Any) -> list[int]:
    """Return intervals where the curve crosses zero, or bends so that it could."""
    fa, fb, da, db = current[:-1], current[1:], slope[:-1], slope[1:]
    known = np.isfinite(fa) & np.isfinite(fb) & np.isfinite(da) & np.isfinite(db)
    crosses = known & (np.signbit(fa) != np.signbit(fb))
    width = np.diff(voltage)
    with np.errstate(all="ignore"):
        secant = (fb - fa) / width
        bend = np.maximum(np.abs(da - secant), np.abs(db - secant))
        near = known & (np.minimum(np.abs(fa), np.abs(fb)) <= bend * width)
    return list(np.flatnonzero(crosses | near))


def _ends(here: Any) -> list[int]:
    """Return where a balance begins or ends: roots hide at folds."""
    change = np.flatnonzero(here[1:] != here[:-1])
    return [int(i) if here[i] else int(i) + 1 for i in change]


def _newton(problem: ClampedProblem, voltage: float, pool: float) -> list[tuple[float, float]]:
    """Return the root that Newton's method in (V, log pool) finds from here, if it does."""
    bounds = problem.kernel.pools[0].bounds
    assert bounds is not None
    v, w = voltage, pool
    for _ in range(_NEWTON_STEPS):
        values, matrix = problem.with_pools(v, (w,))
        scaled = matrix * np.array([1.0, w])
        try:
            step = np.linalg.solve(scaled, -values)
        except np.linalg.LinAlgError:
            return []
        if not np.isfinite(step).all():
            return []
        damping = min(1.0, 5.0 / max(abs(step[0]), 1e-300), 1.0 / max(abs(step[1]), 1e-300))
        v, w = v + damping * step[0], w * float(np.exp(damping * step[1]))
        if not (problem.low <= v <= problem.high and bounds[0] <= w <= bounds[1]):
            return []
        if abs(step[0]) <= 4e-15 * max(1.0, abs(v)) and abs(step[1]) <= 1e-13:
            return [(float(v), float(w))]
    small = abs(step[0]) <= 1e-11 * max(1.0, abs(v)) and abs(step[1]) <= 1e-9
    return [(float(v), float(w))] if small else []


def _result(
    problem: ClampedProblem, roots: list[tuple[float, float]], status: Any, message: str
) -> Equilibria:
    return Equilibria(
        problem=problem,
        states=tuple(RestingState(problem, v, (w,)) for v, w in roots),
        status=status,
        guarantee=f"searched [{problem.low:g}, {problem.high:g}] mV",
        message=message,
        solver="solvers.scan",
    )
