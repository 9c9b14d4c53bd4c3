"""Many membranes of one structure: where each rests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError
from ..membranes._given import membrane_of
from ..membranes._lookup import solver_named
from ..membranes._membrane import Membrane
from ..membranes._problems import short
from ._members import checked
from ._result import ManyRests

if TYPE_CHECKING:
    from ._many_clamped import ManyClamped
    from ._many_steady import ManySteady


def solve_many(
    membrane: Membrane | str | os.PathLike[str],
    values: Mapping[str, Any],
    *,
    mode: str = "clamped",
    all_states: bool = False,
    threads: int | None = None,
    outputs: Sequence[str] = (),
) -> ManyRests:
    """Find where each of many membranes rests.

    A member's result depends on its own values alone: neither on its neighbours nor on how many
    threads there are, to the last bit.

    Args:
        membrane: what all members have in common: a membrane, or the path of its file.
        values: what differs, by the names of `Membrane.evolve`, each of shape (n,), in pumpleak's
            own units (mV, pA, nS, mM, fL, um, K) and in the dimension that the membrane's own
            value has: a density stays a density.
        mode: ``"clamped"`` ions, or ``"steady"`` ions.
        all_states: whether to look for every state of each member: in the membrane's range with
            clamped ions, from many starts with steady ions. Else one state a member is returned:
            a stable one where it has any, with clamped ions; with steady ions where one is found
            from the membrane's own. Which one of several it is follows from the member's values.
        threads: how many to use; by default one a processor.
        outputs: what else to compute of each state: ``"ATP_per_s"``,
            ``"current.<mechanism>.<ion>"`` (pA),
            ``"cycles.<transporter>"`` (amol/ms), ``"open.<channel>"``.

    Returns:
        Arrays, one row a member or, with `all_states`, a state.

    Raises:
        CompositionError: a name or value that cannot be.
        FileError: the file is not a membrane.
        SolverError: no compiler is installed.

    >>> import numpy as np, pumpleak as pl
    >>> found = solve_many(pl.bundled(), {"outside.K": np.array([2.0, 4.0, 8.0])})
    >>> found.V_mV.round(1)
    array([-70.1, -67.6, -61.8])
    """
    if mode not in ("clamped", "steady"):
        raise CompositionError(f"mode: expected 'clamped' or 'steady', got {mode!r}")
    if threads is not None and (
        not isinstance(threads, int) or isinstance(threads, bool) or threads < 1
    ):
        raise CompositionError(f"threads: expected a whole number from 1 on, got {threads!r}")
    if isinstance(outputs, str):
        raise CompositionError(f"outputs: expected a list of names, got {outputs!r} alone")
    if not isinstance(outputs, Iterable):
        raise CompositionError(
            f"outputs: expected a list of names such as ['ATP_per_s'], got {short(outputs)}"
        )
    if not isinstance(all_states, bool | np.bool_):
        raise CompositionError(f"all_states: expected True or False, got {short(all_states)}")
    membrane = membrane_of(membrane)
    members = checked(membrane, values)
    ready = prepared(membrane, tuple(members), mode=mode, outputs=tuple(outputs))
    found = ready.solve(members, all_states=all_states, threads=threads)
    solver = ""
    if ready.asks_solver(all_states=all_states):
        solver, _ = solver_named(membrane.solver if mode == "clamped" else None, mode)
    return attrs.evolve(found, notes=ready.notes, membrane=membrane, solver=solver)


def prepared(
    membrane: Membrane, names: tuple[str, ...], *, mode: str, outputs: tuple[str, ...]
) -> ManyClamped | ManySteady:
    """Return a membrane made ready for many members; made once.

    Args:
        membrane: what all members have in common.
        names: what they differ in.
        mode: ``"clamped"`` or ``"steady"``.
        outputs: what else to compute.
    """
    if mode == "clamped":
        from ._many_clamped import ManyClamped

        return ManyClamped.of(membrane, names, outputs)
    from ._many_steady import ManySteady

    return ManySteady.of(membrane, names, outputs)


def check_outputs(membrane: Membrane, mode: str, outputs: Sequence[str]) -> None:
    """Refuse outputs that members do not have.

    Args:
        membrane: what all members have in common.
        mode: ``"clamped"`` or ``"steady"``.
        outputs: their names.

    Raises:
        CompositionError: an unknown name; near names are offered.
    """
    if mode == "clamped":
        from ..equilibria._rest import problem
        from . import _clamped

        _clamped.check_outputs(problem(membrane), outputs)
        return
    from ..equilibria._steady import SteadyProblem
    from . import _steady

    _steady.check_outputs(SteadyProblem(membrane), outputs)
