"""Exit codes, over every command that the registry adds: 0 done, 1 the answer is no, 2 refused."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from market import Market, looked_at, open_market, wheel

from pumpleak.membranes._file import bundled
from pumpleak_registry import cli
from pumpleak_registry.admission import examine
from pumpleak_registry.client import cli as client
from pumpleak_registry.findings import Findings
from pumpleak_registry.report import Problem

READERS = {
    command.name: command
    for command in (
        client.search,
        client.info,
        client.get,
        client.lock,
        client.sync,
        client.verify,
    )
}
KEEPERS = {f"registry {name}": command for name, command in cli.registry.commands.items()}
COMMANDS: dict[str | None, click.Command] = {**READERS, **KEEPERS}

#: What each command is refused, or cannot do. Capitals stand for what `world` makes.
REFUSED = """
search x --registry MISSING
search x --registry FILE
search x --registry EMPTY
search x --registry NOBODY --root ROOT
search x --registry https://[::1
search x --registry http://
search x --registry http://127.0.0.1:99999
search x --registry ftp://127.0.0.1
search x --registry REGISTRY
search x --registry REGISTRY --root MISSING
search x --registry REGISTRY --root EMPTY
search x --registry REGISTRY --root FILE
search x --registry REGISTRY --root BROKEN
search x --registry DAMAGED --root ROOT
search x --registry HOLLOW --root ROOT
search --limit 0
info leaky --registry MISSING
info leaky --registry NOBODY --root ROOT
info leaky --registry DAMAGED --root ROOT
info leaky --registry REGISTRY --root BROKEN
info nobody --registry REGISTRY --root ROOT
info
get leaky --registry FILE
get leaky --registry NOBODY --root ROOT
get leaky --registry DAMAGED --root ROOT
get nobody --registry REGISTRY --root ROOT
get leaky==9 --registry REGISTRY --root ROOT
get leaky== --registry REGISTRY --root ROOT
get ../leaky --registry REGISTRY --root ROOT
get leaky --installer conda
get leaky --cards FILE
lock MISSING
lock EMPTY
lock BROKEN
lock CELL --registry MISSING
lock CELL --registry ftp://127.0.0.1
sync MISSING
sync EMPTY
sync CELL
sync BROKENLOCK
sync HALFLOCK
sync FOLDERLOCK
verify MISSING
verify EMPTY
verify CELL
verify BROKENLOCK
verify HALFLOCK
verify FOLDERLOCK
registry init --registry REGISTRY --keys NEW
registry init --registry FILE --keys NEW
registry init --registry FILE/x --keys NEW
registry init --registry NEW --keys NEW/keys
registry init --registry NEW --keys FILE
registry init --registry https://127.0.0.1 --keys NEW
registry init --root-keys 0
registry init --threshold 4 --registry NEW --keys NEWKEYS
registry init --timestamp-days 99999999
registry init --snapshot-days 0
registry key lab-c --keys FILE
registry key ../c --keys NEW
registry add-lab lab-a --registry REGISTRY --keys KEYS
registry add-lab lab-c --registry MISSING --keys KEYS
registry add-lab lab-c --registry DAMAGED --keys KEYS
registry add-lab lab-c --registry REGISTRY --keys EMPTY
registry add-lab lab-c --public MISSING --registry REGISTRY --keys KEYS
registry add-lab lab-c --public FILE --registry REGISTRY --keys KEYS
registry add-lab Lab_C --registry REGISTRY --keys KEYS
registry admit MISSING.whl --lab lab-a --registry REGISTRY --keys KEYS
registry admit FILE --lab lab-a --registry REGISTRY --keys KEYS
registry admit BADWHEEL --lab lab-a --registry REGISTRY --keys KEYS
registry admit WHEEL --lab nobody --registry REGISTRY --keys KEYS
registry admit WHEEL --lab lab-a --registry NOBODY --keys KEYS
registry admit WHEEL --lab lab-a --registry HOLLOW --keys KEYS
registry admit WHEEL --lab lab-a --project MISSING --registry REGISTRY --keys KEYS
registry admit WHEEL --lab lab-a --registry REGISTRY --keys EMPTY
registry admit WHEEL --lab lab-a --json FILE/x --registry REGISTRY --keys KEYS
registry admit WHEEL
registry publish WHEEL --lab lab-a --registry REGISTRY --keys KEYS
registry publish MISSING.whl --lab lab-a --registry REGISTRY --keys KEYS
registry publish WHEEL --lab lab-a --registry MISSING --keys KEYS
registry publish WHEEL --lab lab-a --registry DAMAGED --keys KEYS
registry yank pumpleak-leaky 9 --reason x --registry REGISTRY --keys KEYS
registry yank pumpleak-leaky nine --reason x --registry REGISTRY --keys KEYS
registry yank pumpleak-nobody 1.0 --reason x --registry REGISTRY --keys KEYS
registry yank pumpleak-leaky 1.0 --reason x --registry EMPTY --keys KEYS
registry yank pumpleak-leaky 1.0 --reason x --registry REGISTRY --keys EMPTY
registry rotate nobody --registry REGISTRY --keys KEYS
registry rotate timestamp --registry DAMAGED --keys KEYS
registry rotate timestamp --registry REGISTRY --keys EMPTY
registry rotate timestamp --registry REGISTRY --keys NEW
registry rotate lab-a --public FILE --registry REGISTRY --keys KEYS
registry rotate root --replace 0 --registry REGISTRY --keys KEYS
registry refresh --registry FILE --keys KEYS
registry refresh --registry REGISTRY --keys MISSING
registry refresh --registry REGISTRY --keys FILE
registry refresh --also nobody --registry REGISTRY --keys KEYS
""".strip().splitlines()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that can be given wrongly, and a registry that is sound."""
    here = tmp_path_factory.mktemp("world")
    market = open_market(here / "market")
    market.plugin("pumpleak-leaky")
    (here / "file").write_text("no such thing", encoding="utf-8")
    (here / "empty").mkdir()
    (here / "broken.toml").write_bytes(b"\xff{")
    shutil.copy(bundled(), here / "cell.toml")
    shutil.copytree(market.folder, here / "damaged")
    (here / "damaged" / "metadata" / "timestamp.json").write_bytes(b"[]")
    shutil.copytree(market.folder, here / "hollow")
    (here / "hollow" / "metadata" / "timestamp.json").unlink()
    (here / "hollow" / "metadata" / "timestamp.json").mkdir()
    (here / "pylock.broken.toml").write_bytes(b"\xff{")
    (here / "pylock.half.toml").write_text('[tool.pumpleak]\nfile = "x"\n', encoding="utf-8")
    (here / "pylock.folder.toml").mkdir()
    (here / "bad-1.0-py3-none-any.whl").write_bytes(b"PK")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return {
        "REGISTRY": str(market.folder),
        "KEYS": str(market.keys),
        "ROOT": str(market.root),
        "DAMAGED": str(here / "damaged"),
        "HOLLOW": str(here / "hollow"),
        "MISSING": str(here / "missing"),
        "FILE": str(here / "file"),
        "EMPTY": str(here / "empty"),
        "BROKEN": str(here / "broken.toml"),
        "BROKENLOCK": str(here / "pylock.broken.toml"),
        "HALFLOCK": str(here / "pylock.half.toml"),
        "FOLDERLOCK": str(here / "pylock.folder.toml"),
        "CELL": str(here / "cell.toml"),
        "WHEEL": str(wheel(here / "work", "pumpleak-new")),
        "BADWHEEL": str(here / "bad-1.0-py3-none-any.whl"),
        "NOBODY": nobody,
        "NEW": str(here / "new"),
        "NEWKEYS": str(here / "newkeys"),
    }


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a line of words at a place of its own; admission finds everything good."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(cli.KEYS_VARIABLE, raising=False)
    monkeypatch.setattr(f"{examine.__module__}.examine", looked_at)

    def runs(line: str, world: dict[str, str]) -> tuple[int, str]:
        group, *words = line.split()
        command = cli.registry if group == "registry" else READERS[group]
        given = [_named(word, world) for word in words]
        done = CliRunner().invoke(command, given)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return runs


def _named(word: str, world: dict[str, str]) -> str:
    for end in ("", ".whl", "/x", "/keys"):
        if word.removesuffix(end) in world and word.endswith(end):
            return world[word.removesuffix(end)] + end
    return word


def _listed(*folders: str) -> list[str]:
    return sorted(
        os.path.join(place, name)
        for folder in folders
        for place, _, names in os.walk(folder)
        for name in names
        if name != ".lock"
    )


def test_every_command_is_tried_below():
    """None is left out, whatever is added."""
    tried = {line.partition(" ")[0] for line in REFUSED} - {"registry"}
    tried |= {" ".join(line.split()[:2]) for line in REFUSED if line.startswith("registry")}

    assert set(COMMANDS) == tried


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused_ends_with_2_in_words_and_leaves_nothing_behind(line, run, world):
    """Wrong use, what cannot be read or reached, and what is not allowed."""
    before = _listed(*(world[name] for name in ("REGISTRY", "KEYS", "EMPTY")))
    code, said = run(line, world)
    after = _listed(*(world[name] for name in ("REGISTRY", "KEYS", "EMPTY")))

    assert 2 == code, said
    assert "Error: " in said
    assert "None" not in said
    assert before == after
    for name in ("MISSING", "NEW", "NEWKEYS"):
        assert not Path(world[name]).exists(), name


@pytest.mark.parametrize("name", sorted(map(str, COMMANDS)))
def test_the_help_of_every_command_tells_its_exit_codes(name):
    """And the ends of its numbers, and what is taken where nothing is given."""
    done = CliRunner().invoke(COMMANDS[name], ["--help"])

    assert 0 == done.exit_code
    assert "The exit code is" in " ".join(done.output.split())
    for option in COMMANDS[name].params:
        if isinstance(option.type, click.IntRange):
            assert "default" in done.output.partition(option.opts[0])[2].partition("--")[0]


def test_an_answer_that_is_no_ends_with_1(run, world, tmp_path, monkeypatch):
    """Nothing is found, a file is not admitted."""

    def bad(*_: object) -> Findings:
        return Findings(runs=False, problems=(Problem(code="A203", cause="no luck", fix="try"),))

    code, said = run("search nothing-like-it --registry REGISTRY --root ROOT", world)
    assert (1, True) == (code, "nothing in" in said)
    monkeypatch.setattr(f"{examine.__module__}.examine", bad)
    code, said = run("registry admit WHEEL --lab lab-a --registry REGISTRY --keys KEYS", world)
    assert (1, True) == (code, "A203: no luck" in said)


def test_what_is_done_ends_with_0(run, market: Market, tmp_path):
    """From the keeper's first command to the reader's."""
    here = {
        "REGISTRY": str(tmp_path / "r"),
        "KEYS": str(tmp_path / "k"),
        "ROOT": str(tmp_path / "r" / "root" / "1.root.json"),
        "WHEEL": str(wheel(tmp_path / "work", "pumpleak-new")),
        "THEIRS": str(tmp_path / "theirs"),
    }
    place = "--registry REGISTRY --keys KEYS"
    for line in (
        f"registry init {place}",
        "registry key lab-z --keys THEIRS",
        f"registry add-lab lab-a {place}",
        f"registry admit WHEEL --lab lab-a {place}",
        f"registry publish WHEEL --lab lab-a {place}",
        f"registry refresh {place}",
        f"registry rotate timestamp {place}",
        "search new --registry REGISTRY --root ROOT",
        "info new --registry REGISTRY",
        "get new --dry-run --registry REGISTRY",
        f"registry yank pumpleak-new 1.0 --reason x {place}",
    ):
        code, said = run(line, here)
        assert 0 == code, f"{line}: {said}"


def test_what_may_not_be_read_is_not_called_damaged(market: Market, monkeypatch) -> None:
    """Whose file it is decides, and nothing has to be restored."""
    here = market.metadata / "timestamp.json"
    honest = Path.read_bytes

    def closed(path: Path) -> bytes:
        if path == here:
            raise PermissionError(13, "Permission denied", str(path))
        return honest(path)

    monkeypatch.setattr(Path, "read_bytes", closed)
    words = ["refresh", "--registry", str(market.folder), "--keys", str(market.keys)]
    done = CliRunner().invoke(cli.registry, words)

    assert 2 == done.exit_code
    assert f"R102: {here} cannot be read (Permission denied); see its permissions" in done.output
