"""Who holds the voltage: each mechanism's chord conductance and its share of the vote.

Where no net current flows, sum g_k (V - E_k) + I = 0, with the chord conductances
g_k = I_k/(V - E_k) of everything passive and the current I of everything that is not, so that
V = sum g_k E_k / sum g_k - I / sum g_k: reversal potentials weighted by conductance, and the pull
of the pumps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import attrs

from ..parts._channel import Channel
from ..parts._permeation import GHK, Ohmic, ThroughFilter
from ..parts._transporter import Transporter

if TYPE_CHECKING:
    from ..equilibria._equilibria import RestingState
    from ..membranes._membrane import Membrane
    from ..parts._mechanism import Mechanism

Role = Literal["passive", "transporter", "source"]
ReversalKind = Literal["Nernst", "fixed", "own"]

#: Closer to E than this, I/(V - E) is mostly rounding, and its limit is taken.
_TOO_CLOSE_MV = 1e-6
_STEP_MV = 1e-2
_BISECTIONS = 60
#: Where the reversal potential of a current of unknown form is looked for.
_LOOK_MV = range(-250, 251, 5)
_SAME_MV = 1e-6


@attrs.frozen(kw_only=True)
class IonPart:
    """One ion's current through one mechanism.

    Args:
        ion: its name.
        current_pA: outward, pA.
        reversal_mV: where it would be zero; None if nothing says.
        reversal_kind: whether that is the ion's Nernst potential, a fixed number, or neither but
            where this current turns.
        chord_nS: current over driving force, nS; None for what has no vote.
        share: of the sum of all chord conductances, 0..1.
        pull_mV: what it adds to V: share x reversal potential, mV.
    """

    ion: str
    current_pA: float
    reversal_mV: float | None
    reversal_kind: ReversalKind | None
    chord_nS: float | None
    share: float | None
    pull_mV: float | None


@attrs.frozen(kw_only=True)
class MechanismPart:
    """One mechanism's part in holding the voltage.

    Args:
        name: its label.
        role: ``passive`` has a vote; a ``transporter``, or a ``source``, whose current does not
            turn as a conductance's does, acts by its current alone.
        current_pA: sum over its ions, outward, pA.
        reversal_mV: voltage at which its own net current is zero, mV; None if it has no vote.
        chord_nS: sum over its ions, nS.
        share: of the vote, 0..1.
        pull_mV: what it adds to V, mV.
        ions: per ion.
    """

    name: str
    role: Role
    current_pA: float
    reversal_mV: float | None
    chord_nS: float | None
    share: float | None
    pull_mV: float | None
    ions: tuple[IonPart, ...]


@attrs.frozen(kw_only=True)
class Vote:
    """How the parts make up V.

    Args:
        conductance_nS: sum of all chord conductances, nS.
        channels_mV: sum of conductance x reversal potential over that, mV.
        sources_mV: what the currents of pumps and other transporters add, mV.
        V_mV: the two together, mV.
        check_mV: that minus the V the solver found, mV: the residual in terms of voltage.
    """

    conductance_nS: float
    channels_mV: float | None
    sources_mV: float | None
    V_mV: float | None
    check_mV: float | None


def nernst_mV(membrane: Membrane, ion: str) -> float | None:
    """Return an ion's Nernst potential, mV; None where a concentration is missing or zero."""
    values = membrane.values
    inside, outside = values.get(f"inside.{ion}"), values.get(f"outside.{ion}")
    if not inside or not outside or ion not in membrane.species:
        return None
    thermal = values["gas_constant"] * values["temperature"] / values["faraday"]
    return thermal / membrane.species[ion].valence * math.log(outside / inside)


def votes(state: RestingState) -> tuple[tuple[MechanismPart, ...], Vote]:
    """Weigh every mechanism at a resting state."""
    membrane = state.problem.membrane
    currents = state.currents_pA
    look: dict[float, Mapping[tuple[str, str], float]] = {}  # shared by all that are looked for
    found = []  # (mechanism, role, ions without shares)
    for mechanism in membrane.mechanisms:
        parts = [
            _ion_part(state, mechanism, ion, current, look)
            for (label, ion), current in currents.items()
            if label == mechanism.label
        ]
        role: Role = "passive"
        if isinstance(mechanism, Transporter):
            role = "transporter"
        elif any(part.chord_nS is None or part.chord_nS < 0 for part in parts):
            role = "source"
        found.append((mechanism, role, parts))
    total = math.fsum(
        part.chord_nS or 0.0 for _, role, parts in found if role == "passive" for part in parts
    )
    rows = tuple(_mechanism_part(state, *item, total) for item in found)
    return rows, _vote(state, rows, total)


def _ion_part(
    state: RestingState,
    mechanism: Mechanism,
    ion: str,
    current: float,
    look: dict[float, Mapping[tuple[str, str], float]],
) -> IonPart:
    key = (mechanism.label, ion)
    nernst = nernst_mV(state.problem.membrane, ion)
    fixed = mechanism.fixed_reversals().get(ion)
    reversal = nernst if fixed is None else fixed
    kind: ReversalKind | None = "fixed" if fixed is not None else "Nernst"
    if fixed is None and not _turns_at(state, mechanism, ion, nernst):
        # free physics may reverse elsewhere: at a pool's own potential, or a mixture's
        own = _own_reversal(state, key, look)
        if own is not None or not isinstance(mechanism, Channel):
            reversal, kind = own, "own"
    chord = None
    if reversal is None:
        kind = None
    elif not isinstance(mechanism, Transporter):
        chord = _chord(state, key, current, reversal)
    return IonPart(
        ion=ion,
        current_pA=current,
        reversal_mV=reversal,
        reversal_kind=kind,
        chord_nS=chord,
        share=None,
        pull_mV=None,
    )


def _turns_at(state: RestingState, mechanism: Mechanism, ion: str, nernst: float | None) -> bool:
    """Whether a current turns at the ion's Nernst potential, or need not turn at all."""
    permeation = getattr(mechanism, "permeation", None)
    if isinstance(mechanism, Transporter) or type(permeation) in (GHK, Ohmic, ThroughFilter):
        return True
    if nernst is None:
        return False
    below, above = (
        _currents(state, nernst + step)[mechanism.label, ion] for step in (-_SAME_MV, _SAME_MV)
    )
    return below < 0.0 < above


def _own_reversal(
    state: RestingState,
    key: tuple[str, str],
    look: dict[float, Mapping[tuple[str, str], float]],
) -> float | None:
    """Return where a current turns from inward to outward, nearest to V; None if nowhere."""
    if not look:
        look.update({float(voltage): _currents(state, voltage) for voltage in _LOOK_MV})
    turns = [
        _turn(lambda voltage: _currents(state, voltage)[key], low, high)
        for low, high in pairwise(look)
        if look[low][key] < 0.0 <= look[high][key]
    ]
    return min(turns, key=lambda turn: abs(turn - state.V_mV), default=None)


def _turn(current: Callable[[float], float], low: float, high: float) -> float:
    """Return the zero of a current that is inward at `low` and outward at `high`."""
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if current(middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _chord(
    state: RestingState, key: tuple[str, str], current: float, reversal: float
) -> float | None:
    driving = state.V_mV - reversal
    if abs(driving) > _TOO_CLOSE_MV:
        chord = current / driving
    else:
        chord = sum(
            _currents(state, reversal + step)[key] / step / 2 for step in (-_STEP_MV, _STEP_MV)
        )
    return chord if math.isfinite(chord) else None


def _currents(state: RestingState, voltage: float) -> Mapping[tuple[str, str], float]:
    """Return the currents at another voltage, pools held as they are."""
    pools = [state.states[pool.name] for pool in state.problem.kernel.pools]
    return state.problem.currents(voltage, pools)


def _mechanism_part(
    state: RestingState, mechanism: Mechanism, role: Role, parts: Sequence[IonPart], total: float
) -> MechanismPart:
    current = math.fsum(part.current_pA for part in parts)
    if role != "passive":
        return MechanismPart(
            name=mechanism.label,
            role=role,
            current_pA=current,
            reversal_mV=None,
            chord_nS=None,
            share=None,
            pull_mV=-current / total if total > 0 else None,
            ions=tuple(attrs.evolve(part, chord_nS=None) for part in parts),
        )
    ions = tuple(_weighed(part, total) for part in parts)
    return MechanismPart(
        name=mechanism.label,
        role=role,
        current_pA=current,
        reversal_mV=_reversal(state, mechanism.label, ions),
        chord_nS=math.fsum(part.chord_nS or 0.0 for part in ions),
        share=math.fsum(part.share or 0.0 for part in ions) if total > 0 else None,
        pull_mV=math.fsum(part.pull_mV or 0.0 for part in ions) if total > 0 else None,
        ions=ions,
    )


def _weighed(part: IonPart, total: float) -> IonPart:
    if not total > 0 or part.chord_nS is None or part.reversal_mV is None:
        return part
    share = part.chord_nS / total
    return attrs.evolve(part, share=share, pull_mV=share * part.reversal_mV)


def _reversal(state: RestingState, label: str, ions: Sequence[IonPart]) -> float | None:
    """Return where a passive mechanism's own current turns: between its ions' potentials."""
    ends = [part.reversal_mV for part in ions if part.reversal_mV is not None and part.chord_nS]
    if not ends:
        return ions[0].reversal_mV if len(ions) == 1 else None
    low, high = min(ends), max(ends)
    if high - low < _TOO_CLOSE_MV:
        return low

    def net(voltage: float) -> float:
        found = _currents(state, voltage)
        return math.fsum(found[label, part.ion] for part in ions)

    if not net(low) <= 0.0 <= net(high):
        return None
    return _turn(net, low, high)


def _vote(state: RestingState, rows: Sequence[MechanismPart], total: float) -> Vote:
    if not total > 0:
        return Vote(
            conductance_nS=total, channels_mV=None, sources_mV=None, V_mV=None, check_mV=None
        )
    channels = math.fsum(row.pull_mV or 0.0 for row in rows if row.role == "passive")
    sources = math.fsum(row.pull_mV or 0.0 for row in rows if row.role != "passive")
    return Vote(
        conductance_nS=total,
        channels_mV=channels,
        sources_mV=sources,
        V_mV=channels + sources,
        check_mV=channels + sources - state.V_mV,
    )
