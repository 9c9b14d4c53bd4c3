"""What pumpleak-ions supplies: numbers as the sources have them, solutions that hold together."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import pumpleak as pl
from pumpleak import IonSpecies, Solution
from pumpleak_ions import _plugin, solutions, species

# Marcus 1991 (kJ/mol) and Shannon 1976 (pm), typed in a second time
TABLE = {
    "Li": (1, -475.0, 76.0),
    "Na": (1, -365.0, 102.0),
    "K": (1, -295.0, 138.0),
    "Rb": (1, -275.0, 152.0),
    "Cs": (1, -250.0, 167.0),
    "Mg": (2, -1830.0, 72.0),
    "Ca": (2, -1505.0, 100.0),
    "Cl": (-1, -340.0, 181.0),
    "Br": (-1, -315.0, 196.0),
    "I": (-1, -275.0, 220.0),
    "H": (1, None, None),
    "HCO3": (-1, None, None),
}
SPECIES: dict[str, IonSpecies] = {name: getattr(species, name) for name in TABLE}
SOLUTIONS: dict[str, Solution] = {
    record.name: getattr(solutions, record.factory.partition(":")[2])
    for record in _plugin.pumpleak_solutions()
}
#: Radii that were read where they stand; all others are "assumed, after ...".
CHECKED_RADII = {"Cs", "Mg", "Ca", "Cl", "Br"}
PAIRS = [
    ("mammalian-cytosol", "csf"),
    ("hippocampal-cytosol", "hippocampal-bath"),
    ("squid-axoplasm", "squid-blood"),
    ("frog-sarcoplasm", "frog-ringer"),
    ("myocyte-cytosol", "tyrode"),
    ("red-cell-cytosol", "red-cell-bath"),
    ("u937-cytosol", "u937-bath"),
]


@pytest.mark.parametrize("name", TABLE)
def test_species_has_the_numbers_of_its_sources(name: str) -> None:
    """Valence, hydration energy and radius are those of the table."""
    ion = SPECIES[name]

    assert name == ion.name
    assert TABLE[name] == (ion.valence, ion.dG_hydration_kJ_per_mol, ion.radius_pm)


def test_no_source_is_firmer_than_it_is() -> None:
    """Hydration energies are assumed, after Marcus; only the radii that were read are not."""
    for name, ion in SPECIES.items():
        if ion.has_filter_data:
            assert ion.source_hydration.startswith("assumed, after Marcus 1991")
            assert (name in CHECKED_RADII) != ion.source_radius.startswith("assumed")
            assert "Shannon 1976" in ion.source_radius


def test_records_and_objects_agree() -> None:
    """Every record points at an object of its name, with the record's valence."""
    records = {record.name: record for record in _plugin.pumpleak_species()}

    assert set(TABLE) == set(records)
    for name, record in records.items():
        module, _, attribute = record.factory.partition(":")
        ion = getattr(importlib.import_module(module), attribute)
        assert (name, record.valence) == (ion.name, ion.valence)


def test_every_solution_is_registered_once_under_its_name() -> None:
    """No solution in the module is left out, and each carries the name of its record."""
    made = {value.name for value in vars(solutions).values() if isinstance(value, Solution)}

    assert made == set(SOLUTIONS)
    assert all(name == solution.name for name, solution in SOLUTIONS.items())


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solution_is_electroneutral(name: str) -> None:
    """Charges cancel to a micromolar, impermeant solute included."""
    assert SOLUTIONS[name].charge_imbalance_mM(SPECIES) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solution_holds_known_ions_and_says_what_is_assumed(name: str) -> None:
    """A solution without 'assumed' would claim that every number was read."""
    assert set(SOLUTIONS[name].concentrations) <= set(SPECIES)
    assert "assumed" in SOLUTIONS[name].source


@pytest.mark.parametrize(("inside", "outside"), PAIRS)
def test_pair_has_equal_osmolarity(inside: str, outside: str) -> None:
    """No water moves between a cell and its bath."""
    assert SOLUTIONS[inside].osmolarity_mM == pytest.approx(
        SOLUTIONS[outside].osmolarity_mM, abs=1e-3
    )


def test_mammalian_pair_is_the_textbook_row() -> None:
    """Na 12/145, K 140/4, Cl 6/110, HCO3 12/24, with divalents that can block outside."""
    inside, outside = (SOLUTIONS[name].concentrations for name in PAIRS[0])
    expected = {"Na": (12, 145), "K": (140, 4), "Cl": (6, 110), "HCO3": (12, 24)}

    for name, pair in expected.items():
        assert pair == (inside[name].value, outside[name].value)
    assert (1.2, 1.0) == (outside["Ca"].value, outside["Mg"].value)
    assert inside["Ca"].value == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("written", "symbol"),
    [("Kalium", "K"), ("natrium", "Na"), ("Chlorid", "Cl"), ("Potassium", "K")],
)
def test_an_ion_in_words_is_told_its_symbol(written: str, symbol: str) -> None:
    """Also by the name that its symbol comes from."""
    with pytest.raises(pl.PumpleakError, match=f"did you mean '{symbol}'"):
        pl.load(pl.bundled()).evolve({f"outside.{written}": "4 mM"})


def test_what_is_close_to_two_ions_is_not_told_the_wrong_one() -> None:
    """Kalzium is calcium: as close to kalium as can be, and another ion."""
    with pytest.raises(pl.PumpleakError) as told:
        pl.load(pl.bundled()).evolve({"outside.Kalzium": "4 mM"})

    assert "mean 'K'" not in str(told.value)


def test_thin_module_imports_no_numbers() -> None:
    """Listing the plugin imports neither its species nor its solutions."""
    code = (
        "import sys, pumpleak_ions._plugin; "
        "print([m for m in sys.modules if m in ('numpy', 'pint', 'pumpleak_ions.species')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
