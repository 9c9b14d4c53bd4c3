"""Parts: frozen records whose parameters carry unit, source and bounds."""

from __future__ import annotations

import pytest
from attrs.exceptions import FrozenInstanceError
from building import K2P, membrane

from pumpleak import Boltzmann, Channel, CompositionError, Gating, Ohmic, UnitError, parameter
from pumpleak.parts._part import Part, number


class Leak(Channel):
    """A channel with parameters of every kind."""

    unitary = parameter("20 pS", source="Somebody 2001", measured=True, bounds=(1, 100), doc="one")
    half = parameter("-40 mV", source="assumed", bounds=(-100, 0))
    share = parameter(0.5, source="assumed", bounds=(0, 1))
    permeation = Ohmic("K")
    gating = Boltzmann(V_half="-30 mV", z_g=2)


def test_a_parameter_is_on_record() -> None:
    """Value, unit, source, whether measured, bounds, and what the user changed."""
    table = {info.path: info for info in Leak(half="-0.05 V", density="1 nS").parameters()}

    assert table["unitary"].source == "Somebody 2001"
    assert table["unitary"].basis == "measured"
    assert table["unitary"].is_default
    assert table["half"].source == "given by the user"
    assert table["half"].basis == "given"
    assert not table["half"].is_default
    assert table["half"].value.value == -50.0
    assert table["half"].bounds == pytest.approx((-0.1, 0.0))
    assert table["gating.V_half"].value.value == -30.0
    assert table["share"].basis == "assumed"


def test_the_class_has_a_table_too() -> None:
    """Of its defaults, without making a part."""
    rows = {row["name"]: row for row in Leak.parameter_table()}

    assert (rows["unitary"]["value"], rows["unitary"]["unit"]) == (20.0, "pS")
    assert rows["unitary"]["measured"]
    assert rows["gating.z_g"]["value"] == 2.0


def test_parts_do_not_change() -> None:
    """A change makes a new one."""
    leak = Leak(density="1 nS")
    changed = leak.with_values({"half": "-60 mV", "gating.z_g": 3})

    assert changed.half.value == -60.0
    assert changed.gating.z_g.value == 3.0
    assert leak.half.value == -40.0
    with pytest.raises(FrozenInstanceError):
        leak.half = 5


def test_a_change_of_a_ratio() -> None:
    """Permeability ratios are parameters by their ion."""
    changed = K2P(density="1e-6 cm/s").with_values({"permeation.K": 0.9})

    assert changed.permeation.ratios["K"].value == 0.9


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"halff": "-40 mV"}, "did you mean 'half'"),
        ({"half": -40}, "half: expected a voltage .*bare number -40"),
        ({"half": "-40 nS"}, "half: expected a voltage"),
        ({"half": None}, "half: expected a voltage"),
        ({"share": "0.5 mV"}, "share: expected a pure number"),
        ({"density": "5 mM"}, "density: expected"),
        ({"density": "nan nS"}, "density: expected a finite number"),
        ({"self": "x"}, "has no field 'self'"),
        ({"": "x"}, "has no field ''"),
    ],
)
def test_what_is_refused(given: dict[str, object], says: str) -> None:
    """By the name of the field, with near names."""
    with pytest.raises((CompositionError, UnitError), match=says):
        Leak(**given)


def test_values_need_names() -> None:
    """`Leak("1 nS")` could mean anything."""
    with pytest.raises(CompositionError, match="named values only"):
        Leak("1 nS")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gating.zg": 1}, "did you mean 'z_g'"),
        ({"permeation.Na": 1}, "no parameter 'Na'"),
        ({"half.x": 1}, "no parameter"),
        ({"share": "1 mV"}, "pure number"),
    ],
)
def test_a_change_of_what_is_not_there(changes: dict[str, object], says: str) -> None:
    """Near names again."""
    with pytest.raises((CompositionError, UnitError), match=says):
        Leak(density="1 nS").with_values(changes)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"half": "10 mV"}, r"leak\.half: '10 mV' is outside its bounds"),
        ({"half": "0.01 V"}, r"leak\.half: '0\.01 V' is outside its bounds"),
        ({"share": 2}, r"leak\.share: '2' is outside its bounds \[0, 1\]"),
        ({"unitary": "0.5 nS"}, r"leak\.unitary: '0\.5 nS' is outside its bounds"),
    ],
)
def test_bounds_hold_in_any_unit(given: dict[str, object], says: str) -> None:
    """Checked when a membrane is made, before anything is solved."""
    with pytest.raises(CompositionError, match=says):
        membrane(Leak(name="leak", density="10 / um^2", **given))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"default": "1 mV", "source": ""}, "source"),
        ({"default": "1 mV", "source": "  "}, "source"),
        ({"source": "assumed"}, "must say its dimensions"),
        ({"default": "five", "source": "assumed"}, "expected"),
    ],
)
def test_a_parameter_needs_a_source_and_a_unit(given: dict[str, str], says: str) -> None:
    """When the class is written."""
    with pytest.raises(UnitError, match=says):
        parameter(given.get("default"), source=given["source"])


def test_structure_is_everything_but_values() -> None:
    """Membranes of one structure share their equations."""
    assert Leak(density="1 nS").structure() == Leak(density="2 nS", half="-41 mV").structure()
    assert Leak(density="1 nS").structure() != Leak(density="1 / um^2").structure()
    assert Leak(density="1 nS").structure() != Leak(density="1 nS", gating=None_()).structure()


class None_(Gating):  # noqa: N801
    """Another gating."""

    def open_probability(self, s: object) -> int:
        return 1


def test_a_part_prints_what_was_given() -> None:
    """Defaults are left out."""
    assert repr(Leak(half="-50 mV")) == "Leak(half='-50 mV')"
    assert isinstance(Leak(), Part)


def test_a_number_has_no_unit() -> None:
    """`number` names what it reads."""
    assert number(3, "ratio").value == 3.0
    with pytest.raises(UnitError, match="ratio: "):
        number("3 mV", "ratio")
