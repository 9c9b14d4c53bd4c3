"""``pumpleak.new.make``: what it refuses, and that it leaves all or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import pumpleak as pumpleak_package
from pumpleak import PluginError
from pumpleak.cite._references import parse
from pumpleak.cli import main
from pumpleak.new import KINDS, _names, _template, make


def pumpleak(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["new", *arguments], prog_name="pumpleak")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_is_whole(kind, tmp_path):
    """Every kind comes with physics, thin module, tests, metadata, licence, citation and CI."""
    made = make(kind, f"my_{kind}", into=tmp_path, author="A. Hodgkin", lab="lab-a")

    files = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    package = f"src/pumpleak_my_{kind}"
    assert {
        ".copier-answers.yml",
        ".github/workflows/test.yml",
        ".gitignore",
        "CITATION.cff",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        f"{package}/__init__.py",
        f"{package}/_plugin.py",
        f"{package}/my_{kind}.py",
        f"{package}/py.typed",
        f"{package}/references.toml",
        "tests/test_conformance.py",
        f"tests/test_my_{kind}.py",
    } == files
    assert made.name == f"pumpleak-my-{kind}"
    assert [made] == list(tmp_path.iterdir())
    texts = {name: (made / name).read_text(encoding="utf-8") for name in files}
    assert [] == [name for name, text in texts.items() if "{%" in text]
    metadata = tomllib.loads(texts["pyproject.toml"])
    assert "pumpleak>=0.1,<0.2" in metadata["project"]["dependencies"]
    assert {"kind": kind, "lab": "lab-a", "orcid": "", "doi": ""} == metadata["tool"]["pumpleak"]
    assert [{"name": "A. Hodgkin"}] == metadata["project"]["authors"]
    assert "A. Hodgkin" in texts["LICENSE"]
    assert "A. Hodgkin" in texts["CITATION.cff"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_is_clean_python(kind, tmp_path):
    """ruff finds nothing in it, and would format nothing."""
    made = make(kind, "neat", into=tmp_path)
    options = ["--isolated", "--line-length", "100"]

    for command in (["check", "--select", "E,F,W,I,B,UP,D1"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options, str(made)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_what_is_made_is_typed(tmp_path):
    """mypy, as strict as it can be, finds nothing in any kind."""
    sources = [
        str(make(kind, f"typed_{kind}", into=tmp_path) / "src" / f"pumpleak_typed_{kind}")
        for kind in KINDS
    ]
    here = Path(pumpleak_package.__file__).parents[1]
    # what is installed mypy finds by itself, and refuses to be told of
    path = {} if here.name == "site-packages" else {"MYPYPATH": str(here)}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", *sources],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **path},
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_author_may_be_called_anything_that_people_are_called(tmp_path):
    """Letters of any script, apostrophes, braces and ampersands stand as they are."""
    author = "Søren D'Arcy & Ñandú {李} <x>: #1, 100%"
    made = make("channel", "named", into=tmp_path, author=author, orcid="0000-0002-1825-0097")

    project = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))
    works = parse((made / "src/pumpleak_named/references.toml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((made / "CITATION.cff").read_text(encoding="utf-8"))
    assert [{"name": author}] == project["project"]["authors"]
    assert author == works["pumpleak-named"].authors[0].name
    assert "https://orcid.org/0000-0002-1825-0097" == citation["authors"][0]["orcid"]
    assert author == citation["authors"][0]["name"]
    assert author in (made / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HCN", "small letters"),
        ("hcn-1", "such as 'hcn_1'"),
        ("hcn 1", "small letters"),
        ("1hcn", "a letter first"),
        ("hcn__1", "single underscores"),
        ("hcn_", "single underscores"),
        ("", "cannot be a plugin's name"),
        ("..", "cannot be a plugin's name"),
        ("../evil", "such as 'evil'"),
        ("/etc/passwd", "cannot be a plugin's name"),
        ("a\\b", "cannot be a plugin's name"),
        ("a\nb", "cannot be a plugin's name"),
        ("hсn", "cannot be a plugin's name"),  # a Cyrillic letter
        ("{{7*7}}", "cannot be a plugin's name"),
        ("a" * 41, "40 at most"),
        ("class", "a word of Python"),
        ("match", "a word of Python"),
        ("nul", "reserved"),
        ("com1", "reserved"),
        ("registry", "reserved"),
        ("pumpleak", "reserved"),
        ("k2p", "is taken: pumpleak-k2p"),
    ],
)
def test_a_bad_name_is_refused_in_words(name, said, tmp_path, monkeypatch):
    """What cannot be a plugin's name is refused before anything is written."""
    monkeypatch.chdir(tmp_path)
    code, output = pumpleak("channel", "--", name)

    assert code == 2
    assert said in " ".join(output.split())
    assert "Traceback" not in output
    assert [] == list(tmp_path.iterdir())


@given(st.text(max_size=50))
def test_a_name_that_passes_is_a_folder_and_a_module(name):
    """No text that passes can be anything but one plain component of a path and an identifier."""
    try:
        passed = _names.checked_name(name)
    except PluginError:
        return
    assert passed.isidentifier()
    assert passed.isascii()
    assert passed == passed.lower()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--called", "my channel"], "cannot be the name of a channel"),
        (["--called", "Channel"], "has a meaning of its own"),
        (["--called", "None"], "cannot be the name of a channel"),
        (["--author", 'A "B" C'], "without quotes"),
        (["--author", "A\nB"], "one line"),
        (["--author", "\\"], "without quotes and backslashes"),
        (["--lab", "Lab A"], "cannot be a lab's name"),
        (["--lab", "../x"], "cannot be a lab's name"),
        (["--orcid", "0000-0002-1825-0098"], "is no ORCID"),
        (["--orcid", "Hodgkin"], "is no ORCID"),
        (["--into", "nowhere"], "nowhere is no folder"),
    ],
)
def test_a_bad_option_is_refused_in_words(options, said, tmp_path, monkeypatch):
    """Nothing is written unless every value can stand in every file."""
    monkeypatch.chdir(tmp_path)
    code, output = pumpleak("channel", "fresh", *options)

    assert code == 2
    assert said in " ".join(output.split())
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what to make"),
        (["channel"], "say what to make"),
        (["chanel", "fresh"], "did you mean 'channel'?"),
        (["ion", "fresh", "--called", "Na"], "the ion 'Na' is supplied by ions.Na"),
        (["channel", "fresh", "--update", "."], "takes a folder alone"),
    ],
)
def test_what_is_asked_for_has_to_make_sense(arguments, said, tmp_path, monkeypatch):
    """Missing words, misspelt kinds and a second meaning for an ion are refused."""
    monkeypatch.chdir(tmp_path)
    code, output = pumpleak(*arguments)

    assert code == 2
    assert said in " ".join(output.split())
    assert [] == list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    """What stands there is left as it is."""
    target = tmp_path / "pumpleak-fresh"
    target.mkdir()
    (target / "notes.txt").write_text("mine")

    with pytest.raises(PluginError, match="is not empty"):
        make("channel", "fresh", into=tmp_path)

    assert ["notes.txt"] == [path.name for path in target.iterdir()]


def test_a_link_is_not_followed(tmp_path):
    """A link in the place of the folder is refused, wherever it leads."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "pumpleak-fresh").symlink_to(elsewhere)

    with pytest.raises(PluginError, match="exists already"):
        make("channel", "fresh", into=tmp_path)

    assert [] == list(elsewhere.iterdir())


def test_an_empty_folder_is_taken(tmp_path):
    """A folder made beforehand and left empty is no obstacle."""
    (tmp_path / "pumpleak-fresh").mkdir()

    assert (make("channel", "fresh", into=tmp_path) / "pyproject.toml").exists()


# copier leaves its walk through the folder open when a file fails
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_failure_half_way_leaves_nothing(tmp_path):
    """A template that breaks at one file leaves no folder at all, and says so in words."""
    template, into = tmp_path / "template", tmp_path / "into"
    shutil.copytree(_template.SHIPPED, template)
    into.mkdir()
    (template / "1" / "skeleton" / "zzz.txt.jinja").write_text("{% nonsense %}")

    with pytest.raises(PluginError, match="could not be rendered"):
        make("channel", "fresh", into=into, template=template)

    assert [] == list(into.iterdir())


def test_without_copier_it_says_what_to_install(tmp_path, monkeypatch):
    """The extra is named, and nothing is written."""
    monkeypatch.setitem(sys.modules, "copier", None)
    monkeypatch.chdir(tmp_path)
    code, output = pumpleak("channel", "fresh")

    assert code == 2
    assert "pip install 'pumpleak[new]'" in output
    assert [] == list(tmp_path.iterdir())


def test_help_imports_neither_physics_nor_copier():
    """`pumpleak new --help` stays quick."""
    code = (
        "import sys\nfrom pumpleak.cli import main\n"
        "try:\n    main(['new', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numpy', 'sympy', 'scipy', 'copier', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")


@pytest.mark.slow
@pytest.mark.parametrize("wait_s", [0.3, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4])
def test_killed_at_any_moment_it_leaves_all_or_nothing(wait_s, tmp_path):
    """After SIGKILL the folder is there, complete, or is not there."""
    whole = make("channel", "fresh", into=tmp_path)
    expected = sorted(path.relative_to(whole) for path in whole.rglob("*"))
    shutil.rmtree(whole)
    command = [sys.executable, "-m", "pumpleak", "new", "channel", "fresh", "--into", tmp_path]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()

    if whole.exists():
        assert expected == sorted(path.relative_to(whole) for path in whole.rglob("*"))
