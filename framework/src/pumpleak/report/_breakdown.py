"""The analysis behind every report: computed once, drawn on by text, HTML, JSON and pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from .._constants import MOLECULES_PER_AMOL, MS_PER_S
from .._mechanism import NONSPECIFIC
from .._transporter import Transporter
from ._notices import Notice, notices
from ._pumping import Cycle, PumpEffect, cycles, pump_effects
from ._record import (
    MechanismRecord,
    Provenance,
    SettingRecord,
    SolutionRecord,
    mechanism_records,
    provenance,
    setting_records,
    solution_records,
)
from ._votes import MechanismPart, Vote, nernst_mV, votes

if TYPE_CHECKING:
    from .._equilibria import Equilibria, Kind, RestingState
    from .._membrane import Membrane


@attrs.frozen(kw_only=True)
class IonBalance:
    """One ion across the membrane.

    Args:
        ion, valence: which; valence is None for a nonspecific current.
        inside_mM, outside_mM: concentrations, mM.
        nernst_mV: Nernst potential, mV.
        driving_mV: V minus that, mV.
        passive_pA: current through everything but transporters, outward, pA.
        transported_pA: current by transporters, pA.
        net_pA: their sum: what would change the concentrations if they were not held, pA.
    """

    ion: str
    valence: int | None
    inside_mM: float | None
    outside_mM: float | None
    nernst_mV: float | None
    driving_mV: float | None
    passive_pA: float
    transported_pA: float
    net_pA: float


@attrs.frozen(kw_only=True)
class StateBreakdown:
    """One resting state, taken apart.

    Args:
        V_mV: membrane potential, mV.
        volume_fL: of the inside, fL; None where it is held.
        kind, stable, unstable_directions: what small disturbances do.
        residual_pA: current left over, pA.
        slope_nS: slope conductance with gates and pools following, nS.
        slope_frozen_nS: the same with them frozen, nS.
        input_resistance_MOhm: 1/slope_nS, MOhm.
        time_constant_ms: capacitance over slope_frozen_nS, ms.
        eigenvalues_per_ms: of everything that moves, per ms.
        states: gates, occupancies and pools by name.
        mechanisms, vote: who holds the voltage.
        ions: per ion.
        cycles: per transporter.
        pump: what the pumps' current adds; None without ATP-driven pumps.
        ATP_per_s: molecules per second.
        ATP_pA: the same as a current of one charge per molecule, pA.
        power_W: the same as power, W.
    """

    V_mV: float
    volume_fL: float | None
    kind: Kind
    stable: bool
    unstable_directions: int
    residual_pA: float
    slope_nS: float
    slope_frozen_nS: float
    input_resistance_MOhm: float
    time_constant_ms: float
    eigenvalues_per_ms: tuple[complex, ...]
    states: tuple[tuple[str, float], ...]
    mechanisms: tuple[MechanismPart, ...]
    vote: Vote
    ions: tuple[IonBalance, ...]
    cycles: tuple[Cycle, ...]
    pump: PumpEffect | None
    ATP_per_s: float
    ATP_pA: float
    power_W: float


@attrs.frozen(kw_only=True, eq=False)
class Breakdown:
    """Everything that a report says.

    Args:
        equilibria: what a solver returned.
        states: each resting state, in order of voltage.
        settings: the membrane's own values, and which are defaults.
        solutions: inside and outside.
        mechanisms: every mechanism with its parameters.
        notices: warnings and notes.
        provenance: versions of what took part.
    """

    equilibria: Equilibria
    states: tuple[StateBreakdown, ...]
    settings: tuple[SettingRecord, ...]
    solutions: tuple[SolutionRecord, ...]
    mechanisms: tuple[MechanismRecord, ...]
    notices: tuple[Notice, ...]
    provenance: Provenance

    @property
    def membrane(self) -> Membrane:
        """The membrane that was solved."""
        membrane: Membrane = self.equilibria.membrane
        return membrane


def breakdown(equilibria: Equilibria) -> Breakdown:
    """Take every resting state apart.

    Args:
        equilibria: what a solver returned.
    """
    states = tuple(
        _state(state, pump)
        for state, pump in zip(equilibria, pump_effects(equilibria), strict=True)
    )
    membrane: Membrane = equilibria.membrane
    mechanisms = mechanism_records(membrane)
    solutions = solution_records(membrane)
    return Breakdown(
        equilibria=equilibria,
        states=states,
        settings=setting_records(equilibria),
        solutions=solutions,
        mechanisms=mechanisms,
        notices=notices(equilibria, states, solutions, mechanisms),
        provenance=provenance(equilibria),
    )


def held(state: Any) -> RestingState:
    """Return a state with its concentrations held; a resting state is that already."""
    clamped: RestingState = getattr(state, "clamped", state)
    return clamped


def _state(whole: Any, pump: PumpEffect | None) -> StateBreakdown:
    """Take one state apart.

    Args:
        whole: a resting state, or a steady state, whose stability is that of everything that moves.
        pump: what the pumps' current does.
    """
    state = held(whole)
    parts, vote = votes(state)
    faraday = state.problem.membrane.values["faraday"]
    return StateBreakdown(
        V_mV=whole.V_mV,
        volume_fL=getattr(whole, "volume_fL", None),
        kind=whole.kind,
        stable=whole.stable,
        unstable_directions=whole.unstable_directions,
        residual_pA=whole.residual_pA,
        slope_nS=state.slope_nS,
        slope_frozen_nS=state.slope_frozen_nS,
        input_resistance_MOhm=state.input_resistance_MOhm,
        time_constant_ms=state.time_constant_ms,
        eigenvalues_per_ms=whole.eigenvalues_per_ms,
        states=tuple((name, float(value)) for name, value in state.states.items()),
        mechanisms=parts,
        vote=vote,
        ions=_ions(state),
        cycles=cycles(state),
        pump=pump,
        ATP_per_s=state.ATP_per_s,
        ATP_pA=state.ATP_per_s / MOLECULES_PER_AMOL / MS_PER_S * faraday,
        power_W=state.power_W,
    )


def _ions(state: RestingState) -> tuple[IonBalance, ...]:
    membrane = state.problem.membrane
    transporters = {
        mechanism.label for mechanism in membrane.mechanisms if isinstance(mechanism, Transporter)
    }
    rows = []
    for ion in dict.fromkeys(ion for _, ion in state.currents_pA):
        passive, transported = (
            math.fsum(
                current
                for (label, moved), current in state.currents_pA.items()
                if moved == ion and (label in transporters) == carried
            )
            for carried in (False, True)
        )
        nernst = nernst_mV(membrane, ion)
        rows.append(
            IonBalance(
                ion=ion,
                valence=None if ion == NONSPECIFIC else membrane.species[ion].valence,
                inside_mM=membrane.values.get(f"inside.{ion}"),
                outside_mM=membrane.values.get(f"outside.{ion}"),
                nernst_mV=nernst,
                driving_mV=None if nernst is None else state.V_mV - nernst,
                passive_pA=passive,
                transported_pA=transported,
                net_pA=passive + transported,
            )
        )
    return tuple(rows)
