"""Everything that is wrong with what a user wrote, told at once and by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from .._errors import CompositionError, FileError, PumpleakError, UnitError, near

_FIELD = re.compile(r"[^\W\d][\w.\[\]]*: ")

#: Short for the sides, as in the columns of a population.
_ENDS = {"in": "inside", "out": "outside"}

LONGEST_NAME = 60


class Problems:
    """Collects everything that is wrong, so that a user mends a file in one go."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, path: str, sentence: str) -> None:
        """Put down one sentence about the field at `path`."""
        path = clipped(path)
        self.found.append(f"{path}: {sentence}" if path else sentence)

    @contextmanager
    def at(self, path: str, *, joint: str | None = None) -> Iterator[None]:
        """Put what is raised within under `path`; a message that opens with a field goes on."""
        try:
            yield
        except FileError as error:
            self.found += [f"{path}.{problem}" if path else problem for problem in error.problems]
        except PumpleakError as error:
            text = str(error)
            if not path:
                self.found.append(text)
                return
            self.found.append(f"{path}{joint or _joint(text)}{text}")


def _joint(text: str) -> str:
    """Return what stands between a path and a message, which may open with a field of it."""
    return "." if _FIELD.match(text) else ": "


@contextmanager
def under(path: str, *, joint: str | None = None) -> Iterator[None]:
    """Put the path of a field before what is raised within, as `Problems.at` puts it down.

    What a file or a mechanism's own physics is blamed for stands elsewhere, and is left alone.
    """
    try:
        yield
    except FileError:
        raise
    except (CompositionError, UnitError) as error:
        text = str(error)
        raise type(error)(f"{path}{joint or _joint(text)}{text}") from error


def clipped(name: str) -> str:
    """Return a name as messages show it."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def short(value: object) -> str:
    """Return a value as messages show it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def near_value(name: str, known: Collection[str]) -> str:
    """Return a hint at a value's name, for ``"K.out"`` and ``"outside.potassium"`` too.

    >>> near_value("K.out", ["outside.K", "inside.K"])
    " (did you mean 'outside.K'?)"
    """
    from ._lookup import near_ion

    ion, _, end = name.rpartition(".")
    side = _ENDS.get(end)
    if side is None:
        side, _, ion = name.partition(".")
    head = f"{side}."
    ions = [item.removeprefix(head) for item in known if item.startswith(head)]
    if ion in ions:
        return f" (did you mean {head + ion!r}?)"
    if head[:-1] in _ENDS.values() and (hint := near_ion(ion, ions)):
        return hint.replace("'", f"'{head}", 1)
    return near(name, known)
