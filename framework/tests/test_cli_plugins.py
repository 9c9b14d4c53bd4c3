"""``pumpleak plugins``: list, show, doctor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_host_lab import Lab, open_lab, species

from pumpleak.cli._plugins import plugins

PHYSICS = """
    class TREK1:
        @classmethod
        def parameter_table(cls):
            return [
                {"name": "unitary", "value": 90.0, "unit": "pS", "source": "Goldstein 2005, [3]",
                 "measured": True, "bounds": (None, None)},
                {"name": "z_g", "value": 0.3, "unit": "", "source": "assumed",
                 "measured": False, "bounds": (0, 2)},
                {"name": "low", "value": 1, "unit": "", "source": "assumed",
                 "measured": False, "bounds": (0, None)},
            ]
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    yield from open_lab(tmp_path, monkeypatch)


def run(lab: Lab, *args: str, **options: Any) -> Result:
    result = CliRunner().invoke(plugins, args, obj=lab.host(**options))

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output or {"--traceback", "--json"} & set(args)
    if not {"--traceback", "--json"} & set(args):
        # a path may be longer than a line, but stands alone on it
        lines = [line.strip() for line in result.stdout.splitlines() if len(line) > 100]
        assert [] == [line for line in lines if " " in line]
    return result


def flat(text: str) -> str:
    return " ".join(text.split())


def test_list_shows_every_plugin_and_why_one_is_not_used(lab: Lab) -> None:
    """The list has a row per plugin and a reason for each that cannot be used; nothing is run."""
    lab.plugin("k2p", "raise RuntimeError", requires=["pumpleak[fast]>=0.1,<0.2"])
    lab.plugin("old", requires=["pumpleak>=9"])
    result = run(lab, "list")

    assert 0 == result.exit_code
    assert "k2p pumpleak-k2p 1.0 found pumpleak>=0.1,<0.2" in flat(result.stdout)
    assert "[incompatible] Plugin 'old' (pumpleak-old 1.0) needs pumpleak>=9, have 0.1.0." in flat(
        result.stdout
    )
    assert "lab_k2p" not in sys.modules


def test_list_says_how_to_get_plugins_when_there_are_none(lab: Lab) -> None:
    """Without plugins, the list says so and how to install some."""
    result = run(lab, "list")

    assert 0 == result.exit_code
    assert "No plugins are installed." in result.stdout
    assert "pip install" in result.stdout


def test_list_as_json(lab: Lab) -> None:
    """The same as data."""
    lab.plugin("k2p")
    data = json.loads(run(lab, "list", "--json").stdout)

    assert "0.1.0" == data["host"]
    assert [("k2p", "found")] == [(item["name"], item["state"]) for item in data["plugins"]]


def test_list_is_light(lab: Lab) -> None:
    """In a new process, the list imports neither numpy, sympy, pint, scipy nor any plugin."""
    lab.plugin("k2p")
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from pumpleak.cli._plugins import plugins\n"
        "assert 'rich' not in sys.modules\n"
        "plugins(['list'], standalone_mode=False)\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'pint', 'lab_k2p'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(lab.root)], capture_output=True, text=True, check=False
    )

    assert "" == done.stderr
    assert "k2p" in done.stdout
    assert "[]" == done.stdout.splitlines()[-1]


def test_show_plugin_lists_its_records(lab: Lab) -> None:
    """A plugin's page has each of its records and none of another's."""
    lab.plugin("k2p")
    lab.plugin("ions", species("K"))
    result = run(lab, "show", "k2p")

    assert 0 == result.exit_code
    assert "k2p.TREK1 mechanisms a leak" in flat(result.stdout)
    assert "ions.K" not in result.stdout

    data = json.loads(run(lab, "show", "k2p", "--json").stdout)

    assert ["k2p.TREK1"] == [item["id"] for item in data["records"]]
    assert "loaded" == data["state"]


def test_show_record_with_parameters(lab: Lab) -> None:
    """A record's page has its fields, its owner, and its parameters with source and bounds."""
    lab.plugin("k2p")
    lab.module("lab_physics", PHYSICS)
    text = flat(run(lab, "show", "k2p.TREK1").stdout)

    assert "factory lab_physics:TREK1" in text
    assert "ions K, Na" in text
    assert "distribution pumpleak-k2p" in text
    assert "unitary 90 pS Goldstein 2005, [3] measured" in text
    assert "z_g 0.3 assumed assumed 0 to 2" in text
    assert "at least 0" in text

    data = json.loads(run(lab, "show", "k2p.TREK1", "--json").stdout)

    assert ["unitary", "z_g", "low"] == [row["name"] for row in data["parameters"]]
    assert ("mechanisms", "channel", "1.0") == (data["type"], data["kind"], data["version"])


def test_show_record_without_parameters(lab: Lab) -> None:
    """A thing that has no table of parameters is shown without one."""
    lab.plugin("k2p")
    lab.module("lab_physics", "TREK1 = 1")

    assert "parameter" not in run(lab, "show", "k2p.TREK1").stdout
    assert json.loads(run(lab, "show", "k2p.TREK1", "--json").stdout)["parameters"] is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("k2q", "plugin 'k2q' is not installed (did you mean 'k2p'?)"),
        ("k2p.TREK2", "(did you mean 'k2p.TREK1'?)"),
        ("nalcn.NALCN", "pip install pumpleak-nalcn"),
        ("bad", "[failed] Plugin 'bad'"),
        ("bad.X", "plugin 'bad' is not in use (failed)"),
        ("k2p.TREK1", "could not be imported: ModuleNotFoundError"),
    ],
)
def test_show_errors_are_messages(lab: Lab, name: str, said: str) -> None:
    """A wrong name or a broken plugin is one message on stderr and exit code 2."""
    lab.plugin("k2p")
    lab.plugin("bad", "raise RuntimeError")
    result = run(lab, "show", name)

    assert 2 == result.exit_code
    assert said in result.stderr
    assert "" == result.stdout


def test_show_survives_a_broken_parameter_table(lab: Lab) -> None:
    """A parameter_table() that raises is a message that names the plugin."""
    lab.plugin("k2p")
    lab.module(
        "lab_physics", "class TREK1:\n    @classmethod\n    def parameter_table(cls): return 1/0"
    )
    result = run(lab, "show", "k2p.TREK1")

    assert 2 == result.exit_code
    assert "plugin 'k2p' (pumpleak-k2p 1.0): its parameter_table() failed" in result.stderr


def test_a_chatty_plugin_does_not_spoil_the_json(lab: Lab) -> None:
    """What a plugin prints while it is imported goes to stderr."""
    lab.plugin("k2p", "print('hello')\n" + species("K"))
    lab.module("lab_physics", "print('hello again')\nK = 1")

    for args in (("show", "k2p"), ("show", "k2p.K"), ("doctor", "--load")):
        json.loads(run(lab, *args, "--json").stdout)


def test_doctor_is_content_with_good_plugins(lab: Lab) -> None:
    """Nothing wrong: exit code 0, with the count of what was checked."""
    lab.plugin("k2p", "raise RuntimeError")
    lab.plugin("off")
    result = run(lab, "doctor", deny=["off"])

    assert 0 == result.exit_code
    assert "2 plugins checked (by their metadata; nothing was imported, --load does)" in flat(
        result.stdout
    )
    assert "0 problems, 0 warnings." in flat(result.stdout)
    assert "lab_k2p" not in sys.modules


def test_doctor_warns_without_failing(lab: Lab) -> None:
    """A missing bound and a misspelt list are warnings; the exit code stays 0."""
    lab.plugin("k2p", requires=[])
    result = run(lab, "doctor", deny=["k2q"])

    assert 0 == result.exit_code
    assert "WARNING plugin 'k2p' (pumpleak-k2p 1.0): it does not say which" in flat(result.stdout)
    assert "WARNING 'k2q' is on the allow or deny list" in flat(result.stdout)
    assert "0 problems, 2 warnings" in flat(result.stdout)


@pytest.mark.parametrize("what", ["incompatible", "conflict", "failed"])
def test_doctor_finds_what_metadata_shows(lab: Lab, what: str) -> None:
    """A refused plugin gives exit code 1 before anything is imported."""
    if what == "incompatible":
        lab.plugin("bad", requires=["pumpleak>=9"])
    elif what == "conflict":
        lab.plugin("bad")
        lab.plugin("bad", distribution="other", value="lab_other")
    else:
        lab.plugin("bad", value="lab_bad:attribute")
    result = run(lab, "doctor")

    assert 1 == result.exit_code
    assert f"PROBLEM [{what}] Plugin 'bad' (" in flat(result.stdout)


def test_doctor_load_finds_what_only_an_import_shows(lab: Lab) -> None:
    """With --load, a failing module and a missing factory are found; without it they are not."""
    lab.plugin("bad", "raise RuntimeError('no luck')")
    lab.plugin("k2p")

    assert 0 == run(lab, "doctor").exit_code

    result = run(lab, "doctor", "--load")

    assert 1 == result.exit_code
    assert "PROBLEM [failed] Plugin 'bad'" in flat(result.stdout)
    assert "PROBLEM [factory] k2p.TREK1: 'lab_physics' of plugin 'k2p'" in flat(result.stdout)
    assert "2 problems, 0 warnings" in flat(result.stdout)
    assert "no luck (lab_bad.py, line " in flat(result.stdout)
    assert "Traceback" not in result.stdout

    traced = run(lab, "doctor", "--load", "--traceback")

    assert "RuntimeError: no luck" in traced.stdout
    assert "Traceback" in traced.stdout


@pytest.mark.parametrize("strict", [False, True])
def test_doctor_load_as_json(lab: Lab, strict: bool) -> None:
    """As data: whether all is well, the problems, and every state with its traceback."""
    lab.plugin("bad", "raise RuntimeError('no luck')")
    result = run(lab, "doctor", "--load", "--json", strict=strict)
    data = json.loads(result.stdout)

    assert 1 == result.exit_code
    assert (False, True, 1) == (data["ok"], data["loaded"], len(data["problems"]))
    assert "no luck" in data["plugins"][0]["traceback"]


def test_doctor_load_is_content_with_a_whole_plugin(lab: Lab) -> None:
    """A plugin whose factories can all be had passes."""
    lab.plugin("k2p")
    lab.module("lab_physics", PHYSICS)
    result = run(lab, "doctor", "--load")

    assert 0 == result.exit_code, result.stdout


def test_output_has_no_colours_off_a_terminal(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Piped output is plain text, 100 columns wide at most, whatever the environment asks for."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    lab.plugin("k2p", distribution="pumpleak-" + "very-long-name-" * 12 + "k2p")
    result = run(lab, "list")

    assert "\x1b" not in result.stdout
    assert "k2p" in result.stdout


def test_help_works_with_broken_plugins(lab: Lab) -> None:
    """No plugin can break --help."""
    lab.plugin("bad", "raise SystemExit(5)", entry_points="[pumpleak.plugins]\nnonsense\n")

    assert 0 == run(lab, "--help").exit_code
    assert 0 == run(lab, "list").exit_code
