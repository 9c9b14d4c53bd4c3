"""Members that only the solver of single membranes can answer for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equilibria._problem import ClampedProblem
from ._clamped import output_names, with_atp
from ._members import rows
from ._result import KIND, STATUS, ManyRests

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane


def solved_one_by_one(
    membrane: Membrane,
    problem: ClampedProblem,
    given: Mapping[str, Any],
    members: int,
    outputs: Sequence[str],
) -> ManyRests:
    """Return every state of every member by the membrane's own solver.

    Args:
        membrane: what all members have in common.
        problem: of it.
        given: inputs of the equations, numbers or arrays of shape (n,).
        members: how many there are.
        outputs: what else to compute.
    """
    from ..membranes._lookup import solver_named

    _, solve = solver_named(membrane.solver, "clamped")
    pools = [pool.name for pool in problem.kernel.pools]
    table: list[dict[str, Any]] = []
    for member in range(members):
        values = {name: float(value) for name, value in rows(given, member).items()}
        found = solve(ClampedProblem(membrane, values), prove=False)
        for state in found.states or (None,):
            row: dict[str, Any] = {"member": member, "status": STATUS[found.status]}
            row["kind"] = KIND["none" if state is None else state.kind]
            row["V"] = np.nan if state is None else state.V_mV
            row["residual"] = np.nan if state is None else state.residual_pA
            row["slope"] = np.nan if state is None else state.slope_nS
            for name in pools:
                row[name] = np.nan if state is None else state.states[name]
            if state is not None and outputs:
                parts = problem.kernel.parts.at(
                    (state.V_mV, *state._pools), state.problem._parts_constants
                )
                by = dict(zip(output_names(problem), with_atp(problem, parts), strict=True))
                row |= {f"output {name}": by[name] for name in outputs}
            table.append(row)

    def column(name: str, kind: Any = float) -> Any:
        return np.array([row.get(name, np.nan) for row in table], dtype=kind)

    return ManyRests(
        mode="clamped",
        members=members,
        state_of=column("member", np.int64),
        V_mV=column("V"),
        unknowns={name: column(name) for name in pools},
        residual=column("residual"),
        slope_nS=column("slope"),
        status=column("status", np.uint8),
        kind=column("kind", np.uint8),
        retried=np.zeros(len(table), dtype=bool),
        outputs={name: column(f"output {name}") for name in outputs},
    )
