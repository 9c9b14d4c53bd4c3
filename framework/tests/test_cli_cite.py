"""``pumpleak cite``: the works behind a membrane, on the command line."""

from __future__ import annotations

import json
import subprocess
import sys

import bibtex
import pytest
from click.testing import CliRunner

from pumpleak import bundled
from pumpleak.cli import main


def pumpleak(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["cite", *arguments], prog_name="pumpleak")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_it_prints_bibtex_and_nothing_else():
    """What is printed can go into a .bib file as it is."""
    code, output = pumpleak(str(bundled()))

    assert code == 0
    assert {"pumpleak", "pumpleak-atpase", "luo1994", "rakowski1989"} <= set(bibtex.entries(output))


def test_without_a_file_it_cites_the_bundled_neuron():
    """As `pumpleak rest` does."""
    assert pumpleak() == pumpleak(str(bundled()))


def test_it_prints_sentences():
    """For people, with what rests on each work."""
    code, output = pumpleak("--format", "text")

    assert code == 0
    assert "Luo and Rudy (1994). Circ Res 74:1071." in output
    assert "used by pump.shallow, pump.steep, pump.K_back, pump" in output
    assert "Assumed, not cited:" in output


def test_it_prints_json():
    """The same as plain data."""
    code, output = pumpleak("--json")

    assert code == 0
    assert "pumpleak" == json.loads(output)["entries"][0]["key"]


def test_a_changed_value_is_not_cited():
    """--set makes it the user's."""
    assert "elife19267" in pumpleak()[1]
    assert "elife19267" not in pumpleak("--set", "pump.q10=2.5")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.toml"], "nowhere.toml"),
        (["--mode", "both"], "'both' is not one of"),
        (["--format", "ris"], "'ris' is not one of"),
        (["--set", "pump"], "NAME=VALUE"),
        (["--set", "pump.q11=3"], "did you mean"),
    ],
)
def test_what_is_wrong_is_told_in_words(arguments, said):
    """Exit code 2, and no traceback."""
    code, output = pumpleak(*arguments)

    assert code == 2
    assert said in output
    assert "Traceback" not in output


def test_help_imports_no_physics():
    """`pumpleak cite --help` stays quick."""
    code = (
        "import sys\nfrom pumpleak.cli import main\n"
        "try:\n    main(['cite', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numpy', 'sympy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")
