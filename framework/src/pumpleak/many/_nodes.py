"""Expressions of a kernel as a graph in which each distinct value stands once.

A lowered source (see `_lower`) is run with these nodes for numbers. Sums and products are kept
flat and canonical, so that what cancels is gone: c d(log c)/dc is 1 before any code is written.

Every node has a level: what it depends on decides how often it is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

#: Once a call; once a member; once an iteration.
UNIFORM, MEMBER, ITERATION = 0, 1, 2

#: The largest whole power that is written as multiplications.
_MOST_MULTIPLIED = 64

MASKS = ("less", "less_equal", "greater", "greater_equal", "both", "either")


class Node:
    """One value.

    Args:
        op: ``const``, ``leaf``, ``sum``, ``product``, or the name of a function.
        args: of a sum (coefficient, node) pairs, of a product (base, whole exponent) pairs.
        level: how often it is computed.
        number: counts nodes; arguments come before what uses them.
    """

    __slots__ = ("args", "level", "number", "op", "owner")

    def __init__(self, owner: Graph, op: str, args: tuple[Any, ...], level: int) -> None:
        self.owner, self.op, self.args, self.level = owner, op, args, level
        self.number = len(owner.nodes)

    def inputs(self) -> tuple[Node, ...]:
        """Return the nodes that it is made of."""
        if self.op == "sum":
            return tuple(node for _, node in self.args)
        if self.op == "product":
            return tuple(base for base, _ in self.args)
        return () if self.op in ("const", "leaf") else self.args

    @property
    def value(self) -> float | None:
        """The number, if it is one."""
        return self.args[0] if self.op == "const" else None

    def __repr__(self) -> str:
        return f"{self.op}{self.args!r}"

    def __add__(self, other: Any) -> Node:
        return self.owner.add([(1.0, self), (1.0, self.owner.node(other))])

    __radd__ = __add__

    def __sub__(self, other: Any) -> Node:
        return self.owner.add([(1.0, self), (-1.0, self.owner.node(other))])

    def __rsub__(self, other: Any) -> Node:
        return self.owner.add([(-1.0, self), (1.0, self.owner.node(other))])

    def __mul__(self, other: Any) -> Node:
        return self.owner.multiply([(self, 1), (self.owner.node(other), 1)])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Node:
        return self.owner.multiply([(self, 1), (self.owner.node(other), -1)])

    def __rtruediv__(self, other: Any) -> Node:
        return self.owner.multiply([(self.owner.node(other), 1), (self, -1)])

    def __pow__(self, exponent: int) -> Node:
        return self.owner.multiply([(self, exponent)])

    def __neg__(self) -> Node:
        return self.owner.add([(-1.0, self)])

    def __pos__(self) -> Node:
        return self


class Graph:
    """Makes nodes, each once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[Any, ...], Node] = {}
        self.one = self.const(1.0)
        self.zero = self.const(0.0)

    def _make(self, op: str, args: tuple[Any, ...], key: tuple[Any, ...], level: int) -> Node:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Node(self, op, args, level)
            self.nodes.append(found)
        return found

    def const(self, value: float) -> Node:
        """Return a number."""
        value = float(value)
        key = ("const", value, math.copysign(1.0, value))
        return self._make("const", (value,), key, UNIFORM)

    def leaf(self, name: str, level: int) -> Node:
        """Return an input."""
        return self._make("leaf", (name,), ("leaf", name), level)

    def node(self, value: Any) -> Node:
        """Return a node or number as a node."""
        return value if isinstance(value, Node) else self.const(value)

    def add(self, terms: Iterable[tuple[float, Node]]) -> Node:
        """Return the sum of coefficient times node; what is a multiple of one thing is merged."""
        found: dict[Node, float] = {}
        for coefficient, node in terms:
            if node.op == "const":
                scale, inner = coefficient * node.args[0], self.one
            elif node.op == "sum" and len(node.args) == 1:
                scale, inner = coefficient * node.args[0][0], node.args[0][1]
            else:
                scale, inner = coefficient, node
            found[inner] = found.get(inner, 0.0) + scale
        kept = [(scale, node) for node, scale in found.items() if scale != 0.0]
        if not kept:
            return self.zero
        if len(kept) == 1:
            scale, node = kept[0]
            if node is self.one:
                return self.const(scale)
            if scale == 1.0:
                return node
        kept.sort(key=lambda term: term[1].number)
        key = ("sum", *((scale, node.number) for scale, node in kept))
        return self._make("sum", tuple(kept), key, max(node.level for _, node in kept))

    def multiply(self, factors: Iterable[tuple[Node, int]]) -> Node:
        """Return the product of node to the whole exponent; powers of one thing are merged."""
        coefficient = 1.0
        found: dict[Node, int] = {}
        waiting = [(node, exponent) for node, exponent in factors]
        while waiting:
            node, exponent = waiting.pop()
            if exponent == 0:
                continue
            if node.op == "const" and (node.args[0] != 0.0 or exponent > 0):
                coefficient *= node.args[0] ** exponent
            elif node.op == "sum" and len(node.args) == 1:
                scale, inner = node.args[0]
                coefficient *= scale**exponent
                waiting.append((inner, exponent))
            elif node.op == "product":
                waiting += [(base, power * exponent) for base, power in node.args]
            else:
                found[node] = found.get(node, 0) + exponent
        kept = sorted(
            ((node, exponent) for node, exponent in found.items() if exponent),
            key=lambda factor: factor[0].number,
        )
        if not kept or coefficient == 0.0:
            return self.const(coefficient)
        if len(kept) == 1 and kept[0][1] == 1:
            plain = kept[0][0]
        else:
            key = ("product", *((node.number, exponent) for node, exponent in kept))
            plain = self._make("product", tuple(kept), key, max(node.level for node, _ in kept))
        return plain if coefficient == 1.0 else self.add([(coefficient, plain)])

    def call(self, name: str, *given: Any) -> Node:
        """Return a function of nodes; of numbers alone it is a number."""
        args = tuple(self.node(value) for value in given)
        if name not in MASKS and name != "where" and all(arg.op == "const" for arg in args):
            with np.errstate(all="ignore"):
                return self.const(float(FLOATS[name](*(arg.args[0] for arg in args))))
        if name == "power" and args[1].op == "const" and _is_whole(args[1].args[0]):
            return self.multiply([(args[0], int(args[1].args[0]))])
        key = (name, *(arg.number for arg in args))
        return self._make(name, args, key, max(arg.level for arg in args))

    def functions(self) -> dict[str, Callable[..., Node]]:
        """Return what a lowered source calls."""

        def caller(name: str) -> Callable[..., Node]:
            return lambda *args: self.call(name, *args)

        return {name: caller(name) for name in FLOATS}


def _floats() -> dict[str, Callable[..., Any]]:
    from ..equations._kernel import ARRAY

    return {**ARRAY, "expm1": np.expm1, "both": np.logical_and, "either": np.logical_or}


FLOATS: dict[str, Callable[..., Any]] = _floats()


def _is_whole(exponent: float) -> bool:
    """Whether it is a power that a few multiplications make, of negative numbers too."""
    return abs(exponent) <= _MOST_MULTIPLIED and exponent == int(exponent)


def needed(outputs: Iterable[Node], known: Iterable[Node] = ()) -> list[Node]:
    """Return everything that the outputs are made of, arguments first, stopping at `known`."""
    stop = set(known)
    found: set[Node] = set()
    waiting = [node for node in outputs if node not in stop]
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        found.add(node)
        waiting += [item for item in node.inputs() if item not in stop and item not in found]
    return sorted(found, key=lambda node: node.number)


def evaluate(outputs: Sequence[Node], leaves: Mapping[str, Any]) -> list[Any]:
    """Return the values of nodes, in floats or arrays.

    Args:
        outputs: what to compute.
        leaves: value of each leaf they are made of.
    """
    values: dict[Node, Any] = {}
    with np.errstate(all="ignore"):
        for node in needed(outputs):
            values[node] = _valued(node, values, leaves)
    return [values[node] for node in outputs]


def _valued(node: Node, values: Mapping[Node, Any], leaves: Mapping[str, Any]) -> Any:
    if node.op == "const":
        return node.args[0]
    if node.op == "leaf":
        return leaves[node.args[0]]
    if node.op == "sum":
        total: Any = 0.0
        for coefficient, term in node.args:
            total = total + coefficient * values[term]
        return total
    if node.op == "product":
        result: Any = np.float64(1.0)
        for base, exponent in node.args:
            power = values[base]
            for _ in range(abs(exponent) - 1):
                power = power * values[base]
            result = result * power if exponent > 0 else result / power
        return result
    return FLOATS[node.op](*(values[arg] for arg in node.args))


def rewritten(
    outputs: Sequence[Node], rule: Callable[[Node, Mapping[Node, Node]], Node | None]
) -> list[Node]:
    """Return the outputs with every node replaced by what the rule makes of it.

    Args:
        outputs: what to rewrite.
        rule: called with a node and the replacements of what comes before it, arguments included;
            None keeps the node, with its arguments replaced.
    """
    new: dict[Node, Node] = {}
    for node in needed(outputs):
        replacement = rule(node, new)
        new[node] = _with_inputs(node, new) if replacement is None else replacement
    return [new[node] for node in outputs]


def _with_inputs(node: Node, new: Mapping[Node, Node]) -> Node:
    if all(new[item] is item for item in node.inputs()):
        return node
    owner = node.owner
    if node.op == "sum":
        return owner.add([(coefficient, new[term]) for coefficient, term in node.args])
    if node.op == "product":
        return owner.multiply([(new[base], exponent) for base, exponent in node.args])
    return owner.call(node.op, *(new[arg] for arg in node.args))
