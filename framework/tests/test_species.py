"""`IonSpecies`."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pumpleak._errors import CompositionError
from pumpleak.parts._species import NO_SOURCE, IonSpecies

WHOLE: dict[str, Any] = {
    "name": "X",
    "valence": 1,
    "dG_hydration_kJ_per_mol": -300,
    "radius_pm": 120,
    "source_hydration": "assumed",
    "source_radius": "a table",
}


def test_species_holds_what_it_was_given_as_floats() -> None:
    """Energies and radii become floats, whatever number they were written as."""
    ion = IonSpecies(**WHOLE)

    assert (-300.0, 120.0) == (ion.dG_hydration_kJ_per_mol, ion.radius_pm)
    assert isinstance(ion.radius_pm, float)
    assert ion.has_filter_data


def test_species_without_filter_data_says_so() -> None:
    """An ion may have no energy and no radius; then it shows no source either."""
    ion = IonSpecies(name="X", valence=-1)

    assert not ion.has_filter_data
    assert NO_SOURCE == ion.source_radius
    assert [] == ion.parameter_table()


def test_species_cannot_be_changed() -> None:
    """A species is a record."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        IonSpecies(**WHOLE).valence = 2  # type: ignore[misc]


@pytest.mark.parametrize("valence", [0, 1.0, True, "1", None])
def test_valence_must_be_a_whole_number_but_not_zero(valence: Any) -> None:
    """The error names the ion, what it got, and examples of what would do."""
    with pytest.raises(CompositionError, match=r"'valence' of 'X' .*got .*; give 1, 2 or -1"):
        IonSpecies(name="X", valence=valence)


@pytest.mark.parametrize("name", ["", "Na+", "1X", None, "a b"])
def test_name_must_be_an_identifier(name: Any) -> None:
    """Charges do not belong in a name."""
    with pytest.raises(CompositionError, match=r"'name' must be a plain identifier \(got "):
        IonSpecies(name=name, valence=1)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dG_hydration_kJ_per_mol", 300, "must be negative and finite"),
        ("dG_hydration_kJ_per_mol", float("nan"), "must be negative and finite"),
        ("dG_hydration_kJ_per_mol", "-300 kJ/mol", "bare numbers"),
        ("radius_pm", 0, "must be positive and finite"),
        ("radius_pm", float("inf"), "must be positive and finite"),
        ("source_hydration", NO_SOURCE, "must say where"),
        ("source_radius", " ", "must say where"),
    ],
)
def test_impossible_numbers_and_missing_sources_are_refused(
    field: str, value: Any, words: str
) -> None:
    """No number stands without a source, and none that no ion can have."""
    with pytest.raises(CompositionError, match=words):
        IonSpecies(**{**WHOLE, field: value})


def test_table_tells_assumed_from_measured() -> None:
    """What is assumed is never listed as measured."""
    rows = IonSpecies(**WHOLE).parameter_table()

    assert [("kJ/mol", False), ("pm", True)] == [(row["unit"], row["measured"]) for row in rows]
