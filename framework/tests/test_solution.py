"""Solutions: what is dissolved on one side."""

from __future__ import annotations

import math

import pytest
from building import SPECIES

from pumpleak import CompositionError, PumpleakError, Solution, UnitError


def test_charge_and_osmolarity_count_everything() -> None:
    """Impermeant solutes and protons included."""
    solution = Solution(
        concentrations={"K": "140 mM", "Cl": "6 mM"},
        pH=7.0,
        impermeant="100 mM",
        impermeant_valence=-1.5,
    )

    assert solution.concentrations["H"].value == pytest.approx(1e-4)
    assert solution.osmolarity_mM == pytest.approx(246.0001)
    assert solution.charge_imbalance_mM(SPECIES) == pytest.approx(140 - 6 + 1e-4 - 150)


def test_a_change_keeps_the_rest() -> None:
    """Concentrations, pH and impermeant solute, each by itself."""
    solution = Solution(concentrations={"K": "140 mM"}, pH=7.2, impermeant="10 mM")
    changed = solution.changed({"K": "150 mM", "pH": 7.0})

    assert changed.concentrations["K"].value == 150.0
    assert changed.pH == 7.0
    assert changed.impermeant == solution.impermeant
    assert solution.concentrations["K"].value == 140.0
    assert solution.changed({"H": "1e-4 mM"}).pH is None
    assert solution.changed({"Na": "5 mM"}).concentrations["Na"].value == 5.0


@pytest.mark.parametrize(
    "given",
    [
        {"concentrations": {"K": "-1 mM"}},
        {"concentrations": {"K": 140}},
        {"concentrations": {"K": "140"}},
        {"concentrations": {"K": "nan mM"}},
        {"concentrations": {"K": "inf mM"}},
        {"concentrations": {"K": math.nan}},
        {"concentrations": {"K": None}},
        {"concentrations": {"K": "20 M"}},
        {"concentrations": {"K": "140 mV"}},
        {"concentrations": {"": "1 mM"}},
        {"pH": 15},
        {"pH": -1},
        {"pH": math.nan},
        {"pH": "7.4"},
        {"pH": True},
        {"pH": 7, "concentrations": {"H": "1e-4 mM"}},
        {"impermeant": "-1 mM"},
        {"impermeant": 5},
        {"impermeant_valence": -1},
        {"impermeant": "1 mM", "impermeant_valence": math.nan},
        {"impermeant": "1 mM", "impermeant_valence": "-1"},
    ],
)
def test_no_such_solution(given: dict[str, object]) -> None:
    """Refused in one line."""
    with pytest.raises(PumpleakError) as caught:
        Solution(**given)  # type: ignore[arg-type]

    assert isinstance(caught.value, UnitError | CompositionError)
    assert "\n" not in str(caught.value)
