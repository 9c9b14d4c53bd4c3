"""What a reader must not overlook: warnings, and notes on what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import attrs

from .._words import counted
from ..units._constants import FARADAY, GAS_CONSTANT
from ._record import MechanismRecord, SolutionRecord

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria
    from ._breakdown import StateBreakdown

#: A residual above this part of all currents is more than rounding.
#: A few units in the last place of a double.
_LAST_DIGITS = 1e-15
#: How far beyond 0..1 rounding takes a probability.
_BEYOND = 1e-9
_RESIDUAL = 1e-9
_EDGE_MV = 0.5
_CHARGE_MM = 1.0
_OSMOLARITY_MM = 5.0


@attrs.frozen(kw_only=True)
class Notice:
    """One thing to know.

    Args:
        level: ``"warning"`` if the result may mislead, else ``"note"``.
        code: stable, for programs.
        text: a sentence or two.
    """

    level: Literal["warning", "note"]
    code: str
    text: str


def notices(
    equilibria: Equilibria,
    states: Sequence[StateBreakdown],
    solutions: Sequence[SolutionRecord],
    mechanisms: Sequence[MechanismRecord],
) -> tuple[Notice, ...]:
    """Return what must be said, warnings first."""
    found = [
        *_of_the_search(equilibria, states),
        *_of_the_start(equilibria),
        *_of_states(equilibria, states),
        *_of_probabilities(equilibria),
        *_of_held_ions(equilibria),
        *_of_pumps(equilibria, states),
        *_of_mechanisms(equilibria, mechanisms),
    ]
    if equilibria.mode == "clamped":  # where concentrations move, these are only where they begin
        found += _of_solutions(solutions)
    return tuple(sorted(found, key=lambda notice: notice.level != "warning"))


def _warning(code: str, text: str) -> Notice:
    return Notice(level="warning", code=code, text=text)


def _note(code: str, text: str) -> Notice:
    return Notice(level="note", code=code, text=text)


def _of_the_search(equilibria: Equilibria, states: Sequence[StateBreakdown]) -> Iterator[Notice]:
    if equilibria.status != "found":
        yield _warning("not-found", f"{equilibria.status}: {equilibria.message}.")
        return
    stable = [state for state in states if state.stable]
    if not stable:
        yield _warning(
            "none-stable",
            "No resting state found is stable: the membrane would not stay there, but fire or "
            "oscillate.",
        )
    elif len(stable) > 1:
        voltages = ", ".join(f"{state.V_mV:.2f}" for state in stable)
        yield _note(
            "several-stable",
            f"There are {len(stable)} stable states ({voltages} mV): which one the membrane is in "
            "depends on its history.",
        )
    if equilibria.guarantee.startswith("local"):
        yield _warning("local", "The search was local: other resting states may exist.")
    elif not equilibria.guarantee.startswith("proved"):
        yield _note(
            "not-proved",
            f"Completeness was not proved ({equilibria.guarantee}): another state could have been "
            "missed.",
        )


def _of_the_start(equilibria: Equilibria) -> Iterator[Notice]:
    for note in getattr(equilibria.problem, "notes", ()):
        yield _note("start", f"{note[0].upper()}{note[1:]}.")


def _of_states(equilibria: Equilibria, states: Sequence[StateBreakdown]) -> Iterator[Notice]:
    for state, solved in zip(states, equilibria.states, strict=True):
        at = f"{state.V_mV:.2f} mV"
        if state.kind == "marginal":
            what = "slope conductance" if equilibria.mode == "clamped" else "slowest eigenvalue"
            yield _warning(
                "marginal",
                f"The state at {at} is marginal: its {what} is zero to rounding, so two states are "
                "about to merge and its stability cannot be told.",
            )
        for end in equilibria.membrane.range if equilibria.mode == "clamped" else ():
            if abs(state.V_mV - end) < _EDGE_MV:
                yield _warning(
                    "edge", f"The state at {at} lies at the edge of the range; widen the range."
                )
        gross = sum(abs(current) for current in solved.currents_pA.values())
        # Rounding of V alone leaves the slope times its last digit.
        rounding = _LAST_DIGITS * abs(state.slope_frozen_nS) * max(1.0, abs(state.V_mV))
        if abs(state.residual_pA) > _RESIDUAL * gross + rounding:
            yield _warning(
                "residual",
                f"The state at {at} leaves {state.residual_pA:.2g} pA, more than rounding does: "
                "it is not solved to full precision.",
            )


def _of_probabilities(equilibria: Equilibria) -> Iterator[Notice]:
    for solved in equilibria.states:
        clamped = getattr(solved, "clamped", solved)
        gates = {
            state.name: clamped.states[state.name]
            for state in clamped.problem.kernel.states
            if state.bounds is None
        }
        for name, value in {**clamped.open_probability, **gates}.items():
            if not -_BEYOND <= value <= 1.0 + _BEYOND:
                yield _warning(
                    "probability",
                    f"{name} is {value:.4g} at {solved.V_mV:.2f} mV, which is no probability: its "
                    "formula leaves 0..1, and every number here that rests on it is in doubt.",
                )


def _of_held_ions(equilibria: Equilibria) -> Iterator[Notice]:
    for solved in equilibria.states if equilibria.mode == "steady" else ():
        gross = sum(abs(current) for current in solved.currents_pA.values())
        for ion, current in solved.held_currents_pA.items():
            if abs(current) > _RESIDUAL * gross:
                yield _warning(
                    "held",
                    f"{ion} is held, yet {current:.3g} pA of it crosses at {solved.V_mV:.2f} mV: "
                    f"what holds it must bring that charge back. Let {ion} be free, or leave out "
                    "what carries it.",
                )


def _of_pumps(equilibria: Equilibria, states: Sequence[StateBreakdown]) -> Iterator[Notice]:
    membrane = equilibria.membrane
    if not any(getattr(mechanism, "atp", 0) for mechanism in membrane.mechanisms):
        yield _note(
            "no-pump",
            "No mechanism spends ATP, so nothing keeps the gradients up.",
        )
    for state in states:
        at = f"at {state.V_mV:.2f} mV"
        for cycle in state.cycles:
            if cycle.uphill:
                way = "forward" if cycle.cycles_per_s > 0 else "backward"
                atp = ", ATP included," if cycle.atp else ""
                yield _warning(
                    "uphill",
                    f"{cycle.name} {at} runs {way} although that{atp} costs "
                    f"{abs(cycle.dG_kJ_per_mol):.3g} kJ/mol that nothing pays: its rate law does "
                    "not reverse where its free energy does.",
                )
            elif cycle.atp and cycle.cycles_per_s < 0:
                yield _warning(
                    "backward",
                    f"{cycle.name} {at} runs backward: the gradients drive it, and it makes ATP.",
                )
            elif cycle.atp and cycle.cycles_per_s == 0:
                yield _note("idle", f"{cycle.name} {at} stands still.")
        for part in state.mechanisms:
            if part.role == "source":
                yield _note(
                    "source",
                    f"{part.name} {at} does not turn with voltage as a conductance does; it is "
                    "counted as a current, without a vote.",
                )


def _of_mechanisms(
    equilibria: Equilibria, mechanisms: Sequence[MechanismRecord]
) -> Iterator[Notice]:
    fixed = [
        f"{record.name} ({ion} {reversal:g} mV)"
        for record in mechanisms
        for ion, reversal in record.fixed_reversals_mV
    ]
    if fixed:
        yield _warning(
            "fixed-reversal",
            "Fixed reversal potentials, which do not follow the concentrations: "
            f"{', '.join(fixed)}.",
        )
    opaque = [record.name for record in mechanisms if record.opaque]
    if opaque:
        yield _note(
            "opaque", f"Not traced, so without proof or exact derivatives: {', '.join(opaque)}."
        )
    membrane = equilibria.membrane
    standard = {"gas_constant": GAS_CONSTANT, "faraday": FARADAY}
    other = [name for name, value in standard.items() if getattr(membrane, name).value != value]
    if other:
        yield _note("constants", f"Not the CODATA 2018 value: {', '.join(other)}.")
    every = [info for record in mechanisms for info in record.parameters]
    assumed = sum(info.basis == "assumed" for info in every)
    if assumed:
        yield _note(
            "assumed",
            f"{assumed} of {counted(len(every), 'parameter')} of the mechanisms "
            f"{'is' if assumed == 1 else 'are'} assumed.",
        )


def _of_solutions(solutions: Sequence[SolutionRecord]) -> Iterator[Notice]:
    for record in solutions:
        excess = record.charge_imbalance_mM
        if abs(excess) > _CHARGE_MM:
            lacking = "anions" if excess > 0 else "cations"
            yield _note(
                "charge",
                f"The {record.side} solution carries {excess:+.4g} mM of net charge: {lacking} are "
                "missing from its list. The resting potential does not depend on an ion that no "
                "mechanism carries.",
            )
    inside, outside = (record.osmolarity_mM for record in solutions)
    if abs(inside - outside) > _OSMOLARITY_MM:
        yield _note(
            "osmolarity",
            f"Osmolarity is {inside:.4g} mM inside and {outside:.4g} mM outside as listed: water "
            "would move, or solutes are missing from the lists. Volume is held here.",
        )
