"""Which numbers of a membrane may vary, in which unit, and between which limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError, UnitError
from ..membranes._problems import near_value
from ..units._quantity import CONCENTRATION, NUMBER, Dimension, Quantity, quantity
from ..units._scalars import TEMPERATURES_K

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane
    from ..parts._part import ParameterInfo

_SIDES = {"in": "inside", "out": "outside"}
_SIDE_HEADS = ("inside.", "outside.")
#: Of the whole membrane, what may vary.
_WHOLE = ("temperature", "area", "capacitance", "gas_constant", "faraday")
#: Above this no concentration is, mM.
_DENSEST_MM = 1e4
#: What says how much there is of a mechanism; it cannot be negative.
_AMOUNTS = ("density", "unitary", "turnover")


@attrs.frozen(kw_only=True)
class Limits:
    """Between what a number must lie.

    Args:
        low, high: in pumpleak's unit set.
        low_open, high_open: whether the end itself is excluded.
        why: the end of a sentence that says why.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    why: str = ""

    def broken(self, values: Any) -> int | None:
        """Return the position of the first value outside, or that is no number; None if none.

        Args:
            values: shape (n,).
        """
        above = values > self.low if self.low_open else values >= self.low
        below = values < self.high if self.high_open else values <= self.high
        wrong = ~(above & below & np.isfinite(values))
        return int(np.argmax(wrong)) if wrong.any() else None


@attrs.frozen(kw_only=True)
class Varied:
    """One number of a membrane that may vary.

    Args:
        name: as in `Membrane.evolve`, such as ``"outside.K"``.
        dimension: the membrane's own; a density is per area where the membrane's is.
        limits: between what it must lie.
        own: the membrane's value, in pumpleak's unit set.
    """

    name: str
    dimension: Dimension
    limits: Limits
    own: float

    @property
    def unit(self) -> str:
        """The unit of its numbers here, such as ``"mM"``; ``"1"`` for a pure number."""
        return self.dimension.unit

    def number(self, given: object) -> float:
        """Return a value that a user gave, in pumpleak's unit set, unchecked against the limits.

        Raises:
            UnitError: no quantity of this dimension.
        """
        try:
            return quantity(given, self.dimension).value
        except UnitError as error:
            raise UnitError(f"{self.name}: {error}") from error

    def checked(self, given: object) -> float:
        """Return a value that a user gave, in pumpleak's unit set.

        Raises:
            UnitError: no quantity of this dimension.
            CompositionError: outside its limits.
        """
        value = self.number(given)
        if self.limits.broken(np.array([value])) is not None:
            raise CompositionError(f"{self.name}: {self.limits.why}, got {str(given)!r}")
        return value

    def spread(self, given: object) -> float:
        """Return a difference of two such values: ``"2 degC"`` is 2 K.

        Raises:
            UnitError: no quantity of this dimension.
        """
        try:
            read: Quantity = quantity(given, self.dimension)
            offset = quantity(f"0 {read.unit}").value
        except UnitError as error:
            raise UnitError(f"{self.name}: {error}") from error
        return read.value - offset

    def text(self, value: float) -> str:
        """Return a value as messages show it, with its unit."""
        return f"{value:.6g}" if self.dimension == NUMBER else f"{value:.6g} {self.unit}"


def canonical(name: str) -> str:
    """Return a name as `Membrane.evolve` spells it.

    >>> canonical("K.out"), canonical("outside.K"), canonical("pump.density")
    ('outside.K', 'outside.K', 'pump.density')
    """
    head, dot, tail = name.strip().rpartition(".")
    if dot and tail in _SIDES and "." not in head:
        return f"{_SIDES[tail]}.{head}"
    return name.strip()


def varied(membrane: Membrane, name: str) -> Varied:
    """Return what a name means in a membrane.

    Args:
        membrane: what varies.
        name: as in `Membrane.evolve`; ``"K.out"`` and ``"K.in"`` are short for ``"outside.K"`` and
            ``"inside.K"``.

    Raises:
        CompositionError: the membrane has no such number; near names are offered.
    """
    wanted = canonical(name)
    infos = _parameters(membrane)
    if wanted in infos:
        info = infos[wanted]
        return Varied(
            name=wanted,
            dimension=info.value.dimension,
            limits=_of_parameter(wanted, info),
            own=info.value.value,
        )
    compartments = membrane.compartments
    if wanted == "area" and compartments is not None and compartments.sets_area:
        raise CompositionError(
            f"area: it follows the volume of this {compartments.shape}, so members cannot differ "
            "in it"
        )
    if wanted in _WHOLE:
        own: Quantity = getattr(membrane, wanted)
        return Varied(
            name=wanted, dimension=own.dimension, limits=_of_scalar(wanted), own=own.value
        )
    side, _, ion = wanted.partition(".")
    if side in ("inside", "outside") and ion in getattr(membrane, side).concentrations:
        carried = any(ion in mechanism.needed() for mechanism in membrane.mechanisms)
        why = f"a concentration lies between 0 and {_DENSEST_MM:g} mM"
        if carried:
            why += ", and above 0 where the ion is carried through the membrane"
        return Varied(
            name=wanted,
            dimension=CONCENTRATION,
            limits=Limits(low=0.0, high=_DENSEST_MM, low_open=carried, why=why),
            own=getattr(membrane, side).concentrations[ion].value,
        )
    if ion == "pH" and side in ("inside", "outside") and f"{side}.H" in membrane.values:
        return Varied(
            name=wanted,
            dimension=NUMBER,
            limits=Limits(low=0.0, high=14.0, why="a pH lies between 0 and 14"),
            own=3.0 - math.log10(membrane.values[f"{side}.H"]),
        )
    known = [*infos, *_WHOLE, *(key for key in membrane.values if key.startswith(_SIDE_HEADS))]
    raise CompositionError(f"this membrane has no {name!r}{near_value(wanted, known)}")


def _parameters(membrane: Membrane) -> dict[str, ParameterInfo]:
    return {
        f"{mechanism.label}.{info.path}": info
        for mechanism in membrane.mechanisms
        for info in mechanism.parameters()
    }


def _of_scalar(name: str) -> Limits:
    if name == "temperature":
        low, high = TEMPERATURES_K
        return Limits(
            low=low,
            high=high,
            why=f"a living membrane is between {low:g} and {high:g} K",
        )
    return Limits(low=0.0, low_open=True, why="it must be above zero")


def _of_parameter(name: str, info: ParameterInfo) -> Limits:
    low, high = info.bounds
    own = info.value

    def scaled(bound: float | None, otherwise: float) -> float:
        # bounds are written in the unit of the value in force
        return otherwise if bound is None else quantity(f"{bound!r} {own.unit}").value

    limits = Limits(
        low=scaled(low, -math.inf),
        high=scaled(high, math.inf),
        why="it must lie within its bounds "
        f"[{'-inf' if low is None else low}, {'inf' if high is None else high}] {own.unit}".strip(),
    )
    if info.path in _AMOUNTS and limits.low < 0:
        return attrs.evolve(limits, low=0.0, why="it cannot be negative")
    return limits
