"""Steady ions as a kernel's program: V, concentrations, volume and pools rest by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
import numpy as np

from ..equations._closure import Closure, resting_tape, resting_unknowns
from ..equations._equations import used
from ..equations._kernel import Compiled, compiled
from ..equations._lower import lower
from ..equilibria._steady import SteadyProblem
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ._built import Built
from ._clamped import Lowering, refuse_unknown, valid
from ._elimination import solved
from ._fold import Unknown, folded
from ._machine import Machine
from ._nodes import UNIFORM, Graph, Node
from ._program import Program
from ._stability import certainly_stable, size
from ._start import Fit

#: A step of V of this much, mV, counts as much as one of a factor e in a concentration.
_STEP_MV = 20.0
_VOLTAGES = (-1000.0, 1000.0)
_CONCENTRATIONS = (1e-9, 1e4)
_VOLUMES = (1e-4, 1e4)
#: Largest imbalance of a member that has arrived, over its scale.
_BALANCED = 1e-9


@attrs.frozen(kw_only=True, eq=False)
class Sources:
    """Lowered sources of one structure of steady ions.

    Args:
        parameters: their inputs' names, in order.
        states: gates and pools at rest, from the unknowns.
        parts: currents, cycle rates and open probabilities, from the unknowns.
    """

    parameters: tuple[str, ...]
    states: Compiled
    parts: Compiled


@lru_cache(maxsize=64)
def sources(closure: Closure) -> Sources:
    """Lower what kernels need beside the residual and the movement."""
    unknowns = resting_unknowns(closure)
    tape = resting_tape(closure)
    equations = closure.equations

    def source(outputs: Sequence[Any]) -> Compiled:
        return compiled(lower(used(tape, outputs), outputs, unknowns, closure.parameters), {})

    parts = [
        *equations.currents.values(),
        *equations.cycles.values(),
        *equations.open_fractions.values(),
    ]
    return Sources(
        parameters=closure.parameters,
        states=source([state.symbol for state in equations.states]),
        parts=source(parts),
    )


def output_names(problem: SteadyProblem) -> list[str]:
    """Return what can be asked for of every member beside its state."""
    equations = problem.closure.equations
    return [
        "ATP_per_s",
        *(f"current.{label}.{ion}" for label, ion in equations.currents),
        *(f"cycles.{label}" for label in equations.cycles),
        *(f"open.{label}" for label in equations.open_fractions),
    ]


def check_outputs(problem: SteadyProblem, outputs: Sequence[str]) -> None:
    """Refuse what cannot be asked for.

    Raises:
        CompositionError: an unknown name; near names are offered.
    """
    refuse_unknown(outputs, output_names(problem))


def with_atp(problem: SteadyProblem, parts: Sequence[Any]) -> list[Any]:
    """Return ATP molecules spent per second, followed by the parts, numbers of any kind."""
    equations = problem.closure.equations
    spent: Any = 0.0
    for label, cycles in zip(equations.cycles, parts[len(equations.currents) :], strict=False):
        spent = spent + getattr(problem.membrane.mechanism(label), "atp", 0) * cycles
    return [spent * (MOLECULES_PER_AMOL * MS_PER_S), *parts]


def build_steady(
    problem: SteadyProblem,
    extra: Sources,
    columns: Sequence[str],
    values: Mapping[str, float],
    fitted: Sequence[str],
    outputs: Sequence[str],
) -> Built:
    """Return the program of one structure of membranes with steady ions.

    Args:
        problem: of the membrane that all members have in common.
        extra: its other sources.
        columns: names of the inputs that differ from member to member.
        values: of every input, of ``scale.<i>``, and of the unknowns' symbols at some rest.
        fitted: columns that the start depends on.
        outputs: what else to compute; see `output_names`.
    """
    lowering = Lowering(extra.parameters, columns)
    graph = lowering.graph
    unknowns = [_unknown(lowering, problem, name) for name in problem.names]
    inputs = [item.value for item in unknowns]
    n = len(unknowns)
    found = lowering.run(problem._kernel, inputs)
    scale = [1.0 / graph.leaf(f"scale.{i}", UNIFORM) for i in range(n)]
    residual = [value * per for value, per in zip(found[:n], scale, strict=True)]
    matrix = [
        [
            found[n + i * n + j] * (item.value if item.logarithmic else 1.0) * scale[i]
            for j, item in enumerate(unknowns)
        ]
        for i in range(n)
    ]
    stable = certainly_stable(graph, _movement(problem, extra, lowering, inputs))
    parts = with_atp(problem, lowering.run(extra.parts, inputs))
    by = dict(zip(output_names(problem), map(graph.node, parts), strict=True))
    whole = [
        *residual,
        *(entry for row in matrix for entry in row),
        stable,
        *(by[name] for name in outputs),
    ]
    whole, powers = folded(graph, whole, unknowns, values, columns)
    residual, rest = whole[:n], whole[n:]
    matrix = [rest[i * n : (i + 1) * n] for i in range(n)]
    stable, *wanted = rest[n * n :]
    steps = solved(graph, matrix, [-value for value in residual], values)
    worst = _largest(graph, residual)
    fit = Fit.of(fitted)
    program = Program(
        graph=graph,
        columns=tuple(dict.fromkeys([*columns, *fitted])),
        unknowns=tuple(unknowns),
        starts=tuple(fit.nodes(graph, n)),
        steps=tuple(steps),
        valid=valid(graph, columns),
        outputs=(worst, *wanted),
        balanced=_in_order(graph, problem, lowering, unknowns, worst),
        stable=stable,
    )
    return Built(machine=Machine(program), powers=powers, fit=fit, names=problem.names)


def _unknown(lowering: Lowering, problem: SteadyProblem, name: str) -> Unknown:
    if name == "V":
        return lowering.voltage(*_VOLTAGES, _STEP_MV)
    if name == "volume":
        start = problem.values["volume"]
        return lowering.logarithmic(name, _VOLUMES[0] * start, _VOLUMES[1] * start)
    if name.startswith("inside."):
        return lowering.logarithmic(name, *_CONCENTRATIONS)
    (bounds,) = (pool.bounds for pool in problem.closure.equations.pools() if pool.name == name)
    assert bounds is not None
    return lowering.logarithmic(name, bounds[0] * 1e-3, bounds[1] * 1e3)


def _largest(graph: Graph, nodes: Sequence[Node]) -> Node:
    """Return the largest size; what is no number stays none."""
    largest = graph.zero
    for node in nodes:
        this = size(graph, node)
        largest = graph.call("where", graph.call("less_equal", this, largest), largest, this)
    return largest


def _in_order(
    graph: Graph,
    problem: SteadyProblem,
    lowering: Lowering,
    unknowns: Sequence[Unknown],
    worst: Node,
) -> Node:
    """Return the condition that nothing is left over, and ions are left outside."""
    fine = graph.call("less_equal", worst, _BALANCED)
    if problem.compartments.outside_volume is None:
        return fine
    by = dict(zip(problem.names, (item.value for item in unknowns), strict=True))
    leaf = {node.args[0]: node for node in lowering.parameters}
    volume = by.get("volume", leaf.get("volume"))
    assert volume is not None
    for ion in problem.closure.free:
        left = leaf[f"total.{ion}"] - volume * by[f"inside.{ion}"]
        fine = graph.call("both", fine, graph.call("greater", left, 0.0))
    if "volume" in by:
        fine = graph.call("both", fine, graph.call("less", volume, leaf["both_volumes"]))
    return fine


def _movement(
    problem: SteadyProblem, extra: Sources, lowering: Lowering, inputs: Sequence[Node]
) -> list[list[Node]]:
    """Return the Jacobian in time on the conserved manifold, per ms."""
    graph = lowering.graph
    by: dict[str, Node] = dict(zip(problem.names, inputs, strict=True))
    states = lowering.run(extra.states, inputs)
    by |= dict(zip((state.name for state in problem.closure.equations.states), states, strict=True))
    leaf = {node.args[0]: node for node in lowering.parameters}
    volume = by.get("volume", leaf.get("volume"))
    assert volume is not None
    for ion in problem.closure.free:
        by[f"amount.{ion}"] = volume * by[f"inside.{ion}"]
    names, moving = problem._movement
    found = lowering.run(moving, [by[name] for name in names])[len(names) + 1 :]
    m = len(names)
    rows = [found[i * m : (i + 1) * m] for i in range(m)]
    kept, gone, share = manifold(problem)
    return [
        [
            graph.add(
                [
                    (1.0, rows[i][j]),
                    *((float(share[k, b]), rows[i][g]) for k, g in enumerate(gone) if share[k, b]),
                ]
            )
            for b, j in enumerate(kept)
        ]
        for i in kept
    ]


def manifold(problem: SteadyProblem) -> tuple[list[int], list[int], Any]:
    """Return which variables are independent, which follow, and how.

    Returns:
        Positions of the independent variables (m,), of the others (k,), and the change of each
        of the others by each of the independent ones, shape (k, m).
    """
    rows = problem.conserved_rows()
    count = rows.shape[1]
    gone: list[int] = []
    work = rows.copy()
    for i in range(len(work)):
        column = int(np.argmax(np.abs(work[i])))
        if work[i, column] == 0.0:
            continue
        gone.append(column)
        work[i] /= work[i, column]
        for other in range(len(work)):
            if other != i:
                work[other] -= work[other, column] * work[i]
    work = work[np.abs(work).max(axis=1, initial=0.0) > 0.0]
    kept = [j for j in range(count) if j not in gone]
    return kept, gone, -work[:, kept]
