"""The thermodynamic audit: is every flux paid for, and where does the power of ATP go?

What moves ions in a cycle sets free A = -(n_ATP dG_ATP + sum n_i z_i F (E_i - V)) a mole, its
affinity; it dissipates flux times affinity. The second law asks for no less than zero of each. Where
concentrations rest by themselves, all that ATP gives is dissipated; where they are held, whatever
holds them does work too, and the audit books it as the clamp's.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ._channel import Channel
from ._constants import MOLECULES_PER_AMOL, MS_PER_S, WATT_PER_PA_MV
from ._mechanism import NONSPECIFIC
from ._transporter import Transporter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._equilibria import RestingState
    from ._mechanism import Mechanism
    from ._membrane import Membrane
    from ._steady_state import SteadyState

Kind = Literal["channel", "transporter", "other"]
Verdict = Literal["downhill", "balanced", "idle", "uphill for free", "not audited"]

#: An affinity below this share of the energies it is the difference of has no certain sign.
_UNDECIDED = 1e-10
#: Power that does not close to this is no rounding.
_LOOSE = 1e-9


@attrs.frozen(kw_only=True)
class AuditRow:
    """What one mechanism, or one ion through one channel, does with free energy.

    Args:
        name: the mechanism's label.
        owner: who wrote it.
        kind: channel, transporter, or neither.
        moves: (ion, moved out in a cycle); one ion through a channel is a cycle by itself.
        atp: spent in a cycle.
        current_pA: net, outward, pA.
        flux_per_s: cycles per second, outward for a channel; None where it has no one cycle.
        affinity_kJ_per_mol: free energy that a mole of cycles sets free; None likewise.
        dG_ATP_kJ_per_mol: that it was charged with; None without ATP.
        ATP_W: power taken from ATP, W.
        drawn_W: (ion, power drawn from the ion's gradient; negative where it is stored), W.
        dissipated_W: turned into heat, W; None where that cannot be said.
        verdict: whether flux and affinity agree in sign.
        remark: why it was not audited, or what else has to be known; may be empty.
    """

    name: str
    owner: str
    kind: Kind
    moves: tuple[tuple[str, int], ...]
    atp: int
    current_pA: float
    flux_per_s: float | None
    affinity_kJ_per_mol: float | None
    dG_ATP_kJ_per_mol: float | None
    ATP_W: float
    drawn_W: tuple[tuple[str, float], ...]
    dissipated_W: float | None
    verdict: Verdict
    remark: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether flux and affinity agree in sign; None where it was not audited."""
        return None if self.verdict == "not audited" else self.verdict != "uphill for free"


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
        closure: (power_in_W + clamp_W - dissipated_W) over the larger side; rounding, if all is well.
        ATP_per_s: molecules per second.
        problems: what breaks the second law or the balance, a sentence each, owners named.
        notes: what the audit could not or did not count, a sentence each.
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

    def __repr__(self) -> str:
        found = f"{len(self.problems)} problems" if self.problems else "sound"
        return f"Audit({found}: {self.power_in_W:.4g} W in, {self.dissipated_W:.4g} W dissipated)"

    def __str__(self) -> str:
        from .report._ledger import document
        from .report._text import render

        return render(tuple(document(self)), 100)

    def _repr_html_(self) -> str:
        from .report._html import render
        from .report._ledger import document

        return render(tuple(document(self)))

    def row(self, name: str, ion: str | None = None) -> AuditRow:
        """Return a row by mechanism, and by ion where it has several.

        Raises:
            CompositionError: no such row; near names are offered.
        """
        from ._errors import CompositionError, near

        for row in self.rows:
            if row.name == name and (ion is None or ion in dict(row.moves)):
                return row
        raise CompositionError(
            f"no mechanism {name!r} in this audit{near(name, (row.name for row in self.rows))}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the JSON form; a number that is not finite becomes None."""
        from .report._ledger import as_dict

        return as_dict(self)

    def sankey(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Draw where the power goes and what each ion does, widths in proportion.

        Args:
            path: where to write the picture, whole or not at all; its suffix says the format.

        Raises:
            CompositionError: matplotlib is not installed, or the suffix is of no known format.
            OSError: the file cannot be written.
        """
        from .report._plot import save
        from .report._sankey import draw

        figure = draw(self)
        if path is not None:
            save(figure, path)
        return figure


def audit(state: RestingState | SteadyState) -> Audit:
    """Audit a state: the free energy of every cycle, and where the power goes.

    Args:
        state: one that `rest` or `steady` found.

    Example:
        >>> import pumpleak as pl
        >>> found = pl.audit(pl.rest(pl.bundled())[0])
        >>> found.problems
        ()
    """
    clamped: RestingState = getattr(state, "clamped", state)
    steady = clamped is not state
    membrane = clamped.problem.membrane
    free = state.problem.closure.free if steady else ()  # type: ignore[union-attr]
    rows = tuple(row for mechanism in membrane.mechanisms for row in _rows(clamped, mechanism))
    audited = [row for row in rows if row.dissipated_W is not None]
    clamp = tuple(_held(clamped, rows, free))
    power_in = math.fsum(row.ATP_W for row in audited)
    dissipated = math.fsum(row.dissipated_W or 0.0 for row in audited)
    supplied = math.fsum([power_in, *(ion.power_W for ion in clamp)])
    largest = max(
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
    )
    return attrs.evolve(made, problems=tuple(_problems(made)), notes=tuple(_notes(made)))


def _rows(state: RestingState, mechanism: Mechanism) -> Iterator[AuditRow]:
    if isinstance(mechanism, Transporter):
        yield _transporter(state, mechanism)
        return
    membrane = state.problem.membrane
    ions = mechanism.carried()
    reason = _unaccountable(membrane, mechanism)
    common: dict[str, Any] = {
        "name": mechanism.label,
        "owner": membrane.owner_of(mechanism),
        "kind": "channel" if isinstance(mechanism, Channel) else "other",
        "atp": 0,
        "dG_ATP_kJ_per_mol": None,
        "ATP_W": 0.0,
    }
    currents = {ion: state.currents_pA[mechanism.label, ion] for ion in ions}
    if reason:
        yield AuditRow(
            **common,
            moves=tuple((ion, 1) for ion in ions),
            current_pA=math.fsum(currents.values()),
            flux_per_s=None,
            affinity_kJ_per_mol=None,
            drawn_W=(),
            dissipated_W=None,
            verdict="not audited",
            remark=reason,
        )
    elif isinstance(mechanism, Channel) or len(ions) == 1:
        for ion, current in currents.items():
            yield _passive(state, ion, current, common)
    else:
        # ions that one mechanism moves may be coupled: only the whole must run downhill
        drawn = tuple(
            (ion, current * (state.V_mV - membrane.nernst_mV(ion)) * WATT_PER_PA_MV)
            for ion, current in currents.items()
        )
        whole = math.fsum(power for _, power in drawn)
        size = math.fsum(abs(power) for _, power in drawn)
        verdict: Verdict = "downhill" if whole > 0 else "uphill for free"
        if abs(whole) <= _UNDECIDED * size:
            verdict = "balanced" if size else "idle"
        yield AuditRow(
            **common,
            moves=tuple((ion, 1) for ion in ions),
            current_pA=math.fsum(currents.values()),
            flux_per_s=None,
            affinity_kJ_per_mol=None,
            drawn_W=drawn,
            dissipated_W=whole,
            verdict=verdict,
            remark="several ions without a stoichiometry: audited as a whole",
        )


def _passive(state: RestingState, ion: str, current: float, common: Mapping[str, Any]) -> AuditRow:
    membrane = state.problem.membrane
    reversal = membrane.nernst_mV(ion)
    charge = membrane.species[ion].valence * membrane.faraday.value
    affinity = charge * (state.V_mV - reversal)
    dissipated = current * (state.V_mV - reversal) * WATT_PER_PA_MV
    size = abs(charge) * (abs(state.V_mV) + abs(reversal))
    flux = current / charge
    return AuditRow(
        **common,
        moves=((ion, 1),),
        current_pA=current,
        flux_per_s=flux * MOLECULES_PER_AMOL * MS_PER_S,
        affinity_kJ_per_mol=affinity / 1000,
        drawn_W=((ion, dissipated),),
        dissipated_W=dissipated,
        verdict=_verdict(flux, affinity, size),
    )


def _transporter(state: RestingState, pump: Transporter) -> AuditRow:
    membrane = state.problem.membrane
    faraday = membrane.faraday.value
    drives = {
        ion: count
        * membrane.species[ion].valence
        * faraday
        * (state.V_mV - membrane.nernst_mV(ion))
        for ion, count in pump.stoichiometry.items()
    }
    own = _own_affinity(state, pump)
    remark = ""
    if own is None:
        per_cycle = -pump.atp * membrane.dG_ATP.value
        affinity = math.fsum([per_cycle, *drives.values()])
    else:
        affinity, per_cycle = own, math.fsum([own, *(-drive for drive in drives.values())])
    paid = -per_cycle / pump.atp / 1000 if pump.atp else None
    if own is not None and paid is not None:
        remark = f"its own law sets the free energy of ATP: {paid:.4g} kJ/mol"
    size = math.fsum(
        [
            abs(per_cycle),
            *(
                abs(count * membrane.species[ion].valence)
                * faraday
                * (abs(state.V_mV) + abs(membrane.nernst_mV(ion)))
                for ion, count in pump.stoichiometry.items()
            ),
        ]
    )
    flux = state.cycles[pump.label]
    return AuditRow(
        name=pump.label,
        owner=membrane.owner_of(pump),
        kind="transporter",
        moves=tuple(pump.stoichiometry.items()),
        atp=pump.atp,
        current_pA=math.fsum(
            current for (label, _), current in state.currents_pA.items() if label == pump.label
        ),
        flux_per_s=flux * MOLECULES_PER_AMOL * MS_PER_S,
        affinity_kJ_per_mol=affinity / 1000,
        dG_ATP_kJ_per_mol=paid,
        ATP_W=flux * per_cycle * WATT_PER_PA_MV,
        drawn_W=tuple((ion, flux * drive * WATT_PER_PA_MV) for ion, drive in drives.items()),
        dissipated_W=flux * affinity * WATT_PER_PA_MV,
        verdict=_verdict(flux, affinity, size),
        remark=remark,
    )


def _own_affinity(state: RestingState, pump: Transporter) -> float | None:
    """Return the affinity that a law states of itself, J/mol: it may set its own free energy of ATP."""
    if not callable(getattr(pump, "affinity", None)):
        return None
    from ._numbers import FloatSystem
    from ._trace import _World

    membrane = state.problem.membrane
    world = _World(membrane, FloatSystem({**membrane.values, **state.states, "V": state.V_mV}))
    bound: Any = pump.bound(world.number(pump.label))
    return float(bound.affinity(world.local(pump.label, membrane.owner_of(pump))))


def _verdict(flux: float, affinity: float, size: float) -> Verdict:
    if flux == 0:
        return "idle"
    if abs(affinity) <= _UNDECIDED * size:
        return "balanced"
    return "downhill" if (flux > 0) == (affinity > 0) else "uphill for free"


def _unaccountable(membrane: Membrane, mechanism: Mechanism) -> str:
    """Return why the free energy of a mechanism's currents cannot be said; empty if it can."""
    ions = mechanism.carried()
    if NONSPECIFIC in ions:
        return "carries a current of no named ion, whose free energy nobody knows"
    if mechanism.fixed_reversals():
        return "has a fixed reversal potential, which no concentrations stand behind"
    if mechanism.pools:
        return "keeps a pool of its own, which the membrane's concentrations do not show"
    for ion in ions:
        for side in ("inside", "outside"):
            if not membrane.values.get(f"{side}.{ion}", 0.0) > 0:
                return f"carries {ion}, whose concentration {side} is not given"
    return ""


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
            f"against an affinity of {row.affinity_kJ_per_mol:.4g} kJ/mol, so that {lost}; its rate "
            "law must change sign where its free energy does"
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
            f"{held} held by work that is not seen: the clamp takes {-found.clamp_W:.4g} W away, so "
            "that pumps load gradients faster than leaks drain them"
        )
    else:
        yield (
            f"{held} held by work that is not seen: the clamp gives {found.clamp_W:.4g} W, beside "
            f"{found.power_in_W:.4g} W of ATP"
        )
