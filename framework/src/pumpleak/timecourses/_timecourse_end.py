"""What the end of a time course is: rest, movement, or something that runs away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from .._errors import PluginError
from ..membranes._lookup import solver_named
from ._free_ions import FreeIons, problem_at
from ._held_ions import HeldIons

if TYPE_CHECKING:
    from ._moving import Moving

_MS_PER_MIN = 6e4
_FAST_MV_PER_MS = 0.01
#: Nearer than this to a state is at it.
_SAME_MV, _SAME_SHARE, _SAME_GATE = 0.01, 1e-4, 1e-3


@attrs.frozen(kw_only=True)
class Ending:
    """What the end is.

    Args:
        status: in a word or two.
        message: in a sentence.
    """

    status: Literal["at rest", "still moving", "runs away", "not converged"]
    message: str


def gone(trouble: str, time_s: float, *, failed: bool) -> Ending:
    """Return the ending of a time course that ended early.

    Args:
        trouble: why.
        time_s: when.
        failed: whether the integrator gave up.
    """
    return Ending(
        status="not converged" if failed else "runs away",
        message=f"{trouble}; the time course ends there, at {time_s:.6g} s",
    )


def ending(moving: Moving, x: Any) -> Ending:
    """Return what the end is.

    Args:
        moving: the membrane at the end.
        x: its variables there.
    """
    try:
        if isinstance(moving, FreeIons):
            return _free(moving, x)
        assert isinstance(moving, HeldIons)
        return _held(moving, x)
    except PluginError as error:
        # without a solver the movement itself can still be told
        return Ending(status="still moving", message=f"{_drift(moving, x)}; {error}")


def _held(moving: HeldIons, x: Any) -> Ending:
    _, solve = solver_named(moving.membrane.solver, "clamped")
    found = solve(moving.problem)
    own = dict(zip(moving.names[1:], x[1:], strict=True))
    for state in found:
        if abs(state.V_mV - x[0]) <= _SAME_MV and _same_gates(state.states, own):
            return _arrived(state)
    others = ", ".join(f"{state.V_mV:.2f} mV ({state.kind})" for state in found)
    rests = f"; it could rest at {others}" if others else "; it rests nowhere in its range"
    return Ending(status="still moving", message=_drift(moving, x) + rests)


def _free(moving: FreeIons, x: Any) -> Ending:
    at, states = moving.state(x)
    problem = problem_at(moving.membrane, at, states, moving.problem.kept)
    _, solve = solver_named(None, "steady")
    found = solve(problem, starts=0)
    if found.status == "found":
        for state in found:
            gap = np.abs(state.y - problem.start)
            same = abs(state.V_mV - at["V"]) <= _SAME_MV and gap[1:].max(initial=0.0) <= _SAME_SHARE
            if same and _same_gates(state.clamped.states, states):
                return _arrived(state)
        others = ", ".join(f"{state.V_mV:.2f} mV ({state.kind})" for state in found)
        return Ending(
            status="still moving", message=f"{_drift(moving, x)}; a steady state is at {others}"
        )
    if found.status == "runs away":
        return Ending(status="runs away", message=f"{_drift(moving, x)}; {found.message}")
    return Ending(
        status="still moving", message=f"{_drift(moving, x)}; no steady state was found from there"
    )


def _same_gates(theirs: Mapping[str, float], ours: Mapping[str, float]) -> bool:
    return all(
        abs(theirs[name] - value) <= _SAME_GATE * max(abs(theirs[name]), 1e-6)
        for name, value in ours.items()
    )


def _arrived(state: Any) -> Ending:
    if state.kind in ("unstable", "saddle"):
        return Ending(
            status="still moving",
            message=f"beside the {state.kind} state at {state.V_mV:.2f} mV, which it will leave",
        )
    return Ending(status="at rest", message=f"{state.kind} state at {state.V_mV:.2f} mV")


def _drift(moving: Moving, x: Any) -> str:
    """Return how fast V and volume change, in words."""
    rates = moving.rates(x)
    step = 1e-3 / max(float(np.abs(rates / np.maximum(np.abs(x), 1e-9)).max()), 1e-6)  # ms
    moved = np.column_stack([x, x + step * rates])
    seen = moving.seen(moved)
    voltage = float(np.diff(seen["V"])[0]) / step * _MS_PER_MIN
    text = f"V changes by {voltage:+.2g} mV/min"
    if abs(voltage) > _MS_PER_MIN * _FAST_MV_PER_MS:
        text = f"V changes by {voltage / _MS_PER_MIN:+.2g} mV/ms"
    if "volume" in moving.names:
        volume = float(np.diff(np.log(seen["volume"]))[0]) / step * _MS_PER_MIN
        text += f", volume by {100 * volume:+.2g} %/min"
    return text if math.isfinite(voltage) else "V changes"
