"""What balancing did, as tables and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._blocks import Block, Column, Heading, Paragraph, Table
from ._format import fixed, rounded
from ._json import _finite

if TYPE_CHECKING:
    from ..budgets._balance import Balanced
    from ..budgets._unmet import Unmet
    from ..units._quantity import Quantity

SCHEMA = "pumpleak.balance/1"


def document(found: Balanced) -> Iterator[Block]:
    """Yield the blocks of what balancing did.

    Args:
        found: what came of it.
    """
    yield Heading(f"{found.status.capitalize()}: {found.mode} ions, {fixed(found.V_mV)} mV", 1)
    # the table below says of each demand why
    message = found.message.partition("; ")[0] if found.unmet else found.message
    yield Paragraph(f"{message[0].upper()}{message[1:]}.")
    last = "new" if found.status == "balanced" else "closest"
    yield Table(
        columns=(
            Column(heading="density", numeric=False),
            Column(heading="old"),
            Column(heading=last),
            Column(heading="factor"),
        ),
        rows=tuple(
            (
                change.name,
                _short(change.old),
                _short(change.new),
                "" if change.factor is None else rounded(change.factor),
            )
            for change in found.changes
        ),
    )
    if found.unmet:
        yield Table(
            columns=(
                Column(heading="cannot be met", numeric=False),
                Column(heading="left over", numeric=False),
                Column(heading="why", numeric=False),
            ),
            rows=tuple((item.demand, _left_over(item), item.reason) for item in found.unmet),
        )
    if found.others_mV:
        voltages = ", ".join(f"{fixed(value)} mV" for value in found.others_mV)
        yield Paragraph(f"The balanced membrane rests at {voltages} too.")
    for note in found.notes:
        yield Paragraph(f"Note: {note}.")


def _short(value: Quantity) -> str:
    return f"{value.magnitude:.4g} {value.unit}".strip()


def _left_over(item: Unmet) -> str:
    if item.unit != "pA":
        return f"{rounded(item.amount)} {item.unit}"
    return f"{rounded(abs(item.amount))} pA {'outward' if item.amount > 0 else 'inward'}"


def as_dict(found: Balanced) -> dict[str, Any]:
    """Return the JSON form; a number that is not finite becomes None."""
    state = found.state
    data = {
        "schema": SCHEMA,
        "status": found.status,
        "message": found.message,
        "mode": found.mode,
        "V_mV": found.V_mV,
        "changes": [
            {
                "name": change.name,
                "old": change.old.magnitude,
                "new": change.new.magnitude,
                "unit": change.old.unit,
                "factor": change.factor,
            }
            for change in found.changes
        ],
        "unmet": [
            {"demand": item.demand, "amount": item.amount, "unit": item.unit, "reason": item.reason}
            for item in found.unmet
        ],
        "state": None
        if state is None
        else {"V_mV": state.V_mV, "kind": state.kind, "residual_pA": state.residual_pA},
        "others_mV": list(found.others_mV),
        "notes": list(found.notes),
    }
    finite: dict[str, Any] = _finite(data)
    return finite
