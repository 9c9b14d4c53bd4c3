"""Equations as trees: the nodes that the grammar knows, and how they print.

There is no node that could name a module, an attribute, an index or a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from ._limits import EXACT

#: Functions of the number system, under its own names, and how many arguments they take.
FUNCTIONS: Mapping[str, int] = {
    "exp": 1,
    "expm1": 1,
    "exprelr": 1,
    "log": 1,
    "sqrt": 1,
    "tanh": 1,
    "absolute": 1,
    "minimum": 2,
    "maximum": 2,
    "where": 3,
    "present": 3,
}
COMPARISONS = ("<=", ">=", "<", ">")


@attrs.frozen(cache_hash=True)
class Number:
    """A number that is not negative; whole numbers up to 1000 are exact, others are floats."""

    value: int | float = attrs.field(eq=repr)


@attrs.frozen(cache_hash=True)
class Name:
    """``V``, a parameter or a definition; or ``inside.K``, with `group` being ``inside``."""

    name: str
    group: str = ""

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.group}.{self.name}" if self.group else self.name


@attrs.frozen(cache_hash=True)
class Negative:
    """Minus something."""

    of: Node


@attrs.frozen(cache_hash=True)
class Sum:
    """Terms from left to right; each after the first with ``+`` or ``-``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@attrs.frozen(cache_hash=True)
class Product:
    """Factors from left to right; each after the first with ``*`` or ``/``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@attrs.frozen(cache_hash=True)
class Power:
    """``base**exponent``."""

    base: Node
    exponent: Node


@attrs.frozen(cache_hash=True)
class Comparison:
    """The condition of ``where``, and nowhere else."""

    sign: str
    left: Node
    right: Node


@attrs.frozen(cache_hash=True)
class Call:
    """A function of the number system; the condition of ``where`` is a Comparison."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Negative | Sum | Product | Power | Comparison | Call


def number(value: float) -> Node:
    """Return a number as the grammar holds it: the sign apart, large whole numbers as floats."""
    if isinstance(value, int) and abs(value) > EXACT:
        value = float(value)
    if str(value).startswith("-"):
        return Negative(Number(-value))
    return Number(value)


def children(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    if isinstance(node, Negative):
        return (node.of,)
    if isinstance(node, Sum | Product):
        return (node.first, *(item for _, item in node.rest))
    if isinstance(node, Power):
        return (node.base, node.exponent)
    if isinstance(node, Comparison):
        return (node.left, node.right)
    if isinstance(node, Call):
        return node.arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything in it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(children(found)))


def size(node: Node) -> int:
    """Return the number of nodes."""
    return sum(1 for _ in walk(node))


_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)


def text_of(node: Node) -> str:
    """Return the text of an equation; reading it gives the same tree.

    >>> text_of(Product(Name("z_g"), (("*", Sum(Name("V"), (("-", Name("V_half")),))),)))
    'z_g * (V - V_half)'
    """
    return _text(node)[0]


def _text(node: Node) -> tuple[str, int]:
    """Return the text and how tightly it holds together."""
    if isinstance(node, Number):
        return repr(node.value), _ATOM
    if isinstance(node, Name):
        return node.text, _ATOM
    if isinstance(node, Negative):
        return f"-{_held(node.of, _UNARY)}", _UNARY
    if isinstance(node, Power):
        return f"{_held(node.base, _ATOM)}**{_held(node.exponent, _UNARY)}", _POWER
    if isinstance(node, Sum | Product):
        level = _SUM if isinstance(node, Sum) else _PRODUCT
        parts = [_held(node.first, level + 1)]
        parts += [f"{sign} {_held(item, level + 1)}" for sign, item in node.rest]
        return " ".join(parts), level
    if isinstance(node, Comparison):
        return f"{text_of(node.left)} {node.sign} {text_of(node.right)}", _SUM
    return f"{node.function}({', '.join(text_of(item) for item in node.arguments)})", _ATOM


def _held(node: Node, needed: int) -> str:
    text, level = _text(node)
    return text if level >= needed else f"({text})"
