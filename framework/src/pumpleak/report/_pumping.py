"""What the transporters do, what a cycle costs, and what the pumps' current adds to V."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from .._errors import PumpleakError
from ..equilibria._rest import problem
from ..membranes._lookup import solver_named
from ..parts._transporter import Transporter
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ..units._quantity import internal
from ._capacity import capacity_per_s

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria, RestingState
    from ..membranes._membrane import Membrane

_J_PER_KJ = 1000.0


@attrs.frozen(kw_only=True)
class Cycle:
    """One transporter at a resting state.

    Args:
        name: its label.
        stoichiometry: (ion, moved out in a cycle).
        atp: spent in a cycle.
        charge_e: elementary charges moved out in a cycle.
        cycles_per_s: cycles of the whole cell per second.
        current_pA: net, outward, pA.
        ATP_per_s: molecules per second.
        work_kJ_per_mol: free energy stored in the gradients by a mole of cycles; negative if drawn.
        dG_kJ_per_mol: of a cycle, ATP included; it runs forward where this is negative.
        reversal_mV: where that is zero, mV; None for a cycle without net charge.
        capacity_per_s: the most cycles that its rate law gives, per second; None without bound.
        turnover_share: cycles over that capacity; None without one.
    """

    name: str
    stoichiometry: tuple[tuple[str, int], ...]
    atp: int
    charge_e: int
    cycles_per_s: float
    current_pA: float
    ATP_per_s: float
    work_kJ_per_mol: float
    dG_kJ_per_mol: float
    reversal_mV: float | None
    capacity_per_s: float | None
    turnover_share: float | None

    @property
    def uphill(self) -> bool:
        """Whether it runs against its own free energy, as a rate law may but nothing real can."""
        return self.cycles_per_s * self.dG_kJ_per_mol > 0


@attrs.frozen(kw_only=True)
class PumpEffect:
    """What the current of all ATP-driven pumps does to V at the same concentrations.

    Args:
        pumps: their names.
        V_without_mV: nearest stable state with the pumps stopped, mV; None if there is none.
        adds_mV: V with them minus V without, mV.
        states_without: number of stable states without them.
        remark: what else has to be known, a sentence; may be empty.
    """

    pumps: tuple[str, ...]
    V_without_mV: float | None
    adds_mV: float | None
    states_without: int
    remark: str = ""


def cycles(state: RestingState) -> tuple[Cycle, ...]:
    """Describe every transporter at a resting state."""
    membrane = state.problem.membrane
    return tuple(
        _cycle(state, mechanism)
        for mechanism in membrane.mechanisms
        if isinstance(mechanism, Transporter)
    )


def _cycle(state: RestingState, pump: Transporter) -> Cycle:
    membrane = state.problem.membrane
    values = membrane.values
    molar = values["gas_constant"] * values["temperature"]
    valence = {ion: membrane.species[ion].valence for ion in pump.stoichiometry}
    charge = pump.charge_out(valence)
    # moving an ion out costs RT ln(c_out/c_in) - z F V
    chemical = math.fsum(
        count * molar * math.log(values[f"outside.{ion}"] / values[f"inside.{ion}"])
        for ion, count in pump.stoichiometry.items()
    )
    work = chemical - charge * values["faraday"] * state.V_mV
    driven = pump.atp * membrane.dG_ATP.value
    per_s = state.cycles[pump.label] * MOLECULES_PER_AMOL * MS_PER_S
    capacity = capacity_per_s(state, pump)
    return Cycle(
        name=pump.label,
        stoichiometry=tuple(pump.stoichiometry.items()),
        atp=pump.atp,
        charge_e=charge,
        cycles_per_s=per_s,
        current_pA=math.fsum(
            current for (label, _), current in state.currents_pA.items() if label == pump.label
        ),
        ATP_per_s=pump.atp * per_s,
        work_kJ_per_mol=work / _J_PER_KJ,
        dG_kJ_per_mol=(work + driven) / _J_PER_KJ,
        reversal_mV=(chemical + driven) / (charge * values["faraday"]) if charge else None,
        capacity_per_s=capacity,
        turnover_share=None if capacity is None else per_s / capacity,
    )


#: Held ions' net current, over all currents, that is more than rounding.
_HELD_SHARE = 1e-9


def pump_effects(equilibria: Equilibria) -> tuple[PumpEffect | None, ...]:
    """Compare each state with what rests at its concentrations without the ATP-driven pumps."""
    if equilibria.mode == "clamped":
        solver = equilibria.solver or equilibria.membrane.solver
        stopped = _without_pumps(equilibria.membrane, solver)
        held = len(equilibria.stable)
        return tuple(pump_effect(state, *stopped, held) for state in equilibria)
    return tuple(
        _effect_at_steady(state, *_without_pumps(state.clamped.problem.membrane, None))
        for state in equilibria.states
    )


def _effect_at_steady(
    state: Any, pumps: tuple[str, ...], without: Equilibria | None, remark: str
) -> PumpEffect | None:
    """Compare a steady state; where a held ion carries current, only clamped rests compare."""
    gross = sum(abs(current) for current in state.currents_pA.values())
    if pumps and abs(sum(state.held_currents_pA.values())) > _HELD_SHARE * gross:
        return PumpEffect(
            pumps=pumps,
            V_without_mV=None,
            adds_mV=None,
            states_without=0 if without is None else len(without.stable),
            remark="an ion that is held carries a net current, so that V here is not where all "
            "currents cancel, and no comparison is fair",
        )
    return pump_effect(state, pumps, without, remark, None)


def pumps_of(membrane: Membrane) -> tuple[str, ...]:
    """Return the names of the ATP-driven transporters."""
    return tuple(
        mechanism.label
        for mechanism in membrane.mechanisms
        if isinstance(mechanism, Transporter) and mechanism.atp > 0
    )


def _without_pumps(
    membrane: Membrane, solver: str | None
) -> tuple[tuple[str, ...], Equilibria | None, str]:
    """Return the pumps' names, what rests without them, and a remark where nobody can say."""
    pumps = pumps_of(membrane)
    if not pumps:
        return (), None, ""
    try:
        _, solve = solver_named(solver, "clamped")
        return pumps, solve(problem(stopped(membrane, pumps))), ""
    except PumpleakError as error:
        return pumps, None, f"the membrane without its pumps could not be solved: {error}"


def stopped(membrane: Membrane, pumps: tuple[str, ...]) -> Membrane:
    """Return the membrane with nothing left of its pumps.

    Args:
        membrane: with the pumps.
        pumps: their names.
    """
    # A density of zero keeps the equations' structure, so that nothing is traced or compiled again.
    changes: dict[str, object] = {}
    for label in pumps:
        dimension = membrane.mechanism(label).dimension_of("density")
        if dimension is None:
            return membrane.without(pumps)
        changes[f"{label}.density"] = internal(0.0, dimension)
    return membrane.evolve(changes)


def pump_effect(
    state: Any,
    pumps: tuple[str, ...],
    without: Equilibria | None,
    remark: str,
    held: int | None,
) -> PumpEffect | None:
    """Compare a stable state with what rests without the pumps.

    Args:
        state: the state.
        pumps: names of the pumps; none gives None.
        without: the solution without them.
        remark: why there is none.
        held: number of stable states with the pumps at the same concentrations; None if unknown.
    """
    if not pumps:
        return None
    stable = () if without is None else without.stable
    if without is not None and not stable:
        remark = "no stable resting state is left in the range"
    if not stable or not state.stable:
        return PumpEffect(
            pumps=pumps,
            V_without_mV=None,
            adds_mV=None,
            states_without=len(stable),
            remark=remark or "nothing stays at an unstable state, with the pumps or without",
        )
    nearest = min(stable, key=lambda other: abs(other.V_mV - state.V_mV))
    if held is not None and len(stable) != held:
        # A jump to another state is not what the pump's current adds to this one.
        return PumpEffect(
            pumps=pumps,
            V_without_mV=nearest.V_mV,
            adds_mV=None,
            states_without=len(stable),
            remark=(
                f"the number of stable states is {len(stable)}, and with it {held}; the nearest "
                f"lies at {nearest.V_mV:.2f} mV, and need not be what becomes of this one"
            ),
        )
    return PumpEffect(
        pumps=pumps,
        V_without_mV=nearest.V_mV,
        adds_mV=state.V_mV - nearest.V_mV,
        states_without=len(stable),
        remark=remark,
    )
