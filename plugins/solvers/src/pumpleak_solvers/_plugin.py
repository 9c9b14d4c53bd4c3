"""What this distribution registers; imports no numerics."""

from __future__ import annotations

from pumpleak.host import SolverRecord, hookimpl


@hookimpl
def pumpleak_solvers() -> list[SolverRecord]:
    """Return the solvers of this distribution."""
    return [
        SolverRecord(
            name="scan",
            factory="pumpleak_solvers.scan:solve",
            summary="Clamped ions: refining scan of the I-V curve, interval proof on request",
            mode="clamped",
            guarantee="searched; proved complete with prove=True",
        )
    ]
