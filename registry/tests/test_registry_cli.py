"""cli.py: the commands as people type them, their words and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from test_registry_refusals import CARD
from wheelwright import View, make_wheel, quick

import pumpleak_registry.admission
from pumpleak_registry import cli
from pumpleak_registry.cli import registry


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in a home of its own; admission is quick, and tested elsewhere."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for variable in (cli.VARIABLE, cli.KEYS_VARIABLE, cli.SECRET_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pumpleak_registry.admission, "examine", quick)

    def runs(*words, code=0, **options):
        done = CliRunner().invoke(registry, [str(word) for word in words], **options)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, done.output
        return done.output

    return runs


def test_from_init_to_yank_each_command_says_what_it_did_and_by_which_key(run, tmp_path):
    """The whole life of a registry, in a place of one's own."""
    where = ["--registry", tmp_path / "r", "--keys", tmp_path / "k"]
    wheel = make_wheel(tmp_path)

    said = run("init", *where)
    assert f"Made a registry in {tmp_path / 'r'}, with its keys in {tmp_path / 'k'}." in said
    assert "Signed with: root (" in said
    said = run("add-lab", "lab-a", *where)
    assert "Added lab-a, which may sign labs/lab-a/* and nothing else." in said
    said = run("admit", wheel, "--lab", "lab-a", "--json", tmp_path / "report.json", *where)
    assert "  runs: yes" in said
    assert "  reproduces its reference points: it states none" in said
    assert "The name pumpleak-foo belongs to lab-a from now on." in said
    assert "Signed with: catalogue (" in said
    assert json.loads((tmp_path / "report.json").read_bytes())["runs"] is True
    said = run("publish", wheel, "--lab", "lab-a", *where)
    assert "Published pumpleak-foo 1.0 of lab-a." in said
    assert "Signed with: lab-lab-a (" in said
    said = run("yank", "pumpleak-foo", "1.0", "--reason", "wrong sign", *where)
    assert "Yanked pumpleak-foo 1.0 of lab-a: wrong sign" in said
    said = run("rotate", "timestamp", *where)
    assert "timestamp is signed by " in said
    assert said.count("timestamp (") == 2
    said = run("refresh", *where)
    assert "Signed anew: the timestamp holds for 1 day, the snapshot for 7 days." in said
    assert len(View(tmp_path / "r", tmp_path / "trust").index("lab-a").releases) == 1


def test_without_options_the_registry_is_the_users_own_folder(run, tmp_path):
    """Signatures hold for a year there, since nobody else writes it."""
    said = run("init")
    assert str(tmp_path / "data" / "pumpleak" / "registry") in said
    run("add-lab", "lab-a")
    assert "the timestamp holds for 365 days" in run("refresh")


def test_places_can_come_from_the_environment(run, tmp_path):
    """Folders of keys are separated as in PATH."""
    env = {
        cli.VARIABLE: str(tmp_path / "r"),
        cli.KEYS_VARIABLE: f"{tmp_path / 'k'}:{tmp_path / 'stick'}",
    }
    run("init", env=env)
    run("add-lab", "lab-a", env=env)
    assert (tmp_path / "r" / "metadata" / "timestamp.json").exists()
    said = run("refresh", env={cli.VARIABLE: "https://example.org"}, code=2)
    assert "kept in a folder" in said


def test_encrypted_keys_ask_for_their_passphrase(run, tmp_path):
    """Once for all at init; then for each key that signs, or from the environment."""
    where = ["--registry", tmp_path / "r", "--keys", tmp_path / "k"]
    run("init", "--encrypt", *where, input="secret\nsecret\n")
    said = run("refresh", *where, input="secret\nsecret\n")
    assert "Signed anew" in said
    assert "secret" not in said
    run("refresh", *where, env={cli.SECRET_VARIABLE: "secret"})
    said = run("refresh", *where, env={cli.SECRET_VARIABLE: "wrong"}, code=2)
    assert "Error: R203" in said


def test_a_lab_makes_its_own_key(run, tmp_path):
    """The private part never leaves the lab's folder."""
    where = ["--registry", tmp_path / "r", "--keys", tmp_path / "k"]
    run("init", *where)
    said = run("key", "lab-b", "--keys", tmp_path / "theirs")
    assert "add-lab --public" in said
    [public] = (tmp_path / "theirs").glob("*.pub.pem")
    run("add-lab", "lab-b", "--public", public, "--keys", tmp_path / "theirs", *where)


def test_errors_are_one_line_with_code_and_fix(run, tmp_path):
    """Exit code 2 and no traceback."""
    where = ["--registry", tmp_path / "r", "--keys", tmp_path / "k"]
    assert "Error: R101: there is no registry" in run("refresh", *where, code=2)
    run("init", *where)
    assert "Error: R107" in run("init", *where, code=2)
    wheel = make_wheel(tmp_path)
    assert "Error: R301" in run("publish", wheel, "--lab", "lab-a", *where, code=2)
    assert "Error: A101" in run("admit", tmp_path / "no.whl", "--lab", "lab-a", *where, code=2)
    assert "Error: R208" in run("rotate", "lab-x", *where, code=2)
    assert "Usage" in run("admit", *where, code=2)


def test_a_file_that_is_not_admitted_gives_exit_code_1(run, tmp_path, monkeypatch):
    """With the problems, their codes and fixes."""
    from pumpleak_registry.findings import Findings
    from pumpleak_registry.report import Problem

    def bad(artifact, _):
        return Findings(runs=False, problems=(Problem(code="A203", cause="no luck", fix="try"),))

    monkeypatch.setattr(pumpleak_registry.admission, "examine", bad)
    where = ["--registry", tmp_path / "r", "--keys", tmp_path / "k"]
    run("init", *where)
    run("add-lab", "lab-a", *where)
    card = tmp_path / "x.card.toml"
    card.write_text(CARD.format(id="lab-a.leak", version="1"))
    said = run("admit", card, "--lab", "lab-a", *where, code=1)

    assert "  runs: no\n" in said
    assert "  A203: no luck\n        fix: try\n" in said
    assert "Nothing was admitted, and nothing was changed." in said


def test_help_imports_no_physics_and_no_cryptography():
    """The list of commands is quick."""
    code = (
        "import sys; from click.testing import CliRunner\n"
        "from pumpleak_registry.cli import registry\n"
        "assert CliRunner().invoke(registry, ['--help']).exit_code == 0\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'tuf', 'cryptography', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
