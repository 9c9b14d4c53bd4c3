"""What a registry refuses: with a numbered code and a fix, and with nothing changed."""

from __future__ import annotations

import hashlib
import zipfile

import pytest
from wheelwright import View, make_wheel, quick

from pumpleak_registry import artifact as artifact_module
from pumpleak_registry import layout
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.artifact import read_artifact
from pumpleak_registry.repository import Repository

CARD = """
format = 1

[card]
id = "{id}"
version = "{version}"
kind = "channel"
summary = "A leak of K"
license = "CC-BY-4.0"
authors = [{{ name = "A. Author", orcid = "0000-0002-1825-0097" }}]
doi = "10.1085/jgp.1"

[parameters.unitary]
value = 10
unit = "pS"
source = "assumed"

[physics]
open_probability = "1"

[physics.permeation]
kind = "ohmic"
ion = "K"
"""


def fingerprint(folder):
    """Every file of a registry with its hash, its lock aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture
def repository(tmp_path):
    """Two labs; lab-a has published pumpleak-foo 1.0."""
    made, _ = Repository.create(tmp_path / "registry", keys=[tmp_path / "keys"])
    made.add_lab("lab-a")
    made.add_lab("lab-b")
    wheel = make_wheel(tmp_path)
    made.admit(wheel, "lab-a", examine=quick)
    made.publish(wheel, "lab-a")
    return made


def refused(repository, code, act, *arguments, **options):
    """The message with which something is refused; the registry is as it was."""
    before = fingerprint(repository.folder)
    with pytest.raises(RegistryError) as error:
        act(*arguments, **options)

    assert error.value.code == code, str(error.value)
    assert error.value.fix
    assert fingerprint(repository.folder) == before
    return str(error.value)


def test_a_name_of_another_lab(repository, tmp_path):
    """Under any spelling, in admission and in publishing."""
    wheel = make_wheel(tmp_path / "b", "Pumpleak.FOO", "2.0", plugin="other")
    said = refused(repository, "R303", repository.admit, wheel, "lab-b", examine=quick)
    assert "belongs to lab-a, not to lab-b" in said

    mine = make_wheel(tmp_path / "c", "pumpleak-foo", "2.0")
    repository.admit(mine, "lab-a", examine=quick)
    refused(repository, "R303", repository.publish, mine, "lab-b")


def test_a_plugin_name_of_another_lab(repository, tmp_path):
    """Two distributions that supply 'foo.…' could never be used together."""
    wheel = make_wheel(tmp_path / "b", "pumpleak-elsewhere", plugin="foo")
    said = refused(repository, "R308", repository.admit, wheel, "lab-b", examine=quick)
    assert "as pumpleak-foo of lab-a does" in said

    card = tmp_path / "mine.card.toml"
    card.write_text(CARD.format(id="foo.other", version="1.0"))
    refused(repository, "R308", repository.admit, card, "lab-a", examine=quick)


def test_a_version_that_is_published(repository, tmp_path):
    """What is published stays: the same file again, another of that version, another spelling."""
    again = make_wheel(tmp_path)
    refused(repository, "R304", repository.admit, again, "lab-a", examine=quick)
    refused(repository, "R304", repository.publish, again, "lab-a")
    other = make_wheel(tmp_path / "b", summary="Another")
    refused(repository, "R304", repository.publish, other, "lab-a")
    spelt = make_wheel(tmp_path / "c", version="1.0.0")
    refused(repository, "R304", repository.admit, spelt, "lab-a", examine=quick)


def test_a_file_that_was_altered_after_admission(repository, tmp_path):
    """The report belongs to the bytes that were looked at."""
    wheel = make_wheel(tmp_path / "b", version="2.0")
    repository.admit(wheel, "lab-a", examine=quick)
    make_wheel(tmp_path / "b", version="2.0", summary="Another")

    refused(repository, "R305", repository.publish, wheel, "lab-a")


def test_a_report_that_was_written_by_hand(repository, tmp_path):
    """A report counts only with the signature of the catalogue's key."""
    wheel = make_wheel(tmp_path / "b", version="2.0")
    repository.admit(wheel, "lab-a", examine=quick)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    kept = repository.folder / ".admitted" / f"{sha256}.json"
    kept.write_text(kept.read_text().replace(r"\"reproduces\":null", r"\"reproduces\":true"))

    said = refused(repository, "R305", repository.publish, wheel, "lab-a")
    assert "not signed by the catalogue's key" in said


def test_a_lab_that_is_not_there_or_is_there_already(repository, tmp_path):
    """The labs that there are get listed."""
    wheel = make_wheel(tmp_path / "b", version="2.0")
    said = refused(repository, "R301", repository.admit, wheel, "lab-c", examine=quick)
    assert "it has: lab-a, lab-b" in said
    refused(repository, "R302", repository.add_lab, "lab-a")
    refused(repository, "R001", repository.add_lab, "../lab")
    refused(repository, "R001", repository.add_lab, "Lab A")


def test_yanking_what_is_not_there_or_is_yanked(repository):
    """And a yank without a reason."""
    said = refused(repository, "R306", repository.yank, "pumpleak-foo", "3.0", "wrong")
    assert "published: 1.0" in said
    refused(repository, "R306", repository.yank, "nonesuch", "1.0", "wrong")
    refused(repository, "R307", repository.yank, "pumpleak-foo", "1.0", " ")
    repository.yank("pumpleak-foo", "1.0", "wrong")
    refused(repository, "R307", repository.yank, "pumpleak-foo", "1.0", "wrong")


def test_what_is_yanked_stays(repository, tmp_path):
    """The files are there, marked; and the row tells the newest that is not yanked."""
    wheel = make_wheel(tmp_path / "b", version="2.0")
    repository.admit(wheel, "lab-a", examine=quick)
    repository.publish(wheel, "lab-a")
    repository.yank("Pumpleak_Foo", "2.0", "wrong sign")
    view = View(repository.folder, tmp_path / "trust")

    assert [r.yanked for r in view.index("lab-a").releases] == [None, "wrong sign"]
    [row] = layout.from_json(layout.Catalogue, view.read(layout.CATALOGUE)).projects
    assert (row.version, row.yanked) == ("1.0", False)
    repository.yank("pumpleak-foo", "1.0", "wrong too")
    [row] = layout.from_json(layout.Catalogue, view.read(layout.CATALOGUE)).projects
    assert (row.version, row.yanked) == ("2.0", True)


def test_a_registry_that_is_none(tmp_path):
    """Nothing is left in a folder that was named by mistake."""
    (tmp_path / "other").mkdir()
    repository = Repository(tmp_path / "other", [tmp_path / "keys"])
    refused(repository, "R101", repository.refresh)
    assert list((tmp_path / "other").iterdir()) == []


def test_a_registry_that_was_altered(repository, tmp_path):
    """The owner's own commands notice what a stranger did to the folder."""
    [catalogue] = (repository.folder / "targets").glob(
        f"{repository.state.target('catalogue', 'catalogue.json').hashes['sha256']}.*"
    )
    catalogue.write_text(catalogue.read_text().replace("lab-a", "lab-b"))
    wheel = make_wheel(tmp_path / "b", version="2.0")
    said = refused(repository, "R105", repository.admit, wheel, "lab-a", examine=quick)
    assert "was altered" in said

    snapshot = sorted((repository.folder / "metadata").glob("*.snapshot.json"))[-1]
    snapshot.write_text(snapshot.read_text().replace('"version":1', '"version":2', 1))
    refused(repository, "R105", repository.refresh)


def test_a_folder_that_is_not_empty_or_keys_that_all_would_read(tmp_path):
    """Both are refused before any key is made."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("results")
    with pytest.raises(RegistryError, match="R107"):
        Repository.create(tmp_path / "full", keys=[tmp_path / "keys"])
    with pytest.raises(RegistryError, match="R206"):
        Repository.create(tmp_path / "new", keys=[tmp_path / "new" / "keys"])
    with pytest.raises(RegistryError, match="R106"):
        Repository.create(tmp_path / "new", keys=[tmp_path / "keys"], threshold=4)

    assert not (tmp_path / "keys").exists()


# --- wheels and cards, from their bytes alone --------------------------------------------------


def wheel_refused(code, path):
    with pytest.raises(RegistryError) as error:
        read_artifact(path)
    assert error.value.code == code, str(error.value)
    return str(error.value)


def test_what_is_neither_wheel_nor_card(tmp_path):
    """A source archive would run code to be built."""
    path = tmp_path / "pumpleak_foo-1.0.tar.gz"
    path.write_bytes(b"x")
    assert "nor a card" in wheel_refused("A101", path)
    wheel_refused("A101", tmp_path / "nothing.whl")
    wheel_refused("A101", tmp_path)


@pytest.mark.parametrize(
    "name", ["pumpleak foo-1.0-py3-none-any.whl", "pumpleak_foo-1.0.whl", "-1.0-py3-none-any.whl",
             "pumpleak_foo-x-py3-none-any.whl", "pumpleak..foo-1.0-py3-none-any.whl"],
)  # fmt: skip
def test_a_file_name_that_is_no_wheels(tmp_path, name):
    """Names with spaces, dots that climb, or too few parts."""
    path = tmp_path / name
    path.write_bytes(make_wheel(tmp_path).read_bytes())
    wheel_refused("A102", path)


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    """Its bytes, or what it would unpack to, before any of it is unpacked."""
    wheel = make_wheel(tmp_path, files={"pumpleak_foo/data.txt": "0" * 100_000})
    monkeypatch.setattr(layout, "MAX_FILE", 50_000)
    wheel_refused("A103", wheel)

    bomb = tmp_path / "pumpleak_foo-2.0-py3-none-any.whl"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pumpleak_foo/zeros", b"\0" * 300_000)
    assert bomb.stat().st_size < 50_000
    monkeypatch.setattr(artifact_module, "_MAX_UNPACKED", 200_000)
    assert "unpacks to" in wheel_refused("A103", bomb)


@pytest.mark.parametrize(
    "inner", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "a\\..\\evil.py", "C:/evil.py",
              "pumpleak_foo/LEAK.py", "pumpleak_foo/a\nb.py"],
)  # fmt: skip
def test_an_archive_that_would_write_elsewhere(tmp_path, inner):
    """Climbing, absolute, Windows, clashing and unprintable paths."""
    wheel_refused("A104", make_wheel(tmp_path, files={inner: "x = 1\n"}))


@pytest.mark.parametrize(
    "inner", ["evil.pth", "sitecustomize.py", "usercustomize/__init__.py",
              "pumpleak_foo-1.0.data/data/lib/evil.py", "__editable__x.py"],
)  # fmt: skip
def test_a_wheel_whose_code_would_run_unasked(tmp_path, inner):
    """Code that Python runs at every start, or files beyond its own package."""
    said = wheel_refused("A104", make_wheel(tmp_path, files={inner: "x = 1\n"}))
    assert "reach beyond its own package" in said


def test_a_damaged_archive(tmp_path):
    """Cut short, or not as its RECORD tells it."""
    wheel = make_wheel(tmp_path)
    data = wheel.read_bytes()
    wheel.write_bytes(data[: len(data) // 2])
    wheel_refused("A104", wheel)
    assert "RECORD" in wheel_refused("A104", make_wheel(tmp_path, record=False))


def test_metadata_that_says_something_else(tmp_path):
    """A wheel renamed to another project or version, and metadata that cannot be read."""
    wheel = make_wheel(tmp_path)
    for name in ("pumpleak_bar-1.0-py3-none-any.whl", "pumpleak_foo-2.0-py3-none-any.whl"):
        renamed = tmp_path / name
        renamed.write_bytes(wheel.read_bytes())
        assert "pumpleak-foo 1.0" in wheel_refused("A105", renamed)
    wheel_refused("A106", make_wheel(tmp_path, metadata="Metadata-Version: 2.4\nName: x y\n"))
    wheel_refused("A106", make_wheel(tmp_path, requires=("pumpleak>=>",)))


def test_a_wheel_that_is_no_plugin(tmp_path):
    """Without an entry point pumpleak would never see it."""
    wheel_refused("A107", make_wheel(tmp_path, plugin=None))


def test_a_card_is_named_after_what_it_says(tmp_path):
    """Whatever its file is called, each version has a name of its own in the index."""
    path = tmp_path / "my leak v2 FINAL.card.toml".replace(" ", "_")
    path.write_text(CARD.format(id="lab-a.leak", version="1.2"))
    card = read_artifact(path)

    assert (card.kind, card.name, card.version) == ("card", "lab-a.leak", "1.2")
    assert card.file == "lab-a.leak-1.2.card.toml"
    assert card.project == "lab-a-leak"
    assert card.urls["DOI"] == "https://doi.org/10.1085/jgp.1"


@pytest.mark.parametrize(
    "text", ["", "format = 1", "[card", "\x00", CARD.format(id="../x", version="1")]
)
def test_a_card_that_cannot_be_loaded(tmp_path, text):
    """Refused with the reader's own words."""
    path = tmp_path / "x.card.toml"
    path.write_text(text)
    wheel_refused("A113", path)


def test_every_code_is_explained_and_every_explained_code_is_used():
    """The table in the reference lists the codes that the keeper's side raises, no more."""
    import re
    from pathlib import Path

    root = Path(__file__).parents[2]
    sources = (root / "registry" / "src" / "pumpleak_registry").glob("*.py")
    used = {code for path in sources for code in re.findall(r'"([RA]\d{3})"', path.read_text())}
    page = (root / "docs" / "reference" / "registry-index.md").read_text()
    explained = set(re.findall(r"^\| ([RA]\d{3}) \|", page, re.M))

    assert used == explained
