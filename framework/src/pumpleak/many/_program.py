"""The text of a kernel: damped Newton's method on many members, a vector of them at a time.

Members that have arrived stand still while their neighbours go on, so that nobody's result depends
on who is beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from ._emit import Writer
from ._fold import Unknown
from ._nodes import ITERATION, MEMBER, Graph, Node
from ._result import KIND, STATUS
from ._vector_math import Lines

#: The error that Newton's last step may leave, over the unknown's size.
ERROR = 1e-13
MOST_STEPS = 40


@attrs.frozen(kw_only=True, eq=False)
class Program:
    """What a kernel computes.

    Args:
        graph: of all nodes.
        columns: names of the leaves that differ from member to member.
        unknowns: what is solved for; empty for a kernel that only evaluates.
        starts: where each unknown's symbol begins.
        steps: Newton's step of each symbol.
        valid: condition under which a member's values can be.
        outputs: numbers to return of every member.
        balanced: condition under which a member that arrived is at rest; None asks for no more.
        stable: condition under which it is certainly stable; None where nothing is said.
    """

    graph: Graph
    columns: tuple[str, ...]
    unknowns: tuple[Unknown, ...] = ()
    starts: tuple[Node, ...] = ()
    steps: tuple[Node, ...] = ()
    valid: Node | None = None
    outputs: tuple[Node, ...] = ()
    balanced: Node | None = None
    stable: Node | None = None


@attrs.frozen(kw_only=True, eq=False)
class Text:
    """A kernel as text.

    Args:
        module: in LLVM's intermediate language.
        uniforms: what the caller has to compute and hand over, in order.
    """

    module: str
    uniforms: tuple[Node, ...]


def written(program: Program, width: int, *, approximate: bool = False) -> Text:
    """Return the text of a program's kernel.

    It takes the first and last member, pointers to columns, uniform values, and pointers to
    results: of each unknown, of each output, and where there are unknowns, in bytes, a code of
    `STATUSES` and one of `KINDS`. At least `width` members are needed.

    Args:
        program: what to compute.
        width: members in a vector.
        approximate: whether the processor has AVX-512's approximate reciprocals.
    """
    head, group, loop, finish = (
        Lines(width, prefix, approximate=approximate) for prefix in ("h", "m", "t", "f")
    )
    positions = {name: position for position, name in enumerate(program.columns)}
    symbols = {item.symbol: f"%y{i}" for i, item in enumerate(program.unknowns)}
    loaded: dict[str, str] = {}

    def leaf(node: Node) -> str:
        if node in symbols:
            return symbols[node]
        name = node.args[0]
        if name not in loaded:
            at = group.put(f"getelementptr double, ptr %c{positions[name]}, i64 %i")
            loaded[name] = group.put(f"load {group.kind}, ptr {at}, align 8")
        return loaded[name]

    uniforms: dict[Node, str] = {}
    base = Writer(program.graph, {MEMBER: group}, leaf, uniforms)
    starts = base.write(program.starts)
    valid = base.write([program.valid])[0] if program.valid is not None else ""
    body = _Body(program, width)
    if program.unknowns:
        stepping = base.child({ITERATION: loop})
        steps = stepping.write(program.steps)
        body.write_loop(loop, steps)
        base.names |= _below(stepping)
        base.powers |= {k: v for k, v in stepping.powers.items() if k[0].level < ITERATION}
    ending = base.child({ITERATION: finish}) if program.unknowns else base
    last = finish if program.unknowns else group
    values = ending.write([item.value for item in program.unknowns])
    outputs = ending.write(program.outputs)
    conditions = [node for node in (program.balanced, program.stable) if node is not None]
    body.write_stores(last, values + outputs, ending.write(conditions), valid)
    for node, name in uniforms.items():
        position = list(uniforms).index(node)
        head.text += _splat(head, name, position)
    text = _assembled(program, width, head, group, loop, finish, starts, body)
    return Text(module=text, uniforms=tuple(uniforms))


def _below(writer: Writer) -> dict[Node, str]:
    return {node: name for node, name in writer.names.items() if node.level < ITERATION}


def _splat(head: Lines, name: str, position: int) -> list[str]:
    return [
        f"{name}.at = getelementptr double, ptr %uniforms, i64 {position}",
        f"{name}.one = load double, ptr {name}.at, align 8",
        f"{name}.v = insertelement {head.kind} poison, double {name}.one, i64 0",
        f"{name} = shufflevector {head.kind} {name}.v, {head.kind} poison, "
        f"<{head.width} x i32> zeroinitializer",
    ]


class _Body:
    """The parts of a kernel that are not the equations: stepping, and storing results."""

    def __init__(self, program: Program, width: int) -> None:
        self.program, self.width = program, width
        self.moved: list[str] = []
        self.active = ""
        self.longest = ""
        self.any_active = ""

    def write_loop(self, code: Lines, steps: Sequence[str]) -> None:
        """Write damping, the move of members that have not arrived, and who still has not."""
        unknowns = self.program.unknowns
        sizes = [
            code.times(code.unary("fabs", step), code.const(1.0 / item.size))
            for step, item in zip(steps, unknowns, strict=True)
        ]
        longest = sizes[0]
        for size in sizes[1:]:
            # A step that is no number must not be lost among its neighbours.
            longest = code.select(code.compare("ogt", size, longest), size, longest)
            longest = code.select(code.compare("uno", size, size), size, longest)
        if len(steps) == 1:
            item = unknowns[0]
            short = code.least(code.const(item.size), steps[0])
            damped = [code.most(code.const(-item.size), short)]
        else:
            over = code.inverse(code.most(code.const(1.0), longest))
            damped = [code.times(step, over) for step in steps]
        for i, (step, item) in enumerate(zip(damped, unknowns, strict=True)):
            moved = code.plus(f"%y{i}", step)
            moved = code.least(code.const(item.high), moved)
            moved = code.most(code.const(item.low), moved)
            self.moved.append(code.select("%active", moved, f"%y{i}"))
        far = self._far(code, longest)
        self.longest = longest
        self.active = code.put(f"and {code.mask} %active, {far}")
        self.any_active = code.put(
            f"call i1 @llvm.vector.reduce.or.v{self.width}i1({code.mask} {self.active})"
        )

    def _far(self, code: Lines, longest: str) -> str:
        """Return who has not arrived, by how steps shrink.

        Newton's steps shrink as s' = C s^2, so that the last one leaves C s'^2 = s' (s'/s)^2. C is
        taken for 1 at least: the first step has none before it to tell.
        """
        square = code.times(longest, longest)
        left = code.times(code.times(code.const(ERROR), "%before"), "%before")
        shrinking = code.compare("ogt", code.times(square, longest), left)
        small = code.compare("ogt", square, code.const(ERROR))
        return code.put(f"or {code.mask} {shrinking}, {small}")

    def write_stores(
        self, code: Lines, numbers: Sequence[str], conditions: Sequence[str], valid: str
    ) -> None:
        """Write results to memory; conditions are `balanced` and `stable`, those there are."""
        for position, name in enumerate(numbers):
            at = code.put(f"getelementptr double, ptr %o{position}, i64 %i")
            code.text.append(f"store {code.kind} {name}, ptr {at}, align 8")
        if not self.program.unknowns:
            return
        masks = list(conditions)
        found = self._converged(code)
        if self.program.balanced is not None:
            found = code.put(f"and {code.mask} {found}, {masks.pop(0)}")
        stable = "zeroinitializer"
        if self.program.stable is not None:
            stable = code.put(f"and {code.mask} {found}, {masks.pop(0)}")
        kind = f"<{self.width} x i8>"

        def chosen(mask: str, yes: int, otherwise: str) -> str:
            return code.put(
                f"select {code.mask} {mask}, {kind} splat (i8 {yes}), {kind} {otherwise}"
            )

        status = chosen(found, STATUS["found"], f"splat (i8 {STATUS['not converged']})")
        if valid:
            invalid = code.put(f"xor {code.mask} {valid}, splat (i1 true)")
            status = chosen(invalid, STATUS["unphysical"], status)
            stable = code.put(f"and {code.mask} {stable}, {valid}")
        kinds = chosen(stable, KIND["stable"], f"splat (i8 {KIND['none']})")
        for position, codes in enumerate((status, kinds), start=len(numbers)):
            at = code.put(f"getelementptr i8, ptr %o{position}, i64 %i")
            code.text.append(f"store {kind} {codes}, ptr {at}, align 1")

    def _converged(self, code: Lines) -> str:
        """Return who arrived: not active any more, and every unknown a number."""
        arrived = code.put(f"xor {code.mask} %active, splat (i1 true)")
        for i in range(len(self.program.unknowns)):
            sound = code.compare("ord", f"%y{i}", f"%y{i}")
            arrived = code.put(f"and {code.mask} {arrived}, {sound}")
        return arrived


def _assembled(
    program: Program,
    width: int,
    head: Lines,
    group: Lines,
    loop: Lines,
    finish: Lines,
    starts: Sequence[str],
    body: _Body,
) -> str:
    kind, mask = head.kind, head.mask
    vector = f"v{width}"
    lines = [
        f"declare {kind} @llvm.fmuladd.{vector}f64({kind}, {kind}, {kind})",
        f"declare {kind} @llvm.fabs.{vector}f64({kind})",
        f"declare {kind} @llvm.sqrt.{vector}f64({kind})",
        "declare <8 x double> @llvm.x86.avx512.rcp14.pd.512(<8 x double>, <8 x double>, i8)",
        f"declare i1 @llvm.vector.reduce.or.{vector}i1({mask})",
        "define void @solve(i64 %first, i64 %end, ptr noalias %columns, ptr noalias %uniforms, "
        "ptr noalias %results) #0 {",
        "entry:",
    ]
    for position in range(len(program.columns)):
        lines += _pointer(f"%c{position}", "%columns", position)
    results = len(program.unknowns) + len(program.outputs) + (2 if program.unknowns else 0)
    for position in range(results):
        lines += _pointer(f"%o{position}", "%results", position)
    lines += head.text
    lines += [
        f"%lastgroup = sub i64 %end, {width}",
        "br label %group",
        "group:",
        "%at = phi i64 [ %first, %entry ], [ %following, %stored ]",
        "%past = icmp sgt i64 %at, %lastgroup",
        "%i = select i1 %past, i64 %lastgroup, i64 %at",
        *group.text,
    ]
    if program.unknowns:
        lines += ["br label %iterate", "iterate:"]
        for i, start in enumerate(starts):
            lines.append(f"%y{i} = phi {kind} [ {start}, %group ], [ {body.moved[i]}, %iterate ]")
        lines += [
            f"%active = phi {mask} [ splat (i1 true), %group ], [ {body.active}, %iterate ]",
            f"%before = phi {kind} [ {group.const(1.0)}, %group ], [ {body.longest}, %iterate ]",
            "%step = phi i32 [ 0, %group ], [ %stepped, %iterate ]",
            *loop.text,
            "%stepped = add i32 %step, 1",
            f"%more = icmp slt i32 %stepped, {MOST_STEPS}",
            f"%goon = and i1 %more, {body.any_active}",
            "br i1 %goon, label %iterate, label %ending",
            "ending:",
            *_renamed(finish.text, body),
        ]
    lines += [
        "br label %stored",
        "stored:",
        f"%following = add i64 %at, {width}",
        "%again = icmp slt i64 %following, %end",
        "br i1 %again, label %group, label %done",
        "done:",
        "ret void",
        "}",
        'attributes #0 = { nounwind "prefer-vector-width"="512" "no-trapping-math"="true" }',
    ]
    return "\n".join(lines) + "\n"


def _renamed(text: Sequence[str], body: _Body) -> list[str]:
    """Return the last part with the unknowns where the last step left them."""
    finals = {f"%y{i}": name for i, name in enumerate(body.moved)} | {"%active": body.active}
    return [
        re.sub(r"%(?:y\d+|active)\b", lambda found: finals[found.group()], line) for line in text
    ]


def _pointer(name: str, source: str, position: int) -> list[str]:
    return [
        f"{name}.at = getelementptr ptr, ptr {source}, i64 {position}",
        f"{name} = load ptr, ptr {name}.at, align 8",
    ]
