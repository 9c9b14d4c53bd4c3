"""Strict reading of a card's tables: each key is asked for, and what is left over is refused."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from .._errors import EquationError, PumpleakError, near
from ..membranes._problems import Problems, clipped, short
from ..units._quantity import Quantity, quantity
from ._limits import CARD_NODES, ENTRIES, PROBLEMS, PROSE_CHARS
from ._parse import is_name, parse
from ._tree import Node, size

Made = TypeVar("Made")


class Reading:
    """One card being read: everything found wrong, and how many nodes its equations have."""

    def __init__(self) -> None:
        self.problems = Problems()
        self._nodes = 0

    @property
    def hopeless(self) -> bool:
        """Whether enough is wrong to tell."""
        return len(self.problems.found) > PROBLEMS

    def equation(self, path: str, text: object) -> Node | None:
        """Return the tree of an equation; None after putting down what is wrong with it."""
        if isinstance(text, int | float) and not isinstance(text, bool):
            self.problems.add(path, f'expected an equation as text, got {text!r}; write "{text}"')
            return None
        if not isinstance(text, str):
            self.problems.add(path, f"expected an equation as text, got {short(text)}")
            return None
        if self._nodes > CARD_NODES or self.hopeless:
            return None
        try:
            node = parse(text)
        except EquationError as error:
            self.problems.add(path, str(error))
            return None
        self._nodes += size(node)
        if self._nodes > CARD_NODES:
            self.problems.add(path, f"more than {CARD_NODES} nodes in all equations of one card")
        return node


class Table:
    """A table, and the path of its fields."""

    def __init__(self, given: object, path: str, reading: Reading, most: int = ENTRIES) -> None:
        self.path, self.reading = path, reading
        self._asked: set[str] = set()
        self._known: set[str] = set()
        self.given: dict[str, Any] = {}
        if isinstance(given, Mapping):
            self.given = dict(given)
        elif given is not None:
            reading.problems.add(path, f"expected a table [{path}], got {short(given)}")
        if len(self.given) > most:
            reading.problems.add(path, f"has {len(self.given)} entries (at most {most})")
            self.given = {}

    def at(self, key: str) -> str:
        """Return the path of a field."""
        # a key of a stranger's could turn text round, or steer a terminal
        shown = key if key.isascii() and key.isprintable() else ascii(key)
        return f"{self.path}.{shown}" if self.path else shown

    def wrong(self, key: str, sentence: str) -> None:
        """Put down what is wrong with a field."""
        self.reading.problems.add(self.at(key), sentence)

    def take(self, key: str) -> Any:
        """Return a field's value as TOML has it; None if it is not there."""
        self._asked.add(key)
        return self.given.get(key)

    def has(self, key: str) -> bool:
        """Return whether a field is there."""
        self._known.add(key)
        return key in self.given

    def prose(self, key: str, *, needed: str = "", lines: bool = True) -> str:
        """Return a text for people; empty if it is not there."""
        value = self.take(key)
        if value is None:
            if needed:
                self.wrong(key, f"missing; {needed}")
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > PROSE_CHARS:
            self.wrong(key, f"expected text, at most {PROSE_CHARS} characters, got {short(value)}")
            return ""
        hidden = [char for char in value if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")]
        if any(char not in "\n\t" for char in hidden):
            self.wrong(key, "has characters that cannot be seen, such as marks that turn text")
            return ""
        if not lines and "\n" in value:
            self.wrong(key, "expected one line of text")
            return ""
        return value

    def truth(self, key: str) -> bool:
        """Return true or false; false if it is not there."""
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, f"expected true or false, got {short(value)}")
        return value is True

    def number(self, key: str) -> int | float | None:
        """Return a finite number; None if it is not there."""
        value = self.take(key)
        if value is None:
            return None
        if not _is_number(value):
            self.wrong(key, f"expected a number, got {short(value)}")
            return None
        found: int | float = value
        return found

    def quantity(self, key: str, dimension: Any) -> Quantity | None:
        """Return a value with its unit; None if it is not there."""
        value = self.take(key)
        if value is None:
            return None
        return self.attempt(key, lambda: quantity(value, dimension))

    def attempt(self, key: str, make: Callable[[], Made]) -> Made | None:
        """Return what `make` gives; None after putting down why it cannot."""
        try:
            return make()
        except PumpleakError as error:
            self.wrong(key, str(error))
            return None

    def equation(self, key: str) -> Node | None:
        """Return an equation; None if it is not there."""
        value = self.take(key)
        return None if value is None else self.reading.equation(self.at(key), value)

    def equations(self, key: str) -> dict[str, Node]:
        """Return a table of equations by name."""
        found = {}
        for name, text in self.table(key).named():
            node = self.reading.equation(f"{self.at(key)}.{clipped(name)}", text)
            if node is not None:
                found[name] = node
        return found

    def table(self, key: str, most: int = ENTRIES) -> Table:
        """Return a table within; empty if it is not there, or has more entries than `most`."""
        return Table(self.take(key), self.at(key), self.reading, most)

    def tables(self, key: str, most: int = ENTRIES) -> Iterator[tuple[str, Table]]:
        """Yield the named tables within a table."""
        for name, value in self.table(key, most).named():
            yield name, Table(value, f"{self.at(key)}.{name}", self.reading)

    def listed(self, key: str, most: int = ENTRIES) -> list[Any]:
        """Return a list; empty if it is not there, or longer than `most`."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            self.wrong(key, f"expected a list of up to {most}, got {short(value)}")
            return []
        return value

    def named(self) -> Iterator[tuple[str, Any]]:
        """Yield all entries of a table whose keys are names; refuse what is no name."""
        for name, value in self.given.items():
            self._asked.add(name)
            if is_name(name):
                yield name, value
            else:
                self.wrong(
                    clipped(ascii(name)),
                    "is no name; a name has ASCII letters, digits and single underscores between "
                    "them, and begins with a letter",
                )

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        known = self._asked | self._known
        for key in self.given:
            if key not in self._asked and not self.reading.hopeless:
                self.wrong(
                    clipped(key),
                    f"unknown field{near(key[:100], known - {key})}; there are "
                    f"{', '.join(sorted(known))}",
                )


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
