"""Clamped ions: every zero of the steady-state I-V curve in a range.

The curve and its slope are sampled together. An interval is settled when the cubic through values
and slopes is far from zero, or crosses it once and steeply; every other interval is halved. Steep
exponentials are sampled where they are steep. With `prove`, interval arithmetic then shows that
nothing was missed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pumpleak import Equilibria, RestingState

from .polish import polished
from .pools import solve_with_pools
from .prove import prove_complete

if TYPE_CHECKING:
    from pumpleak import ClampedProblem

_POINTS = 129
_HALVINGS = 60
_MOST_INTERVALS = 200_000
_AROUND_STEEP = np.array([-30, -15, -8, -4, -2, -1, 0, 1, 2, 4, 8, 15, 30], dtype=float)
_ROUNDING = 1e-13
#: A current that is still this share of all currents where its sign changes has jumped.
_JUMP = 1e-6
#: A current this close to zero, over its slope and the voltage, has arrived.
_CLOSE = 1e-12
#: Nearer than this a zero's current is smaller, and a pole's larger; mV.
_BESIDE = 1e-7
_JUMP_STEP = 1e-13


def solve(problem: ClampedProblem, *, prove: bool = False) -> Equilibria:
    """Find every resting state.

    Args:
        problem: clamped ions.
        prove: whether to prove by interval arithmetic that none was missed.

    Returns:
        All resting states, with status and guarantee.
    """
    if problem.has_pools:
        return solve_with_pools(problem)
    voltage = _samples(problem)
    current, slope = problem.total(voltage)
    finite = np.isfinite(current) & np.isfinite(slope)
    if not finite.all():
        if finite.sum() < 2 or not _only_poles(finite):
            return _unphysical(problem, voltage[~finite])
        voltage, current, slope = voltage[finite], current[finite], slope[finite]
    if not current.any():
        return _finished(
            problem,
            [],
            "unphysical",
            "no current flows at any voltage; every density is zero, so nothing holds the voltage",
        )
    brackets, touching, settled = refined(problem.total, voltage, current, slope)
    roots = [polished(problem.total_at, *bracket) for bracket in brackets]
    roots += [found for found in touching if _is_zero(problem, found)]
    roots, jumps = _apart(problem, _distinct(roots))
    guarantee = f"searched [{problem.low:g}, {problem.high:g}] mV"
    if not settled:
        guarantee = "local"
    if prove:
        proof = prove_complete(problem, roots)
        roots, guarantee = proof.roots, proof.guarantee
    if jumps and not roots:
        return _finished(problem, [], "unphysical", _jumping(problem, jumps[0]), guarantee)
    if not roots:
        return _none(problem, current, guarantee)
    message = "; ".join([_found(roots, problem), *(_jumping(problem, at) for at in jumps)])
    return _finished(problem, roots, "found", message, guarantee)


def _samples(problem: ClampedProblem) -> Any:
    """Return voltages to begin with: even, and close together where exponentials are steep."""
    spacing = (problem.high - problem.low) / (_POINTS - 1)
    base = np.linspace(problem.low, problem.high, _POINTS)
    steep = [
        centre + width * _AROUND_STEEP
        for centre, width in problem.landmarks()
        if width < 2.0 * spacing and problem.low < centre < problem.high
    ]
    if not steep:
        return base
    every = np.unique(np.concatenate([base, *steep]))
    return every[(every >= problem.low) & (every <= problem.high)]


def refined(
    total: Callable[[Any], tuple[Any, Any]], voltage: Any, current: Any, slope: Any
) -> tuple[list[tuple[float, float]], list[float], bool]:
    """Halve intervals until each is settled.

    Args:
        total: current and slope at many voltages.
        voltage: samples in order, mV, shape (n,).
        current: there, pA, shape (n,).
        slope: there, nS, shape (n,).

    Returns:
        Brackets with one crossing each; points where the curve may touch zero; whether every
        interval was settled.
    """
    brackets: list[tuple[float, float]] = []
    touching = [float(v) for v in voltage[current == 0.0]]
    a, b = voltage[:-1], voltage[1:]
    fa, fb, da, db = current[:-1], current[1:], slope[:-1], slope[1:]
    for _ in range(_HALVINGS):
        width = b - a
        secant = (fb - fa) / width
        bend = np.maximum(np.abs(da - secant), np.abs(db - secant))
        crosses = np.signbit(fa) != np.signbit(fb)
        steep = (
            (np.sign(da) == np.sign(secant))
            & (np.sign(db) == np.sign(secant))
            & (bend < 0.8 * np.abs(secant))
        )
        clear = np.minimum(np.abs(fa), np.abs(fb)) > bend * width
        done = np.where(crosses, steep, clear) | (fa == 0.0) & (fb == 0.0)
        good = crosses & done
        brackets += zip(a[good].tolist(), b[good].tolist(), strict=True)
        open_ = ~done
        if not open_.any():
            return brackets, touching, True
        a, b, fa, fb, da, db = (item[open_] for item in (a, b, fa, fb, da, db))
        middle = 0.5 * (a + b)
        narrow = (middle <= a) | (middle >= b) | (b - a < 1e-12 * np.maximum(1.0, np.abs(a)))
        if narrow.any():
            changed = np.signbit(fa[narrow]) != np.signbit(fb[narrow])
            brackets += zip(a[narrow][changed].tolist(), b[narrow][changed].tolist(), strict=True)
            touching += middle[narrow][~changed].tolist()
            wide = ~narrow
            a, b, fa, fb, da, db, middle = (item[wide] for item in (a, b, fa, fb, da, db, middle))
            if not a.size:
                return brackets, touching, True
        fm, dm = total(middle)
        finite = np.isfinite(fm) & np.isfinite(dm)
        if not finite.all():
            # A removable pole of the author's formula: step off it.
            middle = np.where(finite, middle, middle + 1e-3 * (b - a))
            fm, dm = total(middle)
        touching += middle[fm == 0.0].tolist()
        a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        fa, fb = np.concatenate([fa, fm]), np.concatenate([fm, fb])
        da, db = np.concatenate([da, dm]), np.concatenate([dm, db])
        if a.size > _MOST_INTERVALS:
            break
    return brackets, touching, False


def _is_zero(problem: ClampedProblem, voltage: float) -> bool:
    return abs(problem.total_at(voltage)[0]) <= _ROUNDING * problem.gross(voltage)


def _apart(problem: ClampedProblem, found: list[float]) -> tuple[list[float], list[float]]:
    """Return where the current vanishes, and where it only jumps from one sign to the other."""
    roots: list[float] = []
    jumps: list[float] = []
    for voltage in found:
        here, slope = problem.total_at(voltage)
        beside = abs(problem.total_at(voltage + _BESIDE)[0])
        close = abs(here) <= _CLOSE * abs(slope) * max(1.0, abs(voltage))
        if close and abs(here) <= beside:
            roots.append(voltage)
            continue
        step = _JUMP_STEP * max(1.0, abs(voltage))
        a, b = problem.total_at(voltage - step)[0], problem.total_at(voltage + step)[0]
        if a * b < 0.0 and abs(here) > beside + 1e-6 * problem.gross(voltage + _BESIDE):
            jumps.append(voltage)  # the current grows towards it: a pole, not a zero
            continue
        around = [abs(problem.total_at(voltage + side)[0]) for side in (-1.0, 1.0)]
        reach = 2.0 * abs(slope) * step + _JUMP * max(problem.gross(voltage), *around)
        is_jump = a * b < 0.0 and abs(here) > reach
        (jumps if is_jump else roots).append(voltage)
    return roots, jumps


def _jumping(problem: ClampedProblem, voltage: float) -> str:
    """Return the sentence on a jump across zero, with the mechanism that jumps most."""
    step = _JUMP_STEP * max(1.0, abs(voltage))
    before, after = problem.currents(voltage - step), problem.currents(voltage + step)
    label, ion = max(before, key=lambda key: abs(after[key] - before[key]))
    owner = problem.membrane.owner_of(problem.membrane.mechanism(label))
    return (
        f"{owner}: its current of {ion} jumps at {voltage:.6g} mV, and the total across zero with "
        "it, so nothing balances there; join the branches of its formula, or take out its pole"
    )


def _distinct(roots: list[float]) -> list[float]:
    kept: list[float] = []
    for root in sorted(roots):
        if not kept or root - kept[-1] > 1e-11 * max(1.0, abs(root)):
            kept.append(root)
    return kept


def _only_poles(finite: Any) -> bool:
    """Whether what is not finite stands alone, as a removable 0/0 does."""
    lost = np.flatnonzero(~finite)
    return bool(lost.size <= 8 and (lost.size < 2 or np.diff(lost).min() > 1))


def _finished(
    problem: ClampedProblem, roots: list[float], status: Any, message: str, guarantee: str = "local"
) -> Equilibria:
    return Equilibria(
        problem=problem,
        states=tuple(RestingState(problem, root) for root in roots),
        status=status,
        guarantee=guarantee,
        message=message,
        solver="solvers.scan",
    )


def _found(roots: list[float], problem: ClampedProblem) -> str:
    edge = 1e-6 * (problem.high - problem.low)
    if roots[0] - problem.low < edge or problem.high - roots[-1] < edge:
        return "a resting state lies at the edge of the range; widen the range"
    return f"{len(roots)} resting state{'s' if len(roots) > 1 else ''}"


def _none(problem: ClampedProblem, current: Any, guarantee: str) -> Equilibria:
    direction = "outward" if current[0] > 0 else "inward"
    return _finished(
        problem,
        [],
        "none in range",
        f"the total current is {direction} throughout [{problem.low:g}, {problem.high:g}] mV "
        f"(smallest {np.abs(current).min():.3g} pA); widen the range, or give a mechanism that "
        f"carries {'inward' if current[0] > 0 else 'outward'} current",
        guarantee,
    )


def _unphysical(problem: ClampedProblem, where: Any) -> Equilibria:
    voltage = float(where[len(where) // 2])
    guilty = [
        f"{label} ({ion})"
        for (label, ion), value in problem.currents(voltage).items()
        if not np.isfinite(value)
    ]
    names = sorted({name.split(" ")[0] for name in guilty})
    owners = ", ".join(problem.membrane.owner_of(problem.membrane.mechanism(n)) for n in names)
    return _finished(
        problem,
        [],
        "unphysical",
        f"{owners or 'a mechanism'}: the current of {', '.join(guilty) or 'the sum'} is not a "
        "finite "
        f"number at {voltage:g} mV; correct its formula or narrow the range",
    )
