"""The thermodynamic audit as tables, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from ._blocks import Block, Column, Heading, Paragraph, Table
from ._format import column, fixed, rounded
from ._json import _finite, _named

if TYPE_CHECKING:
    from ..budgets._audit import Audit
    from ..budgets._audit_rows import AuditRow

SCHEMA = "pumpleak.audit/1"
_PW = 1e12


def document(found: Audit) -> Iterator[Block]:
    """Yield the blocks of an audit.

    Args:
        found: the audit.
    """
    yield Heading(f"{found.name}: thermodynamic audit", 1)
    yield Paragraph(f"{fixed(found.V_mV)} mV, {found.mode} ions. {_sum(found)}")
    for problem in found.problems:
        yield Paragraph(f"PROBLEM: {problem}.")
    yield Heading("Cycles")
    yield _cycles(found)
    yield Paragraph(
        "Flux is in cycles per second, for a channel in ions outward; the affinity is the free "
        "energy that a mole of cycles sets free; flux times affinity is dissipated and must not be "
        "negative."
    )
    ions = ions_of(found)
    if ions:
        yield Heading("Gradients")
        yield _gradients(found, ions)
        yield Paragraph(
            "Stored: power put into an ion's gradient by what moves it uphill. Drawn: taken from "
            "it by what moves it downhill."
            + (" Clamp: work of whatever holds its concentrations." if found.clamp else "")
        )
    if found.notes:
        yield Heading("Notes")
        for note in found.notes:
            yield Paragraph(f"- {note}.")


def ions_of(found: Audit) -> tuple[str, ...]:
    """Return the ions whose gradients give or take power."""
    return tuple(dict.fromkeys(ion for row in found.rows for ion, _ in row.drawn_W))


def moved(row: AuditRow) -> str:
    """Return what a cycle moves out, such as ``"3 Na, -2 K"``."""
    if row.kind != "transporter":
        return ", ".join(ion for ion, _ in row.moves)
    return ", ".join(f"{count} {ion}" for ion, count in row.moves)


def _sum(found: Audit) -> str:
    clamp = f" and {rounded(_PW * found.clamp_W)} pW by the clamp" if found.clamp else ""
    off = abs(found.closure)
    closes = "exactly" if off == 0 else f"to {rounded(off, 1)} of it"
    return (
        f"{rounded(_PW * found.power_in_W)} pW given by ATP ({rounded(found.ATP_per_s)} ATP/s)"
        f"{clamp}; {rounded(_PW * found.dissipated_W)} pW dissipated. The two agree {closes}."
    )


def _cycles(found: Audit) -> Table:
    total = found.dissipated_W
    paid = column([_PW * row.ATP_W if row.atp else None for row in found.rows])
    lost = column(
        [None if row.dissipated_W is None else _PW * row.dissipated_W for row in found.rows]
    )
    rows: list[tuple[str, ...]] = [
        (
            row.name,
            moved(row),
            rounded(row.flux_per_s),
            fixed(row.affinity_kJ_per_mol),
            paid[index],
            lost[index],
            fixed(100 * row.dissipated_W / total, 1) if row.dissipated_W and total > 0 else "",
            row.verdict,
        )
        for index, row in enumerate(found.rows)
    ]
    rows.append(
        (
            "sum", "", "", "", rounded(_PW * found.power_in_W), rounded(_PW * total),
            "100.0" if total > 0 else "", "",
        )
    )  # fmt: skip
    return Table(
        columns=(
            Column(heading="mechanism", numeric=False),
            Column(heading="moves out", numeric=False),
            Column(heading="flux (/s)"),
            Column(heading="affinity (kJ/mol)"),
            Column(heading="ATP (pW)"),
            Column(heading="dissipated (pW)"),
            Column(heading="share (%)", share=True),
            Column(heading="verdict", numeric=False),
        ),
        rows=tuple(rows),
        total=True,
    )


def _gradients(found: Audit, ions: tuple[str, ...]) -> Table:
    stored, drawn = [], []
    for ion in ions:
        powers = [_PW * power for row in found.rows for moved, power in row.drawn_W if moved == ion]
        stored.append(-sum(power for power in powers if power < 0))
        drawn.append(sum(power for power in powers if power > 0))
    columns = [column(stored), column(drawn)]
    headings = ["stored (pW)", "drawn (pW)"]
    if found.clamp:
        held = {ion.ion: ion for ion in found.clamp}
        columns += [
            column([_PW * held[ion].power_W if ion in held else None for ion in ions]),
            column([held[ion].current_pA if ion in held else None for ion in ions]),
        ]
        headings += ["clamp (pW)", "net current (pA)"]
    return Table(
        columns=(
            Column(heading="ion", numeric=False),
            *(Column(heading=heading) for heading in headings),
        ),
        rows=tuple((ion, *(cells[index] for cells in columns)) for index, ion in enumerate(ions)),
    )


def as_dict(found: Audit) -> dict[str, Any]:
    """Return the JSON form; a number that is not finite becomes None."""
    data = {"schema": SCHEMA, **attrs.asdict(found)}
    for plain, row in zip(data["rows"], found.rows, strict=True):
        plain["moves"] = _named(row.moves, "ion", "out")
        plain["drawn_W"] = _named(row.drawn_W, "ion", "power_W")
        plain["agrees"] = row.agrees
    finite: dict[str, Any] = _finite(data)
    return finite
