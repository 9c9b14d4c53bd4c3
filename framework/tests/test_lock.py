"""Locks: every way in which what is installed can differ from what was locked has its sentence."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import marshal
import os
import py_compile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pumpleak import LockError
from pumpleak.cli import main
from pumpleak.host import default_host
from pumpleak.host._host import only
from pumpleak.lock import (
    Lock,
    LockedCard,
    LockedDistribution,
    card_states,
    compare,
    digest,
    installed,
    lock_path,
    read_lock,
    require,
)


@attrs.frozen(kw_only=True)
class Site:
    """A folder that Python looks in, with one distribution: ``lab-leak``, module ``lab_leak``."""

    folder: Path

    @property
    def package(self) -> Path:
        return self.folder / "lab_leak"

    @property
    def info(self) -> Path:
        return self.folder / "lab_leak-1.0.dist-info"

    def record(self) -> None:
        """Write RECORD as an installer does."""
        rows = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name != "RECORD" and "__pycache__" not in path.parts:
                raw = hashlib.sha256(path.read_bytes()).digest()
                encoded = base64.urlsafe_b64encode(raw).decode().rstrip("=")
                rows.append(f"{path.relative_to(self.folder).as_posix()},sha256={encoded},1\n")
        rows.append("lab_leak-1.0.dist-info/RECORD,,\n")
        (self.info / "RECORD").write_text("".join(rows), encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(folder=tmp_path / "site")
    made.package.mkdir(parents=True)
    made.info.mkdir()
    (made.package / "__init__.py").write_text("")
    (made.package / "physics.py").write_text("def gain():\n    return 2.0\n")
    metadata = "Metadata-Version: 2.1\nName: Lab.Leak\nVersion: 1.0\n"
    (made.info / "METADATA").write_text(metadata)
    (made.info / "INSTALLER").write_text("uv")
    made.record()
    monkeypatch.syspath_prepend(str(made.folder))
    return made


def locked(version: str = "1.0") -> Lock:
    """Return a lock of the distribution as it is now."""
    here = installed("lab-leak")
    assert here is not None
    item = LockedDistribution(name="lab-leak", version=version, files=here.digest)
    return Lock(file="neuron.toml", distributions=(item,), cards=(), libraries={})


def problems(lock: Lock) -> list[str]:
    return [problem for item in compare(lock) for problem in item.problems]


def test_what_is_as_it_was_locked_has_no_problem(site: Site) -> None:
    """Whoever installed it, and whatever Python cached of it."""
    lock = locked()
    (site.info / "INSTALLER").write_text("pip")
    (site.info / "direct_url.json").write_text("{}")
    site.record()
    py_compile.compile(str(site.package / "physics.py"))

    assert [] == problems(lock)


def alter(site: Site) -> None:
    (site.package / "physics.py").write_text("def gain():\n    return 3.0\n")


def alter_and_record(site: Site) -> None:
    alter(site)
    site.record()


def lose(site: Site) -> None:
    (site.package / "physics.py").unlink()


def add_module(site: Site) -> None:
    (site.package / "other.py").write_text("")


def add_library_that_wins(site: Site) -> None:
    # Python prefers it to physics.py
    (site.package / "physics.abi3.so").write_bytes(b"")


def add_package_that_wins(site: Site) -> None:
    (site.package / "physics").mkdir()
    (site.package / "physics" / "__init__.py").write_text("def gain():\n    return 3.0\n")


def alter_bytecode(site: Site) -> None:
    source = site.package / "physics.py"
    cached = Path(py_compile.compile(str(source)) or "")
    head = cached.read_bytes()[:16]
    other = compile("def gain():\n    return 3.0\n", str(source), "exec")
    cached.write_bytes(head + marshal.dumps(other))


def break_bytecode(site: Site) -> None:
    cached = Path(py_compile.compile(str(site.package / "physics.py")) or "")
    cached.write_bytes(cached.read_bytes()[:20])


def drop_a_hash(site: Site) -> None:
    record = site.info / "RECORD"
    rows = record.read_text().splitlines()
    rows = [f"{row.split(',')[0]},," if "physics" in row else row for row in rows]
    record.write_text("\n".join(rows) + "\n")


def drop_the_record(site: Site) -> None:
    (site.info / "RECORD").unlink()


def make_editable(site: Site) -> None:
    (site.info / "direct_url.json").write_text(json.dumps({"dir_info": {"editable": True}}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (alter, "lab_leak/physics.py was altered after installation"),
        (alter_and_record, "its list of files is not the one in the lock"),
        (lose, "lab_leak/physics.py is missing"),
        (add_module, "lab_leak/other.py was added after installation"),
        (add_library_that_wins, "lab_leak/physics.abi3.so was added after installation"),
        (add_package_that_wins, "lab_leak/physics/__init__.py was added after installation"),
        (alter_bytecode, "is not the bytecode of lab_leak/physics.py"),
        (break_bytecode, "is not the bytecode of lab_leak/physics.py"),
        (drop_a_hash, "lab_leak/physics.py has no hash in RECORD"),
        (drop_the_record, "has no list of its files (RECORD)"),
        (make_editable, "is installed editable"),
    ],
)
def test_every_alteration_is_said_with_its_file(
    site: Site, change: Callable[[Site], None], said: str
) -> None:
    """The lock was made before; nothing is imported to find out."""
    lock = locked()
    change(site)
    told = problems(lock)

    assert any(said in problem for problem in told), told
    assert all("lab-leak 1.0" in problem for problem in told)


def test_bytecode_that_python_would_not_run_does_not_matter(site: Site) -> None:
    """Of another Python, or older than its source: Python makes it anew."""
    lock = locked()
    cached = Path(importlib.util.cache_from_source(str(site.package / "physics.py")))
    cached.parent.mkdir()
    cached.write_bytes(b"\0" * 40)

    assert [] == problems(lock)


def test_a_copy_that_python_finds_first_is_said(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder on PYTHONPATH can hide what is installed; its own files are untouched then."""
    lock = locked()
    other = tmp_path / "elsewhere" / "lab_leak"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(other.parent))
    (told,) = problems(lock)

    assert f"Python finds 'lab_leak' in {other}" in told


def test_another_version_and_none_at_all_are_said(site: Site) -> None:
    """With the version that is here, and the one that should be."""
    (told,) = problems(locked(version="0.9"))
    (away,) = problems(
        Lock(
            file="neuron.toml",
            distributions=(
                LockedDistribution(name="lab-gone", version="2.0", files=f"sha256:{'0' * 64}"),
            ),
            cards=(),
            libraries={},
        )
    )

    assert "lab-leak is 1.0 here, and 0.9 in the lock" in told
    assert "lab-gone 2.0 is not installed" in away


def test_a_file_that_another_distribution_recorded_is_no_stranger(site: Site) -> None:
    """Two distributions may share a package."""
    lock = locked()
    (site.package / "shared.py").write_text("")
    info = site.folder / "lab_other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-other\nVersion: 1.0\n")
    (info / "RECORD").write_text("lab_leak/shared.py,sha256=x,0\n")

    assert [] == problems(lock)


CARD = """
[card]
format = 1
id = "lab-a.leak"
version = "1.0"
kind = "channel"
summary = "a leak"
"""


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card where the host looks for cards; there are no others."""
    folder = tmp_path / "found"
    folder.mkdir()
    monkeypatch.setenv("PUMPLEAK_CARDS", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = folder / "leak.card.toml"
    path.write_text(CARD)
    return path


def lock_of_card() -> Lock:
    here = card_states(None)["lab-a.leak"]
    item = LockedCard(identity=here.name, version=here.version, sha256=f"sha256:{here.sha256}")
    return Lock(file="neuron.toml", distributions=(), cards=(item,), libraries={})


def test_a_card_is_compared_by_its_bytes(card: Path) -> None:
    """Altered, of another version, away, or claimed by two: each is said with its file."""
    lock = lock_of_card()
    whole = problems(lock)
    card.write_text(CARD + "# another hand\n")
    altered = problems(lock)
    card.write_text(CARD.replace('"1.0"', '"2.0"'))
    newer = problems(lock)
    (card.parent / "twin.card.toml").write_text(CARD)
    two = problems(lock)
    card.unlink()
    (card.parent / "twin.card.toml").unlink()
    away = problems(lock)

    assert [] == whole
    assert f"card lab-a.leak ({card}) is altered, and 1.0 is in the lock" in altered[0]
    assert f"card lab-a.leak ({card}) is version 2.0, and 1.0 is in the lock" in newer[0]
    assert "is claimed by" in two[0]
    assert "card lab-a.leak 1.0 is not here; put back the file that was locked" in away[0]
    assert "sync" not in away[0] + altered[0]  # no registry has it


def test_a_card_that_the_lock_does_not_hold_is_said(card: Path, tmp_path: Path) -> None:
    """Where the membrane file uses it."""
    file = tmp_path / "a.toml"
    file.write_text('[[mechanism]]\nuse = "lab-a.leak"\n')
    lock_path(file).write_text(TABLE)
    with pytest.raises(LockError, match=r"lab-a\.leak is a card, which is not in the lock"):
        require(file)


def test_the_lock_of_another_file_is_refused(tmp_path: Path) -> None:
    """Two names of files may come to one name of a lock."""
    lock_path(tmp_path / "b.a.toml").write_text(TABLE.replace("a.toml", "b-a.toml"))
    assert lock_path(tmp_path / "b.a.toml") == lock_path(tmp_path / "b-a.toml")
    with pytest.raises(LockError, match=r"is the lock of b-a\.toml; lock b\.a\.toml by itself"):
        require(tmp_path / "b.a.toml")


def test_a_locked_run_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    """Only what is named takes part in it, and everything again after it."""
    before = default_host()
    with only(["pumpleak-ions"]):
        inside = {state.name: state.state for state in default_host().plugins()}

    assert {"ions"} == {name for name, state in inside.items() if state != "disabled"}
    assert before is default_host()


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.py", fullmatch=True), st.text(max_size=5)))
def test_the_hash_over_files_knows_no_order(files: dict[str, str]) -> None:
    """And it differs when any file does."""
    backwards = dict(reversed(files.items()))

    assert digest(files) == digest(backwards)
    for path in files:
        assert digest(files) != digest({**files, path: files[path] + "!"})


TABLE = """
lock-version = "1.0"
[tool.pumpleak]
format = 1
file = "a.toml"
registry = ""
libraries = {}
cards = []
distributions = []
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "has format 2, and this pumpleak reads 1"),
        ('file = "a.toml"\n', "", "unknown or missing fields: file"),
        ("cards = []", "cards = [{}]", "a card of the lock must have the fields"),
        ("cards = []", "cards = 3", "'cards' must be a list"),
        ("[tool.pumpleak]", "[tool.other]", "has no table [tool.pumpleak]"),
        ('lock-version = "1.0"', "lock-version = ", "is no TOML"),
        (
            "distributions = []",
            'distributions = [{name = "a", version = "1", files = "md5:0"}]',
            "'files' must be 'sha256:' and 64 hexadecimal digits",
        ),
        (
            "distributions = []",
            f'distributions = [{{name = 3, version = "1", files = "sha256:{"0" * 64}"}}]',
            "'name' must be text",
        ),
        ("libraries = {}", "libraries = {numpy = 2}", "must be text"),
    ],
)
def test_a_damaged_lock_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """In words that name the field; the whole one is read."""
    path = tmp_path / "pylock.a.toml"
    path.write_text(TABLE)

    assert read_lock(path).file == "a.toml"
    assert old in TABLE
    path.write_text(TABLE.replace(old, new))
    with pytest.raises(LockError) as refused:
        read_lock(path)
    assert said in str(refused.value)


def test_locked_needs_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a file; both are said with exit code 2."""
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text("")
    runner = CliRunner()
    no_lock = runner.invoke(main, ["rest", "a.toml", "--locked"])
    no_file = runner.invoke(main, ["rest", "--locked"])

    assert (2, 2) == (no_lock.exit_code, no_file.exit_code)
    assert "pylock.a.toml: no such lock file; 'pumpleak lock' writes it" in no_lock.output
    assert "--locked needs FILE" in no_file.output


def test_a_plugin_that_the_lock_does_not_hold_is_said(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was changed to use it since is refused, before anything is imported."""
    (site.info / "entry_points.txt").write_text("[pumpleak.plugins]\nleaky = lab_leak\n")
    (site.package / "__init__.py").write_text("raise SystemExit('imported')")
    file = tmp_path / "a.toml"
    file.write_text('[[mechanism]]\nuse = "leaky.leak"\n')
    lock_path(file).write_text(TABLE)
    with pytest.raises(LockError) as refused:
        require(file)

    assert "leaky.leak comes from Lab.Leak, which is not in the lock" in str(refused.value)
    assert os.fspath(lock_path(file)) in str(refused.value)
