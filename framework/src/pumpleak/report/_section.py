"""The part of a report that is about one resting state."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..units._constants import MS_PER_S
from ._blocks import Block, Column, Heading, Paragraph, Table
from ._breakdown import StateBreakdown
from ._format import column, duration, fixed, rounded
from ._free import FreeRecord
from ._pumping import Cycle
from ._steady_section import after_run_down, concentrations
from ._votes import IonPart, MechanismPart

#: Reversal potentials that are not the Nernst potential of the ion.
_MARKS = {
    "fixed": ("*", "fixed number, not a Nernst potential"),
    "own": ("**", "where this current turns, not a Nernst potential"),
}


def section(
    state: StateBreakdown, number: int, count: int, free: FreeRecord | None
) -> Iterator[Block]:
    """Yield the blocks of one state.

    Args:
        state: its breakdown.
        number: which it is.
        count: of how many.
        free: what was free; None with clamped ions.
    """
    label = f"State {number} of {count}: " if count > 1 else ""
    yield Heading(f"{label}{fixed(state.V_mV)} mV, {state.kind}")
    yield Heading("Who holds it", 3)
    yield _holders(state)
    yield from _sum_of_votes(state)
    if state.cycles:
        yield Heading("Pumps and other transporters", 3)
        yield _transporters(state.cycles)
    yield from _pump_sentences(state, free)
    yield Heading("Ions", 3)
    yield _ions(state)
    if free is None:
        yield Paragraph("Net currents would change the concentrations if these were not held.")
    else:
        yield from concentrations(state, free)
    yield Heading("Small disturbances", 3)
    yield Paragraph(_stability(state))
    if free is not None:
        listed = ", ".join(duration(MS_PER_S * each) for each in state.time_constants_s)
        yield Paragraph(f"Time constants: {listed}.")
    if state.states:
        rows = tuple((name, rounded(value)) for name, value in state.states)
        yield Table(
            columns=(Column(heading="gate or pool", numeric=False), Column(heading="at rest")),
            rows=rows,
        )


def _holders(state: StateBreakdown) -> Table:
    lines: list[tuple[str, str, MechanismPart | IonPart]] = []
    for part in state.mechanisms:
        if len(part.ions) == 1 and part.role == "passive":
            lines.append((part.name, part.ions[0].ion, part))
            continue
        lines.append((part.name, "all", part))
        lines += [("", ion.ion, ion) for ion in part.ions]
    items = [item for _, _, item in lines]
    current = column([item.current_pA for item in items])
    chord = column([*(item.chord_nS for item in items), state.vote.conductance_nS])
    rows = [
        (
            name,
            ion,
            current[index],
            _reversal(item) if item.chord_nS is not None else "",
            chord[index],
            fixed(None if item.share is None else 100 * item.share, 1),
            fixed(item.pull_mV),
        )
        for index, (name, ion, item) in enumerate(lines)
    ]
    total = state.vote
    voted = None if total.V_mV is None else 100.0
    # At steady ions what is held may carry a net current: the sum is of the rows, not the residual.
    net = sum(part.current_pA for part in state.mechanisms)
    size = sum(abs(part.current_pA) for part in state.mechanisms)
    residual = rounded(net, 3) if abs(net) > 1e-9 * size else rounded(state.residual_pA, 1)
    rows.append(("sum", "", residual, "", chord[-1], fixed(voted, 1), fixed(total.V_mV)))
    return Table(
        columns=(
            Column(heading="mechanism", numeric=False),
            Column(heading="ion", numeric=False),
            Column(heading="current (pA)"),
            Column(heading="reversal (mV)"),
            Column(heading="chord g (nS)"),
            Column(heading="vote (%)", share=True),
            Column(heading="pull (mV)"),
        ),
        rows=tuple(rows),
        total=True,
    )


def _reversal(item: MechanismPart | IonPart) -> str:
    parts = item.ions if isinstance(item, MechanismPart) else (item,)
    kinds = {part.reversal_kind for part in parts}
    mark = next((mark for kind, (mark, _) in _MARKS.items() if kind in kinds), "")
    return fixed(item.reversal_mV) + mark if item.reversal_mV is not None else ""


def _sum_of_votes(state: StateBreakdown) -> Iterator[Block]:
    vote = state.vote
    if vote.V_mV is None or vote.channels_mV is None:
        yield Paragraph("No passive conductance is open, so there is no vote to weigh.")
        return
    sources = ""
    if any(part.role != "passive" for part in state.mechanisms):
        sources = (
            f"; the currents that have no vote pull by {vote.sources_mV:+.2f} mV; "
            f"together {fixed(vote.V_mV)} mV"
        )
    off = abs(vote.check_mV or 0.0)
    check = f"to {rounded(off, 1)} mV" if off else "exactly"
    kinds = {part.reversal_kind for row in state.mechanisms for part in row.ions if part.chord_nS}
    star = "".join(f" {mark} {text}." for kind, (mark, text) in _MARKS.items() if kind in kinds)
    yield Paragraph(
        "Each vote is a chord conductance I/(V - E), its pull that share of E. Reversal potentials "
        f"weighted by conductance make {fixed(vote.channels_mV)} mV{sources}. "
        f"That is V {check}.{star}"
    )


def _transporters(cycles: tuple[Cycle, ...]) -> Table:
    current = column([cycle.current_pA for cycle in cycles])
    return Table(
        columns=(
            Column(heading="name", numeric=False),
            Column(heading="moves out", numeric=False),
            Column(heading="cycles/s"),
            Column(heading="current (pA)"),
            Column(heading="ATP/s"),
            Column(heading="work (kJ/mol)"),
            Column(heading="dG (kJ/mol)"),
            Column(heading="reversal (mV)"),
        ),
        rows=tuple(
            (
                cycle.name,
                ", ".join(f"{count} {ion}" for ion, count in cycle.stoichiometry),
                rounded(cycle.cycles_per_s, 3),
                current[index],
                rounded(cycle.ATP_per_s, 3) if cycle.atp else "",
                fixed(cycle.work_kJ_per_mol),
                fixed(cycle.dG_kJ_per_mol),
                fixed(cycle.reversal_mV, 1),
            )
            for index, cycle in enumerate(cycles)
        ),
    )


def _pump_sentences(state: StateBreakdown, free: FreeRecord | None) -> Iterator[Block]:
    for cycle in state.cycles:
        if cycle.turnover_share is not None:
            yield Paragraph(
                f"{cycle.name} runs at {rounded(100 * cycle.turnover_share, 3)} % of its capacity, "
                f"{rounded(cycle.capacity_per_s, 3)} cycles/s."
            )
    pump = state.pump
    if pump is None:
        return
    names = " and ".join(pump.pumps)
    at_once = ""
    if pump.V_without_mV is not None and pump.adds_mV is not None:
        at_once = (
            f"The current of {names} itself adds {pump.adds_mV:+.2f} mV: without it, at the same "
            f"concentrations, V would be {fixed(pump.V_without_mV)} mV."
        )
    if pump.remark:
        at_once += f" Without {names}: {pump.remark}."
    yield Paragraph(at_once.strip())
    if free is not None:
        yield Paragraph(f"That is what a block does at once. {after_run_down(state, free)}")
    yield Paragraph(
        f"Cost: {rounded(state.ATP_per_s, 3)} ATP per second for the whole cell "
        f"({rounded(state.ATP_pA)} pA at one charge per ATP), "
        f"{rounded(state.power_W * 1e12, 3)} pW."
    )


def _ions(state: StateBreakdown) -> Table:
    every = [value for row in state.ions for value in (row.passive_pA, row.transported_pA)]
    shown = column([*every, *(row.net_pA for row in state.ions)])
    net = shown[len(every) :]
    return Table(
        columns=(
            Column(heading="ion", numeric=False),
            Column(heading="in (mM)"),
            Column(heading="out (mM)"),
            Column(heading="Nernst (mV)"),
            Column(heading="V - Nernst (mV)"),
            Column(heading="passive (pA)"),
            Column(heading="transported (pA)"),
            Column(heading="net (pA)"),
        ),
        rows=tuple(
            (
                row.ion if row.valence is None else f"{row.ion} {row.valence:+d}",
                "" if row.inside_mM is None else f"{row.inside_mM:.4g}",
                "" if row.outside_mM is None else f"{row.outside_mM:.4g}",
                fixed(row.nernst_mV),
                fixed(row.driving_mV),
                shown[2 * index],
                shown[2 * index + 1],
                net[index],
            )
            for index, row in enumerate(state.ions)
        ),
    )


def _stability(state: StateBreakdown) -> str:
    first = state.eigenvalues_per_ms[0]
    who = "V" if state.volume_fL is None else "all that is free"
    if state.kind == "marginal":
        what = f"Marginal: {who} neither returns nor runs away to first order."
    elif first.real < 0:
        what = f"Stable: {who} returns, the slowest part in {duration(-1 / first.real)}"
        if first.imag:
            what += f", ringing at {rounded(abs(first.imag) / (2 * math.pi) * MS_PER_S, 3)} Hz"
        what += "."
    else:
        ways = f"{state.unstable_directions} of {len(state.eigenvalues_per_ms)} directions"
        what = (
            f"{state.kind.capitalize()}: {who} runs away, first e-fold in "
            f"{duration(1 / first.real)} ({ways})"
        )
        if first.imag:
            period = duration(2 * math.pi / abs(first.imag))
            what += f", swinging ever wider with a period of {period}"
        what += "."
    slope = f"Slope conductance {rounded(state.slope_nS)} nS"
    if state.states:
        slope += f" with gates following, {rounded(state.slope_frozen_nS)} nS with gates frozen"
    text = f"{what} {slope}; input resistance {rounded(state.input_resistance_MOhm)} MOhm"
    if state.slope_frozen_nS > 0:
        text += f"; time constant C/slope {rounded(state.time_constant_ms)} ms"
    return f"{text}."
