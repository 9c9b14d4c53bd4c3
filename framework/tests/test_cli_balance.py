"""``pumpleak balance``: what it writes, what it will not write over, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_cli_audit import FILE, STEADY

import pumpleak as pl
from pumpleak.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    result = CliRunner().invoke(main, ["balance", *map(str, args)])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def test_the_balanced_file_is_written_and_rests_there(file: Path) -> None:
    """The file beside FILE is a membrane that rests at the wanted voltage."""
    result = run(file, "--free", "na", "-V", "-68 mV")
    written = file.with_name("demo-balanced.toml")

    assert 0 == result.exit_code, result.stderr
    assert "Balanced: clamped ions, -68.00 mV" in result.stdout
    assert -68.0 == pytest.approx(pl.rest(written)[0].V_mV, abs=1e-9)
    assert FILE == file.read_text(encoding="utf-8")
    assert {file, written} == set(file.parent.iterdir())


def test_at_steady_ions_every_ion_balances(file: Path) -> None:
    """With [steady] the written file has a steady state at the wanted V and concentrations."""
    file.write_text(FILE + STEADY, encoding="utf-8")
    result = run(
        file, "--free", "k,pump", "--free", "na", "-V", "-72 mV", "--set", "inside.Na=10 mM",
        "--out", file.with_name("out.toml"),
    )  # fmt: skip
    state = pl.steady(file.with_name("out.toml"))[0]

    assert 0 == result.exit_code, result.stdout + result.stderr
    assert -72.0 == pytest.approx(state.V_mV, abs=1e-6)
    assert 10.0 == pytest.approx(state.inside_mM["Na"], rel=1e-9)


def test_a_file_that_is_there_is_not_written_over(file: Path) -> None:
    """Without --force nothing is written over, and nothing is solved; with it, it is."""
    target = file.with_name("mine.toml")
    target.write_text("precious", encoding="utf-8")
    args = [file, "--free", "na", "-V", "-68 mV", "--out", target]

    refused = run(*args)

    assert 2 == refused.exit_code
    assert "is there already" in refused.stderr
    assert "precious" == target.read_text(encoding="utf-8")
    assert 0 == run(*args, "--force").exit_code
    assert "[membrane]" in target.read_text(encoding="utf-8")


def test_a_dry_run_writes_nothing(file: Path) -> None:
    """--dry-run prints the changes only."""
    result = run(file, "--free", "na", "-V", "-68 mV", "--dry-run")

    assert 0 == result.exit_code
    assert [file] == list(file.parent.iterdir())


def test_what_cannot_be_balanced_fails_and_writes_nothing(file: Path) -> None:
    """Exit code 1, the demand and its amount in the table, no file."""
    result = run(file, "--free", "pump", "-V", "-60 mV")

    assert 1 == result.exit_code
    assert "Cannot be balanced" in result.stdout
    assert "total current" in result.stdout
    assert [file] == list(file.parent.iterdir())


def test_json_is_one_document(file: Path) -> None:
    """With --json standard output is plain data, and the file is written all the same."""
    result = run(file, "--free", "na", "-V", "-68 mV", "--json")
    data = json.loads(result.stdout)

    assert "pumpleak.balance/1" == data["schema"]
    assert "na.density" == data["changes"][0]["name"]
    assert file.with_name("demo-balanced.toml").exists()


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["--free", "sodium", "-V", "-68 mV"], "no mechanism 'sodium'"),
        (["--free", "na"], "say where the membrane is to rest"),
        (["--free", "na", "-V", "-68"], "V: expected a voltage"),
        (["-V", "-68 mV"], "Missing option '--free'"),
    ],
)
def test_what_is_wrong_is_told_in_a_paragraph(file: Path, args: list[str], what: str) -> None:
    """A mistake of the user's is exit code 2 and a sentence, no traceback."""
    result = run(file, *args)

    assert 2 == result.exit_code
    assert what in " ".join(result.stderr.split())


def test_a_missing_file_is_told() -> None:
    """A path that is not there is the user's to mend."""
    result = run("nowhere.toml", "--free", "na", "-V", "-68 mV")

    assert 2 == result.exit_code
    assert "nowhere.toml: no such file" in result.stderr
