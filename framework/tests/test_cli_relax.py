"""``pumpleak relax``: its table, its files, its messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pumpleak.cli import _relax, main

FILE = """
[membrane]
name = "demo cell"
temperature = "37 degC"
area = "785 um^2"
[steady]
free = ["Na", "K", "Cl"]
volume = "2 pL"
swells = true
infer_impermeant = true
[inside]
Na = "15 mM"
K = "125 mM"
Cl = "5 mM"
[outside]
Na = "145 mM"
K = "3.5 mM"
Cl = "119 mM"
impermeant = "29.5 mM"
[[mechanism]]
use = "channel"
name = "sodium"
density = "0.02 mS/cm^2"
permeation = { kind = "ohmic", ion = "Na" }
[[mechanism]]
use = "channel"
name = "potassium"
density = "0.35 mS/cm^2"
permeation = { kind = "ohmic", ion = "K" }
[[mechanism]]
use = "channel"
name = "chloride"
density = "0.1 mS/cm^2"
permeation = { kind = "ohmic", ion = "Cl" }
[[mechanism]]
use = "atpase.Cubic"
name = "pump"
density = "1000 uA/cm^2"
"""
HELD = """
[membrane]
name = "held"
temperature = "37 degC"
area = "1000 um^2"
[inside]
K = "140 mM"
[outside]
K = "4 mM"
[[mechanism]]
use = "channel"
name = "leak"
density = "10 nS"
permeation = { kind = "ohmic", ion = "K" }
"""
STOP = "60 s: pump.density = 0"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cell.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    result = CliRunner().invoke(main, ["relax", *map(str, args)])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def told(*args: object) -> str:
    """Return what is said about an error: nothing on standard output, exit code 2."""
    result = run(*args)

    assert 2 == result.exit_code
    assert "" == result.stdout
    return result.stderr


def test_the_table_shows_start_events_and_end(file: Path) -> None:
    """V, ions and volume at the start, at each event and at the end, within 100 columns."""
    result = run(file, "--event", STOP, "--event", "10 min: outside.K = 8 mM", "--until", "30min")
    lines = result.stdout.splitlines()
    rows = [line.split() for line in lines if line.rstrip().endswith(("start", "= 0", "mM", "end"))]

    assert 0 == result.exit_code
    assert "" == result.stderr
    assert ["demo cell", "=========", "30 min of steady ions, from the stable state at"] == [
        *lines[:2],
        lines[2][:47],
    ]
    assert max(map(len, lines)) <= 100
    assert ["0", "1", "10", "30"] == [row[0] for row in rows]
    assert float(rows[0][2]) == float(rows[1][2]) < float(rows[2][2]) < float(rows[3][2])
    assert any(line.startswith("The end: still moving. V changes by +") for line in lines)


def test_a_cell_left_alone_is_at_rest(file: Path) -> None:
    """Without events the end is the start: at rest."""
    result = run(file, "--until", "1 h")

    assert 0 == result.exit_code
    assert "The end: at rest. Stable state at -89" in result.stdout


def test_what_runs_away_exits_with_1(file: Path) -> None:
    """Pump off and nothing impermeant outside: volume runs away, and the exit code says so."""
    bath = ["--set", "outside.impermeant=0 mM", "--set", "outside.Cl=148.5 mM"]
    result = run(file, *bath, "--event", STOP, "--until", "10 min")

    assert 1 == result.exit_code
    assert "The end: runs away." in result.stdout
    assert "volume runs away" in result.stdout


def test_it_is_stored_and_drawn(file: Path, tmp_path: Path) -> None:
    """--out and --plot write files and say so."""
    result = run(file, "--until", "1 min", "--out", tmp_path / "x.nc", "--plot", tmp_path / "x.svg")

    assert result.stdout.endswith(
        f"Stored in {tmp_path / 'x.nc'}.\nDrawn in {tmp_path / 'x.svg'}.\n"
    )
    assert (tmp_path / "x.nc").read_bytes().startswith(b"CDF")
    assert "<svg" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_json_is_all_there_is_on_standard_output(file: Path, tmp_path: Path) -> None:
    """With --json standard output is one JSON document, whatever else is asked for."""
    result = run(file, "--json", "--event", STOP, "--until", "2 min", "--out", tmp_path / "x.csv")
    data = json.loads(result.stdout)

    assert "pumpleak.relax/1" == data["schema"]
    assert [{"time_s": 60.0, "text": "pump.density = 0"}] == data["events"]
    assert len(data["time_s"]) == len(data["V_mV"]) == len(data["inside_mM"]["Na"])
    assert {"Na", "K", "Cl"} == data["inside_mM"].keys()
    assert (tmp_path / "x.csv").exists()


def test_held_ions_start_where_they_are_told(tmp_path: Path) -> None:
    """--start takes a voltage; a membrane without [steady] has no other given values."""
    path = tmp_path / "held.toml"
    path.write_text(HELD, encoding="utf-8")
    result = run(path, "--start", "V=-50 mV", "--until", "50 ms")

    assert "50 ms of clamped ions, from V -50 mV, as given" in result.stdout
    assert "The end: at rest. Stable state at -95.02 mV." in result.stdout
    assert "gives no voltage to start from" in told(path, "--start", "given")
    assert "--start takes rest, given, or NAME=VALUE" in told(
        path, "--start", "rest", "--start", "x"
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--event", "60 s: pmp.density = 0"], "(did you mean 'pump.density'?)"),
        (["--event", "60 s pump.density = 0"], "write an event as"),
        (["--event", "2 h: pump.density = 0"], "let until be later"),
        (["--until", "30"], "until: expected a time"),
        (["--start", "givn"], "(did you mean 'given'?)"),
        (["--start", "inside.Q=3 mM"], "start: no 'inside.Q' here"),
        (["--set", "outside.K"], "--set takes NAME=VALUE"),
        (["--points", "1"], "points: expected a number from 2 on"),
        (["--out", "x.xls"], "the suffix says the format (got 'x.xls'); use one of .nc, .csv"),
    ],
)
def test_what_can_be_mended_is_told_in_a_paragraph(file: Path, args: list[str], said: str) -> None:
    """Wrong events, times, starts and suffixes: exit code 2, and what to do."""
    assert said in told(file, *args)


def test_a_missing_file_is_named() -> None:
    """A file that is not there is an error that names it."""
    assert "Error: nowhere.toml: no such file" in told("nowhere.toml")


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--out", "none/x.nc", "x.nc: No such file"),
        ("--plot", "none/x.png", "x.png: No such file"),
        ("--plot", "x.txt", "use one of"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_all_begins(
    file: Path, tmp_path: Path, option: str, name: str, said: str
) -> None:
    """A wrong suffix or folder costs no time course, and nothing is left behind."""
    result = run(file, "--until", "1 s", option, tmp_path / name)

    assert 2 == result.exit_code
    assert "" == result.stdout
    assert said in result.stderr
    assert [file] == list(tmp_path.iterdir())


def test_progress_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar on standard error, only where it is a terminal and only if it takes a while."""

    class Terminal:
        def __init__(self) -> None:
            self.text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            self.text += text
            return len(text)

        def flush(self) -> None: ...

    def shown(patience_s: float) -> str:
        terminal: Any = Terminal()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr(_relax, "_PATIENCE_S", patience_s)
        with _relax._bar() as progress:
            assert progress is not None
            progress(15.0, 60.0)
            progress(30.0, 60.0)
        return str(terminal.text)

    assert "" == shown(60.0)
    assert "30 of 60 s" in shown(0.0)


def test_without_a_terminal_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard error is a file or a pipe nothing is drawn there."""
    with _relax._bar() as progress:
        assert progress is None


def test_help_imports_no_physics() -> None:
    """`pumpleak relax --help` needs neither NumPy nor xarray."""
    code = (
        "import sys\n"
        "from pumpleak.cli import main\n"
        "try:\n    main(['relax', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'scipy', 'sympy', 'xarray'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ
    )

    assert "[]" == found.stdout.splitlines()[-1]
