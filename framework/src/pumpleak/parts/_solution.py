"""Solutions: what is dissolved on one side of a membrane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._errors import CompositionError, UnitError
from ..units._constants import MOLAR_MM
from ..units._quantity import CONCENTRATION, Quantity, internal, quantity
from ._part import number
from ._species import IonSpecies

#: More than 10 mol/L of anything is no solution that a membrane lives in.
_HIGHEST_MM = 1e4


def _concentrations(given: Mapping[str, object]) -> dict[str, Quantity]:
    read = {}
    for ion, value in given.items():
        if not str(ion).strip():
            raise CompositionError(f"an ion's name must be text, got {ion!r}")
        try:
            read[ion] = quantity(value, CONCENTRATION)
        except UnitError as error:
            raise UnitError(f"{ion}: {error}") from error
        if read[ion].value < 0:
            raise CompositionError(f"{ion}: a concentration cannot be negative, got '{read[ion]}'")
        if read[ion].value > _HIGHEST_MM:
            raise CompositionError(f"{ion}: '{read[ion]}' is more than any solution holds (10 M)")
    return read


def _impermeant(given: object) -> Quantity | None:
    try:
        return None if given is None else quantity(given, CONCENTRATION)
    except UnitError as error:
        raise UnitError(f"impermeant: {error}") from error


@attrs.frozen(kw_only=True, eq=False)
class Solution:
    """Concentrations on one side of a membrane.

    Args:
        name: what reports call it.
        concentrations: by ion name, with unit.
        pH: sets the proton concentration; None leaves protons out.
        impermeant: concentration of solutes that cannot cross.
        impermeant_valence: their mean charge.
        source: where the numbers are from.

    Raises:
        CompositionError: a negative or impossible concentration.
        UnitError: a value that is no concentration.

    >>> bath = Solution(name="bath", concentrations={"Na": "145 mM", "Cl": "149 mM", "K": "4 mM"})
    >>> bath.osmolarity_mM
    298.0
    """

    name: str = "solution"
    concentrations: Mapping[str, Quantity] = attrs.field(factory=dict, converter=_concentrations)
    pH: float | None = None
    impermeant: Quantity | None = attrs.field(default=None, converter=_impermeant)
    impermeant_valence: float | None = None
    source: str = "given by the user"

    def __attrs_post_init__(self) -> None:
        if self.pH is not None:
            if isinstance(self.pH, bool) or not isinstance(self.pH, int | float):
                raise CompositionError(f"pH: expected a number such as 7.4, got {self.pH!r}")
            if not 0 <= self.pH <= 14:
                raise CompositionError(f"pH: must lie in 0..14, got {self.pH}")
            if "H" in self.concentrations:
                raise CompositionError("give pH or the concentration of H, not both")
            protons = internal(MOLAR_MM * 10.0**-self.pH, CONCENTRATION)
            object.__setattr__(self, "concentrations", {**self.concentrations, "H": protons})
        if self.impermeant is not None and self.impermeant.value < 0:
            raise CompositionError(f"impermeant: cannot be negative, got '{self.impermeant}'")
        if self.impermeant_valence is not None and (
            isinstance(self.impermeant_valence, bool)
            or not isinstance(self.impermeant_valence, int | float)
            or not -1000 <= self.impermeant_valence <= 1000
        ):
            raise CompositionError(
                "impermeant_valence: expected a number such as -0.85, got "
                f"{self.impermeant_valence!r}"
            )
        if self.impermeant_valence is not None and self.impermeant is None:
            raise CompositionError(
                "impermeant: missing, but impermeant_valence is given; give its concentration"
            )

    @property
    def osmolarity_mM(self) -> float:
        """Sum of all concentrations, impermeant solutes included, mM (ideal solution)."""
        total = sum(given.value for given in self.concentrations.values())
        return total + (self.impermeant.value if self.impermeant is not None else 0.0)

    def charge_imbalance_mM(self, species: Mapping[str, IonSpecies]) -> float:
        """Return the sum of valence x concentration, mM of elementary charge.

        Args:
            species: ion records by name.
        """
        total = sum(
            species[ion].valence * given.value
            for ion, given in self.concentrations.items()
            if ion in species
        )
        if self.impermeant is not None and self.impermeant_valence is not None:
            total += self.impermeant.value * self.impermeant_valence
        return total

    def parameter_table(self) -> list[dict[str, Any]]:
        """Return one row per solute: name, value, unit, source, basis."""
        basis = "assumed" if self.source.lower().startswith("assumed") else "cited"
        rows: list[dict[str, Any]] = [
            {"name": ion, "value": given.magnitude, "unit": given.unit}
            for ion, given in self.concentrations.items()
            if not (ion == "H" and self.pH is not None)
        ]
        if self.pH is not None:
            rows.append({"name": "pH", "value": self.pH, "unit": ""})
        if self.impermeant is not None:
            solute = self.impermeant
            rows.append({"name": "impermeant", "value": solute.magnitude, "unit": solute.unit})
        if self.impermeant_valence is not None:
            rows.append(
                {"name": "impermeant_valence", "value": self.impermeant_valence, "unit": ""}
            )
        return [{**row, "source": self.source, "basis": basis, "bounds": None} for row in rows]

    def changed(self, changes: Mapping[str, object]) -> Solution:
        """Return a copy with some concentrations, the pH or the impermeant solute changed."""
        plain: dict[str, Any] = {}
        ions = {ion: given for ion, given in self.concentrations.items()}
        if self.pH is not None and ("pH" in changes or "H" in changes):
            ions.pop("H", None)
            plain["pH"] = None
        elif self.pH is not None:
            ions.pop("H", None)
        for name, value in changes.items():
            if name in ("pH", "impermeant_valence") and isinstance(value, str):
                plain[name] = number(value, name).value
            elif name in ("pH", "impermeant", "impermeant_valence"):
                plain[name] = value
            else:
                ions[name] = value  # type: ignore[assignment]
        return attrs.evolve(self, concentrations=ions, **plain)
