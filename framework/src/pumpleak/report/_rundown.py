"""What becomes of a cell whose pumps are blocked for good: its steady state without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .._errors import PumpleakError
from ..equations._closure import movements
from ..equations._conserved import conserved
from ..equilibria._steady import SteadyProblem
from ..membranes._lookup import solver_named
from ..units._quantity import VOLUME, internal
from ._free import Donnan, donnan
from ._pumping import stopped

if TYPE_CHECKING:
    from ..equilibria._steady_state import SteadyState
    from ..membranes._membrane import Membrane

_STARTS = 16


@attrs.frozen(kw_only=True)
class RunDown:
    """Where a cell ends after its ATP-driven pumps have stopped.

    Args:
        status: as of any search: ``"found"``, ``"runs away"``, ...
        V_mV: membrane potential at the end, mV; None where there is no end, or more than one.
        volume_fL: of the inside, fL.
        inside_mM, outside_mM: by ion, mM.
        donnan: ratios there.
        slowest_s: the slowest time constant there, s.
        states: number of stable states without the pumps.
        remark: what else has to be known, a sentence; may be empty.
    """

    status: str
    V_mV: float | None = None
    volume_fL: float | None = None
    inside_mM: tuple[tuple[str, float], ...] = ()
    outside_mM: tuple[tuple[str, float], ...] = ()
    donnan: Donnan | None = None
    slowest_s: float | None = None
    states: int = 0
    remark: str = ""


def run_down(state: SteadyState, pumps: tuple[str, ...]) -> RunDown | None:
    """Follow a cell's own amounts and charge to where they rest without its pumps.

    Args:
        state: where the cell is when its pumps stop.
        pumps: names of the ATP-driven transporters; none gives None.
    """
    if not pumps:
        return None
    try:
        problem = _continued(state, pumps)
        _, solve = solver_named(None, "steady")
        found = solve(problem, starts=_STARTS)
    except PumpleakError as error:
        return RunDown(
            status="not converged",
            remark=f"the cell without its pumps could not be solved: {error}",
        )
    stable = found.stable
    if len(stable) != 1:
        return RunDown(status=found.status, states=len(stable), remark=_unsettled(found))
    (end,) = stable
    return RunDown(
        status=found.status,
        V_mV=end.V_mV,
        volume_fL=end.volume_fL,
        inside_mM=tuple(end.inside_mM.items()),
        outside_mM=tuple(end.outside_mM.items()),
        donnan=donnan(problem.membrane, problem.closure.free, end.inside_mM, end.outside_mM),
        slowest_s=max(end.time_constants_s, default=None),
        states=1,
    )


def _unsettled(found: Any) -> str:
    if found.status != "found":
        return str(found.message)
    if not found.stable:
        return "no stable state is left"
    voltages = ", ".join(f"{state.V_mV:.2f}" for state in found.stable)
    return (
        f"there are {len(found.stable)} stable states ({voltages} mV); which one is reached, a "
        "time course tells"
    )


def _continued(state: SteadyState, pumps: tuple[str, ...]) -> SteadyProblem:
    """Return the problem of the same cell, amounts and charge as they are, without its pumps."""
    before = state.problem
    at = _resized(state)
    without = at.without(pumps) if len(pumps) < len(at.mechanisms) else at
    free = before.closure.free
    # A density of zero keeps the equations' structure; but where the pumps alone moved something,
    # it is conserved now, and only equations that know it can be solved.
    same = conserved(free, movements(without, before.compartments))[0] == before.closure.totals
    membrane = stopped(at, pumps) if same else without
    kept = {
        name: value
        for name, value in before.kept.items()
        if not name.startswith(("total.", "conserved."))
    }
    start = {name: state.found[name] for name in ("V", *(f"inside.{ion}" for ion in free))}
    return SteadyProblem(membrane, start, kept=kept)


def _resized(state: SteadyState) -> Membrane:
    """Return the membrane with concentrations, volumes and area as they are at a state."""
    before = state.problem
    volumes: dict[str, Any] = {"volume": internal(state.volume_fL, VOLUME)}
    if before.compartments.outside_volume is not None and before.closure.swells:
        space = before.values["both_volumes"] - state.volume_fL
        volumes["outside_volume"] = internal(space, VOLUME)
    return attrs.evolve(
        before.membrane_at(state.found),
        compartments=attrs.evolve(before.compartments, **volumes),
    )
