"""Every zero of many members' steady-state I-V curves, all members together.

The curves and their slopes are sampled on one grid; intervals that the cubic through values and
slopes cannot settle are halved, as for one membrane; crossings are polished in their brackets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from ..equilibria._problem import ClampedProblem

_POINTS = 129
_AROUND_STEEP = np.array([-30, -15, -8, -4, -2, -1, 0, 1, 2, 4, 8, 15, 30], dtype=float)
_HALVINGS = 48
_POLISHING = 120
#: Members taken together, so that memory stays bounded.
_TOGETHER = 4096
#: A current that is still this share of the one nearby has jumped across zero.
_JUMP = 1e-6

Total = Callable[[Any, Any], tuple[Any, Any]]


@attrs.frozen(kw_only=True, eq=False)
class Found:
    """Zeros of many curves.

    Args:
        rows: which member each is of, in order of member, then voltage, shape (m,).
        voltage: mV, shape (m,).
        sound: members whose current is finite wherever it was looked at, and flows, and does not
            only jump across zero, shape (n,).
    """

    rows: Any
    voltage: Any
    sound: Any


def all_zeros(problem: ClampedProblem, total: Total, members: int) -> Found:
    """Return every zero in the range of every member.

    Args:
        problem: gives the range and where exponentials are steep.
        total: current and slope of voltages (m,) at members (m,).
        members: how many there are.
    """
    grid = _grid(problem)
    parts = [
        _zeros(total, grid, np.arange(first, min(first + _TOGETHER, members)))
        for first in range(0, members, _TOGETHER)
    ]
    return Found(
        rows=np.concatenate([part.rows for part in parts]),
        voltage=np.concatenate([part.voltage for part in parts]),
        sound=np.concatenate([part.sound for part in parts]),
    )


def _grid(problem: ClampedProblem) -> Any:
    base = np.linspace(problem.low, problem.high, _POINTS)
    spacing = base[1] - base[0]
    steep = [
        centre + width * _AROUND_STEEP
        for centre, width in problem.landmarks()
        if width < 2.0 * spacing and problem.low < centre < problem.high
    ]
    every = np.unique(np.concatenate([base, *steep]))
    return every[(every >= problem.low) & (every <= problem.high)]


def _zeros(total: Total, grid: Any, members: Any) -> Found:
    count = len(members)
    current, slope = (np.empty((len(grid), count)) for _ in range(2))
    for point, voltage in enumerate(grid):
        current[point], slope[point] = total(np.full(count, voltage), members)
    finite = np.isfinite(current) & np.isfinite(slope)
    # One sample beside a removable 0/0 may be lost; more, and the formula is at fault.
    sound = ((~finite).sum(axis=0) <= 1) & (np.nan_to_num(current) != 0.0).any(axis=0)
    lost = ~finite
    for point in np.flatnonzero(lost.any(axis=1)).tolist():
        beside = grid[point] + 1e-3 * (grid[1] - grid[0])
        again = total(np.full(count, beside), members)
        current[point] = np.where(lost[point], again[0], current[point])
        slope[point] = np.where(lost[point], again[1], slope[point])
    position = np.tile(np.arange(count), len(grid) - 1)
    low = np.repeat(grid[:-1], count)
    high = np.repeat(grid[1:], count)
    ends = (current[:-1].ravel(), current[1:].ravel(), slope[:-1].ravel(), slope[1:].ravel())
    kept = sound[position]
    rows, low, high = position[kept], low[kept], high[kept]
    fa, fb, da, db = (end[kept] for end in ends)
    at_samples = [(rows[fa == 0.0], low[fa == 0.0])]
    brackets = _brackets(total, members, rows, low, high, fa, fb, da, db)
    at, voltage, jumps = _polished(total, members, *brackets)
    rows = np.concatenate([at[~jumps], *(pair[0] for pair in at_samples)])
    voltage = np.concatenate([voltage[~jumps], *(pair[1] for pair in at_samples)])
    sound[np.setdiff1d(at[jumps], rows)] = False
    order = np.lexsort((voltage, rows))
    rows, voltage = rows[order], voltage[order]
    apart = np.ones(len(rows), dtype=bool)
    apart[1:] = (rows[1:] != rows[:-1]) | (
        np.diff(voltage) > 1e-11 * np.maximum(1, abs(voltage[1:]))
    )
    return Found(rows=members[rows[apart]], voltage=voltage[apart], sound=sound)


def _brackets(
    total: Total, members: Any, rows: Any, a: Any, b: Any, fa: Any, fb: Any, da: Any, db: Any
) -> tuple[Any, Any, Any]:
    """Return (row, low, high) of intervals with one crossing each, halving what is not settled."""
    found: list[tuple[Any, Any, Any]] = []
    for halving in range(_HALVINGS):
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
        narrow = width < 1e-12 * np.maximum(1.0, np.abs(a))
        good = crosses & (done | narrow | (halving == _HALVINGS - 1))
        found.append((rows[good], a[good], b[good]))
        left = ~(done | narrow)
        if not left.any():
            break
        rows, a, b, fa, fb, da, db = (item[left] for item in (rows, a, b, fa, fb, da, db))
        middle = 0.5 * (a + b)
        fm, dm = total(middle, members[rows])
        lost = ~(np.isfinite(fm) & np.isfinite(dm))
        if lost.any():
            middle = np.where(lost, middle + 1e-3 * (b - a), middle)
            fm, dm = total(middle, members[rows])
        rows = np.concatenate([rows, rows])
        a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        fa, fb = np.concatenate([fa, fm]), np.concatenate([fm, fb])
        da, db = np.concatenate([da, dm]), np.concatenate([dm, db])
    rows, low, high = (np.concatenate(items) for items in zip(*found, strict=True))
    return rows, low, high


def _polished(total: Total, members: Any, rows: Any, low: Any, high: Any) -> tuple[Any, Any, Any]:
    """Return (row, voltage) of the zero in each bracket, and whether the current only jumps there.

    Newton's steps are kept inside the brackets.
    """
    v = 0.5 * (low + high)
    if not len(rows):
        return rows, v, np.zeros(0, dtype=bool)
    negative = total(low, members[rows])[0] < 0.0
    low, high = low.copy(), high.copy()
    going = np.arange(len(rows))
    before = high - low
    for _ in range(_POLISHING):
        f, d = total(v[going], members[rows[going]])
        lower = (f < 0.0) == negative[going]
        low[going] = np.where(lower, v[going], low[going])
        high[going] = np.where(lower, high[going], v[going])
        with np.errstate(all="ignore"):
            following = v[going] - f / d
        inside = (following > low[going]) & (following < high[going])
        fine = inside & (np.abs(following - v[going]) <= 0.5 * before[going])
        following = np.where(fine, following, 0.5 * (low[going] + high[going]))
        following = np.where(f == 0.0, v[going], following)
        step = np.abs(following - v[going])
        before[going] = step
        v[going] = following
        going = going[step > 2e-16 * np.maximum(np.abs(following), 1e-3)]
        if not len(going):
            break
    here = np.abs(total(v, members[rows])[0])
    around = np.maximum(
        np.abs(total(v - 1.0, members[rows])[0]), np.abs(total(v + 1.0, members[rows])[0])
    )
    return rows, v, ~(here <= _JUMP * around)
