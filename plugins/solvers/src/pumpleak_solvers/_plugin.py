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
        ),
        SolverRecord(
            name="newton",
            factory="pumpleak_solvers.newton:solve",
            summary="Steady ions: damped Newton from many starts, a stiff integrator as rescue",
            mode="steady",
            guarantee="searched, with the budget stated",
        ),
    ]
