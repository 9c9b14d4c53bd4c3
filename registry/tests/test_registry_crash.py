"""SIGKILL at any moment of a change leaves the state before it or the state after it."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import shutil
from pathlib import Path

import pytest
from mortal import cut_after, cut_at, cut_before, lasts
from tuf.api.exceptions import RepositoryError
from wheelwright import View, make_wheel, quick

from pumpleak_registry import layout
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.repository import Repository

#: How often the long test kills.
KILLS = int(os.environ.get("PUMPLEAK_KILLS", "50"))

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a signal of POSIX")


@pytest.fixture
def place(tmp_path):
    """A registry with one release, and a second and a third admitted."""
    where = tmp_path / "place"
    repository, _ = Repository.create(where / "registry", keys=[where / "keys"])
    repository.add_lab("lab-a")
    wheels = [make_wheel(where, version=version) for version in ("1.0", "2.0", "3.0")]
    repository.admit_all(wheels, "lab-a", examine=quick)
    repository.publish(wheels[0], "lab-a")
    return where


def wheel(place, version):
    return str(place / f"pumpleak_foo-{version}-py3-none-any.whl")


def versions(place, trust):
    """What a client sees, every file of it fetched and verified, from a trust of its own."""
    index = View(place / "registry", trust).index("lab-a")
    return [release.version for release in index.releases]


def check_pages(place, expected=None):
    """Every wheel that the page for pip names is there, whole; and all of them, if asked."""
    home = place / "registry" / "simple" / "pumpleak-foo"
    files = json.loads((home / "index.v1+json").read_text())["files"]
    for file in files:
        data = (home / file["url"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["hashes"]["sha256"]
        assert file["filename"] in (home / "index.html").read_text()
    if expected is not None:
        assert [file["filename"].split("-")[1] for file in files] == expected


#: Before which file operations a change is cut: a few of them, or many.
few_or_many = pytest.mark.parametrize(
    "every", [pytest.param(9, id="few"), pytest.param(2, id="many", marks=pytest.mark.slow)]
)


def refusal(act, *arguments):
    """The code with which something is refused, or None if it is not."""
    try:
        act(*arguments)
    except RegistryError as error:
        return error.code
    return None


def cut_everywhere(place, tmp_path, every, method, *arguments):
    """Yield copies of the place in which the change was killed before some file operation."""
    for number in itertools.count(1, every):
        copy = tmp_path / f"cut-{number}"
        shutil.copytree(place, copy)
        moved = [str(argument).replace(str(place), str(copy)) for argument in arguments]
        if not cut_at(number, copy, method, *moved):
            assert number > 10, "the change did hardly anything"
            return
        yield copy
        shutil.rmtree(copy)


@few_or_many
def test_publishing_cut_before_a_file_operation_shows_the_old_or_the_new(place, tmp_path, every):
    """Killed before each one in turn; then the next publication finds a whole registry."""
    seen = set()
    trust = tmp_path / "trust"
    View(place / "registry", trust).updater()
    for copy in cut_everywhere(place, tmp_path, every, "publish", wheel(place, "2.0"), "lab-a"):
        shutil.copytree(trust, copy / "old-trust")
        found = versions(copy, copy / "new-trust")
        assert found in (["1.0"], ["1.0", "2.0"])
        assert versions(copy, copy / "old-trust") == found
        check_pages(copy)
        seen.add(len(found))

        repository = Repository(copy / "registry", [copy / "keys"])
        repository.publish(wheel(copy, "3.0"), "lab-a")
        after = versions(copy, copy / "old-trust")
        # an interrupted change either had not begun, or is finished first
        assert after in (["1.0", "3.0"], ["1.0", "2.0", "3.0"])
        assert set(found) <= set(after)
        check_pages(copy, after)
        assert not (copy / "registry" / ".staging").exists()
        assert not list((copy / "registry").rglob("*.part"))

    assert seen == {1, 2}


@pytest.mark.parametrize(
    ("role", "every"),
    [
        pytest.param("timestamp", 6, id="timestamp-few"),
        pytest.param("timestamp", 3, id="timestamp-many", marks=pytest.mark.slow),
        pytest.param("targets", 3, id="targets-many", marks=pytest.mark.slow),
        pytest.param("lab-a", 5, id="lab-many", marks=pytest.mark.slow),
    ],
)
def test_a_change_of_keys_cut_before_a_file_operation_stays_readable(place, tmp_path, role, every):
    """The new key is trusted or is not, and the releases are there in between."""
    for copy in cut_everywhere(place, tmp_path, every, "rotate", role):
        assert versions(copy, copy / "trust") == ["1.0"]

        Repository(copy / "registry", [copy / "keys"]).publish(wheel(copy, "2.0"), "lab-a")
        assert versions(copy, copy / "trust") == ["1.0", "2.0"]


@pytest.mark.parametrize("moment", ["journal.json", "2.root.json", "timestamp.json"])
def test_a_change_of_a_lost_key_cut_anywhere_is_finished_by_the_next(place, moment):
    """Without the old key no state holds under both roots; the next command mends it."""
    for path in (place / "keys").glob("timestamp.*"):
        path.unlink()
    assert cut_before(moment, place, "rotate", "timestamp")
    repository = Repository(place / "registry", [place / "keys"])
    if moment == "journal.json":  # it had not begun
        assert refusal(repository.refresh) == "R201"
        repository.rotate("timestamp")
    elif moment == "timestamp.json":
        with pytest.raises(RepositoryError):
            versions(place, place / "early")
    repository.publish(wheel(place, "2.0"), "lab-a")

    assert versions(place, place / "trust") == ["1.0", "2.0"]


def kill_at_random(place, times, seed):
    """Publish and kill at random moments, going on with what is left each time."""
    chance = random.Random(seed)
    known = ["1.0", "2.0"]
    cut = 0
    whole = lasts(place, "publish", wheel(place, "2.0"), "lab-a")
    for turn in range(times):
        version = f"10.{turn}"
        made = make_wheel(place, version=version)
        Repository(place / "registry", [place / "keys"]).admit(made, "lab-a", examine=quick)
        cut += cut_after(chance.uniform(0, whole), place, "publish", str(made), "lab-a")
        found = versions(place, place / "trust")
        assert found in (known, [*known, version])
        check_pages(place)
        again = Repository(place / "registry", [place / "keys"])
        # it may have been published before the kill, or be finished now
        assert refusal(again.publish, made, "lab-a") in {None, "R304"}
        known = versions(place, place / "trust")
        assert known[-1] == version
    return cut


def test_publishing_killed_at_random_moments(place):
    """Five times, whichever moment it is."""
    kill_at_random(place, 5, seed=1)


@pytest.mark.slow
def test_publishing_killed_at_random_moments_fifty_times(place):
    """The registry goes on from what each kill left, and most kills meet a change at work."""
    assert kill_at_random(place, KILLS, seed=2) > KILLS / 4


@pytest.mark.parametrize(
    "every", [pytest.param(11, id="few"), pytest.param(3, id="many", marks=pytest.mark.slow)]
)
def test_init_that_was_killed_can_be_made_again(tmp_path, every):
    """What a killed init left does not stand in the way, wherever it was killed."""
    for number in itertools.count(1, every):
        place = tmp_path / f"cut-{number}"
        (place / "registry").mkdir(parents=True)
        if not cut_at(number, place, "create"):
            break
        folder = place / "registry"
        # it may have been complete but for its last moves, and is then finished first
        assert refusal(Repository.create, folder, [place / "again"]) in {None, "R107"}
        View(folder, place / "trust").read(layout.CATALOGUE)
    assert number > 10


def test_two_publishers_at_once_do_not_mix(place):
    """The second is refused while the first holds the lock, and nothing is changed."""
    import fcntl

    before = (place / "registry" / "metadata" / "timestamp.json").read_bytes()
    repository = Repository(place / "registry", [place / "keys"])
    with Path(place / "registry" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RegistryError, match="R104: somebody else"):
            repository.publish(wheel(place, "2.0"), "lab-a")

    assert (place / "registry" / "metadata" / "timestamp.json").read_bytes() == before
