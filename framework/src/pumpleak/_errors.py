"""The exception tree.

PumpleakError
├── UnitError            a quantity that cannot be read, or has the wrong dimension
├── LockError            what is installed is not what a lock file says; carries every problem
├── FileError            a membrane file that does not say what it must; carries every problem found
│   └── CardError        … a mechanism card
├── EquationError        the text of an equation that a card's grammar refuses
├── CompositionError     parts that do not make a membrane
├── PhysicsError         a mechanism's function returned something impossible
│   └── DimensionError   … two terms of different dimension
├── PluginError          a plugin, or a name that no plugin supplies
│   └── UnknownNameError … with near names
└── SolverError          a problem that a solver refuses before it starts

A solve that does not succeed is a result (`Equilibria.status`), never an exception.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PumpleakError(Exception):
    """Base of every error that pumpleak raises on purpose."""


class UnitError(PumpleakError, ValueError):
    """A quantity that cannot be read, or has the wrong dimension."""


class CompositionError(PumpleakError, ValueError):
    """Parts that do not make a membrane."""


class FileError(PumpleakError, ValueError):
    """A membrane file that does not say what it must.

    Args:
        problems: one sentence each, beginning with the field's path.
        path: the file, if there is one.
    """

    def __init__(self, problems: Iterable[str], path: str | None = None) -> None:
        self.problems = tuple(problems)
        self.path = path
        head = f"{path}: " if path else ""
        count = len(self.problems)
        if count == 1:
            super().__init__(head + self.problems[0])
        else:
            lines = "".join(f"\n  - {problem}" for problem in self.problems)
            super().__init__(f"{head}{count} problems{lines}")


class LockError(PumpleakError):
    """What is installed is not what a lock file says, or there is no such lock file.

    Args:
        problems: one sentence each.
        path: the lock file, if what is installed differs from it.
    """

    def __init__(self, problems: Iterable[str], path: str | None = None) -> None:
        self.problems = tuple(problems)
        self.path = path
        several = len(self.problems) > 1
        head = f"{path} does not fit what is here:{'' if several else ' '}" if path else ""
        lines = [f"\n  - {problem}" for problem in self.problems] if several else self.problems
        super().__init__(head + "".join(lines))


class CardError(FileError):
    """A mechanism card that does not say what it must, or says it unsafely."""


class EquationError(PumpleakError, ValueError):
    """The text of an equation that the grammar of cards, or a bound, refuses."""


class PhysicsError(PumpleakError, ValueError):
    """A mechanism's function returned something impossible."""


class DimensionError(PhysicsError):
    """Two terms of different dimension, or a result of the wrong one."""


class PluginError(PumpleakError):
    """A plugin that cannot be used, with the reason."""


class UnknownNameError(PluginError, KeyError):
    """A name that no plugin supplies, with near names."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class SolverError(PumpleakError, ValueError):
    """A problem that a solver refuses before it starts."""


def near(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` if a known name resembles `name`, else an empty string.

    >>> near("sodum", ["sodium", "potassium"])
    " (did you mean 'sodium'?)"
    """
    names = {str(item) for item in known}
    by_fold = {item.casefold(): item for item in sorted(names)}
    folded = str(name).casefold()
    hits = [item for item in by_fold if len(folded) > 1 and item.startswith(folded)]
    hits = hits[:1] or difflib.get_close_matches(folded, list(by_fold), n=1, cutoff=0.6)
    return f" (did you mean {by_fold[hits[0]]!r}?)" if hits else ""
