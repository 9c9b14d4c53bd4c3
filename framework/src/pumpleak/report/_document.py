"""The report as blocks, before anything is rendered: text and HTML say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._blocks import Block, Column, Heading, Paragraph, Table
from ._breakdown import Breakdown
from ._format import fixed, rounded
from ._section import section
from ._steady_section import side_by_side, what_is_free

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria
    from ._notices import Notice

SIGNS = "Outward current of positive charge is positive; V is inside minus outside."
_CHARGE = {
    "capacitance": "V from the charge on the capacitance",
    "electroneutral": "strictly electroneutral",
}


def document(found: Breakdown, *, parameters: bool = False) -> tuple[Block, ...]:
    """Return the report's blocks.

    Args:
        found: the analysis.
        parameters: whether to list every parameter with its source.
    """
    return tuple(_blocks(found, parameters))


def _blocks(found: Breakdown, parameters: bool) -> Iterator[Block]:
    equilibria = found.equilibria
    count = len(found.states)
    yield Heading(found.membrane.name, 1)
    if found.clamped is not None:
        yield Paragraph(_came_of(found.clamped.equilibria))
    yield Paragraph(_came_of(equilibria))
    if found.clamped is not None and (found.states or found.clamped.states):
        yield from side_by_side(found)
        yield Paragraph(SIGNS)
    elif found.states:
        yield _overview(found)
        yield Paragraph(SIGNS)
    for mode, notice in _warnings(found):
        yield Paragraph(f"WARNING{mode}: {notice.text}")
    for number, state in enumerate(found.states, 1):
        yield from section(state, number, count, found.free)
    if found.free is not None:
        yield from what_is_free(found.free)
    yield from _inputs(found, parameters)
    if parameters:
        yield from _parameters(found)
    for notice in found.notices:
        if notice.level == "note":
            yield Paragraph(f"Note: {notice.text}")
    yield Paragraph(_versions(found))


def _came_of(equilibria: Equilibria) -> str:
    """Return how many states there are, and how sure one can be."""
    count = len(equilibria)
    name, how = "resting state", "clamped ions (concentrations are held)"
    if equilibria.mode == "steady":
        compartments = equilibria.problem.compartments
        free = [*compartments.free, *(["volume"] if compartments.swells else [])]
        name = "steady state"
        how = f"steady ions ({', '.join(free)} are free; {_CHARGE[compartments.charge]})"
    return (
        f"{count} {name}{'' if count == 1 else 's'}; {equilibria.status}; "
        f"{equilibria.guarantee}; {how}."
    )


def _warnings(found: Breakdown) -> Iterator[tuple[str, Notice]]:
    """Yield warnings, clamped ions first, with the mode where both stand side by side."""
    if found.clamped is not None:
        own = {(notice.code, notice.text) for notice in found.notices}
        for notice in found.clamped.notices:
            if notice.level == "warning" and (notice.code, notice.text) not in own:
                yield " (clamped ions)", notice
    for notice in found.notices:
        if notice.level == "warning":
            yield "" if found.clamped is None else " (steady ions)", notice


def _overview(found: Breakdown) -> Table:
    states = found.states
    return Table(
        columns=(
            Column(heading="V (mV)"),
            Column(heading="kind", numeric=False),
            Column(heading="R in (MOhm)"),
            Column(heading="time constant (ms)"),
            Column(heading="ATP/s"),
            Column(heading="power (pW)"),
            Column(heading="residual (pA)"),
        ),
        rows=tuple(
            (
                fixed(state.V_mV),
                state.kind,
                rounded(state.input_resistance_MOhm),
                rounded(state.time_constant_ms),
                rounded(state.ATP_per_s, 3) if state.cycles else "",
                rounded(state.power_W * 1e12, 3) if state.cycles else "",
                rounded(state.residual_pA, 1),
            )
            for state in states
        ),
    )


def _inputs(found: Breakdown, parameters: bool) -> Iterator[Block]:
    yield Heading("What went in")
    yield Table(
        columns=(
            Column(heading="membrane", numeric=False),
            Column(heading="value", numeric=False),
            Column(heading="from", numeric=False),
        ),
        rows=tuple(
            (
                row.name,
                row.value,
                f"default: {row.source}" if row.is_default else "given",
            )
            for row in found.settings
        ),
    )
    yield Table(
        columns=(
            Column(heading="side", numeric=False),
            Column(heading="solution", numeric=False),
            Column(heading="charge (mM)"),
            Column(heading="osmolarity (mM)"),
            Column(heading="impermeant (mM)"),
        ),
        rows=tuple(
            (
                row.side,
                row.name,
                f"{row.charge_imbalance_mM:+.2f}",
                fixed(row.osmolarity_mM, 1),
                _impermeant(row.impermeant_mM, row.impermeant_valence),
            )
            for row in found.solutions
        ),
    )
    for row in found.solutions:
        yield Paragraph(f"Source of {row.side}: {row.source}")
    every = [info for record in found.mechanisms for info in record.parameters]
    kinds = [info.basis for info in every]
    counts = ", ".join(
        f"{kinds.count(kind)} {kind}"
        for kind in ("given", "measured", "cited", "assumed")
        if kind in kinds
    )
    hint = "" if parameters else " 'pumpleak rest --parameters' lists them with their sources."
    yield Paragraph(f"Parameters of the mechanisms: {counts or 'none'}.{hint}")
    for text in found.membrane.sources:
        yield Paragraph(f"Source: {text}")


def _impermeant(amount: float | None, valence: float | None) -> str:
    if amount is None:
        return ""
    return f"{amount:.4g}" + ("" if valence is None else f" at {valence:+.3g}")


def _parameters(found: Breakdown) -> Iterator[Block]:
    yield Heading("Parameters", 3)
    rows = []
    for record in found.mechanisms:
        for index, info in enumerate(record.parameters):
            name = f"{record.name} ({record.id or record.owner})" if index == 0 else ""
            rows.append((name, info.path, str(info.value), info.basis, info.source))
    yield Table(
        columns=tuple(
            Column(heading=heading, numeric=False)
            for heading in ("mechanism", "parameter", "value", "basis", "source")
        ),
        rows=tuple(rows),
    )


def _versions(found: Breakdown) -> str:
    record = found.provenance
    parts = [f"pumpleak {record.pumpleak}"]
    parts += [f"{plugin.distribution} {plugin.version}" for plugin in record.plugins]
    parts += [f"card {card.id} {card.version} (sha256 {card.sha256})" for card in record.cards]
    parts += [f"{name} {version}" for name, version in record.libraries]
    text = f"Versions: {', '.join(parts)}."
    if record.unregistered:
        text += f" From no plugin: {'; '.join(record.unregistered)}."
    return text
