"""Two small sound solvers, and what can be wrong with one."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

import attrs
import numpy as np

from ...equilibria._equilibria import Equilibria, RestingState, Status
from ...equilibria._problem import ClampedProblem
from ...equilibria._steady import SteadyProblem
from ...equilibria._steady_state import SteadyState
from ...host import SolverRecord
from ._mutant import Mutant, Specimen

_POINTS: Final = 351
_STEPS: Final = 60
_STARTS_MV: Final = np.linspace(-120.0, 60.0, 37)
_LATE_MS: Final = 1e8
_GROWN: Final = 2.0
_MOST_MV: Final = 1e4


def solver_record(thing: Any, mode: str, guarantee: str = "searched") -> SolverRecord:
    """Return what a plugin would register a solver with."""
    name = thing.__name__
    return SolverRecord(
        name=name,
        factory=f"{__name__}:{name}",
        summary="for checks",
        mode=mode,
        guarantee=guarantee,
    )


# --- sound ---------------------------------------------------------------------------------------


def grid(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Find resting states on a grid that every turn of the curve is added to."""
    voltage = np.linspace(problem.low, problem.high, _POINTS)
    current, slope = problem.total(voltage)
    if not np.isfinite(current).any() or not current.any():
        return _clamped(problem, [], "unphysical", "no current flows, or none that is a number")
    turns = [_halved(problem, low, high, 1) for low, high in _changes(voltage, slope)]
    voltage = np.unique(np.concatenate([voltage, turns]))
    current, _ = problem.total(voltage)
    roots = [float(v) for v in voltage[current == 0]]
    jumps = 0
    for low, high in _changes(voltage, current):
        root = _halved(problem, low, high, 0)
        if abs(problem.total_at(root)[0]) <= 1e-9 * problem.gross(root + 1.0):
            roots.append(root)
        else:
            jumps += 1
    if roots:
        return _clamped(problem, sorted(roots), "found", f"{len(roots)} resting states")
    if jumps:
        return _clamped(problem, [], "unphysical", "the current jumps across zero; join its parts")
    return _clamped(problem, [], "none in range", "the current keeps its sign; widen the range")


def _changes(voltage: Any, values: Any) -> list[tuple[float, float]]:
    """Return the intervals over which values change their sign."""
    at = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0)
    return [(float(voltage[i]), float(voltage[i + 1])) for i in at]


def _halved(problem: ClampedProblem, low: float, high: float, which: int) -> float:
    """Return where the current (0) or its slope (1) changes sign, to the last bit."""
    negative = problem.total_at(low)[which] < 0
    while (middle := 0.5 * (low + high)) not in (low, high):
        if (problem.total_at(middle)[which] < 0) == negative:
            low = middle
        else:
            high = middle
    return min((low, high), key=lambda v: abs(problem.total_at(v)[which]))


def _clamped(
    problem: ClampedProblem, roots: list[float], status: Status, message: str
) -> Equilibria:
    return Equilibria(
        problem=problem,
        states=tuple(RestingState(problem, root) for root in roots),
        status=status,
        guarantee=f"searched [{problem.low:g}, {problem.high:g}] mV",
        message=message,
        solver="kit.grid",
    )


def many_starts(problem: SteadyProblem, *, starts: int = 64, seed: int = 0) -> Equilibria:
    """Find steady states by Newton's method from many voltages."""
    roots: list[Any] = []
    for v in (None, *_STARTS_MV):
        y = np.array(problem.start)
        if v is not None:
            y[0] = v / problem.thermal
        found = _newton(problem, y)
        if found is not None and all(np.abs(found - root).max() > 1e-6 for root in roots):
            roots.append(found)
    roots.sort(key=lambda y: float(y[0]))
    message, status = _followed(problem, len(roots))
    return Equilibria(
        problem=problem,
        states=tuple(SteadyState(problem, y) for y in roots),
        status=status,
        guarantee=f"searched: {len(_STARTS_MV) + 1} starts",
        message=message,
        solver="kit.many-starts",
    )


def _newton(problem: SteadyProblem, y: Any) -> Any:
    for _ in range(_STEPS):
        values, jacobian = problem.residual(y)
        try:
            step = np.linalg.solve(jacobian, -values)
        except np.linalg.LinAlgError:
            return None
        longest = float(np.abs(step).max())
        if not math.isfinite(longest):
            return None
        y = y + step / max(1.0, longest)
        if longest < 1e-12:
            state = problem.unscaled(y)
            lowest = min(value for name, value in state.items() if name.startswith("inside."))
            return y if abs(state["V"]) < 300.0 and lowest > 1e-6 else None
    return None


def _followed(problem: SteadyProblem, count: int) -> tuple[str, Status]:
    """Return (message, status); where no state was found, by what the cell does in time."""
    from scipy.integrate import solve_ivp

    if count:
        return f"{count} steady states", "found"
    movement = problem.movement
    states = ClampedProblem(problem.membrane).states(float(problem.start[0]) * problem.thermal)
    start = movement.variables(problem.unscaled(problem.start), states)
    end = solve_ivp(
        lambda _, x: movement.rates(x), (0.0, _LATE_MS), start, method="LSODA", rtol=1e-6
    )
    if "volume" in movement.names:
        place = movement.names.index("volume")
        if end.y[place, -1] > _GROWN * start[place]:
            return "volume grows without bound; give the cell a pump", "runs away"
    if not abs(movement.voltage(end.y[:, -1])) < _MOST_MV:
        return "V runs away: let the ion that must carry the charge be free", "runs away"
    return "no steady state was found; try other starts", "not converged"


SOUND: Final = (
    Specimen(thing=grid, record=solver_record(grid, "clamped")),
    Specimen(thing=many_starts, record=solver_record(many_starts, "steady")),
)

# --- with one thing wrong ------------------------------------------------------------------------


def first_only(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Stop at the first state."""
    found = grid(problem)
    return attrs.evolve(found, states=found.states[:1])


def own_start(problem: SteadyProblem, *, starts: int = 64, seed: int = 0) -> Equilibria:
    """Look no further than the membrane's own start leads."""
    found = many_starts(problem)
    root = _newton(problem, np.array(problem.start))
    if root is None:
        return found
    return attrs.evolve(found, states=(SteadyState(problem, root),))


def shrugs(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Say 'not converged' wherever there is nothing to find."""
    found = grid(problem)
    return found if found.states else attrs.evolve(found, status="not converged")


def invents(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Return a state where the current only jumps."""
    found = grid(problem)
    if found.status != "unphysical":
        return found
    return attrs.evolve(found, states=(RestingState(problem, -40.0),), status="found")


def never_runs_away(problem: SteadyProblem, *, starts: int = 64, seed: int = 0) -> Equilibria:
    """Say 'not converged' of a cell that swells for ever."""
    found = many_starts(problem)
    return found if found.states else attrs.evolve(found, status="not converged")


def boasts(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Promise a proof that nobody made."""
    found = grid(problem)
    return attrs.evolve(found, guarantee=found.guarantee.replace("searched", "proved complete in"))


def skips(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Say that the whole range was searched, and leave a state out."""
    found = grid(problem)
    return attrs.evolve(found, states=found.states[-1:])


def modest(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Deliver less than its record promises."""
    return attrs.evolve(grid(problem), guarantee="local")


def rough(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Leave states unpolished."""
    found = grid(problem)
    states = tuple(RestingState(problem, state.V_mV + 5e-7) for state in found)
    return attrs.evolve(found, states=states)


class _Optimist(RestingState):
    kind = "stable"


def optimist(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Call every state stable."""
    found = grid(problem)
    states = tuple(_Optimist(problem, state.V_mV) for state in found)
    return attrs.evolve(found, states=states)


_COUNT: Final = itertools.count()


def drifts(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Remember how often it was called."""
    found, shift = grid(problem), 1e-13 * next(_COUNT)
    states = tuple(RestingState(problem, state.V_mV + shift) for state in found)
    return attrs.evolve(found, states=states)


def narrows(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Write into the problem."""
    found = grid(problem)
    problem.low += 1.0
    return found


def backward(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Return the highest voltage first."""
    found = grid(problem)
    return attrs.evolve(found, states=found.states[::-1])


def anonymous(problem: SteadyProblem, *, starts: int = 64, seed: int = 0) -> Equilibria:
    """Do not say who solved it."""
    return attrs.evolve(many_starts(problem), solver="")


def _mutant(code: str, wrong: str, thing: Any, mode: str, guarantee: str = "searched") -> Mutant:
    return Mutant(code=code, wrong=wrong, thing=thing, record=solver_record(thing, mode, guarantee))


MUTANTS: Final = (
    _mutant("C090", "stops at the first state", first_only, "clamped"),
    _mutant("C090", "tries one start", own_start, "steady"),
    _mutant("C091", "'not converged' for everything", shrugs, "clamped"),
    _mutant("C091", "a state where the current jumps", invents, "clamped"),
    _mutant("C091", "does not see a cell swell", never_runs_away, "steady"),
    _mutant("C092", "a proof that nobody made", boasts, "clamped"),
    _mutant("C092", "a range that holds a state it missed", skips, "clamped"),
    _mutant("C092", "less than its record promises", modest, "clamped"),
    _mutant("C092", "a proof in its record alone", grid, "clamped", "proved complete"),
    _mutant("C093", "unpolished states", rough, "clamped"),
    _mutant("C093", "every state stable", optimist, "clamped"),
    _mutant("C094", "a memory", drifts, "clamped"),
    _mutant("C095", "writes into the problem", narrows, "clamped"),
    _mutant("C096", "the wrong order", backward, "clamped"),
    _mutant("C096", "no name", anonymous, "steady"),
)
