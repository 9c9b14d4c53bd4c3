"""The thermodynamic audit: is every flux paid for, and where does the power of ATP go?

Where concentrations rest by themselves, all that ATP gives is dissipated; where they are held,
whatever holds them does work too, and the audit books it as the clamp's.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from .._words import counted
from ..units._constants import WATT_PER_PA_MV
from ._audit_rows import AuditRow, rows_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..cite import Citations
    from ..equilibria._equilibria import RestingState
    from ..equilibria._steady_state import SteadyState
    from ..membranes._membrane import Membrane

#: Power that does not close to this is no rounding.
_LOOSE = 1e-9
#: Power below this share of conductance times (RT/F)^2 is none.
_ROUNDING = 1e-12


@attrs.frozen(kw_only=True)
class HeldIon:
    """An ion whose concentrations are held, so that something unseen carries it back.

    Args:
        ion: its name.
        current_pA: net outward current through what was audited, pA.
        power_W: work of carrying it back, W; negative where power is taken away.
    """

    ion: str
    current_pA: float
    power_W: float


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Audit:
    """Free energy at one state: who takes it, who keeps it, who turns it into heat.

    Args:
        name: of the membrane.
        mode: ``"clamped"``: concentrations held; or ``"steady"``.
        V_mV: membrane potential, mV.
        rows: per transporter, and per ion of each channel.
        clamp: ions that are held.
        power_in_W: power taken from ATP, W.
        clamp_W: power of the clamp on held ions, W.
        dissipated_W: sum over the rows, W.
        closure: (power_in_W + clamp_W - dissipated_W) over the larger side; rounding, or wrong.
        ATP_per_s: molecules per second.
        problems: what breaks the second law or the balance, a sentence each, owners named.
        notes: what the audit could not or did not count, a sentence each.
        membrane: what was audited.
    """

    name: str
    mode: str
    V_mV: float
    rows: tuple[AuditRow, ...]
    clamp: tuple[HeldIon, ...]
    power_in_W: float
    clamp_W: float
    dissipated_W: float
    closure: float
    ATP_per_s: float
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    membrane: Membrane | None = None

    def __repr__(self) -> str:
        found = counted(len(self.problems), "problem") if self.problems else "sound"
        return f"Audit({found}: {self.power_in_W:.4g} W in, {self.dissipated_W:.4g} W dissipated)"

    def __str__(self) -> str:
        return self.as_text()

    def as_text(self, width: int = 100) -> str:
        """Return the report as plain text.

        Args:
            width: columns to stay within.
        """
        from ..report._ledger import document
        from ..report._text import render

        return render(tuple(document(self)), width)

    def _repr_html_(self) -> str:
        from ..report._html import render
        from ..report._ledger import document

        return render(tuple(document(self)))

    def citations(self) -> Citations:
        """Return every work behind what was audited."""
        from ..cite import citations

        return citations(self)

    def row(self, name: str, ion: str | None = None) -> AuditRow:
        """Return a row by mechanism, and by ion where it has several.

        Raises:
            CompositionError: no such row; near names are offered.
        """
        from .._errors import CompositionError, near

        for row in self.rows:
            if row.name == name and (ion is None or ion in dict(row.moves)):
                return row
        raise CompositionError(
            f"no mechanism {name!r} in this audit{near(name, (row.name for row in self.rows))}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the JSON form; a number that is not finite becomes None."""
        from ..report._ledger import as_dict

        return as_dict(self)

    def sankey(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Draw where the power goes and what each ion does, widths in proportion.

        Args:
            path: where to write the picture, whole or not at all; its suffix says the format.

        Raises:
            CompositionError: matplotlib is not installed, or the suffix is of no known format.
            OSError: the file cannot be written.
        """
        from ..report._plot import save
        from ..report._sankey import draw

        figure = draw(self)
        if path is not None:
            save(figure, path)
        return figure


def audit(state: RestingState | SteadyState) -> Audit:
    """Audit a state: the free energy of every cycle, and where the power goes.

    Args:
        state: one that `rest` or `steady` found.

    Raises:
        CompositionError: no such state.

    Example:
        >>> import pumpleak as pl
        >>> found = pl.audit(pl.rest(pl.bundled())[0])
        >>> found.problems
        ()
    """
    from ..equilibria._equilibria import RestingState

    clamped: RestingState = getattr(state, "clamped", state)  # type: ignore[arg-type]
    if not isinstance(clamped, RestingState):
        from .._errors import CompositionError

        raise CompositionError(
            f"expected one state, got a {type(state).__name__}; give the first that is found with "
            "pl.audit(pl.rest(membrane)[0]), or pl.steady for concentrations at rest"
        )
    steady = clamped is not state
    membrane = clamped.problem.membrane
    free = state.problem.closure.free if steady else ()  # type: ignore[union-attr]
    rows = tuple(row for mechanism in membrane.mechanisms for row in rows_of(clamped, mechanism))
    audited = [row for row in rows if row.dissipated_W is not None]
    clamp = tuple(_held(clamped, rows, free))
    power_in = math.fsum(row.ATP_W for row in audited)
    dissipated = math.fsum(row.dissipated_W or 0.0 for row in audited)
    supplied = math.fsum([power_in, *(ion.power_W for ion in clamp)])
    # what a membrane at equilibrium moves is rounding, and so is its share of nothing
    thermal = membrane.thermal_voltage_mV
    least = _ROUNDING * abs(clamped.slope_frozen_nS) * thermal**2 * WATT_PER_PA_MV
    largest = max(
        least,
        math.fsum([abs(power_in), *(abs(ion.power_W) for ion in clamp)]),
        math.fsum(abs(row.dissipated_W or 0.0) for row in audited),
    )
    closure = (supplied - dissipated) / largest if largest else 0.0
    made = Audit(
        name=membrane.name,
        mode="steady" if steady else "clamped",
        V_mV=state.V_mV,
        rows=rows,
        clamp=clamp,
        power_in_W=power_in,
        clamp_W=math.fsum(ion.power_W for ion in clamp),
        dissipated_W=dissipated,
        closure=closure,
        ATP_per_s=state.ATP_per_s,
        problems=(),
        notes=(),
        membrane=membrane,
    )
    return attrs.evolve(made, problems=tuple(_problems(made)), notes=tuple(_notes(made)))


def _held(
    state: RestingState, rows: tuple[AuditRow, ...], free: tuple[str, ...]
) -> Iterator[HeldIon]:
    audited = {row.name for row in rows if row.dissipated_W is not None}
    for ion in dict.fromkeys(ion for _, ion in state.currents_pA):
        if ion in free:
            continue
        parts = [
            current
            for (label, moved), current in state.currents_pA.items()
            if moved == ion and label in audited
        ]
        if parts:
            net = math.fsum(parts)
            work = net * (state.V_mV - state.problem.membrane.nernst_mV(ion)) * WATT_PER_PA_MV
            yield HeldIon(ion=ion, current_pA=net, power_W=work)


def _problems(found: Audit) -> Iterator[str]:
    for row in found.rows:
        if row.verdict != "uphill for free":
            continue
        lost = f"{-(row.dissipated_W or 0.0):.3g} W come from nowhere"
        if row.flux_per_s is None or row.affinity_kJ_per_mol is None:
            yield f"{row.owner} runs uphill for free: {lost}"
            continue
        what = " and ".join(ion for ion, _ in row.moves)
        yield (
            f"{row.owner} runs uphill for free: it moves {what} at {row.flux_per_s:.4g} cycles/s "
            f"against an affinity of {row.affinity_kJ_per_mol:.4g} kJ/mol, so that {lost}; its "
            "rate law must change sign where its free energy does"
        )
    if abs(found.closure) > _LOOSE:
        yield (
            f"power in and power dissipated differ by {found.closure:.2g} of the larger: the state "
            "does not rest, or a mechanism's ions do not follow its stoichiometry"
        )


def _notes(found: Audit) -> Iterator[str]:
    left_out = [row for row in found.rows if row.dissipated_W is None]
    for row in left_out:
        yield f"{row.name} cannot be audited: it {row.remark}; it is left out of every sum"
    for row in found.rows:
        if row.dissipated_W is not None and row.remark:
            yield f"{row.name}: {row.remark}"
    if not found.clamp:
        return
    ions = ", ".join(ion.ion for ion in found.clamp)
    held = "Concentrations are" if found.mode == "clamped" else f"The concentrations of {ions} are"
    if found.clamp_W < 0:
        yield (
            f"{held} held by work that is not seen: the clamp takes {-found.clamp_W:.4g} W away, "
            "so that pumps load gradients faster than leaks drain them"
        )
    else:
        yield (
            f"{held} held by work that is not seen: the clamp gives {found.clamp_W:.4g} W, beside "
            f"{found.power_in_W:.4g} W of ATP"
        )
