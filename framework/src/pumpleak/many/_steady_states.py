"""Every steady state of many members that a search from many starts finds."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._steady_arrays import SteadyArrays

_RANDOM_STARTS = 24
_VOLTAGES_MV = (-120.0, 40.0)
_CONCENTRATIONS_MM = (1.0, 200.0)
#: Two states nearer than this, over a step's size, are one.
_SAME = 1e-6


def starts(own: Any, size: int, ions: int) -> Any:
    """Return where to search from, shape (k, size): the membrane's own states, and random ones.

    Args:
        own: symbols of the membrane's own states, shape (j, size).
        size: how many unknowns there are.
        ions: how many of them are concentrations; they follow V.
    """
    draw = np.random.default_rng(0)
    random = np.tile(own[0], (_RANDOM_STARTS, 1))
    random[:, 0] = draw.uniform(*_VOLTAGES_MV, _RANDOM_STARTS)
    low, high = np.log(_CONCENTRATIONS_MM)
    random[:, 1 : 1 + ions] = draw.uniform(low, high, (_RANDOM_STARTS, ions))
    random[:, 1 + ions :] += draw.normal(0.0, 1.0, (_RANDOM_STARTS, size - 1 - ions))
    return np.concatenate([own, random])


def all_states(arrays: SteadyArrays, begin: Any, members: int) -> tuple[Any, Any]:
    """Return every state that Newton's steps from the starts lead to.

    Args:
        arrays: the members.
        begin: starts, shape (k, n).
        members: how many there are.

    Returns:
        Which member each state is of, in order of member, then voltage, (m,); symbols (m, n).
    """
    rows = np.arange(members)
    size = np.ones(begin.shape[1])
    size[0] = 20.0
    member: list[Any] = []
    found: list[Any] = []
    for start in begin:
        symbols, rests = arrays.newton(np.tile(start, (members, 1)), rows)
        new = rests.copy()
        for of, known in zip(member, found, strict=True):
            near = np.zeros(members, dtype=bool)
            away = np.abs(symbols[of] - known) / size
            near[of] = away.max(axis=1) < _SAME
            new &= ~near
        if new.any():
            member.append(rows[new])
            found.append(symbols[new])
    if not found:
        return np.empty(0, dtype=np.int64), np.empty((0, begin.shape[1]))
    of, states = np.concatenate(member), np.concatenate(found)
    order = np.lexsort((states[:, 0], of))
    return of[order], states[order]
