"""What is known of each member once it is solved: names, units, and codes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .._errors import CompositionError, near
from ..membranes._problems import short
from ..units._constants import MS_PER_S
from ..units._quantity import (
    CONCENTRATION,
    CONDUCTANCE,
    CURRENT,
    RATE,
    VOLTAGE,
    VOLUME,
    Dimension,
    quantity,
)

if TYPE_CHECKING:
    from ._population import Population


@attrs.frozen(kw_only=True)
class Outcome:
    """One number of a solved member.

    Args:
        name: in results.
        unit: of its numbers there.
        words: what it is.
        dimension: of values that users give for it, such as edges.
        scale: times pumpleak's own unit gives `unit`.
    """

    name: str
    unit: str
    words: str
    dimension: Dimension
    scale: float = 1.0

    def number(self, given: object) -> float:
        """Return a value that a user gave, in `unit`.

        Raises:
            UnitError: no quantity of its dimension.
        """
        return quantity(given, self.dimension).value * self.scale


def _voltage() -> Outcome:
    return Outcome(
        name="V", unit="mV", words="membrane potential, inside minus outside", dimension=VOLTAGE
    )


def unknown(name: str) -> Outcome:
    """Return the outcome of an unknown beside V."""
    if name == "volume":
        return Outcome(name=name, unit="fL", words="volume of the inside", dimension=VOLUME)
    side, _, ion = name.partition(".")
    if side == "inside" and ion:
        return Outcome(
            name=name, unit="mM", words=f"concentration of {ion} inside", dimension=CONCENTRATION
        )
    return Outcome(name=name, unit="", words="a pool, in its own unit", dimension=Dimension())


def output(name: str) -> Outcome:
    """Return the outcome of an output that was asked for."""
    if name == "ATP_per_s":
        return Outcome(
            name=name,
            unit="1/s",
            words="ATP molecules spent per second",
            dimension=RATE,
            scale=MS_PER_S,
        )
    kind, _, rest = name.partition(".")
    if kind == "current" and rest:
        return Outcome(name=name, unit="pA", words=f"outward current of {rest}", dimension=CURRENT)
    return Outcome(name=name, unit="", words=name, dimension=Dimension())


def slope() -> Outcome:
    """Return the outcome of the slope conductance."""
    return Outcome(
        name="slope",
        unit="nS",
        words="slope conductance of the whole membrane, gates at steady state",
        dimension=CONDUCTANCE,
    )


def outcomes(population: Population) -> dict[str, Outcome]:
    """Return everything that members of a population have, by name."""
    found = [_voltage()]
    found += [unknown(name) for name in population.unknowns]
    if population.mode == "clamped":
        found.append(slope())
    found += [output(name) for name in population.outputs]
    found += [
        Outcome(name=of.name, unit=of.unit, words="varied", dimension=of.dimension)
        for of in population.varied
        if of.name not in population.unknowns
    ]
    return {item.name: item for item in found}


def outcome(population: Population, name: str) -> Outcome:
    """Return one of them.

    Raises:
        CompositionError: members have no such number; near names are offered.
    """
    if not isinstance(name, str):
        raise CompositionError(f"expected a name such as 'V', got {short(name)}")
    known = outcomes(population)
    from ._names import canonical

    wanted = canonical(name)
    if wanted not in known:
        more = "" if "." not in wanted else "; name it in outputs to have it"
        raise CompositionError(
            f"members have no {name!r}{near(wanted, known)}; they have {', '.join(known)}{more}"
        )
    return known[wanted]
