"""Take any one plugin away: the rest imports, lists, and says plainly what is missing."""

from __future__ import annotations

import ast
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

import pumpleak as pl
from pumpleak.cli import main
from pumpleak.host import Host

ROOT = Path(__file__).parents[1]
POINTS = entry_points(group="pumpleak.plugins")
PLUGINS = sorted(point.name for point in POINTS if (ROOT / "plugins" / point.name).is_dir())
FILES = [*sorted((ROOT / "docs" / "examples").glob("*.toml")), pl.bundled()]
#: Needed by every file: the ions themselves, and something that solves.
BY_ALL = ("ions", "solvers")


@pytest.fixture(params=["uninstalled", "denied"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PLUGINS)
def gone(request: pytest.FixtureRequest, how: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Take a plugin away; return its name."""
    name = str(request.param)
    if how == "denied":
        host = Host(deny=[name])
    else:
        host = Host(entry_points=[point for point in POINTS if point.name != name])
    monkeypatch.setattr("pumpleak.host._host._default", host)
    return name


def test_the_folder_of_each_is_looked_at() -> None:
    """So that a new plugin is tested here without being listed."""
    assert PLUGINS == sorted(path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml"))


def test_the_core_imports_no_plugin() -> None:
    """Not even in a function."""
    for path in (ROOT / "framework" / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert [name for name in names if name.startswith("pumpleak_")] == []


def test_help_and_lists_still_work(gone: str, how: str) -> None:
    """Every other plugin is listed as loaded; the command line answers."""
    from pumpleak.host import default_host

    host = default_host()
    host.load()
    states = {state.name: state.state for state in host.plugins()}

    assert {name for name, state in states.items() if state == "loaded"} >= set(PLUGINS) - {gone}
    assert states.get(gone, "uninstalled") == ("disabled" if how == "denied" else "uninstalled")
    for command in (["--help"], ["plugins", "list"], ["rest", "--help"]):
        shown = CliRunner().invoke(main, command)

        assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_membrane_rests_or_says_what_is_missing(path: Path, gone: str) -> None:
    """By the plugin's name, and what to do; never with a traceback."""
    needed = gone in BY_ALL or f'"{gone}.' in path.read_text(encoding="utf-8")
    shown = CliRunner().invoke(main, ["rest", "--no-prove", str(path)])

    if not needed:
        assert shown.exit_code == 0, shown.output
        return
    assert shown.exit_code == 2
    assert isinstance(shown.exception, SystemExit)
    assert f"pumpleak-{gone}" in shown.output or f"'{gone}'" in shown.output
    told = " ".join(shown.output.split())
    assert any(remedy in told for remedy in ("pip install", "install pumpleak-", "deny list"))
