"""Fewer exponentials: what is a power of another exponential becomes a product.

exp(-u) and exp(u) are one exponential; exp(u/5) and exp(u) are powers of the smaller. Logarithms
of unknowns that are solved for as logarithms are those unknowns. x/(exp(x) - 1), its derivative
and tanh are written through exponentials, so that they share them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import attrs

from ._nodes import ITERATION, UNIFORM, Graph, Node, evaluate, needed, rewritten

#: Below this x/(exp(x) - 1) is its series; above, cancellation costs less than 1e-14.
_NEAR_ZERO = 0.05
#: B_n/n! for n = 2, 4, 6 (Abramowitz and Stegun 1972, 23.1.3).
_BERNOULLI = (1.0 / 12.0, -1.0 / 720.0, 1.0 / 30240.0)
_HIGHEST_POWER = 24
_MOST_DIVISIONS = 4
_ALIKE = 1e-12
#: The largest exponent that is taken apart, so that no factor overflows.
_LARGE = 300.0


@attrs.frozen(kw_only=True, eq=False)
class Unknown:
    """One unknown of a kernel.

    Args:
        symbol: what the iteration moves: V in mV, or a logarithm.
        value: what the equations take: V itself, or the exponential of the symbol.
        low, high: least and largest value of the symbol.
        size: a step of this much is one of order 1.
    """

    symbol: Node
    value: Node
    low: float
    high: float
    size: float

    @property
    def logarithmic(self) -> bool:
        """Whether the symbol is the value's logarithm."""
        return self.value is not self.symbol


@attrs.frozen(kw_only=True, eq=False)
class Powers:
    """Exponentials taken as whole powers of one.

    Args:
        slopes: of each exponent by V.
        powers: of each, in the same order.
        divided: the base's slope is the first slope over this.
        varied: names of parameters that differ from member to member.
    """

    slopes: tuple[Node, ...]
    powers: tuple[int, ...]
    divided: int
    varied: tuple[str, ...]

    def hold(self, values: Mapping[str, float]) -> bool:
        """Whether the slopes at other parameter values are the same powers of one, in members too.

        Args:
            values: of every parameter, of the membrane that members differ from.
        """
        return all(self._hold_at(point) for point in _points(values, self.varied))

    def _hold_at(self, point: Mapping[str, float]) -> bool:
        found = [float(value) for value in evaluate(self.slopes, point)]
        base = found[0] / self.powers[0]
        return all(
            math.isfinite(slope) and abs(slope - power * base) <= _ALIKE * abs(slope)
            for slope, power in zip(found, self.powers, strict=True)
        )


def expanded(graph: Graph, outputs: Sequence[Node]) -> list[Node]:
    """Return the outputs with exprelr, its derivative and tanh written through exp."""

    def rule(node: Node, new: Mapping[Node, Node]) -> Node | None:
        if node.op in ("exprelr", "exprelr_d1"):
            return _exprelr(graph, new[node.args[0]], derivative=node.op == "exprelr_d1")
        if node.op == "tanh" and node.level > UNIFORM:
            grown = graph.call("expm1", 2.0 * new[node.args[0]])
            return grown / (2.0 + grown)
        return None

    return rewritten(outputs, rule)


def _exprelr(graph: Graph, x: Node, *, derivative: bool) -> Node:
    """Return exprelr(x) or its derivative through exp(|coefficient| ...): both signs share it."""
    mirrored = _leads_with_minus(x)
    y = -x if mirrored else x
    grown = graph.call("exp", y)
    inverse = 1.0 / (grown - 1.0)
    square = y * y
    small = graph.call("less", square, _NEAR_ZERO**2)
    second, fourth, sixth = _BERNOULLI
    near = 1.0 - 0.5 * y + square * (second + square * (fourth + square * sixth))
    here = graph.call("where", small, near, y * inverse)
    there = here * grown  # exprelr(-y)
    if not derivative:
        return there if mirrored else here
    slope_near = -0.5 + y * (2.0 * second + square * (4.0 * fourth + square * (6.0 * sixth)))
    slope = graph.call("where", small, slope_near, inverse - inverse * there)
    return -1.0 - slope if mirrored else slope


def _leads_with_minus(x: Node) -> bool:
    if x.op == "sum":
        return bool(x.args[-1][0] < 0.0)
    return False


def without_logarithms(
    graph: Graph, outputs: Sequence[Node], unknowns: Sequence[Unknown]
) -> list[Node]:
    """Return the outputs with logarithms of products of unknowns as sums."""
    symbols = {item.value: item.symbol for item in unknowns if item.logarithmic}

    def rule(node: Node, new: Mapping[Node, Node]) -> Node | None:
        if node.op != "log" or node.level < ITERATION:
            return None
        argument = new[node.args[0]]
        scale, inner = argument.args[0] if argument.op == "sum" else (1.0, argument)
        if argument.op == "sum" and (len(argument.args) > 1 or scale <= 0.0):
            return None
        factors = inner.args if inner.op == "product" else ((inner, 1),)
        moving = [factor for factor in factors if factor[0].level == ITERATION]
        if not all(base in symbols or base.op == "exp" for base, _ in moving):
            return None
        still = graph.multiply(
            [(graph.const(scale), 1), *(factor for factor in factors if factor not in moving)]
        )
        terms = [(1.0, graph.call("log", still))]
        for base, exponent in moving:
            terms.append((float(exponent), symbols.get(base) or base.args[0]))
        return graph.add(terms)

    return rewritten(outputs, rule)


def linear(node: Node, symbols: Mapping[Node, int]) -> tuple[dict[Node, Node], Node] | None:
    """Return a node as slopes by the unknowns and the rest; None if it is not linear in them."""
    graph = node.owner
    if node.level < ITERATION:
        return {}, node
    if node in symbols:
        return {node: graph.one}, graph.zero
    if node.op == "sum":
        slopes: dict[Node, list[tuple[float, Node]]] = {}
        rest: list[tuple[float, Node]] = []
        for coefficient, term in node.args:
            inner = linear(term, symbols)
            if inner is None:
                return None
            for symbol, slope in inner[0].items():
                slopes.setdefault(symbol, []).append((coefficient, slope))
            rest.append((coefficient, inner[1]))
        return {symbol: graph.add(parts) for symbol, parts in slopes.items()}, graph.add(rest)
    if node.op == "product":
        moving = [(base, exponent) for base, exponent in node.args if base.level == ITERATION]
        if len(moving) != 1 or moving[0][1] != 1:
            return None
        inner = linear(moving[0][0], symbols)
        if inner is None:
            return None
        still = graph.multiply([f for f in node.args if f[0] is not moving[0][0]])
        return {symbol: slope * still for symbol, slope in inner[0].items()}, inner[1] * still
    return None


def folded(
    graph: Graph,
    outputs: Sequence[Node],
    unknowns: Sequence[Unknown],
    values: Mapping[str, float],
    varied: Sequence[str],
) -> tuple[list[Node], Powers | None]:
    """Return the outputs with exponentials as powers of one, and which powers these are.

    Args:
        graph: where nodes are made.
        outputs: what to rewrite.
        unknowns: of the kernel; the first is V.
        values: of every parameter, at some member.
        varied: names of parameters that differ from member to member.
    """
    outputs = expanded(graph, outputs)
    outputs = without_logarithms(graph, outputs, unknowns)
    symbols = {item.symbol: position for position, item in enumerate(unknowns)}
    found: dict[Node, tuple[dict[Node, Node], Node]] = {}
    for node in needed(outputs):
        if node.op == "exp" and node.level == ITERATION:
            parts = linear(node.args[0], symbols)
            if parts is not None and _in_reach(parts, unknowns, values):
                found[node] = parts
    voltage = unknowns[0].symbol
    slopes = list(
        dict.fromkeys(parts[0][voltage] for parts in found.values() if voltage in parts[0])
    )
    powers = _powers(slopes, values, varied)
    chosen = {} if powers is None else dict(zip(powers.slopes, powers.powers, strict=True))
    base = None
    if powers is not None:
        base = graph.call("exp", powers.slopes[0] / powers.powers[0] * voltage)

    def rule(node: Node, new: Mapping[Node, Node]) -> Node | None:
        if node not in found:
            return None
        by_symbol, rest = found[node]
        factors: list[tuple[Node, int]] = []
        left: list[tuple[float, Node]] = []
        for symbol, slope in by_symbol.items():
            whole = slope.value
            unknown = unknowns[symbols[symbol]]
            if symbol is voltage and slope in chosen:
                assert base is not None
                factors.append((base, chosen[slope]))
            elif unknown.logarithmic and whole is not None and _whole(whole):
                factors.append((unknown.value, int(whole)))
            else:
                left.append((1.0, slope * symbol))
        if not factors:
            return None
        if rest.op != "const":
            # A member's own may be larger than any here: taken apart it would come out wrong.
            within = graph.call("less", rest * rest, _LARGE**2)
            rest = graph.call("where", within, rest, math.nan)
        left.append((1.0, rest))
        return graph.multiply([*factors, (graph.call("exp", graph.add(left)), 1)])

    return rewritten(outputs, rule), powers


def _whole(value: float) -> bool:
    return value == int(value) and abs(value) <= 8


def _in_reach(
    parts: tuple[dict[Node, Node], Node], unknowns: Sequence[Unknown], values: Mapping[str, float]
) -> bool:
    slopes, rest = parts
    by = dict(zip(slopes, evaluate(list(slopes.values()), values), strict=True))
    reach = {item.symbol: max(abs(item.low), abs(item.high)) for item in unknowns}
    sizes = [abs(float(slope)) * reach[symbol] for symbol, slope in by.items()]
    return bool(abs(float(evaluate([rest], values)[0])) < _LARGE and sum(sizes) < _LARGE)


def _powers(
    slopes: Sequence[Node], values: Mapping[str, float], varied: Sequence[str]
) -> Powers | None:
    """Return the largest set of slopes that are whole multiples of one, whatever varies."""
    seen = [
        [float(value) for value in evaluate(slopes, point)] for point in _points(values, varied)
    ]
    table = list(zip(*seen, strict=True))  # one row a slope, one column a point
    best: Powers | None = None
    for leader, row in enumerate(table):
        for divided in range(1, _MOST_DIVISIONS + 1):
            members = [(slopes[leader], divided)]
            for other, against in enumerate(table):
                ratios = [b / a * divided for a, b in zip(row, against, strict=True) if a]
                if other == leader or not ratios or not math.isfinite(ratios[0]):
                    continue
                if any(b for a, b in zip(row, against, strict=True) if not a):
                    continue
                power = round(ratios[0])
                near = all(abs(ratio - power) <= _ALIKE * abs(ratio) for ratio in ratios)
                if near and 0 < abs(power) <= _HIGHEST_POWER:
                    members.append((slopes[other], power))
            if best is None or len(members) > len(best.slopes):
                best = Powers(
                    slopes=tuple(node for node, _ in members),
                    powers=tuple(power for _, power in members),
                    divided=divided,
                    varied=tuple(varied),
                )
    return best


def _points(values: Mapping[str, float], varied: Sequence[str]) -> list[Mapping[str, float]]:
    """Return the values and some members', of what is zero in the membrane too."""
    draw = random.Random(0)
    return [values] + [
        {**values, **{name: (values[name] or 1.0) * draw.uniform(0.7, 1.4) for name in varied}}
        for _ in range(3)
    ]
