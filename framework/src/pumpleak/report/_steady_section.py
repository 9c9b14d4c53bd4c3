"""The parts of a report that only steady ions have, and clamped ions beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ._blocks import Block, Column, Heading, Paragraph, Table
from ._breakdown import Breakdown, StateBreakdown
from ._format import duration, fixed, rounded
from ._free import FreeRecord
from ._rundown import RunDown

_CHARGE = {
    "capacitance": "V is the charge inside over the capacitance, exactly.",
    "electroneutral": "Strictly electroneutral: the charge inside stays that of the start, and V "
    "is what stops the currents.",
}
#: As many states as fit side by side.
_ABREAST = 4


def side_by_side(found: Breakdown) -> Iterator[Block]:
    """Yield clamped and steady states, a column each.

    Args:
        found: of steady ions, with the clamped ones beside.
    """
    assert found.clamped is not None
    assert found.free is not None
    free = found.free
    columns = [
        *_columns("clamped", found.clamped.states, free),
        *_columns("steady", found.states, free),
    ]
    names = (
        "V (mV)",
        "kind",
        "R in (MOhm)",
        "time constant (ms)",
        "ATP/s",
        *(f"{ion} inside (mM)" for ion in free.free),
        "volume (fL)",
        "residual (pA)",
    )
    for first in range(0, len(columns), _ABREAST):
        shown = columns[first : first + _ABREAST]
        yield Table(
            columns=(
                Column(heading="ions", numeric=False),
                *(Column(heading=heading) for heading, _ in shown),
            ),
            rows=tuple(
                (name, *(cells[row] for _, cells in shown)) for row, name in enumerate(names)
            ),
        )


def _columns(
    mode: str, states: Sequence[StateBreakdown], free: FreeRecord
) -> list[tuple[str, tuple[str, ...]]]:
    """Return a heading and the cells under it for each state."""
    return [
        (
            mode if len(states) == 1 else f"{mode} {number}",
            (
                fixed(state.V_mV),
                state.kind,
                rounded(state.input_resistance_MOhm),
                rounded(state.time_constant_ms),
                rounded(state.ATP_per_s, 3),
                *(rounded(dict(state.inside_mM)[ion]) for ion in free.free),
                # where ions are held, so is the volume
                rounded(free.start_fL if state.volume_fL is None else state.volume_fL, 5),
                rounded(state.residual_pA, 1),
            ),
        )
        for number, state in enumerate(states, 1)
    ]


def what_is_free(free: FreeRecord) -> Iterator[Block]:
    """Yield what was free and what was kept.

    Args:
        free: of the problem.
    """
    yield Heading("What is free, and what is kept")
    held = f" Held inside: {', '.join(free.held)}." if free.held else ""
    volume = f"but not the volume ({rounded(free.start_fL)} fL)"
    if free.swells:
        volume = "and the volume"
    yield Paragraph(f"Free inside: {', '.join(free.free)}, {volume}.{held}")
    outside = (
        "Outside is an infinite bath."
        if free.outside_fL is None
        else f"Outside is a space of {rounded(free.outside_fL)} fL at the start, which shares its "
        "free ions with the inside."
    )
    shape = "" if free.shape == "fixed" else f" Area follows the volume, as of a {free.shape}."
    yield Paragraph(f"{outside} {_CHARGE[free.charge]}{shape}")
    solute = free.impermeant
    if solute.amount_amol:
        how = ", inferred so that charge and osmolarity close" if solute.inferred else ""
        yield Paragraph(
            f"Impermeant solute inside: {rounded(solute.amount_amol)} amol of mean charge "
            f"{rounded(solute.valence)}, {rounded(solute.start_mM)} mM at the start{how}."
        )
    if not free.totals:
        yield Paragraph("No total of the free ions is conserved: each can leave by itself.")
        return
    yield Table(
        columns=(
            Column(heading="conserved", numeric=False),
            Column(heading="value"),
            Column(heading="unit", numeric=False),
        ),
        rows=tuple((row.name, rounded(row.value, 6), row.unit) for row in free.totals),
    )


def concentrations(state: StateBreakdown, free: FreeRecord) -> Iterator[Block]:
    """Yield where concentrations, volume and osmolarity have come to rest.

    Args:
        state: a steady state.
        free: of the problem.
    """
    assert state.donnan is not None
    began, outside = dict(free.start_mM), dict(state.outside_mM)
    ratios = dict(state.donnan.ratios)
    yield Heading("Concentrations and volume", 3)
    yield Table(
        columns=(
            Column(heading="ion", numeric=False),
            Column(heading="inside is", numeric=False),
            Column(heading="began at (mM)"),
            Column(heading="inside (mM)"),
            Column(heading="outside (mM)"),
            Column(heading="Donnan ratio"),
        ),
        rows=tuple(
            (
                ion,
                "free" if ion in began else "held",
                rounded(began.get(ion)),
                rounded(value, 5),
                rounded(outside.get(ion), 5),
                rounded(ratios.get(ion)),
            )
            for ion, value in state.inside_mM
        ),
    )
    volume = f"Volume {rounded(state.volume_fL, 5)} fL"
    volume += f" (began at {rounded(free.start_fL, 5)} fL)" if free.swells else ", held"
    yield Paragraph(
        f"{volume}. Osmolarity {rounded(state.osmolarity_inside_mM, 5)} mM inside, "
        f"{rounded(state.osmolarity_outside_mM, 5)} mM outside."
    )
    ratio = "Donnan ratio: (outside/inside)^(1/valence)"
    if state.donnan.V_mV is None:
        yield Paragraph(
            f"{ratio}. The free ions disagree: this is no equilibrium, something drives it."
        )
    else:
        yield Paragraph(f"{ratio}. The free ions agree: this is Donnan's equilibrium.")


def after_run_down(state: StateBreakdown, free: FreeRecord) -> str:
    """Return what comes of the cell when its pumps are blocked for good, in a few sentences.

    Args:
        state: a steady state of a cell with pumps.
        free: of the problem.
    """
    end = state.run_down
    assert end is not None
    text = "After run-down, blocked for good: "
    if end.V_mV is None:
        way = "" if end.status == "found" else f"{end.status}: "
        return f"{text}{way}{end.remark}."
    inside = dict(end.inside_mM)
    listed = ", ".join(f"{ion} {rounded(inside[ion])}" for ion in free.free)
    text += f"V {fixed(end.V_mV)} mV, {listed} mM inside{_swollen(state, end)}. "
    if end.donnan is not None and end.donnan.V_mV is not None:
        ratio = dict(end.donnan.ratios)[free.free[0]]
        text += f"That is Donnan's equilibrium, with the ratio {rounded(ratio)} for every free ion."
    else:
        text += "That is no equilibrium: gradients of held ions keep it up."
    if end.slowest_s is not None:
        text += f" The slowest time constant there is {duration(1e3 * end.slowest_s)}."
    return text


def _swollen(state: StateBreakdown, end: RunDown) -> str:
    if end.volume_fL is None or not state.volume_fL or end.volume_fL == state.volume_fL:
        return ""
    return f", {rounded(end.volume_fL / state.volume_fL, 3)} times the volume"
