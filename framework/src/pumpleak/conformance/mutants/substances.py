"""Sound ions, solutions and filters, and what can be wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from ...host import SpeciesRecord
from ...parts._claims import Claims
from ...parts._filter import FilterEnergy, FilterIon, SelectivityFilter
from ...parts._solution import Solution
from ...parts._species import IonSpecies
from ._mutant import Mutant, Specimen

# --- ions ----------------------------------------------------------------------------------------


def _potassium(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "K",
        "valence": 1,
        "dG_hydration_kJ_per_mol": -300.0,
        "radius_pm": 140.0,
        "source_hydration": "assumed: a round number",
        "source_radius": "assumed: a round number",
    }
    return {**given, **changes}


def _species_record(valence: int) -> SpeciesRecord:
    return SpeciesRecord(name="K", factory=f"{__name__}:K", summary="for checks", valence=valence)


class NoTable(IonSpecies):
    """An ion whose table is empty."""

    def parameter_table(self) -> list[dict[str, Any]]:
        """Return nothing."""
        return []


_IONS: Final = (
    Specimen(thing=IonSpecies(**_potassium()), record=_species_record(1)),
    Specimen(thing=IonSpecies(name="Cl", valence=-1)),
)
_BAD_IONS: Final = (
    Mutant(
        code="C001",
        wrong="a record of another valence",
        thing=IonSpecies(**_potassium()),
        record=_species_record(2),
    ),
    Mutant(
        code="C060", wrong="potassium with two charges", thing=IonSpecies(**_potassium(valence=2))
    ),
    Mutant(
        code="C061",
        wrong="kcal/mol for kJ/mol",
        thing=IonSpecies(**_potassium(dG_hydration_kJ_per_mol=-300 / 4.184)),
    ),
    Mutant(code="C061", wrong="angstrom for pm", thing=IonSpecies(**_potassium(radius_pm=1.4))),
    Mutant(code="C062", wrong="an empty table", thing=NoTable(**_potassium())),
    Mutant(code="C063", wrong="the sign of its charge", thing=IonSpecies(**_potassium(valence=-1))),
)

# --- solutions -----------------------------------------------------------------------------------


def _bath(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "bath",
        "concentrations": {"Na": "145 mM", "K": "4 mM", "Cl": "149 mM"},
        "pH": 7.4,
        "impermeant": "5 mM",
        "impermeant_valence": 0.0,
        "source": "assumed: round numbers",
    }
    return {**given, **changes}


class Diluted(Solution):
    """A solution that forgets a solute in its osmolarity."""

    @property
    def osmolarity_mM(self) -> float:
        """Return the osmolarity without the impermeant solute."""
        return super().osmolarity_mM - 5.0


class Shared(Solution):
    """A solution that is changed when a copy of it is."""

    def changed(self, changes: Mapping[str, object]) -> Solution:
        """Return a copy, and change the original with it."""
        copy = super().changed(changes)
        self.concentrations.update(copy.concentrations)  # type: ignore[attr-defined]
        return copy


class Deaf(Solution):
    """A solution that cannot be changed."""

    def changed(self, changes: Mapping[str, object]) -> Solution:
        """Return itself."""
        return self


_SOLUTIONS: Final = (
    Specimen(thing=Solution(**_bath())),
    Specimen(thing=Solution(**_bath(impermeant=None, impermeant_valence=None, pH=None))),
)
_BAD_SOLUTIONS: Final = (
    Mutant(
        code="C070",
        wrong="chloride forgotten",
        thing=Solution(**_bath(concentrations={"Na": "145 mM", "K": "4 mM"})),
    ),
    Mutant(
        code="C070",
        wrong="the impermeant solute's charge",
        thing=Solution(**_bath(impermeant_valence=-1.0)),
    ),
    Mutant(
        code="C071",
        wrong="molar for millimolar",
        thing=Solution(**_bath(concentrations={"Na": "9 M", "Cl": "9 M"})),
    ),
    Mutant(code="C071", wrong="a solute left out", thing=Diluted(**_bath())),
    Mutant(code="C072", wrong="no source", thing=Solution(**_bath(source="given by the user"))),
    Mutant(code="C072", wrong="no name", thing=Solution(**_bath(name="solution"))),
    Mutant(
        code="C073",
        wrong="an ion that nobody knows",
        thing=Solution(
            **_bath(concentrations={"Na": "145 mM", "Cl": "145 mM", "unobtainium": "1 uM"})
        ),
    ),
    Mutant(code="C074", wrong="changes the original", thing=Shared(**_bath())),
    Mutant(code="C074", wrong="does not change at all", thing=Deaf(**_bath())),
)

# --- filters -------------------------------------------------------------------------------------


def _site(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "site",
        "site_charge_e": -1.0,
        "site_radius_pm": 140.0,
        "relative_permittivity": 3.0,
        "shed_fraction": 0.4,
        "cavity_radius_pm": 120.0,
        "stiffness_kJ_per_mol_pm2": 0.01,
        "source": "assumed: round numbers",
        "summary": "a cage that fits middle-sized ions",
    }
    return {**given, **changes}


class RoomTemperature(SelectivityFilter):
    """Has RT at 25 degC in it as a number."""

    def energies(
        self,
        species: Iterable[FilterIon],
        temperature_K: float = 310.15,
        reference: str | None = None,
    ) -> tuple[FilterEnergy, ...]:
        """Return the energies, with ratios of one temperature."""
        return super().energies(species, 298.15, reference)


class Crowded(SelectivityFilter):
    """Lets each ion see how many others there are."""

    def barriers(self, species: Iterable[FilterIon]) -> dict[str, float]:
        """Return the barriers, higher in company."""
        found = super().barriers(species)
        return {ion: value + 0.1 * len(found) for ion, value in found.items()}


class Normalised(SelectivityFilter):
    """Gives permeabilities that add up to 1."""

    def permeability_ratios(
        self,
        species: Iterable[FilterIon],
        reference: str | None = None,
        temperature_K: float = 310.15,
    ) -> dict[str, float]:
        """Return shares in place of ratios."""
        found = super().permeability_ratios(species, reference, temperature_K)
        whole = math.fsum(found.values())
        return {ion: ratio / whole for ion, ratio in found.items()}


class Repelling(SelectivityFilter):
    """Has Coulomb's law with the wrong sign."""

    def _row(self, ion: FilterIon) -> FilterEnergy:
        row = super()._row(ion)
        return attrs.evolve(row, coordination_kJ_per_mol=-row.coordination_kJ_per_mol)


class Unlisted(SelectivityFilter):
    """A filter whose table leaves out its charge."""

    def parameter_table(self) -> list[dict[str, Any]]:
        """Return all rows but one."""
        return [row for row in super().parameter_table() if row["name"] != "site_charge_e"]


_ORDER: Final = Claims(order=("middle", "large", "small"))
_FILTERS: Final = (Specimen(thing=SelectivityFilter(**_site()), claims=_ORDER),)
_BAD_FILTERS: Final = (
    Mutant(code="C080", wrong="RT at one temperature", thing=RoomTemperature(**_site())),
    Mutant(code="C081", wrong="barriers that depend on company", thing=Crowded(**_site())),
    Mutant(code="C082", wrong="shares for ratios", thing=Normalised(**_site())),
    Mutant(code="C083", wrong="Coulomb's sign", thing=Repelling(**_site())),
    Mutant(
        code="C084",
        wrong="a field too strong for its order",
        thing=SelectivityFilter(**_site(site_charge_e=-4.0)),
        claims=_ORDER,
    ),
    Mutant(code="C085", wrong="a number not in the table", thing=Unlisted(**_site())),
    Mutant(code="C085", wrong="no summary", thing=SelectivityFilter(**_site(summary=""))),
)

SOUND: Final = (*_IONS, *_SOLUTIONS, *_FILTERS)
MUTANTS: Final = (*_BAD_IONS, *_BAD_SOLUTIONS, *_BAD_FILTERS)
