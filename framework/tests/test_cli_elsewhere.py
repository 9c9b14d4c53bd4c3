"""Commands that other distributions add: found by metadata, imported when used, each on its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pumpleak.cli import main


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path to install distributions into; nothing else adds commands."""
    real = metadata.entry_points
    monkeypatch.syspath_prepend(str(tmp_path))

    def ours_alone(**wanted: str) -> metadata.EntryPoints:
        found = real(**wanted)
        if wanted.get("group") != "pumpleak.commands":
            return found
        return metadata.EntryPoints(point for point in found if point.dist.name.startswith("lab-"))

    monkeypatch.setattr(metadata, "entry_points", ours_alone)
    return tmp_path


def add(site: Path, distribution: str, command: str, code: str) -> None:
    """Install a distribution with one command."""
    module = f"{distribution.replace('-', '_')}_{command}"
    (site / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
    info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[pumpleak.commands]\n{command} = {module}:run\n")


def run(*args: str) -> Result:
    result = CliRunner().invoke(main, args, prog_name="pumpleak")

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


GREETS = """
    import click

    @click.command()
    @click.argument("name")
    def run(name):
        "Greet somebody."
        click.echo(f"hello {name}")
"""


def test_a_distribution_adds_a_command(site: Path) -> None:
    """It stands in the help with its owner, has help of its own, and runs."""
    add(site, "lab-a", "greet", GREETS)

    assert "From lab-a 1.0." in run("--help").output
    assert "Greet somebody." in run("greet", "--help").output
    assert "hello you\n" == run("greet", "you").output


def test_help_imports_no_command(site: Path) -> None:
    """One that raises, or ends the program, when it is imported breaks itself alone."""
    add(site, "lab-a", "broken", "raise SystemExit(7)")
    add(site, "lab-b", "greet", GREETS)
    result = run("broken")

    assert 0 == run("--help").exit_code
    assert 2 == result.exit_code
    assert "'pumpleak broken' of lab-a 1.0 cannot be imported (SystemExit: 7)" in result.output
    assert 0 == run("greet", "you").exit_code


def test_a_command_must_be_one(site: Path) -> None:
    """Anything else is refused by name."""
    add(site, "lab-a", "odd", "run = 3")

    assert "'pumpleak odd' of lab-a 1.0 must be a click command (got int)" in run("odd").output


def test_two_claims_on_one_command_are_both_refused(site: Path) -> None:
    """Neither wins, and both are named."""
    add(site, "lab-a", "greet", GREETS)
    add(site, "lab-b", "greet", GREETS)
    result = run("greet", "you")

    assert 2 == result.exit_code
    assert "claimed by lab-a 1.0 and lab-b 1.0" in result.output


def test_the_cores_commands_cannot_be_taken(site: Path) -> None:
    """A distribution that claims ``rest`` is passed over."""
    add(site, "lab-a", "rest", GREETS)

    assert "From lab-a" not in run("--help").output
    assert "resting state" in run("rest", "--help").output


@pytest.mark.parametrize("name", ["search", "info", "get", "lock", "sync", "verify", "registry"])
def test_what_needs_the_registry_says_so(site: Path, name: str) -> None:
    """Where it is not installed, with any arguments, and the help still lists the command."""
    for arguments in ([], ["x", "--anything"], ["--help"]):
        result = run(name, *arguments)

        assert 2 == result.exit_code
        assert f"'pumpleak {name}' needs pumpleak-registry" in result.output
    assert name in run("--help").output


def test_help_of_a_command_elsewhere_imports_no_physics() -> None:
    """Neither does the core's own help, with all that is installed here."""
    code = (
        "import sys; from click.testing import CliRunner; from pumpleak.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print([m for m in ('numpy', 'sympy', 'scipy', 'tuf') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
