"""Evaluate a tree in whichever number system the local state brings along."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import PhysicsError
from ..parts._local import LocalState
from ._limits import EXACT, EXPONENT
from ._scope import GIVEN
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
    children,
)

_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
#: Higher powers are taken of a named base: symbols would multiply the numbers in it out.
_PLAIN_POWER = 3


class Evaluation:
    """One call of a mechanism's physics: its equations with the numbers of one local state.

    Args:
        s: local state.
        definitions: equations with a name; each is worked out once, when it is first needed.
        number: returns a parameter's number.
        links: full names of other mechanisms' gates.
        extra: further names.
    """

    def __init__(
        self,
        s: LocalState,
        *,
        definitions: Mapping[str, Node],
        number: Callable[[str], Any],
        links: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self._s, self._definitions, self._number = s, definitions, number
        self._links = links or {}
        self._known: dict[str, Any] = dict(extra or {})

    def __call__(self, node: Node) -> Any:
        """Return the value of an equation."""
        # One definition may rest on a hundred others: not by recursion.
        waiting = self._needs(node)
        while waiting:
            name = waiting[-1]
            missing = [] if name in self._known else self._needs(self._definitions[name])
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if name not in self._known:
                value = self._value(self._definitions[name])
                self._known[name] = self._s.xp.let(value, name)
        return self._value(node)

    def _needs(self, node: Node) -> list[str]:
        """Return the definitions that an equation uses and that are not yet worked out."""
        found = []
        waiting = [node]
        while waiting:
            item = waiting.pop()
            if isinstance(item, Call) and item.function == "present":
                waiting.append(self._chosen(item))
            elif isinstance(item, Name):
                if not item.group and item.name in self._definitions:
                    found.append(item.name)
            else:
                waiting.extend(children(item))
        return [name for name in dict.fromkeys(found) if name not in self._known]

    def _chosen(self, node: Call) -> Node:
        """Return the branch of ``present`` that this membrane takes."""
        place, there, missing = node.arguments
        assert isinstance(place, Name)
        side = self._s.inside if place.group == "inside" else self._s.outside
        return there if ("H" if place.name == "pH" else place.name) in side else missing

    def _value(self, node: Node) -> Any:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return self._named(node)
        if isinstance(node, Negative):
            return -self._value(node.of)
        if isinstance(node, Sum | Product):
            value = self._value(node.first)
            for sign, item in node.rest:
                value = tame(_SIGNS[sign](value, self._value(item)))
            return value
        if isinstance(node, Power):
            return self._power(node)
        if isinstance(node, Comparison):
            return _SIGNS[node.sign](self._value(node.left), self._value(node.right))
        return self._called(node)

    def _named(self, node: Name) -> Any:
        s, name = self._s, node.name
        if node.group in ("inside", "outside"):
            side = s.inside if node.group == "inside" else s.outside
            return side.pH if name == "pH" else side[name]
        if node.group == "E":
            return s.E[name]
        if node.group == "z":
            return s.z[name]
        if node.group == "own":
            return s.own[name]
        if node.group == "links":
            return s.gates[self._links[name]]
        if name in self._known:
            return self._known[name]
        return getattr(s, name) if name in GIVEN else self._number(name)

    def _power(self, node: Power) -> Any:
        base, exponent = self._value(node.base), self._value(node.exponent)
        exact = _is_exact(exponent)
        if exact and abs(exponent) > EXPONENT:
            raise PhysicsError(f"the power {exponent} is too high (at most {EXPONENT})")
        if exact and abs(exponent) > _PLAIN_POWER and not _is_exact(base):
            base = self._s.xp.let(base)
        return tame(base**exponent)

    def _called(self, node: Call) -> Any:
        xp = self._s.xp
        if node.function == "present":
            return self._value(self._chosen(node))
        values = [self._value(item) for item in node.arguments]
        if len(values) == 1 and _is_exact(values[0]):
            values = [float(values[0])]  # or log(9) would stay whole, and exp(n log 9) grow huge
        if node.function == "absolute":
            values = [xp.let(values[0])]  # symbols write it twice
        return getattr(xp, node.function)(*values)


def _is_exact(value: Any) -> bool:
    """Return whether a number is a whole one or a fraction, of any length."""
    return type(value) is int or getattr(value, "is_Rational", False) is True


def tame(value: Any) -> Any:
    """Return a value, as a float if it is an exact number that grows beyond bounds.

    Whole numbers and fractions of symbols have no size limit: each squaring would double them.
    """
    if not _is_exact(value):
        return value
    above, below = (value, 1) if type(value) is int else (value.p, value.q)
    return value if abs(above) <= EXACT and below <= EXACT else float(value)
