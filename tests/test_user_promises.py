"""What a user relies on and a fresh reader once found broken."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import pumpleak as pl
from pumpleak.cli import main

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


def test_a_new_bath_is_no_new_cell():
    """An inferred impermeant solute stays what it was when only the outside changes."""
    cell = pl.load(EXAMPLES / "neuron_steady.toml")
    before = pl.SteadyProblem(cell).values

    after = pl.SteadyProblem(cell.evolve({"outside.K": "8 mM"})).values

    assert before["impermeant"] == pytest.approx(after["impermeant"], rel=1e-14)
    assert before["impermeant_valence"] == pytest.approx(after["impermeant_valence"], rel=1e-14)


def test_a_changed_bath_rests_where_the_time_course_ends():
    """Changing the bath before solving and during a time course lead to one state."""
    cell = pl.load(EXAMPLES / "neuron_steady.toml")

    solved = pl.steady(cell.evolve({"outside.K": "6 mM"})).stable
    course = pl.relax(cell, "20 h", ["60 s: outside.K = 6 mM"])

    assert 1 == len(solved)
    assert solved[0].V_mV == pytest.approx(float(course["V"][-1]), abs=1e-3)
    assert solved[0].volume_fL == pytest.approx(float(course["volume"][-1]), rel=1e-4)


@pytest.mark.parametrize("given", [6.5, "6.5"])
def test_ph_can_be_changed_by_number_or_text(given):
    """A command line gives text, Python a number; acid outside closes TASK-3 and depolarises."""
    neuron = pl.load(EXAMPLES / "neuron.toml")

    acid = pl.rest(neuron.evolve({"outside.pH": given}))[0]

    assert acid.V_mV > pl.rest(neuron)[0].V_mV + 0.1


def test_an_error_in_a_change_names_the_side():
    """outside.K, not K."""
    neuron = pl.load(EXAMPLES / "neuron.toml")

    with pytest.raises(pl.UnitError, match=r"^outside\.K: expected a concentration"):
        neuron.evolve({"outside.K": "5"})


class TooOpen(pl.Channel):
    permeation = pl.Ohmic("K")

    def open_probability(self, s):
        return 2 + 0 * s.V / s.VT


def test_an_open_probability_above_one_is_told():
    """A formula that leaves 0..1 makes a warning, whatever it does to V."""
    cell = pl.Membrane(
        mechanisms=[TooOpen(density="1 nS")],
        inside=pl.Solution(concentrations={"K": "140 mM"}),
        outside=pl.Solution(concentrations={"K": "4 mM"}),
        temperature="37 degC",
        area="1000 um^2",
    )

    told = " ".join(str(pl.rest(cell)).split())

    assert "TooOpen is 2 at -95.02 mV, which is no probability" in told


def test_a_written_file_has_a_block_for_each_mechanism():
    """As a person would write it, and with nested parts below their mechanism."""
    text = pl.dumps(pl.load(EXAMPLES / "reference_a2.toml"))

    assert 4 == text.count("[[mechanism]]")
    assert "[mechanism.permeation]" in text
    assert 4 == len(tomllib.loads(text)["mechanism"])


def test_the_pump_is_not_credited_with_a_jump_to_another_state():
    """Where the state itself is gone without the pump, no number of mV is claimed."""
    told = " ".join(str(pl.rest(pl.load(EXAMPLES / "reference_a2.toml"))).split())

    assert "itself adds" not in told
    assert "need not be what becomes of this one" in told


def test_a_solution_can_be_looked_at():
    """What is in ions.csf can be read without opening a source file."""
    found = CliRunner().invoke(main, ["plugins", "show", "ions.csf"])

    assert 0 == found.exit_code, found.output
    assert "145" in found.output
    assert "pH" in found.output


def test_a_balanced_file_says_what_was_changed(tmp_path):
    """The sources of the written file name each density, from what and to what."""
    out = tmp_path / "balanced.toml"

    found = CliRunner().invoke(
        main,
        [
            "balance",
            str(EXAMPLES / "neuron.toml"),
            "--free=NALCN",
            "-V",
            "-65 mV",
            "--out",
            str(out),
        ],
    )

    assert 0 == found.exit_code, found.output
    written = pl.load(out)
    assert written.sources[-1].startswith("balanced from neuron.toml: NALCN.density from 0.11")
    assert -65 == pytest.approx(pl.rest(written)[0].V_mV, abs=1e-6)
