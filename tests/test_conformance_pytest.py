"""The kit as pytest plugin and as command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner

from pumpleak.cli import main
from pumpleak.conformance import CHECKS

PLUGIN = "pumpleak.conformance.pytest_plugin"


def run_pytest(folder, *arguments):
    """Run pytest with this plugin and no other."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", PLUGIN, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pytest_finds_the_plugin_by_itself() -> None:
    """Whoever has pumpleak installed has the option."""
    points = entry_points(group="pytest11", name="pumpleak")

    assert {PLUGIN} == {point.value for point in points}


def test_each_object_and_check_is_an_item(tmp_path) -> None:
    """`pytest --pumpleak-plugin clc` runs the kit beside whatever tests there are."""
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")

    done = run_pytest(tmp_path, "-v", "--pumpleak-plugin", "clc")

    assert 0 == done.returncode, done.stdout
    assert "clc.ClC1::C020 PASSED" in done.stdout
    assert "clc.amide-dipole::C084 PASSED" in done.stdout
    assert "test_own.py::test_own PASSED" in done.stdout
    items = sum(
        2 * ("channel" in check.kinds) + ("filter" in check.kinds) for check in CHECKS.values()
    )
    assert f"{items + 1} passed" in done.stdout


def test_an_expected_failure_is_an_xfail(tmp_path) -> None:
    """And fails where strictness is asked for."""
    named = ("--pumpleak-plugin", "gated.LuoRudyCa")

    assert "1 xfailed" in run_pytest(tmp_path, *named).stdout
    strict = run_pytest(tmp_path, *named, "--pumpleak-strict")
    assert 1 == strict.returncode
    assert "C020 zero current at equilibrium: as published" in strict.stdout


def test_an_unknown_name_is_an_error(tmp_path) -> None:
    """Not a run of nothing."""
    done = run_pytest(tmp_path, "--pumpleak-plugin", "clc.ClC9")

    assert 4 == done.returncode
    assert "supplies no 'ClC9'" in done.stderr + done.stdout


def test_without_the_option_nothing_happens_and_no_physics_is_imported(tmp_path) -> None:
    """A run of pytest that does not ask for the kit pays nothing for it."""
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_own():\n"
        "    heavy = {'numpy', 'sympy', 'scipy', 'pint', 'attrs'}\n"
        f"    assert {PLUGIN!r} in sys.modules\n"
        "    assert not heavy & set(sys.modules)\n"
        "    assert 'pumpleak.host' not in sys.modules\n"
    )

    done = run_pytest(tmp_path)

    assert 0 == done.returncode, done.stdout
    assert "1 passed" in done.stdout


def test_the_command_says_how_many_checks_ran() -> None:
    """And its exit code whether they held."""
    done = CliRunner().invoke(main, ["check", "k2p.TREK1"])

    assert 0 == done.exit_code, done.output
    assert "k2p.TREK1 (channel): ok, 14 of 14 checks passed" in done.output
    assert "14 checks ran on 1 object: 14 passed, 0 failed" in done.output


def test_the_command_writes_json(tmp_path) -> None:
    """To a file beside the table, or in its place."""
    path = tmp_path / "report.json"

    CliRunner().invoke(main, ["check", "k2p.TREK1", "--json", str(path)], catch_exceptions=False)
    printed = CliRunner().invoke(main, ["check", "k2p.TREK1", "--json", "-"])

    written, other = json.loads(path.read_text()), json.loads(printed.output)
    assert written["results"] == other["results"]
    assert [path] == list(tmp_path.iterdir())


def test_the_command_lists_every_check() -> None:
    """With --all."""
    done = CliRunner().invoke(main, ["check", "ions.K", "--all"])

    assert "C063 passed           reverses where Nernst says" in done.output


def test_the_command_fails_where_a_check_does() -> None:
    """Strictly, an expected failure is one."""
    assert 0 == CliRunner().invoke(main, ["check", "gated.LuoRudyCa"]).exit_code
    assert 1 == CliRunner().invoke(main, ["check", "gated.LuoRudyCa", "--strict"]).exit_code


@pytest.mark.parametrize("name", ["nope", "k2p.TREK9", "./no-such-folder", "x.card.toml"])
def test_the_command_refuses_what_is_not_there(name) -> None:
    """Exit code 2 and a paragraph."""
    done = CliRunner().invoke(main, ["check", name])

    assert 2 == done.exit_code
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output
