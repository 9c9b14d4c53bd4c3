"""``pumpleak audit``: the table, JSON, the picture and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pumpleak.cli import main

FILE = """
[membrane]
name = "demo"
temperature = "37 degC"
area = "1000 um^2"
[inside]
K = "140 mM"
Na = "12 mM"
[outside]
K = "4 mM"
Na = "145 mM"
impermeant = "20 mM"
[[mechanism]]
use = "channel"
name = "k"
density = "5 nS"
permeation = { kind = "ohmic", ion = "K" }
[[mechanism]]
use = "channel"
name = "na"
density = "0.1 nS"
permeation = { kind = "ohmic", ion = "Na" }
[[mechanism]]
use = "atpase.Constant"
name = "pump"
density = "4 pA"
"""
STEADY = """
[steady]
free = ["Na", "K"]
volume = "2 pL"
infer_impermeant = true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    result = CliRunner().invoke(main, ["audit", *map(str, args)])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def test_the_audit_is_printed(file: Path) -> None:
    """A sound membrane gives a table within 100 columns and exit code 0."""
    result = run(file)

    assert 0 == result.exit_code
    assert result.stdout.startswith("demo: thermodynamic audit")
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert "" == result.stderr


def test_without_a_file_the_bundled_neuron_is_audited() -> None:
    """No argument audits the membrane that comes with pumpleak."""
    assert run().stdout.startswith("mammalian neuron: thermodynamic audit")


def test_json_is_all_there_is_on_standard_output(file: Path, tmp_path: Path) -> None:
    """With --json standard output is one JSON document, picture or not."""
    picture = tmp_path / "energy.svg"
    data = json.loads(run(file, "--json", "--plot", picture).stdout)

    assert "pumpleak.audits/1" == data["schema"]
    assert ["k", "na", "pump"] == [row["name"] for row in data["audits"][0]["rows"]]
    assert picture.exists()


def test_the_picture_says_which_state_it_shows(file: Path, tmp_path: Path) -> None:
    """After drawing, one line names file and voltage."""
    result = run(file, "--plot", tmp_path / "energy.png", "--state", "1")

    assert "energy.png: the state at -" in result.stdout.replace("\n", "")


def test_a_file_that_says_what_is_free_is_audited_at_its_steady_state(file: Path) -> None:
    """With [steady] the mode is steady unless --mode says otherwise."""
    file.write_text(FILE + STEADY, encoding="utf-8")

    assert "steady ions" in run(file).stdout
    assert "clamped ions" in run(file, "--mode", "clamped").stdout


def test_a_pump_that_runs_uphill_for_free_fails(file: Path) -> None:
    """With ATP worth less than the work of a cycle, the constant pump is named; exit code 1."""
    result = run(file, "--set", "dG_ATP=-30 kJ/mol")

    assert 1 == result.exit_code
    assert "PROBLEM: pump (atpase.Constant of pumpleak-atpase" in result.stdout
    assert "uphill" in result.stdout


def test_no_state_fails(file: Path) -> None:
    """Without a resting state there is nothing to audit: exit code 1, and it says why."""
    result = run(file, "--set", "pump.density=1e6 pA")

    assert 1 == result.exit_code
    assert "none in range" in result.stdout


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["--state", "3"], "there are 1 states"),
        (["--set", "pump"], "--set takes NAME=VALUE"),
        (["--mode", "steady"], "need to know what is free"),
        (["--plot", "x.docx"], "suffix"),
    ],
)
def test_what_is_wrong_is_told_in_a_paragraph(file: Path, args: list[str], what: str) -> None:
    """A mistake of the user's is exit code 2 and a sentence, no traceback."""
    result = run(file, *args)

    assert 2 == result.exit_code
    assert what in " ".join(result.stderr.split())
