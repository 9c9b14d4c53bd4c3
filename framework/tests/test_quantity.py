"""Quantities: text with a unit in, one float out."""

from __future__ import annotations

import math
from decimal import Decimal

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak import Quantity, UnitError, quantity
from pumpleak.units._quantity import (
    CONCENTRATION,
    CONDUCTANCE,
    CURRENT,
    NUMBER,
    PERMEABILITY,
    TEMPERATURE,
    VOLTAGE,
    internal,
    per_area,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80 pS", 0.08),
        ("80pS", 0.08),
        ("-70 mV", -70.0),
        ("-0.07 V", -70.0),
        ("37 degC", 310.15),
        ("37 °C", 310.15),
        ("310.15 K", 310.15),
        ("1 uF/cm^2", 0.01),
        ("1 µF/cm²", 0.01),
        ("1 μF/cm**2", 0.01),
        ("1 uF cm^-2", 0.01),
        ("0.8 / um^2", 0.8),
        ("0.8/um^2", 0.8),
        ("0.8 1/um^2", 0.8),
        ("4 mM", 4.0),
        ("4 mmol/L", 4.0),
        ("4 mol/m^3", 4.0),
        ("2 pL", 2000.0),
        ("150 /s", 0.15),
        ("-57 kJ/mol", -57000.0),
        ("1 kcal/mol", 4184.0),
        ("8.314 J/(mol K)", 8.314),
        ("1000 channels", 1000.0),
        ("5 %", 0.05),
        ("1e-6 cm/s", 1e-5),
        (".5 mM", 0.5),
        ("+5 mM", 5.0),
        ("1_000 mM", 1000.0),
        ("1 uA/cm^2", 0.01),
        ("1e-10 mol/s/cm^2", 1e-3),
    ],
)
def test_a_value_arrives_in_the_unit_set(text: str, value: float) -> None:
    """mV, pA, nS, pF, ms, mM, fL, amol, um, K."""
    assert quantity(text).value == pytest.approx(value, rel=4e-16)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "mM",
        "four mM",
        "1,5 mM",
        "1 2",
        "1 mM 2",
        "1 mM^",
        "1 mM/",
        "1 mM^99999",
        "1\x00 mM",
        "1 \x00mM",
        "1 parsec",
        "1 kg",
        "0x10 mM",
        "--1 mM",
        "1 mM; import os",
        "__import__('os').getcwd()",
        "1 __import__('os')",
        "9" * 1000,
        "1 " + "m" * 1000,
        "💥",
        "1 💥",
        "nan mM",
        "inf mM",
        "-inf mM",
        "1e400 mM",
        "(" * 100 + "mM",
    ],
)
def test_what_is_no_quantity_is_refused_in_a_sentence(text: str) -> None:
    """A decimal comma among them: the 5 of '1,5 mM' is no part of a unit."""
    with pytest.raises(UnitError) as caught:
        quantity(text)

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "given", [None, True, False, [], {}, object(), 1j, b"1 mM", math.nan, math.inf]
)
def test_what_is_no_number_is_refused(given: object) -> None:
    """Truth values are no numbers here."""
    with pytest.raises(UnitError):
        quantity(given)


def test_a_bare_number_needs_no_unit_only_where_none_is_wanted() -> None:
    """The message says that the unit is missing."""
    assert quantity(0.3, NUMBER).value == 0.3
    assert quantity(Decimal("0.3"), (CONCENTRATION, NUMBER)).value == 0.3
    with pytest.raises(UnitError, match="bare number 4; give its unit"):
        quantity(4, CONCENTRATION)


def test_the_wrong_dimension_is_said_in_words() -> None:
    """Both what it is and what it must be, with an example."""
    with pytest.raises(UnitError) as caught:
        quantity("3 nS", per_area(PERMEABILITY))

    assert str(caught.value) == (
        "expected a permeability such as '1e-6 cm/s', got '3 nS' (a conductance)"
    )


def test_a_pint_quantity_is_taken() -> None:
    """Whatever registry it comes from."""
    registry = pint.UnitRegistry()

    assert quantity(registry.Quantity(3, "mS/cm**2")).value == pytest.approx(0.03)


@given(
    st.floats(allow_nan=False, allow_infinity=False, max_value=1e200, min_value=-1e200),
    st.sampled_from(
        [VOLTAGE, CURRENT, CONDUCTANCE, CONCENTRATION, PERMEABILITY, TEMPERATURE, NUMBER]
    ),
)
def test_written_and_read_again_it_is_the_same(value: float, dimension: tuple[float, ...]) -> None:
    """To the last bit, in pumpleak's own units."""
    made = internal(value, dimension)  # type: ignore[arg-type]

    assert quantity(f"{made.magnitude!r} {made.unit}") == made
    assert quantity(made) is made


def test_it_prints_as_written() -> None:
    """The unit stays what the user wrote."""
    assert str(quantity("0.30 mS/cm^2")) == "0.3 mS/cm^2"
    assert repr(quantity("4 mM")) == "Quantity('4 mM')"
    assert Quantity(4.0, "mM", 4.0, CONCENTRATION) == quantity("4 mM")
