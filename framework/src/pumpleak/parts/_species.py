"""What an ion is, apart from any membrane: its valence, and what a filter asks of it."""

from __future__ import annotations

import math
from typing import Any, Final

import attrs

from .._errors import CompositionError

#: Stands where a number has no reference, so that a table never shows an empty source.
NO_SOURCE: Final = "none"


def _name(_: Any, __: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.isidentifier():
        raise CompositionError(
            f"'name' must be a plain identifier (got {value!r}); write it like 'Na' or 'HCO3', "
            "the charge goes into 'valence'"
        )


def _valence(instance: Any, _: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value == 0:
        raise CompositionError(
            f"'valence' of {instance.name!r} must be a whole number other than 0 (got {value!r}); "
            "give 1, 2 or -1; an uncharged solute is no ion species"
        )


def _hydration(instance: Any, _: Any, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value < 0):
        raise CompositionError(
            f"'dG_hydration_kJ_per_mol' of {instance.name!r} must be negative and finite (got "
            f"{value!r}); give the free energy of moving the ion from gas into water, such as "
            "-300.0, or None where it is unknown"
        )


def _radius(instance: Any, _: Any, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise CompositionError(
            f"'radius_pm' of {instance.name!r} must be positive and finite (got {value!r}); "
            "give the bare ion's radius in pm, such as 100.0, or None where it is unknown"
        )


def _optional_float(value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise CompositionError(
            f"an ion's energy and radius are bare numbers (got {value!r}); "
            "give kJ/mol and pm without a unit, or None where unknown"
        ) from None


@attrs.frozen(kw_only=True)
class IonSpecies:
    """One kind of ion.

    Args:
        name: identifier used in files, such as ``"Na"``.
        valence: charge number, not 0.
        dG_hydration_kJ_per_mol: Gibbs free energy of hydration, kJ/mol, negative; None if unknown.
        radius_pm: radius of the bare ion, pm; None if unknown.
        source_hydration: reference of the hydration energy, or ``"assumed, after ..."``.
        source_radius: reference of the radius, or ``"assumed, after ..."``.

    Raises:
        CompositionError: a value that no ion can have, or a number without a source.

    >>> IonSpecies(name="X", valence=1).has_filter_data
    False
    """

    name: str = attrs.field(validator=_name)
    valence: int = attrs.field(validator=_valence)
    dG_hydration_kJ_per_mol: float | None = attrs.field(
        default=None, converter=_optional_float, validator=_hydration, metadata={"unit": "kJ/mol"}
    )
    radius_pm: float | None = attrs.field(
        default=None, converter=_optional_float, validator=_radius, metadata={"unit": "pm"}
    )
    source_hydration: str = NO_SOURCE
    source_radius: str = NO_SOURCE

    def __attrs_post_init__(self) -> None:
        for value, source, field in (
            (self.dG_hydration_kJ_per_mol, self.source_hydration, "source_hydration"),
            (self.radius_pm, self.source_radius, "source_radius"),
        ):
            stated = str(source).strip() not in ("", "None", NO_SOURCE)
            if value is not None and not stated:
                raise CompositionError(
                    f"{field!r} of {self.name!r} must say where {value!r} comes from "
                    f"(got {source!r}); give a reference, or 'assumed'"
                )

    @property
    def has_filter_data(self) -> bool:
        """Whether a selectivity filter can weigh this ion: both energy and radius are known."""
        return self.dG_hydration_kJ_per_mol is not None and self.radius_pm is not None

    def parameter_table(self) -> list[dict[str, Any]]:
        """Return one row per known number: name, value, unit, source, measured, bounds."""
        sources = {
            "dG_hydration_kJ_per_mol": self.source_hydration,
            "radius_pm": self.source_radius,
        }
        return [
            {
                "name": field.name,
                "value": getattr(self, field.name),
                "unit": field.metadata["unit"],
                "source": sources[field.name],
                # an "assumed" number is one that was not read where it was measured
                "measured": not sources[field.name].startswith("assumed"),
                "bounds": (None, None),
            }
            for field in attrs.fields(type(self))
            if "unit" in field.metadata and getattr(self, field.name) is not None
        ]
