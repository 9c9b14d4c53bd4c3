"""What the names in a card's equations stand for, and that they go round in no circle."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping

from .._errors import EquationError, near
from ._limits import EXPONENT
from ._tree import Call, Name, Negative, Node, Number, Power, Product, Sum, walk

UNITS = ("mV", "ms", "mM", "pA", "nS", "um", "fL", "kelvin", "per_amol")
#: What a local state hands over, beside what stands in groups.
GIVEN = ("V", "T", "VT", "R", "F", "area", "capacitance", *UNITS)
_UNARY_VALUES: Mapping[str, Callable[[float], float]] = {
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "absolute": abs,
}


class Scope:
    """Names that equations of one part of a card may use.

    Args:
        parameters: of the part.
        definitions: equations with a name, in any order.
        own: gates, pools and states of schemes.
        links: names of gates of other mechanisms.
        extra: further names, such as ``maximum``.

    Raises:
        EquationError: definitions that go round in a circle.
    """

    def __init__(
        self,
        *,
        parameters: Iterable[str],
        definitions: Mapping[str, Node],
        own: Iterable[str] = (),
        links: Iterable[str] = (),
        extra: Iterable[str] = (),
    ) -> None:
        self._plain = {*GIVEN, *extra, *parameters, *definitions}
        self._groups = {"own": set(own), "links": set(links)}
        self._values: dict[str, float | None] = {}
        for name in ordered(definitions):
            self._values[name] = self.value(definitions[name])

    def check(self, node: Node) -> None:
        """Refuse names that stand for nothing, and powers too high to be meant.

        Raises:
            EquationError: naming what is wrong.
        """
        for item in walk(node):
            if isinstance(item, Name):
                self._check_name(item)
            elif isinstance(item, Power):
                self._check_power(item)

    def _check_name(self, item: Name) -> None:
        if not item.group:
            if item.name not in self._plain:
                raise EquationError(
                    f"{item.name!r} is no parameter, definition or given name"
                    f"{near(item.name, self._plain)}"
                )
        elif item.group in self._groups and item.name not in self._groups[item.group]:
            known = self._groups[item.group]
            what = "gate, pool or state of a scheme" if item.group == "own" else "link"
            raise EquationError(
                f"{item.text!r}: this card has no {what} {item.name!r}{near(item.name, known)}; "
                f"it has {', '.join(sorted(known)) or 'none'}"
            )

    def _check_power(self, item: Power) -> None:
        exponent = self.value(item.exponent)
        if exponent is not None and not abs(exponent) <= EXPONENT:
            raise EquationError(
                f"the power {exponent:g} is too high (at most {EXPONENT}); no law of a membrane "
                "has such a one"
            )

    def value(self, node: Node) -> float | None:
        """Return what an equation comes to if it depends on nothing; None if it depends."""
        try:
            return self._value(node)
        except (ArithmeticError, ValueError):
            return math.nan

    def _value(self, node: Node) -> float | None:
        if isinstance(node, Number):
            return float(node.value)
        if isinstance(node, Name):
            return self._named(node)
        if isinstance(node, Negative):
            found = self._value(node.of)
            return None if found is None else -found
        if isinstance(node, Sum | Product):
            total = self._value(node.first)
            for sign, item in node.rest:
                found = self._value(item)
                if total is None or found is None:
                    return None
                total = _combined(total, sign, found)
            return total
        if isinstance(node, Power):
            base, exponent = self._value(node.base), self._value(node.exponent)
            if base is None or exponent is None:
                return None
            return float(math.pow(base, exponent))
        if isinstance(node, Call) and node.function in _UNARY_VALUES:
            found = self._value(node.arguments[0])
            return None if found is None else _UNARY_VALUES[node.function](found)
        return None

    def _named(self, node: Name) -> float | None:
        if node.group == "z":
            return 2.0  # a valence is a whole number; a large one is that of calcium
        if node.group:
            return None
        return 1.0 if node.name in UNITS else self._values.get(node.name)


def ordered(definitions: Mapping[str, Node]) -> list[str]:
    """Return the names of definitions so that each follows those it uses.

    Raises:
        EquationError: definitions that go round in a circle.
    """
    done: dict[str, None] = {}
    path: dict[str, None] = {}
    waiting = [(name, True) for name in reversed(list(definitions))]
    while waiting:
        name, entering = waiting.pop()
        if not entering:
            del path[name]
            done[name] = None
        elif name in path:
            circle = [*path][[*path].index(name) :]
            raise EquationError(
                f"{name!r} is defined in terms of itself: {' -> '.join([*circle[:8], name])}"
            )
        elif name not in done:
            path[name] = None
            waiting.append((name, False))
            waiting += [(used, True) for used in plain_names(definitions[name], definitions)]
    return list(done)


def plain_names(node: Node, among: Container[str]) -> list[str]:
    """Return the names without a group that an equation uses, as far as they are `among`."""
    return [
        item.name
        for item in walk(node)
        if isinstance(item, Name) and not item.group and item.name in among
    ]


def _combined(left: float, sign: str, right: float) -> float:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    return left * right if sign == "*" else left / right
