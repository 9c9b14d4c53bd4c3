"""Steady ions: Newton's method in scaled positive variables, from many starts.

The membrane's own start comes first. Then voltage is swept: at each voltage the other unknowns are
solved without the charge balance, and where the charge left over changes sign there is a steady
state. Random starts follow, then searches from the own start with every root found deflated away.
Where nothing converges, the system is followed in time by a stiff integrator, which either ends at
a rest or shows what runs away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak import Equilibria, SteadyState

from .rescue import follow_in_time

if TYPE_CHECKING:
    from pumpleak import SteadyProblem

_MOST_DEFLATED = 12
_STEPS = 80
_CARRIED_STEPS = 15
_HALVINGS = 30
_TIGHT = 1e-13
#: Largest imbalance of a rest, over the typical currents, charges and osmolarity.
_BALANCED = 1e-8
#: A concentration that stands for less than one ion in the cell is the trace of a runaway.
_ONE_ION_AMOL = 1.0 / 602214.076
_SAME = 1e-7
_SWEEP_MV = (-150.0, 60.0, 43)
#: With a finite space outside: at most this share of an ion is inside at a start.
_MOST_INSIDE = 0.98
#: Concentrations between 1 uM and 2 M, volumes between a hundredth and a hundredfold.
_BOUNDS = (math.log(1e-6), math.log(2e3))
_VOLUMES = (math.log(1e-2), math.log(1e2))


def solve(problem: SteadyProblem, *, starts: int = 64, seed: int = 0) -> Equilibria:
    """Find steady states.

    Args:
        problem: steady ions.
        starts: how many random starts to try beside the membrane's own and the voltage sweep; 0
            looks for the one state that the membrane's own start leads to.
        seed: of the random starts.

    Returns:
        All steady states found, with status; the guarantee names the budget.
    """
    roots: list[Any] = []
    own = _newton(problem, problem.start)
    if own is not None:
        roots.append(own)
    guarantee = "local"
    if starts > 0:
        _sweep(problem, roots, problem.start if own is None else own)
        for y in _random_starts(problem, starts, seed):
            found = _newton(problem, y)
            if found is not None and _keep(roots, found):
                # It lies on a branch that the sweep has not seen.
                _sweep(problem, roots, found)
        if roots:
            _deflated(problem, roots)
        low, high, count = _SWEEP_MV
        guarantee = (
            f"searched: own start, voltage sweep {low:g}..{high:g} mV in {count} steps, "
            f"{starts} random starts, deflation of what was found"
        )
    if roots:
        roots.sort(key=lambda y: float(y[0]))
        plural = "s" if len(roots) > 1 else ""
        return _result(problem, roots, "found", f"{len(roots)} steady state{plural}", guarantee)
    rescue = follow_in_time(problem)
    if rescue.y is not None:
        found = _newton(problem, rescue.y)
        if found is not None:
            return _result(problem, [found], "found", "1 steady state, reached in time", guarantee)
    return _result(problem, [], rescue.status, rescue.message, guarantee)


def _newton(problem: SteadyProblem, start: Any, known: Sequence[Any] = ()) -> Any:
    """Return the root that damped Newton steps lead to, or None.

    Args:
        problem: steady ions.
        start: scaled unknowns.
        known: roots to keep away from, by deflation: the residual is multiplied by
            1 + 1/distance^2 to each, which leaves the other roots where they are.

    References:
        Farrell, Birkisson and Funke 2015, SIAM J Sci Comput 37:A2026.
    """
    y = np.array(start, dtype=float)
    best = math.inf
    stalled = 0
    bath = problem.compartments.outside_volume is None
    for _ in range(_STEPS):
        values, jacobian = problem.residual(y)
        try:
            step = np.linalg.solve(jacobian, -values)
        except np.linalg.LinAlgError:
            return None
        if known:
            step = step * _deflating(y, step, known)
        longest = float(np.abs(step).max())
        if not math.isfinite(longest):
            return None
        y = y + step / max(1.0, longest) if bath else _stepped(problem, y[None], step[None])[0]
        if longest <= _TIGHT or (longest < 1e-9 and longest >= best):
            return y if _plausible(problem, y) else None
        stalled = stalled + 1 if longest >= best else 0
        if stalled > 40:
            return None
        best = min(best, longest)
    return None


def _deflating(y: Any, step: Any, known: Sequence[Any]) -> float:
    """Return the factor by which deflation lengthens, shortens or turns Newton's step.

    With m the product of 1 + 1/distance^2 it is 1/(1 - grad(ln m).step).
    """
    slope = 0.0
    for root in known:
        away = y - root
        square = float(away @ away)
        if square == 0.0:
            return 1.0
        slope -= 2.0 * float(away @ step) / (square * (1.0 + square))
    return 1.0 / (1.0 - slope) if slope != 1.0 else 1.0


def _deflated(problem: SteadyProblem, roots: list[Any]) -> None:
    """Add what is found from the own start when every known root is deflated away."""
    while len(roots) < _MOST_DEFLATED:
        found = _newton(problem, problem.start, roots)
        polished = None if found is None else _newton(problem, found)
        if polished is None or not _keep(roots, polished):
            return


def _plausible(problem: SteadyProblem, y: Any) -> bool:
    """Whether a root is a state: space and ions left on both sides, volume and V within reason."""
    if abs(y[0]) > 50.0:
        return False
    if not np.abs(problem.residual(y)[0]).max() <= _BALANCED:
        return False  # steps can be short without anything being balanced
    found = problem.unscaled(y)
    if not problem.room(y) > 0.0:
        return False
    one_ion = _ONE_ION_AMOL / found.get("volume", problem.values["volume"])  # mM
    if any(found[f"inside.{ion}"] < one_ion for ion in problem.closure.free):
        return False
    return all(math.isfinite(value) and value < 1e12 for value in found.values())


def _keep(roots: list[Any], found: Any) -> bool:
    """Add a root that is not there yet; return whether it was new."""
    new = not any(np.abs(found - root).max() < _SAME for root in roots)
    if new:
        roots.append(found)
    return new


def _sweep(problem: SteadyProblem, roots: list[Any], base: Any) -> None:
    """Add the roots on the branch of a base."""
    for y in _swept(problem, base):
        found = _newton(problem, y)
        if found is not None:
            _keep(roots, found)


def _swept(problem: SteadyProblem, base: Any) -> list[Any]:
    """Return starts near the voltages where the charge left over changes sign.

    Args:
        problem: steady ions.
        base: scaled unknowns to start from at every voltage, shape (n,).
    """
    low, high, count = _SWEEP_MV
    voltages = np.linspace(low, high, count) / problem.thermal
    y = np.tile(base, (count, 1))
    y[:, 0] = voltages
    row = problem.charge_row
    settled = _settle(problem, y, np.arange(count), _STEPS)
    # Far from the start Newton's steps may get lost; a neighbour that settled is a better start.
    while settled.any() and not settled.all():
        beside = [i + 1 if i + 1 < count and settled[i + 1] else i - 1 for i in range(count)]
        edge = [i for i in range(count) if not settled[i] and beside[i] >= 0 and settled[beside[i]]]
        y[edge, 1:] = y[[beside[i] for i in edge], 1:]
        settled[edge] = _settle(problem, y, np.array(edge), _CARRIED_STEPS)
        if not settled[edge].any():
            break
    left = problem.residual_many(y)[0][:, row]
    left = np.where(settled, left, np.nan)
    found = []
    for i in range(count - 1):
        if np.isfinite(left[i]) and np.isfinite(left[i + 1]):
            if np.sign(left[i]) != np.sign(left[i + 1]):
                share = left[i] / (left[i] - left[i + 1])
                found.append(y[i] + share * (y[i + 1] - y[i]))
        elif np.isfinite(left[i]) != np.isfinite(left[i + 1]):
            found.append(y[i] if np.isfinite(left[i]) else y[i + 1])
    return found


def _with_room(problem: SteadyProblem, y: Any) -> Any:
    """Return the states whose ions are no more than there are, after lowering what is too much."""
    if problem.compartments.outside_volume is None:
        return y
    for position, name in enumerate(problem.names):
        if name.startswith("inside."):
            total = problem.values[f"total.{name.removeprefix('inside.')}"]
            most = math.log(_MOST_INSIDE * total / problem.values["volume"])
            y[:, position] = np.minimum(y[:, position], most)
    return y[problem.room(y) > 0.0]


def _settle(problem: SteadyProblem, y: Any, rows: Any, steps: int) -> Any:
    """Solve all but the charge balance at the given rows' voltages, in place.

    Args:
        problem: steady ions.
        y: scaled unknowns, shape (count, n).
        rows: which to solve, shape (m,).
        steps: how many Newton steps at most.

    Returns:
        Which of them are solved, shape (m,).
    """
    others = [i for i in range(y.shape[1]) if i != problem.charge_row]
    settled = np.zeros(len(rows), dtype=bool)
    for _ in range(steps):
        values, jacobian = problem.residual_many(y[rows])
        step = _solved(jacobian[:, others, 1:], -values[:, others])
        longest = np.abs(step).max(axis=1)
        fine = np.isfinite(longest)
        step = np.concatenate([np.zeros((len(rows), 1)), step], axis=1)
        y[rows[fine]] = _stepped(problem, y[rows[fine]], step[fine])
        settled = fine & (longest < 1e-9)
        if settled.all():
            break
    return settled


def _random_starts(problem: SteadyProblem, count: int, seed: int) -> list[Any]:
    """Return where many random starts stand after Newton steps taken together."""
    draw = np.random.default_rng(seed)
    size = len(problem.start)
    y = np.empty((count, size))
    y[:, 0] = draw.uniform(-120.0, 40.0, count) / problem.thermal
    for position, name in enumerate(problem.names[1:], start=1):
        if name == "volume":
            y[:, position] = draw.uniform(-1.0, 1.0, count)
        elif name.startswith("inside."):
            around = problem.start[position]
            y[:, position] = np.clip(
                np.where(
                    draw.random(count) < 0.5,
                    around + draw.normal(0.0, 1.0, count),
                    draw.uniform(math.log(1.0), math.log(200.0), count),
                ),
                *_BOUNDS,
            )
        else:
            y[:, position] = problem.start[position] + draw.normal(0.0, 3.0, count)
    y = _with_room(problem, y)
    for _ in range(25):
        values, jacobian = problem.residual_many(y)
        step = _solved(jacobian, -values)
        longest = np.abs(step).max(axis=1)
        fine = np.isfinite(longest)
        if not fine.any():
            return []
        y, step, longest = y[fine], step[fine], longest[fine]
        y = _stepped(problem, y, step)
        if (longest < 1e-6).all():
            break
    close = longest < 1e-2
    distinct: list[Any] = []
    for candidate in y[close]:
        if not any(np.abs(candidate - kept).max() < 1e-4 for kept in distinct):
            distinct.append(candidate)
    return distinct


def _stepped(problem: SteadyProblem, y: Any, step: Any) -> Any:
    """Return where a step leads, shortened so that nothing changes more than e-fold or runs out.

    Args:
        problem: steady ions; in a finite space outside an ion can run out.
        y: scaled unknowns, shape (members, n).
        step: Newton's, shape (members, n).
    """
    share = 1.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1.0)  # (members, 1)
    if problem.compartments.outside_volume is not None:
        for _ in range(_HALVINGS):
            out = ~(problem.room(y + share * step) > 0.0)
            if not out.any():
                break
            share[out] *= 0.5
    return y + share * step


def _solved(matrices: Any, right: Any) -> Any:
    """Return the solutions of many linear systems, nan where one is singular."""
    try:
        return np.linalg.solve(matrices, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        found = np.full(right.shape, np.nan)
        for i, (matrix, vector) in enumerate(zip(matrices, right, strict=True)):
            try:
                found[i] = np.linalg.solve(matrix, vector)
            except np.linalg.LinAlgError:
                continue
        return found


def _result(
    problem: SteadyProblem, roots: list[Any], status: Any, message: str, guarantee: str
) -> Equilibria:
    return Equilibria(
        problem=problem,
        states=tuple(SteadyState(problem, y) for y in roots),
        status=status,
        guarantee=guarantee,
        message=message,
        solver="solvers.newton",
    )
