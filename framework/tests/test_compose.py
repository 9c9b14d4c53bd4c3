"""Composing a membrane from plain data."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from malformed import VALID, changed

import pumpleak as pl
from pumpleak import CompositionError, CustomChannel, FileError, compose


def test_plain_data_makes_the_membrane_it_says() -> None:
    """Every field arrives."""
    cell = compose(VALID)

    assert cell.name == "cell"
    assert cell.temperature.value == 310.15
    assert cell.range == (-200.0, 150.0)
    assert cell.gas_constant.value == 8.314
    assert cell.inside.pH == 7.2
    assert cell.inside.impermeant_valence == -1.0
    assert [mechanism.label for mechanism in cell.mechanisms] == ["leak", "anions", "TREK1", "pump"]
    assert isinstance(cell.mechanism("leak"), CustomChannel)
    assert cell.values["leak.gating.z_g"] == 0.2
    assert cell.values["leak.permeation.Na"] == 0.03
    assert cell.values["anions.permeation.reversal"] == -70.0
    assert cell.sources == ("made up",)


def test_everything_wrong_is_told_at_once() -> None:
    """So that a file is mended in one go."""
    tables = copy.deepcopy(VALID)
    tables["membrane"]["area"] = "5 mV"
    tables["membrane"]["temperatur"] = "37 degC"
    tables["inside"]["K"] = 140
    tables["outside"]["Kk"] = "1 mM"
    tables["mechanism"][0]["gating"]["z_g"] = "steep"
    tables["mechanism"][1]["densty"] = "1 nS"
    tables["mechanism"][2]["use"] = "k2p.TREK"
    tables["constants"]["faraday"] = 96485
    with pytest.raises(FileError) as caught:
        compose(tables, path="cell.toml")
    told = caught.value.problems

    assert str(caught.value).startswith("cell.toml: 8 problems\n")
    assert [problem.partition(":")[0] for problem in told] == [
        "membrane.temperatur",
        "constants.faraday",
        "inside.K",
        "outside.Kk",
        "mechanism[0].gating.z_g",
        "mechanism[1].densty",
        "mechanism[2].use",
        "membrane.area",
    ] or sorted(problem.partition(":")[0] for problem in told) == sorted(
        [
            "membrane.temperatur",
            "constants.faraday",
            "inside.K",
            "outside.Kk",
            "mechanism[0].gating.z_g",
            "mechanism[1].densty",
            "mechanism[2].use",
            "membrane.area",
        ]
    )


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        (
            ("membrane", "area"),
            1000,
            "membrane.area: expected an area such as '1000 um^2', got the bare",
        ),
        (("inside", "Na"), "12 mV", "inside.Na: expected a concentration"),
        (("mechanism", 0, "density"), 5, "mechanism[0].density: expected a value such as"),
        (("mechanism", 0, "density"), "5", "give its unit, or '1000 channels' for a count"),
        (("mechanism", 0, "permeation", "kind"), "gkh", "did you mean 'ghk'"),
        (("mechanism", 0, "gating", "kind"), "boltzman", "did you mean 'boltzmann'"),
        (
            ("mechanism", 0, "permeation", "Kk"),
            1,
            "mechanism[0].permeation.Kk: no installed plugin",
        ),
        (("mechanism", 1, "permeation", "ion"), "nonspecifc", "mechanism[1].permeation.ion: "),
        (("mechanism", 1, "name"), "leak", "mechanism[1].name: two things are called 'leak'"),
        (("mechanism", 2, "use"), "k2p.TREK11", "did you mean"),
        (("mechanism", 2, "use"), "nosuch.TREK1", "nosuch"),
        (("membrane", "dG_ATP"), "57 kJ/mol", "membrane.dG_ATP: hydrolysis sets energy free"),
        (("membrane", "range"), [-200.0, 150.0], "membrane.range: expected voltages"),
    ],
)
def test_the_message_begins_with_the_field(keys: tuple[Any, ...], value: Any, says: str) -> None:
    """And says what to write."""
    with pytest.raises(FileError) as caught:
        compose(changed(keys, value))

    assert says in str(caught.value)


def test_a_part_of_a_default_can_be_changed() -> None:
    """Without naming its kind; nested fields too."""
    tables = copy.deepcopy(VALID)
    tables["mechanism"][2] = {"use": "nalcn.NALCN", "density": "0.1 / um^2"}
    base = compose(tables)
    name = next(path for path in base.values if path.startswith("NALCN.permeation."))
    ion = name.rpartition(".")[2]
    tables["mechanism"][2]["permeation"] = {ion: 0.123}

    assert compose(tables).values[name] == 0.123


def test_a_channel_of_parts_in_python() -> None:
    """The same thing as `use = "channel"`."""
    made = CustomChannel(permeation=pl.Ohmic("K"), density="1 nS")

    assert made.carried() == ("K",)
    with pytest.raises(CompositionError, match="has no permeation"):
        CustomChannel(permeation="ohmic", density="1 nS").carried()  # type: ignore[arg-type]
