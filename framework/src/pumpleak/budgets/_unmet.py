"""Which demand no densities meet, by how much, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from ._least_change import Change, Demands

#: Weights of a combination below this are rounding.
_NO_WEIGHT = 1e-9


@attrs.frozen(kw_only=True)
class Unmet:
    """A demand that no densities meet.

    Args:
        demand: an ion whose net current must vanish, ``"total current"``, ``"input resistance"`` or
            ``"osmolarity"``.
        amount: what is left over, outward positive for currents.
        unit: of it: pA, nS or mM.
        reason: a sentence.
    """

    demand: str
    amount: float
    unit: str
    reason: str


def explained(
    names: list[str], demands: Demands, solution: Change, labels: tuple[str, ...]
) -> list[Unmet]:
    """Return the demands that stay unmet, each with its reason.

    Args:
        names: of the demands.
        demands: what was asked.
        solution: what came of it.
        labels: of the free mechanisms.
    """
    found = []
    for position, name in enumerate(names):
        left = float(solution.unmet[position])
        if left == 0:
            continue
        conductance = name == "input resistance"
        row = demands.matrix[position]
        carriers = [label for label, part in zip(labels, row, strict=True) if part]
        more, less = ("too much", "too little") if conductance else ("outward", "inward")
        carry = "add to the slope conductance" if conductance else f"carry {name}"
        if name == "total current":
            carry = "carry current"
        if not carriers:
            reason = f"no free mechanism can {carry} here"
        elif all(part * left >= 0 for part in row):
            way = "adds" if conductance else f"carries it {more if left > 0 else less}"
            reason = f"every free mechanism that can {carry} ({', '.join(carriers)}) {way} here"
        else:
            reason = _combined(names, demands, solution)
        found.append(
            Unmet(demand=name, amount=left, unit="nS" if conductance else "pA", reason=reason)
        )
    return found


def _combined(names: list[str], demands: Demands, solution: Change) -> str:
    """Return the combination of demands that no free mechanism moves towards zero."""
    # a demand that no free mechanism touches fails by itself and proves nothing about the others
    touched = np.any(demands.matrix != 0, axis=1)
    weights = np.where(touched, solution.witness, 0.0)
    weights = weights / np.abs(weights).max()
    terms = " ".join(
        f"{'-' if weight < 0 else '+'} {abs(weight):.4g} x {name}"
        for weight, name in zip(weights, names, strict=True)
        if abs(weight) > _NO_WEIGHT
    ).removeprefix("+ ")
    left = float(weights @ solution.unmet)
    return (
        f"in {terms} every free mechanism adds or does nothing, so that {left:.6g} pA of it stays"
    )


def nothing_left(names: Sequence[str], now: Any) -> list[Unmet]:
    """Return demands that would be met only because nothing that they are about conducts any more.

    Args:
        names: of those demands.
        now: what is left of each at the present densities, pA.
    """
    return [
        Unmet(
            demand=name,
            amount=float(left),
            unit="pA",
            reason="it vanishes only where every density that carries it is zero, and then nothing "
            "holds it there",
        )
        for name, left in zip(names, now, strict=True)
    ]


def refusal(unmet: list[Unmet]) -> str:
    """Return the message that says what cannot be met."""
    said = []
    for item in unmet:
        way = ""
        if item.unit == "pA":
            way = " outward" if item.amount > 0 else " inward"
        said.append(
            f"{item.demand}: {abs(item.amount):.6g} {item.unit}{way} left over, {item.reason}"
        )
    return "no densities of these make it rest there; " + "; ".join(said)
