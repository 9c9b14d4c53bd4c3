"""What comes back of many membranes: arrays, one entry a member or a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

if TYPE_CHECKING:
    from ..cite import Citations
    from ..membranes._membrane import Membrane
    from ._emit import CannotWrite

STATUSES = ("found", "none in range", "unphysical", "runs away", "not converged")
KINDS = ("stable", "unstable", "saddle", "marginal", "none")
STATUS = {name: code for code, name in enumerate(STATUSES)}
KIND = {name: code for code, name in enumerate(KINDS)}


def point_by_point(labels: Iterable[str]) -> str:
    """Return the note that mechanisms cannot be traced."""
    return f"{', '.join(labels)}: opaque, so members are solved point by point, which is slow"


def slower(reason: CannotWrite) -> str:
    """Return the note that a membrane's equations cannot be compiled."""
    return f"{reason}, so members are solved with NumPy, which is slower"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ManyRests:
    """Resting states of many membranes.

    With one state a member every array has shape (n,). With all states
    it has one row a state, in order of member, then voltage; a member without any has one row.

    Args:
        mode: ``"clamped"`` or ``"steady"``.
        members: how many there are.
        V_mV: membrane potential; nan where the status says why there is none.
        unknowns: other unknowns by name: inside concentrations (mM), ``"volume"`` (fL), pools.
        residual: total current left over, pA, with clamped ions; largest imbalance over its scale
            with steady ions.
        slope_nS: slope conductance with gates following, clamped ions; empty with steady ions.
        status: codes into `STATUSES`, uint8.
        kind: codes into `KINDS`, uint8.
        retried: whether the robust path was needed.
        outputs: what else was asked for, by name.
        notes: what there is to say of how they were solved, one sentence each.
        membrane: what all members have in common.
        solver: id of the solver of single membranes, where it took part; else empty.
        state_of: with all states, which member each row is of, int64; None: each row is a member.
    """

    mode: str
    members: int
    V_mV: Any
    unknowns: Mapping[str, Any]
    residual: Any
    slope_nS: Any
    status: Any
    kind: Any
    retried: Any
    outputs: Mapping[str, Any] = attrs.field(factory=dict)
    state_of: Any = None
    notes: tuple[str, ...] = ()
    membrane: Membrane | None = None
    solver: str = ""

    def citations(self) -> Citations:
        """Return every work behind the membrane, pumpleak and the plugins that took part too."""
        from ..cite import citations

        return citations(self)

    @property
    def member(self) -> Any:
        """Which member each row is of, int64."""
        return np.arange(self.members) if self.state_of is None else self.state_of

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status, and how many members were retried."""
        found = np.bincount(self.status, minlength=len(STATUSES))
        return {
            **{name: int(found[code]) for code, name in enumerate(STATUSES) if found[code]},
            "retried": int(np.count_nonzero(self.retried)),
        }

    def __repr__(self) -> str:
        words = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        notes = "".join(f"\n{note}" for note in self.notes)
        return f"ManyRests({self.members:,} members, {self.mode} ions: {words}){notes}"
