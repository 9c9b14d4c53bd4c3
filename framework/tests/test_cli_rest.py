"""``pumpleak rest``, and the command line that it is part of."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pumpleak.cli import main
from pumpleak.membranes import _file

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
[[mechanism]]
use = "channel"
name = "leak"
density = "1e-6 cm/s"
permeation = { kind = "ghk", K = 1, Na = 0.03 }
"""


STEADY = """
[steady]
free = ["K", "Na"]
volume = "2 pL"
infer_impermeant = true
[[mechanism]]
use = "atpase.Cubic"
name = "pump"
density = "1000 uA/cm^2"
"""


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    path = tmp_path / "steady.toml"
    bath = FILE.replace('Na = "145 mM"', 'Na = "145 mM"\nimpermeant = "150 mM"')
    path.write_text(bath + STEADY, encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    result = CliRunner().invoke(main, ["rest", *map(str, args)])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def told(*args: object) -> str:
    """Return what is said about an error: one paragraph, nothing on standard output."""
    result = run(*args)

    assert 2 == result.exit_code
    assert "" == result.stdout
    return result.stderr


def test_the_report_is_printed(file: Path) -> None:
    """A file gives a report within 100 columns, proved, and exit code 0."""
    result = run(file)

    assert 0 == result.exit_code
    assert result.stdout.startswith("demo\n====\n1 resting state; found; proved complete in")
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert "" == result.stderr


def test_json_is_all_there_is_on_standard_output(file: Path, tmp_path: Path) -> None:
    """With --json standard output is one JSON document, whatever else is asked for."""
    result = run(file, "--json", "--plot", tmp_path / "x.png", "--parameters")
    data = json.loads(result.stdout)

    assert "found" == data["status"]
    assert (tmp_path / "x.png").exists()


def test_the_picture_is_drawn_and_named(file: Path, tmp_path: Path) -> None:
    """--plot writes the picture, and the report says where."""
    result = run(file, "--plot", tmp_path / "x.png")

    assert result.stdout.endswith(f"Drawn in {tmp_path / 'x.png'}.\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.doc", "use one of"),
        ("no/x.png", "x.png: No such file"),
        ("demo.toml/x.png", "Not a dir"),
    ],
)
def test_a_picture_that_cannot_be_written_is_refused_before_solving(
    file: Path, tmp_path: Path, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong suffix or folder costs no computation."""
    monkeypatch.setattr("pumpleak.cli._rest._found", lambda *_: pytest.fail("it was solved"))
    result = run(file, "--plot", tmp_path / name)

    assert 2 == result.exit_code
    assert "" == result.stdout
    assert said in result.stderr


def test_a_picture_that_fails_does_not_cost_the_report(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong only in writing comes after the report."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x.png")

    monkeypatch.setattr("pumpleak.report._plot.save", full)
    result = run(file, "--plot", tmp_path / "x.png")

    assert 2 == result.exit_code
    assert "1 resting state" in result.stdout
    assert "x.png: No space left" in result.stderr


def test_values_and_range_can_be_changed(file: Path) -> None:
    """--set and --range change the membrane that is solved."""
    before = json.loads(run(file, "--json").stdout)
    after = json.loads(
        run(
            file, "--json", "--set", "outside.K=8 mM", "--set", "leak.permeation.Na=0.01",
            "--range", "-100 mV", "50 mV", "--no-prove",
        ).stdout
    )  # fmt: skip
    potassium = after["equilibria"][0]["ions"][0]

    assert -76.50 == pytest.approx(potassium["nernst_mV"], abs=0.005)
    assert [-100.0, 50.0] == after["range_mV"]
    assert "searched [-100, 50] mV" == after["guarantee"]
    assert before["equilibria"][0]["V_mV"] < after["equilibria"][0]["V_mV"]


def test_what_a_file_gives_is_no_default(file: Path) -> None:
    """A file that spells a default out has given it; what it leaves out is a default."""
    spelled = FILE.replace("[inside]", 'capacitance = "1 uF/cm^2"\n[inside]')
    assert re.search(r"capacitance +1 uF/cm\^2 +default: ", run(file).stdout)

    file.write_text(spelled, encoding="utf-8")
    text = run(file).stdout

    assert re.search(r"capacitance +1 uF/cm\^2 +given", text)
    assert re.search(r"dG_ATP +-57 kJ/mol +default: ", text)


def test_no_state_is_exit_code_1_with_a_report(file: Path) -> None:
    """A search that finds nothing prints the report and says so in the exit code."""
    result = run(file, "--range", "0 mV", "50 mV")

    assert 1 == result.exit_code
    assert "0 resting states; none in range" in result.stdout
    assert (
        "none in range"
        == json.loads(run(file, "--range", "0 mV", "9 mV", "--json").stdout)["status"]
    )


def test_a_file_that_says_what_is_free_is_shown_in_both_modes(steady: Path) -> None:
    """With [steady] clamped and steady ions stand side by side; --mode picks one."""
    both = run(steady)
    one, other = (run(steady, "--mode", mode) for mode in ("steady", "clamped"))

    assert {0} == {result.exit_code for result in (both, one, other)}
    assert re.search(r"^ions +clamped +steady$", both.stdout, re.MULTILINE)
    assert "64 random starts" in both.stdout
    assert max(map(len, both.stdout.splitlines())) <= 100
    assert "clamped ions" not in one.stdout
    assert "1 steady state; found" in one.stdout
    assert "steady ions" not in other.stdout


def test_json_of_both_is_that_of_steady_ions_with_the_clamped_inside(steady: Path) -> None:
    """Without --mode the document is the steady one, and holds the clamped one."""
    both, one, other = (
        json.loads(run(steady, "--json", *more).stdout)
        for more in ((), ("--mode", "steady"), ("--mode", "clamped"))
    )

    assert other == both["clamped"]
    assert one == {**both, "clamped": None}
    assert {"K", "Na"} == set(both["equilibria"][0]["inside_mM"])


def test_steady_ions_need_to_know_what_is_free(file: Path) -> None:
    """Without [steady] in the file steady ions are refused, with what to add."""
    for mode in ("steady", "both"):
        assert "give [steady] with free = ['Na', 'K', 'Cl']" in told(file, "--mode", mode)


def test_starts_are_of_steady_ions(file: Path, steady: Path) -> None:
    """--starts sets how many random starts are tried; clamped ions have none."""
    assert "5 random starts" in run(steady, "--starts", "5").stdout
    assert "found; local; steady ions" in run(steady, "--starts", "0", "--mode", "steady").stdout
    assert "--starts is for steady ions" in told(file, "--starts", "5")
    assert "--starts is for steady ions" in told(steady, "--starts", "5", "--mode", "clamped")


def test_either_mode_without_a_state_is_exit_code_1(steady: Path) -> None:
    """Side by side, the exit code is 1 if one of the two found nothing."""
    result = run(steady, "--range", "0 mV", "9 mV")

    assert 1 == result.exit_code
    assert "0 resting states; none in range" in result.stdout
    assert "1 steady state; found" in result.stdout
    assert "WARNING (clamped ions): none in range" in result.stdout


def test_without_a_file_the_bundled_neuron(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FILE the membrane that comes with pumpleak is solved."""
    monkeypatch.setattr(_file, "bundled", lambda: file)

    assert run().stdout.startswith("demo\n")


def test_errors_are_a_paragraph_and_exit_code_2(file: Path, tmp_path: Path) -> None:
    """What the user can mend is told on standard error, with near names."""
    broken = tmp_path / "broken.toml"
    broken.write_text(FILE.replace("density", "densty"), encoding="utf-8")

    assert "no such file" in told(tmp_path / "none.toml")
    assert "is a folder" in told(tmp_path)
    assert "did you mean 'density'?" in told(broken)
    assert "did you mean" in told(file, "--set", "outsid.K=8 mM")
    assert "such as '4 mM'" in told(file, "--set", "outside.K=8")
    assert "--set takes NAME=VALUE" in told(file, "--set", "outside.K")
    assert "expected a voltage" in told(file, "--range", "-100", "50")
    assert "No such option" in told(file, "--nope")


def test_help_and_lists_import_no_physics() -> None:
    """`--help`, `rest --help` and `plugins list` import neither numbers nor symbols nor units."""
    code = (
        "import sys; from pumpleak.cli import main\n"
        "for args in (['--help'], ['rest', '--help'], ['--version'], ['plugins', 'list']):\n"
        "    main(args, standalone_mode=False)\n"
        "print(sorted({'numpy', 'sympy', 'pint', 'scipy', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.splitlines()[-1]
    for command in ("rest", "plugins", "filter"):
        assert f"\n  {command} " in done.stdout


def test_a_report_imports_no_more_than_it_needs(file: Path) -> None:
    """A report without a picture leaves linear algebra, matplotlib and pandas alone."""
    code = (
        "import sys; from pumpleak.cli import main\n"
        f"main(['rest', {str(file)!r}], standalone_mode=False)\n"
        # pint itself looks whether there is a scipy, without importing any part of it
        "heavy = {'scipy.linalg', 'scipy.optimize', 'matplotlib', 'pandas', 'numba'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.splitlines()[-1]


def test_a_closed_pipe_is_no_error(file: Path) -> None:
    """A reader that stops reading gets no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "pumpleak", "rest", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        process.wait()

    assert b"" == complaint


def test_a_terminal_without_unicode_gets_a_report(file: Path) -> None:
    """Letters that an encoding lacks are replaced."""
    done = subprocess.run(
        [sys.executable, "-m", "pumpleak", "rest", str(file)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.stdout.isascii()
    assert b"resting state" in done.stdout


@pytest.mark.filterwarnings("default")
def test_what_plugins_print_stays_out_of_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that prints, or warns, does not spoil the JSON document."""
    load = _file.load

    def noisy(path: Any) -> Any:
        print("hello from a plugin")
        warnings.warn("something to know", UserWarning, stacklevel=1)
        return load(path)

    monkeypatch.setattr(_file, "load", noisy)
    result = run(file, "--json")

    assert "found" == json.loads(result.stdout)["status"]
    assert "hello from a plugin" in result.stderr
    assert "Warning: something to know\n" in result.stderr
