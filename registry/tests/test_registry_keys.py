"""keys.py and rotation: strict files, passphrases, and changes of keys that readers follow."""

from __future__ import annotations

import os
import shutil

import pytest
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata
from wheelwright import View, make_wheel, quick

from pumpleak_registry import layout
from pumpleak_registry._errors import RegistryError
from pumpleak_registry.keys import KeyRing, make_key, read_public, short
from pumpleak_registry.repository import Repository


@pytest.fixture
def place(tmp_path):
    repository, _ = Repository.create(tmp_path / "registry", keys=[tmp_path / "keys"])
    repository.add_lab("lab-a")
    wheel = make_wheel(tmp_path)
    repository.admit(wheel, "lab-a", examine=quick)
    repository.publish(wheel, "lab-a")
    return tmp_path


def opened(place, *folders):
    return Repository(place / "registry", [place / folder for folder in folders or ("keys",)])


def publish_next(place, version="2.0", *folders):
    wheel = make_wheel(place / "next", version=version)
    repository = opened(place, *folders)
    repository.admit(wheel, "lab-a", examine=quick)
    return repository.publish(wheel, "lab-a")


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_key_files_are_for_their_owner_alone(tmp_path):
    """Mode 600 in a folder of mode 700 from the first moment, and refused when it is wider."""
    key = make_key(tmp_path / "keys", "timestamp")
    [path] = [p for p in (tmp_path / "keys").glob("*.pem") if not p.name.endswith(".pub.pem")]
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    ring = KeyRing(folders=[tmp_path / "keys"])
    assert ring.signer("timestamp", [key]).public_key.keyid == key.keyid

    path.chmod(0o640)
    with pytest.raises(RegistryError, match=r"R205.*chmod 600"):
        ring.signer("timestamp", [key])


def test_an_encrypted_key_opens_with_its_passphrase_only(tmp_path):
    """Neither without one nor with another; and nothing of the key is in the file in clear."""
    key = make_key(tmp_path, "targets", "correct horse")
    [path] = [p for p in tmp_path.glob("*.pem") if not p.name.endswith(".pub.pem")]
    assert b"ENCRYPTED" in path.read_bytes()

    good = KeyRing(folders=[tmp_path], passphrase=lambda _: "correct horse")
    assert good.signer("targets", [key]).public_key.keyid == key.keyid
    for wrong in (None, "", "battery"):
        ring = KeyRing(folders=[tmp_path], passphrase=lambda _, wrong=wrong: wrong)
        with pytest.raises(RegistryError, match="R203"):
            ring.signer("targets", [key])
    with pytest.raises(RegistryError, match="R203"):
        make_key(tmp_path, "targets", "")


def test_a_missing_key_is_named(place):
    """With the role, the folders that were looked at, and nothing changed."""
    shutil.rmtree(place / "keys")
    before = (place / "registry" / "metadata" / "timestamp.json").read_bytes()
    with pytest.raises(
        RegistryError, match=r"R201: the private key of snapshot.*with another --keys"
    ):
        opened(place).refresh()
    assert (place / "registry" / "metadata" / "timestamp.json").read_bytes() == before
    assert not (place / "registry" / ".staging").exists()


def test_keys_may_lie_in_several_folders(place):
    """The lab's on a stick, the targets key in a safe: publishing needs no key of the safe."""
    for pattern, folder in (("lab-*", "stick"), ("root-*", "safe"), ("targets*", "safe")):
        (place / folder).mkdir(exist_ok=True)
        for path in (place / "keys").glob(pattern):
            path.rename(place / folder / path.name)
    done = publish_next(place, "2.0", "keys", "stick")

    assert [key.split()[0] for key in done.keys] == [
        "lab-lab-a", "catalogue", "snapshot", "timestamp",
    ]  # fmt: skip
    with pytest.raises(RegistryError, match=r"R201.*targets"):
        opened(place, "keys", "stick").add_lab("lab-b")


def test_a_lab_may_bring_its_own_key(place):
    """The registry's owner sees the public part only, once the lab has signed its first list."""
    key = make_key(place / "theirs", "lab-lab-b")
    [public] = (place / "theirs").glob("*.pub.pem")
    assert read_public(public).keyid == key.keyid
    [private] = [p for p in (place / "theirs").glob("*.pem") if p != public]
    with pytest.raises(RegistryError, match="R204"):
        read_public(private)
    (place / "nonsense.pem").write_text("x")
    with pytest.raises(RegistryError, match="R202"):
        read_public(place / "nonsense.pem")

    opened(place, "keys", "theirs").add_lab("lab-b", read_public(public))
    assert not list((place / "keys").glob("lab-lab-b*"))
    assert View(place / "registry", place / "trust").index("lab-b").releases == ()


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "catalogue", "lab-a"])
def test_a_role_gets_a_new_key(place, role):
    """Old readers follow, new ones begin from the first root, and the old key signs no more."""
    old_reader = View(place / "registry", place / "old")
    old_reader.index("lab-a")
    repository = opened(place)
    name = f"lab-{role}" if role == "lab-a" else role
    [before] = repository.state.keys(name)
    done = repository.rotate(role)
    [after] = repository.state.keys(name)

    assert before.keyid != after.keyid
    assert any(short(after) in sentence for sentence in done.did)
    assert f"{name} ({short(after)})" in done.keys
    (place / "keys" / f"{name}.{short(before)}.pem").unlink()
    publish_next(place)
    for trust in ("old", "new"):
        index = View(place / "registry", place / trust).index("lab-a")
        assert [release.version for release in index.releases] == ["1.0", "2.0"]


@pytest.mark.parametrize("role", ["timestamp", "targets"])
def test_a_role_whose_key_is_lost_gets_a_new_one(place, role):
    """The root's keys are enough."""
    repository = opened(place)
    [lost] = repository.state.keys(role)
    (place / "keys" / f"{role}.{short(lost)}.pem").unlink()
    repository.rotate(role)

    publish_next(place)
    index = View(place / "registry", place / "trust").index("lab-a")
    assert [release.version for release in index.releases] == ["1.0", "2.0"]


def test_a_root_key_is_replaced_by_two_of_three(place):
    """One root key stolen: the other two replace it, and readers of the first root follow."""
    repository = opened(place)
    stolen, *kept = repository.state.keys("root")
    for path in (place / "keys").glob(f"root-*.{short(stolen)}.pem"):
        path.unlink()
    done = repository.rotate("root", replace=short(stolen))

    now = repository.state.keys("root")
    assert stolen.keyid not in {key.keyid for key in now}
    assert {key.keyid for key in kept} < {key.keyid for key in now}
    assert len(done.keys) == 3
    publish_next(place)
    View(place / "registry", place / "trust").index("lab-a")


def test_a_root_signed_by_one_of_three_is_not_made(place):
    """Two must sign; and a client refuses one that somebody else makes from a single key."""
    repository = opened(place)
    first, second, third = repository.state.keys("root")
    (place / "away").mkdir()
    for key in (second, third):
        [path] = (place / "keys").glob(f"root-*.{short(key)}.pem")
        path.rename(place / "away" / path.name)
    with pytest.raises(RegistryError, match=r"R201: 2 root keys must sign.*1 more"):
        repository.rotate("root")
    assert not (place / "registry" / "metadata" / "2.root.json").exists()

    forged = Metadata.from_file(str(place / "registry" / "metadata" / "1.root.json"))
    forged.signed.version = 2
    forged.signatures.clear()
    forged.sign(KeyRing(folders=[place / "keys"]).signer("root", [first]))
    forged.to_file(str(place / "registry" / "metadata" / "2.root.json"))
    with pytest.raises(RepositoryError):
        View(place / "registry", place / "trust").updater()
    with pytest.raises(RegistryError, match="R105"):
        repository.refresh()


def test_a_role_that_is_not_there_is_named(place):
    """With what could have been meant."""
    repository = opened(place)
    with pytest.raises(RegistryError, match=r"R208.*catalogue, lab-a"):
        repository.rotate("lab-x")
    with pytest.raises(RegistryError, match="R208"):
        repository.rotate("timestamp", replace="abcdef")
    with pytest.raises(RegistryError, match="R208"):
        repository.rotate("root", replace="000000")
    with pytest.raises(RegistryError, match="R001"):
        repository.rotate("../x")


def test_signing_anew_makes_an_expired_registry_readable(tmp_path):
    """A timestamp of last week is refused by readers, and 'refresh' mends it."""
    from datetime import timedelta

    from tuf.api.exceptions import ExpiredMetadataError

    from pumpleak_registry._signing import Days, utc

    repository, _ = Repository.create(
        tmp_path / "registry",
        keys=[tmp_path / "keys"],
        days=Days(timestamp=2),
        clock=lambda: utc() - timedelta(days=5),
    )
    with pytest.raises(ExpiredMetadataError):
        View(repository.folder, tmp_path / "trust").updater()

    done = Repository(repository.folder, [tmp_path / "keys"]).refresh(["targets", "catalogue"])
    assert "timestamp holds for 2 days" in done.did[0]
    View(repository.folder, tmp_path / "trust").read(layout.CATALOGUE)


def test_old_lists_are_removed_and_releases_never(place):
    """After many publications the last few versions of lists are there, and every release."""
    for number in range(2, 9):
        publish_next(place, f"{number}.0")
    metadata = place / "registry" / "metadata"
    assert len(list(metadata.glob("*.snapshot.json"))) == 3
    assert len(list(metadata.glob("*.lab-lab-a.json"))) == 3
    assert len(list((place / "registry" / "targets").glob("*.catalogue.json"))) == 3
    wheels = list((place / "registry" / "targets" / "labs" / "lab-a").rglob("*.whl"))
    assert len(wheels) == 8
    assert len(View(place / "registry", place / "trust").index("lab-a").releases) == 8
