"""Nodes as straight-line code: each written once, at the level where its inputs are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ._nodes import MASKS, MEMBER, UNIFORM, Graph, Node, needed
from ._vector_math import Lines

_JOINED = {"both": "and", "either": "or"}
_CALLS = ("exp", "expm1", "log")
_TESTS = {"less": "olt", "less_equal": "ole", "greater": "ogt", "greater_equal": "oge"}


class CannotWrite(Exception):  # noqa: N818 - no error: the NumPy path computes it instead
    """A kernel's program has a function for which there is no machine code.

    Args:
        function: its name.
    """

    def __init__(self, function: str) -> None:
        self.function = function
        super().__init__(f"no machine code is known for {function!r}")


class Writer:
    """Writes nodes into blocks of code, one block a level.

    Args:
        graph: of the nodes.
        blocks: code by level, from `MEMBER` up; uniform nodes are numbered, not written.
        leaf: returns the code name of a leaf.
        uniforms: nodes whose values the caller supplies, numbered in the order they are asked for.
    """

    def __init__(
        self,
        graph: Graph,
        blocks: dict[int, Lines],
        leaf: Callable[[Node], str],
        uniforms: dict[Node, str],
    ) -> None:
        self.graph, self.blocks, self.leaf, self.uniforms = graph, blocks, leaf, uniforms
        self.names: dict[Node, str] = {}
        self.powers: dict[tuple[Node, int], str] = {}

    def child(self, blocks: dict[int, Lines]) -> Writer:
        """Return a writer that knows what this one has written below the blocks given."""
        made = Writer(self.graph, {**self.blocks, **blocks}, self.leaf, self.uniforms)
        lowest = min(blocks)
        made.names = {node: name for node, name in self.names.items() if node.level < lowest}
        made.powers = {key: name for key, name in self.powers.items() if key[0].level < lowest}
        return made

    def write(self, outputs: Sequence[Node]) -> list[str]:
        """Write what the outputs need; return their names.

        Raises:
            CannotWrite: something that this does not know as code.
        """
        for node in needed(outputs, self.names):
            self._named_if_moving(node)
        return [self.ref(node) for node in outputs]

    def _named_if_moving(self, node: Node) -> None:
        # Inputs of lower levels are written when something asks for them: many never are.
        if node.level == max(self.blocks):
            self.ref(node)

    def ref(self, node: Node) -> str:
        """Return the name of a node's value, written if it was not."""
        found = self.names.get(node)
        if found is None:
            found = self.names[node] = self._new(node)
        return found

    def _new(self, node: Node) -> str:
        if node.op == "const":
            return self.blocks[MEMBER].const(node.args[0])
        if node.level == UNIFORM:
            name = self.uniforms.setdefault(node, f"%u{len(self.uniforms)}")
            if node.op not in MASKS:
                return name
            # The caller hands conditions over as numbers.
            code = self.blocks[MEMBER]
            return code.compare("one", name, code.const(0.0))
        if node.op == "leaf":
            return self.leaf(node)
        code = self.blocks[node.level]
        if node.op == "sum":
            return self._sum(code, node)
        if node.op == "product":
            return self._product(code, list(node.args), node.level)
        args = [self.ref(arg) for arg in node.args]
        if node.op in _JOINED:
            return code.put(f"{_JOINED[node.op]} {code.mask} {args[0]}, {args[1]}")
        if node.op in MASKS:
            return code.compare(_TESTS[node.op], *args)
        if node.op == "where":
            return code.select(*args)
        if node.op in _CALLS:
            made: str = getattr(code, node.op)(*args)
            return made
        if node.op == "sqrt":
            return code.unary("sqrt", args[0])
        if node.op == "power":
            return code.exp(code.times(args[1], code.log(args[0])))
        raise CannotWrite(node.op)

    def _sum(self, code: Lines, node: Node) -> str:
        moving = [term for term in node.args if term[1].level == node.level]
        still = [term for term in node.args if term[1].level < node.level]
        total = self.ref(self.graph.add(still)) if still else ""
        # What is added comes first, so that what is subtracted needs no negative.
        for coefficient, term in sorted(moving, key=lambda item: item[0] < 0.0):
            if abs(coefficient) == 1.0:
                value = self.ref(term)
                if not total:
                    total = value if coefficient > 0 else code.put(f"fneg {code.kind} {value}")
                else:
                    total = (code.plus if coefficient > 0 else code.minus)(total, value)
                continue
            value, scale = self._scaled(term, coefficient)
            total = code.fused(value, scale, total) if total else code.times(value, scale)
        return total

    def _scaled(self, term: Node, coefficient: float) -> tuple[str, str]:
        """Return a term's moving part, and its coefficient with what does not move."""
        if term.op == "product" and term not in self.names:
            still = [factor for factor in term.args if factor[0].level < term.level]
            moving = [factor for factor in term.args if factor[0].level == term.level]
            if still:
                scale = self.graph.multiply([(self.graph.const(coefficient), 1), *still])
                return self.ref(self.graph.multiply(moving)), self.ref(scale)
        return self.ref(term), self.ref(self.graph.const(coefficient))

    def _product(self, code: Lines, factors: list[tuple[Node, int]], level: int) -> str:
        still = [factor for factor in factors if factor[0].level < level]
        moving = [factor for factor in factors if factor[0].level == level]
        result = self.ref(self.graph.multiply(still)) if still else ""
        for base, exponent in moving:
            value = self._power(code, base, exponent)
            result = code.times(result, value) if result else value
        return result

    def _power(self, code: Lines, base: Node, exponent: int) -> str:
        found = self.powers.get((base, exponent))
        if found is None:
            found = self.powers[base, exponent] = self._new_power(code, base, exponent)
        return found

    def _new_power(self, code: Lines, base: Node, exponent: int) -> str:
        if exponent == 1:
            return self.ref(base)
        if exponent == -1:
            return code.inverse(self.ref(base))
        if exponent < 0:
            # One division serves every negative power.
            inverse = self._power(code, base, -1)
            half = self._power(code, base, exponent // 2 if exponent % 2 == 0 else exponent + 1)
            return code.times(half, half if exponent % 2 == 0 else inverse)
        if exponent % 2 == 0:
            half = self._power(code, base, exponent // 2)
            return code.times(half, half)
        return code.times(self._power(code, base, exponent - 1), self.ref(base))
