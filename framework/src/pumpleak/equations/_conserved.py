"""Conserved totals, found from what each mechanism moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

import attrs


@attrs.frozen(kw_only=True)
class Conserved:
    """A combination of inside amounts that no mechanism can change.

    Args:
        weights: whole number by ion.
    """

    weights: Mapping[str, int]

    @property
    def words(self) -> str:
        """The combination as a sum, ``"K - Cl"``."""
        terms: list[str] = []
        for ion, weight in self.weights.items():
            size = "" if abs(weight) == 1 else f"{abs(weight)} "
            sign = "- " if weight < 0 else "+ " if terms else ""
            terms.append(f"{sign}{size}{ion}")
        return " ".join(terms)


def conserved(
    ions: Sequence[str], movements: Sequence[Mapping[str, int]]
) -> tuple[tuple[Conserved, ...], tuple[str, ...]]:
    """Find what the movements leave unchanged.

    Args:
        ions: names of the free ions.
        movements: per independent movement, how many of each ion it takes out.

    Returns:
        The conserved combinations, and the ions whose balances are independent of each other.

    >>> totals, balances = conserved(["K", "Cl"], [{"K": 1, "Cl": 1}])
    >>> totals[0].words, balances
    ('- K + Cl', ('K',))
    """
    # Row-reduce [stoichiometry | identity]: rows that vanish on the left are conserved.
    rows = [
        [Fraction(movement.get(ion, 0)) for movement in movements]
        + [Fraction(int(ion == other)) for other in ions]
        for ion in ions
    ]
    width = len(movements)
    independent: list[int] = []
    remaining = list(range(len(ions)))
    for column in range(width):
        pivot = next((row for row in remaining if rows[row][column]), None)
        if pivot is None:
            continue
        independent.append(pivot)
        remaining.remove(pivot)
        for row in remaining:
            factor = rows[row][column] / rows[pivot][column]
            if factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[pivot], strict=True)]
    totals = []
    for row in remaining:
        weights = rows[row][width:]
        scale = lcm(*(weight.denominator for weight in weights))
        totals.append(
            Conserved(
                weights={
                    ion: int(weight * scale)
                    for ion, weight in zip(ions, weights, strict=True)
                    if weight
                }
            )
        )
    return tuple(totals), tuple(ions[row] for row in sorted(independent))
