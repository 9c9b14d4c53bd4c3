"""Clamped ions as a kernel's program: V, and pools where there are any."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import CompositionError, near
from ..equations._kernel import Compiled
from ..equilibria._problem import ClampedProblem
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ._built import Built
from ._elimination import solved
from ._fold import Unknown, folded
from ._machine import Machine
from ._nodes import ITERATION, MEMBER, UNIFORM, Graph, Node
from ._program import Program
from ._stability import certainly_stable, size
from ._start import Fit

#: A longer step of V than this, mV, is shortened to it.
_STEP_MV = 30.0
#: A slope this small beside all currents over RT/F has no sign that is certain.
_MARGINAL = 1e-9
#: A member whose current, over its slope, is further off than this, mV, has not arrived.
_OFF_MV = 1e-10


class Lowering:
    """Lowered sources run with nodes: parameters are leaves, uniform or of each member.

    Args:
        parameters: names in the sources' order.
        varied: those that differ from member to member.
    """

    def __init__(self, parameters: Sequence[str], varied: Sequence[str]) -> None:
        self.graph = Graph()
        self.parameters = [
            self.graph.leaf(name, MEMBER if name in varied else UNIFORM) for name in parameters
        ]

    def run(self, compiled: Compiled, inputs: Sequence[Node]) -> list[Node]:
        """Return a source's outputs for given inputs."""
        prepare, compute = compiled.source.functions(self.graph.functions())
        found = compute(*inputs, prepare(self.parameters))
        return [self.graph.node(value) for value in found]

    def logarithmic(self, name: str, low: float, high: float) -> Unknown:
        """Return an unknown above zero, solved for as its logarithm."""
        symbol = self.graph.leaf(f"log.{name}", ITERATION)
        value = self.graph.call("exp", symbol)
        return Unknown(symbol=symbol, value=value, low=math.log(low), high=math.log(high), size=1.0)

    def voltage(self, low: float, high: float, size: float) -> Unknown:
        """Return V, mV."""
        symbol = self.graph.leaf("V", ITERATION)
        return Unknown(symbol=symbol, value=symbol, low=low, high=high, size=size)


def build_clamped(
    problem: ClampedProblem,
    columns: Sequence[str],
    values: Mapping[str, float],
    fitted: Sequence[str],
    outputs: Sequence[str],
) -> Built:
    """Return the program of one structure of membranes with their ions clamped.

    Args:
        problem: of the membrane that all members have in common.
        columns: names of the inputs that differ from member to member.
        values: of every input, and of the unknowns at some rest.
        fitted: columns that the start depends on.
        outputs: what else to compute; see `output_names`.
    """
    kernel = problem.kernel
    lowering = Lowering(problem.equations.parameters, columns)
    graph = lowering.graph
    unknowns = [lowering.voltage(problem.low, problem.high, _STEP_MV)]
    for pool in kernel.pools:
        assert pool.bounds is not None
        unknowns.append(lowering.logarithmic(pool.name, *pool.bounds))
    inputs = [item.value for item in unknowns]
    n = len(unknowns)
    found = lowering.run(kernel.rest, inputs)
    residual = found[:n]
    rows = [found[n + i * n : n + (i + 1) * n] for i in range(n)]
    slope = rows[0][0]
    if n > 1:
        inner = [row[1:] for row in rows[1:]]
        follow = solved(graph, inner, [row[0] for row in rows[1:]], values)
        slope = slope - graph.add(
            (1.0, across * pool) for across, pool in zip(rows[0][1:], follow, strict=True)
        )
    matrix = [
        [entry * _per_symbol(item) for entry, item in zip(row, unknowns, strict=True)]
        for row in rows
    ]
    stable = _stable(problem, lowering, inputs, slope)
    wanted = [named_outputs(problem, lowering, inputs)[name] for name in outputs]
    whole = [*residual, *(entry for row in matrix for entry in row), slope, stable, *wanted]
    whole, powers = folded(graph, whole, unknowns, values, columns)
    residual, rest = whole[:n], whole[n:]
    matrix = [rest[i * n : (i + 1) * n] for i in range(n)]
    slope, stable, *wanted = rest[n * n :]
    steps = solved(graph, matrix, [-value for value in residual], values)
    # Where pools are unknowns too, one current that vanishes says little; they have arrived.
    balanced = None
    if n == 1:
        off = residual[0] / _OFF_MV
        balanced = graph.call("less_equal", off * off, slope * slope)
    fit = Fit.of(fitted)
    program = Program(
        graph=graph,
        columns=tuple(dict.fromkeys([*columns, *fitted])),
        unknowns=tuple(unknowns),
        starts=tuple(fit.nodes(graph, n)),
        steps=tuple(steps),
        valid=valid(graph, columns),
        outputs=(residual[0], slope, *wanted),
        balanced=balanced,
        stable=stable,
    )
    return Built(
        machine=Machine(program),
        powers=powers,
        fit=fit,
        names=problem_names(problem),
    )


def problem_names(problem: ClampedProblem) -> tuple[str, ...]:
    """Return the names of the unknowns."""
    return ("V", *(pool.name for pool in problem.kernel.pools))


def valid(graph: Graph, columns: Sequence[str]) -> Node | None:
    """Return the condition that every column is within ``low.<name>`` and ``high.<name>``."""
    within: Node | None = None
    for name in columns:
        value = graph.leaf(name, MEMBER)
        high = graph.call("less_equal", value, graph.leaf(f"high.{name}", UNIFORM))
        low = graph.call("greater_equal", value, graph.leaf(f"low.{name}", UNIFORM))
        this = graph.call("both", low, high)
        within = this if within is None else graph.call("both", within, this)
    return within


def _per_symbol(item: Unknown) -> Node | float:
    return item.value if item.logarithmic else 1.0


def _stable(
    problem: ClampedProblem,
    lowering: Lowering,
    inputs: Sequence[Node],
    slope: Node,
) -> Node:
    """Return the condition under which a state is certainly stable, as `RestingState.kind` is."""
    graph, kernel = lowering.graph, problem.kernel
    states = lowering.run(kernel.steady, inputs) if kernel.states else []
    n = 1 + len(states)
    found = lowering.run(kernel.full, [inputs[0], *states])[n:]
    by = {node.args[0]: node for node in lowering.parameters}
    jacobian = [found[i * n : (i + 1) * n] for i in range(n)]
    jacobian[0] = [-entry / by["capacitance"] for entry in jacobian[0]]
    parts = lowering.run(kernel.parts, inputs)[: len(problem.equations.currents)]
    gross = graph.add((1.0, size(graph, current)) for current in parts)
    thermal = by["gas_constant"] * by["temperature"] / by["faraday"]
    certain = graph.call("greater", slope, _MARGINAL * gross / thermal)
    return graph.call("both", certainly_stable(graph, jacobian), certain)


def output_names(problem: ClampedProblem) -> list[str]:
    """Return what can be asked for of every member beside its state."""
    return [
        "ATP_per_s",
        *(f"current.{label}.{ion}" for label, ion in problem.equations.currents),
        *(f"cycles.{label}" for label in problem.equations.cycles),
        *(f"open.{label}" for label in problem.equations.open_fractions),
    ]


def check_outputs(problem: ClampedProblem, outputs: Sequence[str]) -> None:
    """Refuse what cannot be asked for.

    Raises:
        CompositionError: an unknown name; near names are offered.
    """
    refuse_unknown(outputs, output_names(problem))


def refuse_unknown(outputs: Sequence[str], known: Sequence[str]) -> None:
    """Refuse outputs that are not among those known.

    Raises:
        CompositionError: an unknown name; near names are offered.
    """
    for name in outputs:
        if name not in known:
            raise CompositionError(
                f"outputs: no {name!r}{near(name, known)}; there are: {', '.join(known)}"
            )


def named_outputs(
    problem: ClampedProblem, lowering: Lowering, inputs: Sequence[Node]
) -> dict[str, Node]:
    """Return what can be asked for, as nodes."""
    found = lowering.run(problem.kernel.parts, inputs)
    return dict(zip(output_names(problem), with_atp(problem, found), strict=True))


def with_atp(problem: ClampedProblem, parts: Sequence[Any]) -> list[Any]:
    """Return ATP molecules spent per second, followed by the parts, numbers of any kind."""
    first = len(problem.equations.currents)
    spent: Any = 0.0
    for label, cycles in zip(problem.equations.cycles, parts[first:], strict=False):
        spent = spent + getattr(problem.membrane.mechanism(label), "atp", 0) * cycles
    return [spent * (MOLECULES_PER_AMOL * MS_PER_S), *parts]
