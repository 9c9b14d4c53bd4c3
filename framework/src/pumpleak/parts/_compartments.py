"""What may change at rest: free ions, volume, the space outside, and how charge is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from .._errors import CompositionError, UnitError
from ..units._quantity import (
    AMOUNT,
    LENGTH,
    VOLTAGE,
    VOLUME,
    Dimension,
    Quantity,
    per_area,
    quantity,
)

#: Partial molar volume of water, fL/amol: 18 cm^3/mol.
WATER = 18e-6
CHARGES = ("capacitance", "electroneutral")
SHAPES = ("fixed", "sphere", "cylinder")
_PERMEABILITY = per_area(Dimension(length=3, time=-1))


def _quantity(field: str, given: object, dimension: Dimension) -> Quantity:
    try:
        return quantity(given, dimension)
    except UnitError as error:
        raise UnitError(f"{field}: {error}") from error


def _volume(given: object) -> Quantity:
    return _quantity("volume", given, VOLUME)


def _outside_volume(given: object) -> Quantity | None:
    return None if given is None else _quantity("outside_volume", given, VOLUME)


def _length(given: object) -> Quantity | None:
    return None if given is None else _quantity("length", given, LENGTH)


def _amount(given: object) -> Quantity | None:
    return None if given is None else _quantity("impermeant_amount", given, AMOUNT)


def _voltage(given: object) -> Quantity:
    return _quantity("start_voltage", given, VOLTAGE)


def _permeability(given: object) -> Quantity:
    return _quantity("water_permeability", given, _PERMEABILITY)


def _names(given: object) -> tuple[str, ...]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise CompositionError(
            f"free: expected a list of ions such as ['Na', 'K', 'Cl'], got {given!r}"
        )
    names = tuple(given)
    if (
        not names
        or not all(isinstance(name, str) for name in names)
        or len(set(names)) != len(names)
    ):
        raise CompositionError(
            f"free: expected a list of ions such as ['Na', 'K', 'Cl'], got {given!r}"
        )
    return names


def _totals(given: object) -> dict[str, Quantity]:
    if not isinstance(given, Mapping):
        raise CompositionError(
            f"totals: expected amounts such as {{ K = '400 fmol' }}, got {given!r}"
        )
    return {str(name): _quantity(f"totals.{name}", item, AMOUNT) for name, item in given.items()}


@attrs.frozen(kw_only=True, eq=False)
class Compartments:
    """What is free at steady ions; everything else is held.

    Args:
        free: ions whose inside concentration is free; the others are held.
        volume: of the inside, at the concentrations given.
        swells: whether the volume is free: water follows osmolarity.
        outside_volume: of a finite space outside that shares its free ions with the inside; None
            is an infinite bath.
        charge: ``"capacitance"``: V is the charge inside over the capacitance, exactly;
            ``"electroneutral"``: the inside's charge is that of the start, V is free.
        shape: ``"fixed"`` area; or a ``"sphere"`` or ``"cylinder"`` whose area follows the volume.
        length: of the cylinder.
        totals: conserved totals given directly, as amounts: by ion, inside and a finite outside
            together; or by combination, such as ``"- K + Cl"``. By default they are those of the
            start.
        impermeant_amount: of impermeant solute inside, instead of its concentration.
        infer_impermeant: whether to choose the inside's impermeant solute and its valence so that
            charge and osmolarity close at the start.
        start_voltage: V at the start, held against the charge there.
        water_permeability: osmotic permeability; sets how fast the volume follows.

    Raises:
        CompositionError: choices that exclude each other.
        UnitError: a value of the wrong dimension.
    """

    free: tuple[str, ...] = attrs.field(converter=_names)
    volume: Quantity = attrs.field(converter=_volume)
    swells: bool = False
    outside_volume: Quantity | None = attrs.field(default=None, converter=_outside_volume)
    charge: str = "capacitance"
    shape: str = "fixed"
    length: Quantity | None = attrs.field(default=None, converter=_length)
    totals: Mapping[str, Quantity] = attrs.field(factory=dict, converter=_totals)
    impermeant_amount: Quantity | None = attrs.field(default=None, converter=_amount)
    infer_impermeant: bool = False
    start_voltage: Quantity = attrs.field(default=_voltage("-70 mV"), converter=_voltage)
    water_permeability: Quantity = attrs.field(
        default=_permeability("0.005 cm/s"), converter=_permeability
    )

    def __attrs_post_init__(self) -> None:
        for field in (
            "volume",
            "outside_volume",
            "length",
            "impermeant_amount",
            "water_permeability",
        ):
            value = getattr(self, field)
            if value is not None and not value.value > 0:
                raise CompositionError(f"{field}: must be above zero, got '{value}'")
        for field in ("swells", "infer_impermeant"):
            if not isinstance(getattr(self, field), bool):
                raise CompositionError(
                    f"{field}: expected true or false, got {getattr(self, field)!r}"
                )
        if self.charge not in CHARGES:
            raise CompositionError(
                f"charge: expected one of {', '.join(CHARGES)}, got {self.charge!r}"
            )
        if self.shape not in SHAPES:
            raise CompositionError(
                f"shape: expected one of {', '.join(SHAPES)}, got {self.shape!r}"
            )
        if (self.shape == "cylinder") != (self.length is not None):
            raise CompositionError("length: a cylinder needs its length, and nothing else has one")
        if self.impermeant_amount is not None and self.infer_impermeant:
            raise CompositionError("impermeant_amount: give it, or infer_impermeant, not both")

    @property
    def structure(self) -> tuple[Any, ...]:
        """What the equations depend on."""
        return (self.free, self.swells, self.outside_volume is not None, self.charge, self.shape)

    @property
    def sets_area(self) -> bool:
        """Whether the membrane's area follows the volume, and is no number of its own."""
        return self.shape != "fixed"

    def area_um2(self, volume: float) -> float | None:
        """Return the membrane area that goes with a volume, um2; None where the area is fixed.

        Args:
            volume: fL.
        """
        if self.shape == "sphere":
            return float((36.0 * math.pi * volume * volume) ** (1.0 / 3.0))
        if self.shape == "cylinder" and self.length is not None:
            return 2.0 * math.sqrt(math.pi * self.length.value * volume)
        return None
