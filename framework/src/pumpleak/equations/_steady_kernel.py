"""Kernels of steady ions: the closed system at rest and in time, lowered once per structure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from .._errors import CompositionError
from ._carried import Carried
from ._closure import (
    Closure,
    close,
    flow,
    resting_residuals,
    resting_tape,
    resting_unknowns,
)
from ._equations import used
from ._kernel import Compiled, compiled
from ._lower import lower

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

Kernels = tuple[Closure, Compiled, tuple[tuple[str, ...], Compiled]]


def steady_kernels(membrane: Membrane) -> Kernels:
    """Return a membrane's closure, its kernel at rest, and (names, kernel) in time.

    Membranes of one structure share them.

    Raises:
        CompositionError: it lacks what steady ions need.
        PhysicsError: a mechanism's function is impossible.
    """
    compartments = membrane.compartments
    structure = None if compartments is None else compartments.structure
    return _kernels(
        (membrane.structure, structure, membrane.capacitance.dimension), Carried(membrane)
    )


@lru_cache(maxsize=64)
def _kernels(structure: object, keep: Carried[Membrane]) -> Kernels:
    membrane = keep.item
    closure = close(membrane)
    if closure.equations.opaques:
        owners = sorted({label for label, _ in closure.equations.opaques})
        raise CompositionError(
            f"{', '.join(owners)} cannot be traced, so steady ions have no exact Jacobian; "
            "write its "
            "physics with s.xp"
        )
    unknowns = resting_unknowns(closure)
    outputs = resting_residuals(closure)
    tape = resting_tape(closure)
    parameters = closure.parameters if closure.swells else (*closure.parameters, "volume")
    parameters = tuple(dict.fromkeys(parameters))
    resting = compiled(lower(used(tape, outputs), outputs, unknowns, parameters, by=unknowns), {})
    moving = flow(closure, membrane)
    wanted = [*moving.rates, moving.voltage]
    in_time = compiled(
        lower(used(moving.tape, wanted), wanted, moving.variables, parameters, by=moving.variables),
        {},
    )
    return attrs.evolve(closure, parameters=parameters), resting, (moving.names, in_time)
