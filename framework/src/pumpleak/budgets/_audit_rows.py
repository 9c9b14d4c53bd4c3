"""The free energy of each cycle at a state, and whether its flux agrees with it.

What moves ions in a cycle sets free A = -(n_ATP dG_ATP + sum n_i z_i F (E_i - V)) a mole, its
affinity, and dissipates flux times affinity, which the second law wants no less than zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from ..parts._channel import Channel
from ..parts._mechanism import NONSPECIFIC
from ..parts._transporter import Transporter
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S, WATT_PER_PA_MV

if TYPE_CHECKING:
    from ..equilibria._equilibria import RestingState
    from ..membranes._membrane import Membrane
    from ..parts._mechanism import Mechanism

Kind = Literal["channel", "transporter", "other"]
Verdict = Literal["downhill", "balanced", "idle", "uphill for free", "not audited"]

#: An affinity below this share of the energies it is the difference of has no certain sign.
_UNDECIDED = 1e-10


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


def rows_of(state: RestingState, mechanism: Mechanism) -> Iterator[AuditRow]:
    """Yield one row for a transporter, and one per ion for what is passive."""
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
    """Return the affinity that a law states of itself, J/mol; None if it states none."""
    if not callable(getattr(pump, "affinity", None)):
        return None
    from ..equations._world import World
    from ..numbers._numbers import FloatSystem

    membrane = state.problem.membrane
    world = World(membrane, FloatSystem({**membrane.values, **state.states, "V": state.V_mV}))
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
