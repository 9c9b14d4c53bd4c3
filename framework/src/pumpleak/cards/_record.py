"""The number system of equations as text: running a mechanism with it writes its equations down.

Operations are kept in the order in which the mechanism does them, so that what is read back
comes to the same number, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._errors import PhysicsError
from ..parts._local import LocalState, Names
from ._limits import NAME_CHARS
from ._parse import is_name
from ._scope import GIVEN, UNITS
from ._tree import (
    Call,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
    number,
    text_of,
)

#: An expression that grows beyond this gets its parts named: code may use one value many times.
_ROOM = 400
_SMALL = 20


class Written:
    """A value known only by how it is written."""

    __slots__ = ("node", "record", "size")

    def __init__(self, node: Node, record: Record, size: int = 1) -> None:
        self.node, self.record, self.size = node, record, size

    def __repr__(self) -> str:
        return text_of(self.node)

    def __bool__(self) -> bool:
        raise PhysicsError(
            f"'{self!r:.60}' decides a Python 'if'; use s.xp.where(condition, then, otherwise)"
        )

    def __add__(self, other: Any) -> Written:
        return self.record.chain(Sum, self, "+", other)

    def __radd__(self, other: Any) -> Written:
        return self.record.chain(Sum, other, "+", self)

    def __sub__(self, other: Any) -> Written:
        return self.record.chain(Sum, self, "-", other)

    def __rsub__(self, other: Any) -> Written:
        return self.record.chain(Sum, other, "-", self)

    def __mul__(self, other: Any) -> Written:
        return self.record.chain(Product, self, "*", other)

    def __rmul__(self, other: Any) -> Written:
        return self.record.chain(Product, other, "*", self)

    def __truediv__(self, other: Any) -> Written:
        return self.record.chain(Product, self, "/", other)

    def __rtruediv__(self, other: Any) -> Written:
        return self.record.chain(Product, other, "/", self)

    def __pow__(self, other: Any) -> Written:
        return self.record.made(Power, self, other)

    def __rpow__(self, other: Any) -> Written:
        return self.record.made(Power, other, self)

    def __neg__(self) -> Written:
        return self.record.made(Negative, self)

    def __pos__(self) -> Written:
        return self

    def __abs__(self) -> Written:
        return self.record.call("absolute", self)

    def __lt__(self, other: Any) -> Written:
        return self.record.compared("<", self, other)

    def __le__(self, other: Any) -> Written:
        return self.record.compared("<=", self, other)

    def __gt__(self, other: Any) -> Written:
        return self.record.compared(">", self, other)

    def __ge__(self, other: Any) -> Written:
        return self.record.compared(">=", self, other)


def node_of(value: Any) -> Node:
    """Return how a value is written.

    Raises:
        PhysicsError: it is no number.
    """
    if isinstance(value, Written):
        return value.node
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    try:
        if isinstance(value, str | bytes):
            raise TypeError("text")
        return number(float(value))
    except (TypeError, ValueError) as error:
        raise PhysicsError(f"expected a number, got {type(value).__name__}") from error


class _Functions:
    """What a mechanism calls as ``s.xp``."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def let(self, x: Any, name: str = "") -> Written:
        return self._record.let(node_of(x), name)

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        if isinstance(condition, bool):
            return then if condition else otherwise
        return self._record.call("where", condition, then, otherwise)

    def __getattr__(self, function: str) -> Any:
        if function not in ("exp", "expm1", "exprelr", "log", "sqrt", "tanh", "absolute",
                            "minimum", "maximum"):  # fmt: skip
            raise AttributeError(f"the number system has no {function!r}", name=function, obj=self)

        def call(*arguments: Any) -> Written:
            return self._record.call(function, *arguments)

        return call


class Record:
    """One recording: names given to intermediate results, and what was asked of the membrane.

    Args:
        taken: names that definitions may not have.
        species: ion records by name, for what looks at ions themselves.
        links: name of a link by the full name of the gate it stands for.
    """

    def __init__(
        self, *, taken: Mapping[str, object], species: Mapping[str, Any], links: Mapping[str, str]
    ) -> None:
        self.definitions: dict[str, Node] = {}
        self.questions: dict[tuple[str, str], None] = {}
        self.links: dict[str, str] = {}
        self._named: dict[Node, str] = {}
        self._taken = {*taken, *GIVEN, "maximum"}
        self._species, self._known_links = species, links

    def let(self, node: Node, name: str = "") -> Written:
        """Give an intermediate result a name; the same one keeps its first name."""
        if isinstance(node, Number | Name):
            return Written(node, self)
        if node not in self._named:
            made = self._unused(name, 0) if is_name(name) else self._unused("x", 1)
            self._named[node] = made
            self.definitions[made] = node
        return Written(Name(self._named[node]), self)

    def made(self, build: Callable[..., Node], *parts: Any) -> Written:
        """Return an operation on values; parts that have grown long are given names."""
        operands = self._operands(parts)
        size = 1 + sum(part.size for part in operands)
        return Written(build(*(part.node for part in operands)), self, size)

    def chain(self, kind: type[Sum | Product], left: Any, sign: str, right: Any) -> Written:
        """Return a sum or product; one that goes on is one longer one."""

        def build(first: Node, second: Node) -> Node:
            if isinstance(first, kind):
                return kind(first.first, (*first.rest, (sign, second)))
            return kind(first, ((sign, second),))

        return self.made(build, left, right)

    def call(self, function: str, *arguments: Any) -> Written:
        """Return a function's value."""
        return self.made(lambda *nodes: Call(function, nodes), *arguments)

    def compared(self, sign: str, left: Any, right: Any) -> Written:
        """Return a condition."""
        return self.made(lambda *nodes: Comparison(sign, *nodes), left, right)

    def _operands(self, parts: Iterable[Any]) -> list[Written]:
        found = [
            part if isinstance(part, Written) else Written(node_of(part), self) for part in parts
        ]
        if sum(part.size for part in found) < _ROOM:
            return found
        return [
            part if part.size < _SMALL or isinstance(part.node, Comparison) else self.let(part.node)
            for part in found
        ]

    def local(self, owner: str, present: Mapping[tuple[str, str], bool]) -> LocalState:
        """Return a local state that hands out names.

        Args:
            owner: for messages.
            present: by (side, ion), whether the membrane has a concentration that is asked about.
        """

        def plain(name: str) -> Written:
            return Written(Name(name), self)

        names: dict[str, Any] = {group: _Group(group, self) for group in ("E", "z", "own")}
        made = LocalState(
            xp=_Functions(self),
            voltage=plain("V"),
            temperature=plain("T"),
            gas=plain("R"),
            faraday=plain("F"),
            thermal=plain("VT"),
            area=plain("area"),
            capacitance=plain("capacitance"),
            inside=_Side("inside", self, present),  # type: ignore[arg-type]
            outside=_Side("outside", self, present),  # type: ignore[arg-type]
            nernst=names["E"],
            species=self._species,
            own=names["own"],
            gates=_Gates(self),
            units={unit: plain(unit) for unit in UNITS},
            owner=owner,
        )
        made.z = names["z"]
        return made

    def link(self, gate: str) -> Written:
        """Return the name for another mechanism's gate."""
        if gate not in self.links:
            self.links[gate] = self._known_links.get(gate) or self._unused(
                gate.replace(".", "_").replace("-", "_"), 0
            )
        return Written(Name(self.links[gate], "links"), self)

    def _unused(self, stem: str, number: int) -> str:
        stem = stem[: NAME_CHARS - 6].rstrip("_")
        made = f"{stem}{number}" if number else stem
        while made in self._taken or made in self.definitions or made in self.links.values():
            number += 1
            made = f"{stem}{number}"
        return made


class _Group(Names):
    """Names in a group; the same name is the same object, for it may be a key."""

    def __init__(self, group: str, record: Record) -> None:
        super().__init__({}, KeyError)
        self._group, self._record = group, record
        self._made: dict[str, Written] = {}

    def __getitem__(self, name: str) -> Written:
        return self._made.setdefault(name, Written(Name(name, self._group), self._record))


class _Side(_Group):
    """A side's concentrations; being asked whether there is one is put down as a question."""

    def __init__(self, side: str, record: Record, present: Mapping[tuple[str, str], bool]) -> None:
        super().__init__(side, record)
        self._present = present

    def __contains__(self, name: str) -> bool:
        self._record.questions[self._group, name] = None
        return self._present.get((self._group, name), True)


class _Gates(Names):
    """Gates of other mechanisms, by full name."""

    def __init__(self, record: Record) -> None:
        super().__init__({}, KeyError)
        self._record = record

    def __getitem__(self, name: str) -> Written:
        return self._record.link(name)
