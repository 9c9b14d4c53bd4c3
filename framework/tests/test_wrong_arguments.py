"""What is no membrane, no state or no number is told in words, with what to give instead."""

from __future__ import annotations

from typing import Any

import pytest

import pumpleak as pl
from pumpleak.parts._part import parameter
from pumpleak.units._quantity import quantity

NEURON = pl.load(pl.bundled())
CALLS: dict[str, Any] = {
    "rest": pl.rest,
    "steady": pl.steady,
    "solve_many": lambda given: pl.solve_many(given, {"outside.K": [4.0]}),
    "relax": lambda given: pl.relax(given, until="1 s"),
    "balance": lambda given: pl.balance(given, free=["pump"], V="-68 mV"),
}


@pytest.mark.parametrize("given", [5, None, ["neuron.toml"]])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_membrane_is_refused_in_words(name: str, given: Any) -> None:
    """Whoever takes a membrane says that it wants one, or the path of a file."""
    with pytest.raises(pl.CompositionError, match="expected a membrane, or the path of its file"):
        CALLS[name](given)


@pytest.mark.parametrize("given", [NEURON, "neuron.toml", pl.rest(NEURON), None])
def test_an_audit_wants_one_state(given: Any) -> None:
    """Membrane, file and all states together are told how one state is had."""
    with pytest.raises(pl.CompositionError, match=r"pl\.audit\(pl\.rest\(membrane\)\[0\]\)"):
        pl.audit(given)


def test_changes_are_given_by_name() -> None:
    """The command line's NAME=VALUE is no mapping."""
    wrong: Any = "outside.K=8 mM"
    with pytest.raises(pl.CompositionError, match=r"by name, such as \{'outside.K': '8 mM'\}"):
        NEURON.evolve(wrong)


def test_a_column_of_a_population_hints_at_the_name_elsewhere() -> None:
    """K.out is short for outside.K, where only that is known."""
    hint = r"did you mean 'outside\.K'\?"
    with pytest.raises(pl.CompositionError, match=hint):
        NEURON.evolve({"K.out": "8 mM"})
    with pytest.raises(pl.CompositionError, match=hint):
        pl.solve_many(NEURON, {"K.out": [8.0]})
    with pytest.raises(pl.CompositionError, match=r"did you mean 'inside\.Na'\?"):
        NEURON.evolve({"Na.in": "8 mM"})


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("outside.K", ["8 mM"], "expected numbers in mM"),
        ("temperature", ["37 degC"], "expected numbers in K"),
        ("capacitance", ["1 pF"], f"expected numbers in {NEURON.capacitance.dimension.unit}"),
        ("outside.K", [-1.0], "above zero and at most 10000 mM"),
        ("area", [-1.0], "above zero and finite, in um^2"),
        ("pump.density", [1.0, -1.0], "member 1 has -1.0, but it must be zero or more"),
        ("pump.density", [float("inf")], f"in {NEURON.mechanism('pump').density.dimension.unit}"),
        ("temperature", [37.0], "at least 250 K and at most 380 K"),
    ],
)
def test_members_are_told_the_unit(name: str, given: Any, says: str) -> None:
    """Where numbers go bare, a refusal says in which unit they are meant."""
    with pytest.raises(pl.CompositionError) as caught:
        pl.solve_many(NEURON, {name: given})
    assert says in str(caught.value)
    assert "e+308" not in str(caught.value)


@pytest.mark.parametrize(("given", "point"), [("3,5 mM", "'3.5 mM'"), ("-0,25", "'-0.25'")])
def test_a_decimal_comma_is_told_as_one(given: str, point: str) -> None:
    """The number as it would be with a point stands in the message."""
    with pytest.raises(pl.UnitError, match="write a decimal point") as caught:
        quantity(given)
    assert point in str(caught.value)


def test_thousands_are_not_taken_for_decimals() -> None:
    """1,000,000 has no one reading with a point."""
    with pytest.raises(pl.UnitError, match="unknown unit"):
        quantity("1,000,000 mM")


def test_bounds_go_from_low_to_high() -> None:
    """Turned round they would hold nothing."""
    with pytest.raises(pl.UnitError, match=r"got \(100, -200\); turn them round"):
        parameter("10 mV", source="assumed", bounds=(100, -200))


def test_a_resistance_is_named_as_one() -> None:
    """What a bare resistance lacks is told with a unit of the field."""
    with pytest.raises(pl.UnitError, match="a resistance such as '200 MOhm'"):
        pl.balance(NEURON, free=["pump"], V="-68 mV", input_resistance="200")
    assert quantity("1 GOhm").value == 1.0


@pytest.mark.parametrize("given", ["10", " 0.3 ", "1e3"])
def test_a_parameter_written_as_text_has_a_unit(given: str) -> None:
    """A number in quotes has lost its unit; a pure number needs no quotes."""
    words = rf"such as '90 pS', got '{given}'; give its unit, .*parameter\({given.strip()}, "
    with pytest.raises(pl.UnitError, match=words):
        parameter(given, source="assumed")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Potassium", "K"), ("sodium", "Na"), ("chlorid", "Cl"), ("Ca2+", "Ca"), ("proton", "H")],
)
def test_ions_in_words_are_known_by_their_symbols(written: str, meant: str) -> None:
    """Whoever writes potassium is told K, in files, changes, members and populations."""
    hint = rf"did you mean '{meant}'\?"
    with pytest.raises(pl.PumpleakError, match=hint):
        pl.Membrane(
            mechanisms=NEURON.mechanisms,
            inside=NEURON.inside.changed({written: "1 mM"}),
            outside=NEURON.outside,
            temperature="37 degC",
            area="1000 um^2",
        )
    with pytest.raises(pl.CompositionError, match=hint):
        NEURON.evolve({f"outside.{written}": "1 mM"})
    with pytest.raises(pl.CompositionError, match=rf"did you mean 'outside\.{meant}'\?"):
        pl.solve_many(NEURON, {f"outside.{written}": [1.0]})
    with pytest.raises(pl.CompositionError, match=rf"did you mean 'inside\.{meant}'\?"):
        pl.Population(NEURON, {f"{written}.in": ["1 mM"]})
