"""Membranes: what makes one, and what is refused before anything is solved."""

from __future__ import annotations

import math
from typing import Any

import pytest
from building import INSIDE, K2P, NALCN, OUTSIDE, SPECIES, membrane, reference_a
from swelling import cell as swelling_cell

import pumpleak as pl
from pumpleak import CompositionError, Membrane, PumpleakError, Solution, UnitError

BAD_SCALARS = {
    "temperature": [
        "0 K",
        "-5 K",
        "100 K",
        "200 degC",
        "nan K",
        "inf K",
        310.15,
        None,
        "37 mV",
        "x",
    ],
    "area": ["0 um^2", "-1 um^2", "nan um^2", "inf um^2", 1000, None, "1 um", True],
    "capacitance": ["0 uF/cm^2", "-1 uF/cm^2", "nan pF", "inf pF", 1.0, "1 uF/um"],
    "dG_ATP": ["57 kJ/mol", "0 kJ/mol", "nan kJ/mol", -57, "-57 kJ"],
    "gas_constant": ["0 J/(mol K)", "-8 J/(mol K)", 8.314, "8 J/mol"],
    "faraday": ["0 C/mol", "-96485 C/mol", 96485, "96485 C"],
    "range": [
        ("150 mV", "-200 mV"),
        ("0 mV", "0 mV"),
        ("-200 mV",),
        "-200 mV",
        5,
        None,
        (-200, 150),
        (math.nan, 0.0),
        ("-inf mV", "0 mV"),
        ("-2 V", "2 V"),
    ],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field, values in BAD_SCALARS.items() for value in values],
)
def test_unphysical_scalars_are_refused_by_name(field: str, value: Any) -> None:
    """Zero, negative, nan, infinite, bare, and of the wrong dimension."""
    with pytest.raises((CompositionError, UnitError), match=f"^{field}: "):
        reference_a(**{field: value})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: membrane(), "at least one mechanism"),
        (
            lambda: membrane(K2P(density="1e-6 cm/s"), K2P(density="1e-6 cm/s")),
            "two things are called",
        ),
        (lambda: membrane(K2P(name="inside", density="1e-6 cm/s")), "two things are called"),
        (lambda: membrane(K2P(name="a b", density="1e-6 cm/s")), "a mechanism's name is made of"),
        (lambda: membrane(K2P(name="a.b", density="1e-6 cm/s")), "a mechanism's name is made of"),
        (lambda: membrane("k2p.TREK1"), "is no mechanism"),  # type: ignore[arg-type]
        (
            lambda: membrane(
                NALCN(density="1e-6 cm/s"), inside=Solution(concentrations={"K": "140 mM"})
            ),
            r"^inside\.Na: NALCN carries Na, but its concentration",
        ),
        (
            lambda: membrane(
                K2P(density="1e-6 cm/s"),
                outside=Solution(concentrations={"k": "4 mM"}),
                species={**SPECIES, "k": SPECIES["K"]},
            ),
            r"^outside\.K: .*did you mean 'k'",
        ),
        (
            lambda: membrane(
                K2P(density="1e-6 cm/s"), inside=Solution(concentrations={**INSIDE, "K": "0 mM"})
            ),
            r"^inside\.K: .*above zero",
        ),
        (
            lambda: membrane(
                K2P(density="1e-6 cm/s"), inside=Solution(concentrations={**INSIDE, "Kk": "1 mM"})
            ),
            "the ion 'Kk' .did you mean 'K'",
        ),
    ],
)
def test_parts_that_make_no_membrane(make: Any, says: str) -> None:
    """The message begins with the field where there is one."""
    with pytest.raises(PumpleakError, match=says):
        make()


def test_evolve_changes_values_by_their_names() -> None:
    """Scalars, concentrations and parameters, as in files, sweeps and reports."""
    changed = reference_a().evolve(
        {
            "temperature": "20 degC",
            "outside.K": "8 mM",
            "inside.pH": 7.1,
            "pump.density": "0 uA/cm^2",
            "k2p.gating.V_half": "-45 mV",
            "range": ("-100 mV", "0 mV"),
            "name": "cold",
        }
    )

    assert changed.values["temperature"] == 293.15
    assert changed.values["outside.K"] == 8.0
    assert changed.values["pump.density"] == 0.0
    assert changed.values["k2p.gating.V_half"] == -45.0
    assert changed.inside.pH == 7.1
    assert changed.range == (-100.0, 0.0)
    assert changed.name == "cold"
    assert reference_a().values["outside.K"] == 4.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"outside.Kk": "8 mM"}, "outside has no 'Kk'"),
        ({"pumpp.density": "1 pA"}, "has no 'pumpp.density'"),
        ({"pump.densty": "1 pA"}, "did you mean 'density'"),
        ({"temprature": "20 degC"}, "did you mean 'temperature'"),
        ({"outside.K": 8}, "bare number 8"),
        ({"outside.K": "8 mV"}, "expected a concentration"),
        ({"outside.K": "-8 mM"}, "negative"),
        ({"outside.K": "0 mM"}, "above zero"),
        ({"pump.density": "1 mM"}, "pump: density: expected"),
        ({"k2p.gating.z_g": 1000}, "outside its bounds"),
        ({"k2p.gating": 1}, "no parameter 'gating'"),
        ({"": 1}, "has no ''"),
        ({"inside": {}}, "has no 'inside'"),
    ],
)
def test_evolve_refuses_what_is_not_there(changes: dict[str, Any], says: str) -> None:
    """Near names are offered; nothing is changed halfway."""
    with pytest.raises(PumpleakError, match=says):
        reference_a().evolve(changes)


def test_without_a_mechanism() -> None:
    """The rest stays as it was."""
    left = reference_a().without(["pump"])

    assert [mechanism.label for mechanism in left.mechanisms] == ["k2p", "nalcn", "clc2"]
    with pytest.raises(CompositionError, match="did you mean 'pump'"):
        reference_a().without(["pumpp"])
    with pytest.raises(CompositionError, match="at least one mechanism"):
        reference_a().without(["k2p", "nalcn", "clc2", "pump"])


def test_capacitance_per_area_or_of_the_whole() -> None:
    """Told apart by the dimension."""
    assert reference_a().capacitance_pF == pytest.approx(10)
    assert reference_a(capacitance="33 pF").capacitance_pF == 33.0


def test_nernst() -> None:
    """-95.02, 60.64 and -70.05 mV; unknown ions are refused with near names."""
    cell = reference_a()

    assert cell.nernst_mV("K") == pytest.approx(-95.02, abs=0.01)
    assert cell.nernst_mV("Na") == pytest.approx(60.64, abs=0.01)
    assert cell.nernst_mV("Cl") == pytest.approx(-70.05, abs=0.01)
    with pytest.raises(CompositionError, match="no Nernst potential"):
        cell.nernst_mV("Ca")


def test_species_come_from_plugins_unless_given() -> None:
    """A membrane knows the ions of its mechanisms and of its solutions."""
    cell = Membrane(
        mechanisms=[K2P(density="1e-6 cm/s")],
        inside=Solution(concentrations=INSIDE),
        outside=Solution(concentrations=OUTSIDE),
        temperature="37 degC",
        area="1000 um^2",
    )

    assert {name: record.valence for name, record in cell.species.items()} == {
        "K": 1,
        "Na": 1,
        "Cl": -1,
    }
    assert pl.rest(cell)[0].V_mV == pytest.approx(cell.nernst_mV("K"))


def test_structure_is_shared_whatever_the_values() -> None:
    """And differs where equations would."""
    cell = reference_a()

    assert (
        cell.structure == cell.evolve({"outside.K": "8 mM", "pump.density": "2 uA/cm^2"}).structure
    )
    assert cell.structure != cell.evolve({"pump.density": "20 pA"}).structure
    assert pl.trace(cell) is pl.trace(cell.evolve({"outside.K": "9 mM"}))


def test_the_area_of_a_sphere_follows_its_volume():
    """Left out it is worked out, rounded it is taken as meant, and any other is refused."""
    found = swelling_cell(shape="sphere", volume="1000 fL")

    area = (36 * math.pi * 1000.0**2) ** (1 / 3)
    assert found.area.value == pytest.approx(area, rel=1e-12)
    assert swelling_cell(shape="sphere", volume="1000 fL", area="484 um^2").area == found.area
    assert found.evolve({"temperature": "20 degC"}).area == found.area
    words = r"area: it follows the volume of this sphere: '1000 fL' has 483.598 um\^2, got '700 um"
    with pytest.raises(pl.CompositionError, match=words):
        swelling_cell(shape="sphere", volume="1000 fL", area="700 um^2")
    with pytest.raises(pl.CompositionError, match=words):
        found.evolve({"area": "700 um^2"})


def test_any_other_membrane_needs_an_area():
    """Where it does not follow from a volume it must be given."""
    with pytest.raises(pl.CompositionError, match="area: missing; give for example"):
        swelling_cell(area=None)


def test_a_file_of_a_sphere_leaves_the_area_out(tmp_path):
    """Written down and read it is the same cell; another area is told by its field."""
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "examples" / "reference_b.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("area = "))
    round_cell = text.replace("[steady]", '[steady]\nshape = "sphere"')
    path = tmp_path / "cell.toml"
    path.write_text(round_cell.replace(line, ""))
    found = pl.load(path)
    pl.save(found, path)
    assert pl.load(path).area == found.area

    path.write_text(round_cell.replace(line, 'area = "5 um^2"'))
    with pytest.raises(pl.FileError, match=r"membrane\.area: it follows the volume of this sphere"):
        pl.load(path)
