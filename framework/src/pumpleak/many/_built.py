"""Programs that have been built, so that membranes of one structure share them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ._fold import Powers
from ._machine import Machine
from ._program import Program
from ._start import Fit

_MOST = 64


@attrs.frozen(kw_only=True, eq=False)
class Built:
    """A program as machine code, with what it supposes and how its start is fitted.

    Args:
        machine: runs it.
        powers: what the slopes of its exponentials must be; None if it supposes nothing.
        fit: of its start.
        names: of its unknowns.
    """

    machine: Machine
    powers: Powers | None
    fit: Fit
    names: tuple[str, ...]

    @property
    def program(self) -> Program:
        """What is computed."""
        return self.machine.program


_KNOWN: dict[tuple[Any, ...], list[Built]] = {}


def shared(key: tuple[Any, ...], values: Mapping[str, float], build: Callable[[], Built]) -> Built:
    """Return a program that holds for these values, built if there is none.

    Args:
        key: the structure; what it holds of equations stays alive, so that identities stay unique.
        values: of every leaf at the membrane's own rest.
        build: makes one for these values.
    """
    known = _KNOWN.setdefault(key, [])
    for built in known:
        if built.powers is None or built.powers.hold(values):
            return built
    made = build()
    known.append(made)
    while len(_KNOWN) > _MOST:
        _KNOWN.pop(next(iter(_KNOWN)))
    return made
