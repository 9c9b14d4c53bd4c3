"""repository.py: what init, add-lab, admit, publish, yank and refresh do, as a client sees it."""

from __future__ import annotations

import pytest
from wheelwright import View, make_wheel, quick

from pumpleak_registry import layout
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.repository import Repository


@pytest.fixture
def repository(tmp_path):
    made, _ = Repository.create(tmp_path / "registry", keys=[tmp_path / "keys"])
    made.add_lab("lab-a")
    made.add_lab("lab-b")
    return made


@pytest.fixture
def view(repository, tmp_path):
    return View(repository.folder, tmp_path / "trust")


def published(repository, wheel, lab="lab-a"):
    repository.admit(wheel, lab, examine=quick)
    return repository.publish(wheel, lab)


def test_a_new_registry_is_empty_and_signed(tmp_path):
    """A client that knows the first root reads an empty catalogue."""
    repository, done = Repository.create(tmp_path / "registry", keys=[tmp_path / "keys"])
    view = View(repository.folder, tmp_path / "trust")

    assert layout.from_json(layout.Catalogue, view.read(layout.CATALOGUE)).projects == ()
    assert layout.from_json(layout.Names, view.read(layout.NAMES)).names == {}
    assert [key.split()[0] for key in done.keys] == [
        "root", "root", "root", "targets", "catalogue", "snapshot", "timestamp",
    ]  # fmt: skip


def test_what_is_published_is_read_back_by_a_client(repository, view, tmp_path):
    """The wheel comes back byte for byte, with its row in the catalogue."""
    wheel = make_wheel(tmp_path)
    done = published(repository, wheel)

    [release] = view.index("lab-a").releases
    assert view.read(release.payload.path) == wheel.read_bytes()
    [row] = layout.from_json(layout.Catalogue, view.read(layout.CATALOGUE)).projects
    assert (row.name, row.version, row.lab, row.provides) == (
        "pumpleak-foo", "1.0", "lab-a", ("foo.leak",),
    )  # fmt: skip
    assert [key.split()[0] for key in done.keys] == [
        "lab-lab-a", "catalogue", "snapshot", "timestamp",
    ]  # fmt: skip


def test_what_was_not_admitted_is_not_published(repository, tmp_path):
    """Neither a file that was never looked at, nor one that was altered since."""
    wheel = make_wheel(tmp_path)
    with pytest.raises(RegistryError, match="R305") as caught:
        repository.publish(wheel, "lab-a")
    assert f"'pumpleak registry admit {wheel} --lab lab-a'" in str(caught.value)
    repository.admit(wheel, "lab-a", examine=quick)
    make_wheel(tmp_path, summary="Another")

    with pytest.raises(RegistryError, match="R305"):
        repository.publish(wheel, "lab-a")
