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
        if not carriers:
            reason = f"no free mechanism {_carries(name)} at this voltage; free one that does"
        elif all(part * left >= 0 for part in row):
            reason = _one_way(name, carriers, left > 0)
        else:
            reason = _combined(names, demands, solution)
        found.append(
            Unmet(demand=name, amount=left, unit="nS" if conductance else "pA", reason=reason)
        )
    return found


def _carries(name: str) -> str:
    if name == "input resistance":
        return "adds to the slope conductance"
    return "carries any current" if name == "total current" else f"carries {name}"


def _one_way(name: str, carriers: Sequence[str], positive: bool) -> str:
    """Return that the free mechanisms can only push the same way as what is left over."""
    who = " and ".join(carriers)
    if name == "input resistance":
        way, other = ("raises", "lowers") if positive else ("lowers", "raises")
        return (
            f"more of {who} only {way} the slope conductance at this voltage; free a mechanism "
            f"that {other} it"
        )
    what = "current" if name == "total current" else name
    way, other = ("outward", "inward") if positive else ("inward", "outward")
    return (
        f"of the free mechanisms, {who} can carry {what}, but only {way} at this voltage; free one "
        f"that carries {what} {other}"
    )


def _combined(names: list[str], demands: Demands, solution: Change) -> str:
    """Return the combination of demands that no free mechanism moves towards zero."""
    # a demand that no free mechanism touches fails by itself and proves nothing about the others
    touched = np.any(demands.matrix != 0, axis=1)
    weights = np.where(touched, solution.witness, 0.0)
    weights = weights / np.abs(weights).max()
    parts = [
        (float(weight), name)
        for weight, name in zip(weights, names, strict=True)
        if abs(weight) > _NO_WEIGHT
    ]
    terms = " ".join(
        f"{'-' if weight < 0 else '+'} {_times(abs(weight))}{name}" for weight, name in parts
    ).removeprefix("+ ")
    left = float(weights @ solution.unmet)
    who = [name for _, name in parts]
    return (
        f"{' and '.join(who)} cannot be balanced together: no densities of the free mechanisms "
        f"bring {terms} {'below' if left > 0 else 'above'} {left:.4g} pA; free another that "
        f"carries {' or '.join(who)}"
    )


def _times(weight: float) -> str:
    return "" if f"{weight:.3g}" == "1" else f"{weight:.3g} x "


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
            f"{item.demand}: {abs(item.amount):.4g} {item.unit}{way} left over, {item.reason}"
        )
    return "no densities of these make it rest there; " + "; ".join(said)
