"""The main call: where does this membrane rest?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._errors import SolverError
from ..membranes._given import membrane_of
from ..membranes._lookup import solver_named
from ..membranes._membrane import Membrane
from ._equilibria import Equilibria
from ._problem import ClampedProblem


def problem(membrane: Membrane) -> ClampedProblem:
    """Return the clamped-ion problem of a membrane; made once per membrane."""
    kept = vars(membrane).get("_problem")
    if kept is None:
        kept = vars(membrane)["_problem"] = ClampedProblem(membrane)
    made: ClampedProblem = kept
    return made


def _assembled(membrane: Membrane) -> None:
    """Let plugins see a membrane whose mechanisms have become equations."""
    from ..host import default_host

    default_host().event("pumpleak_membrane_assembled", membrane=membrane)


def rest(membrane: Membrane | str | os.PathLike[str], *, prove: bool = False) -> Equilibria:
    """Find every resting state with the ions clamped.

    Args:
        membrane: a membrane, or the path of a membrane file.
        prove: whether to prove by interval arithmetic that no state was missed.

    Returns:
        All resting states in the membrane's range, with status and guarantee.

    Raises:
        FileError: the file is not a membrane.
        PhysicsError: a mechanism's function is impossible.
        PluginError: something the membrane names is not installed or does not load.
    """
    membrane = membrane_of(membrane)
    identity, solve = solver_named(membrane.solver, "clamped")
    new = "_problem" not in vars(membrane)
    assembled = problem(membrane)
    if new:
        _assembled(membrane)
    found: Any = solve(assembled, prove=prove)
    if not isinstance(found, Equilibria):
        raise SolverError(f"solver {identity} returned {type(found).__name__}, not Equilibria")
    from ..host import default_host

    default_host().event("pumpleak_rest_found", equilibria=found)
    return found


def steady(
    membrane: Membrane | str | os.PathLike[str],
    *,
    start: Mapping[str, float] | None = None,
    starts: int = 64,
    seed: int = 0,
) -> Equilibria:
    """Find where concentrations, volume and voltage rest by themselves.

    Args:
        membrane: a membrane with compartments, or the path of a membrane file with [steady].
        start: where to begin, by name, in mV, mM and fL; by default the membrane's own values.
        starts: how many random starts to try beside the membrane's own; 0 is a local solve.
        seed: of the random starts.

    Returns:
        All steady states found, with status; the guarantee names what was searched.

    Raises:
        CompositionError: the membrane does not say what is free.
        FileError: the file is not a membrane.
        PhysicsError: a mechanism's function is impossible.
        PluginError: something the membrane names is not installed or does not load.
    """
    from ._steady import SteadyProblem

    membrane = membrane_of(membrane)
    identity, solve = solver_named(None, "steady")
    assembled = SteadyProblem(membrane, start)
    _assembled(membrane)
    found: Any = solve(assembled, starts=starts, seed=seed)
    if not isinstance(found, Equilibria):
        raise SolverError(f"solver {identity} returned {type(found).__name__}, not Equilibria")
    from ..host import default_host

    default_host().event("pumpleak_rest_found", equilibria=found)
    return found
