"""The analysis behind every report: computed once, drawn on by text, HTML, JSON and pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from ..parts._mechanism import NONSPECIFIC
from ..parts._transporter import Transporter
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ._free import Donnan, FreeRecord, donnan, free_record
from ._notices import Notice, notices
from ._pumping import Cycle, PumpEffect, cycles, pump_effects, pumps_of
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
from ._rundown import RunDown, run_down
from ._votes import MechanismPart, Vote, nernst_mV, votes

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria, Kind, RestingState
    from ..membranes._membrane import Membrane


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
        volume_fL: of the inside, fL; None with clamped ions.
        inside_mM, outside_mM: every concentration, mM.
        osmolarity_inside_mM, osmolarity_outside_mM: impermeant solutes included, mM.
        kind, stable, unstable_directions: what small disturbances do.
        residual_pA: current left over, pA.
        slope_nS: slope conductance with gates and pools following, nS.
        slope_frozen_nS: the same with them frozen, nS.
        input_resistance_MOhm: 1/slope_nS, MOhm.
        time_constant_ms: capacitance over slope_frozen_nS, ms.
        eigenvalues_per_ms: of everything that moves, per ms.
        time_constants_s: 1/|real part| of each, slowest first, s.
        states: gates, occupancies and pools by name.
        mechanisms, vote: who holds the voltage.
        ions: per ion.
        cycles: per transporter.
        pump: what the pumps' current adds; None without ATP-driven pumps.
        run_down: where the cell ends without its pumps; None with clamped ions, or without pumps.
        donnan: Donnan's ratios; None with clamped ions.
        ATP_per_s: molecules per second.
        ATP_pA: the same as a current of one charge per molecule, pA.
        power_W: the same as power, W.
    """

    V_mV: float
    volume_fL: float | None
    inside_mM: tuple[tuple[str, float], ...]
    outside_mM: tuple[tuple[str, float], ...]
    osmolarity_inside_mM: float
    osmolarity_outside_mM: float
    kind: Kind
    stable: bool
    unstable_directions: int
    residual_pA: float
    slope_nS: float
    slope_frozen_nS: float
    input_resistance_MOhm: float
    time_constant_ms: float
    eigenvalues_per_ms: tuple[complex, ...]
    time_constants_s: tuple[float, ...]
    states: tuple[tuple[str, float], ...]
    mechanisms: tuple[MechanismPart, ...]
    vote: Vote
    ions: tuple[IonBalance, ...]
    cycles: tuple[Cycle, ...]
    pump: PumpEffect | None
    run_down: RunDown | None
    donnan: Donnan | None
    ATP_per_s: float
    ATP_pA: float
    power_W: float


@attrs.frozen(kw_only=True, eq=False)
class Breakdown:
    """Everything that a report says.

    Args:
        equilibria: what a solver returned.
        states: each resting state, in order of voltage.
        free: what was free and what was kept; None with clamped ions.
        clamped: the same membrane with its ions held, to compare with; None if that was not asked.
        settings: the membrane's own values, and which are defaults.
        solutions: inside and outside.
        mechanisms: every mechanism with its parameters.
        notices: warnings and notes.
        provenance: versions of what took part.
    """

    equilibria: Equilibria
    states: tuple[StateBreakdown, ...]
    free: FreeRecord | None
    clamped: Breakdown | None
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


def breakdown(equilibria: Equilibria, *, clamped: Equilibria | None = None) -> Breakdown:
    """Take every resting state apart.

    Args:
        equilibria: what a solver returned.
        clamped: beside steady ions, what the same membrane does with its ions held.
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
        free=free_record(equilibria.problem) if equilibria.mode == "steady" else None,
        clamped=None if clamped is None else breakdown(clamped),
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
    membrane = state.problem.membrane
    faraday = membrane.values["faraday"]
    steady = whole is not state
    inside, outside = (
        {ion: given.value for ion, given in solution.concentrations.items()}
        for solution in (membrane.inside, membrane.outside)
    )
    osmolarities = (membrane.inside.osmolarity_mM, membrane.outside.osmolarity_mM)
    if steady:
        osmolarities = (whole.osmolarity_mM, whole.outside_osmolarity_mM)
    return StateBreakdown(
        V_mV=whole.V_mV,
        volume_fL=whole.volume_fL if steady else None,
        inside_mM=tuple(inside.items()),
        outside_mM=tuple(outside.items()),
        osmolarity_inside_mM=osmolarities[0],
        osmolarity_outside_mM=osmolarities[1],
        kind=whole.kind,
        stable=whole.stable,
        unstable_directions=whole.unstable_directions,
        residual_pA=whole.residual_pA,
        slope_nS=state.slope_nS,
        slope_frozen_nS=state.slope_frozen_nS,
        input_resistance_MOhm=state.input_resistance_MOhm,
        time_constant_ms=state.time_constant_ms,
        eigenvalues_per_ms=whole.eigenvalues_per_ms,
        time_constants_s=_time_constants(whole.eigenvalues_per_ms),
        states=tuple((name, float(value)) for name, value in state.states.items()),
        mechanisms=parts,
        vote=vote,
        ions=_ions(state),
        cycles=cycles(state),
        pump=pump,
        run_down=run_down(whole, pumps_of(membrane)) if steady else None,
        donnan=donnan(membrane, whole.problem.closure.free, inside, outside) if steady else None,
        ATP_per_s=state.ATP_per_s,
        ATP_pA=state.ATP_per_s / MOLECULES_PER_AMOL / MS_PER_S * faraday,
        power_W=state.power_W,
    )


def _time_constants(eigenvalues_per_ms: tuple[complex, ...]) -> tuple[float, ...]:
    """Return 1/|real part| of each eigenvalue, slowest first, s."""
    found = [1.0 / MS_PER_S / abs(value.real) for value in eigenvalues_per_ms if value.real]
    return tuple(sorted(found, reverse=True))


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
