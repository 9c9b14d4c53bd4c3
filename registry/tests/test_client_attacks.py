"""What an attacker can do to a registry, against the real client: each has its own refusal."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attacking import NAME, forget_files, put_target, refusal
from market import Market, open_market, wheel
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from pumpleak_registry._errors import RegistryError
from pumpleak_registry.client._get import get
from pumpleak_registry.client._search import listing
from pumpleak_registry.layout import NAMES, Names, lab_index, lab_role, to_json

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def market(seen_market: Market) -> Market:
    """A registry that the client trusts, and has seen with one plugin."""
    return seen_market


def test_an_honest_registry_is_trusted(market: Market) -> None:
    """The same client takes what is published later, too."""
    market.plugin(NAME, "1.1")
    (change,) = get(market.place, NAME, dry_run=True).changes

    assert f"+ {NAME} 1.1 (of lab-a)" == str(change)


def test_an_altered_wheel(market: Market) -> None:
    """One byte, the length as it was."""
    forget_files(market)
    file = market.target("pumpleak_leaky-1.0-py3-none-any.whl")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    told = refusal(market)

    assert "R517" == told.code
    assert "altered" in told.cause
    assert file.name in told.cause


def test_an_altered_wheel_and_index(market: Market) -> None:
    """Everything that names the wheel is altered to fit, as far as no key is needed."""
    forget_files(market)
    old = market.target("pumpleak_leaky-1.0-py3-none-any.whl")
    evil = wheel(market.work / "evil", NAME, files={"pumpleak_leaky/__init__.py": "evil = True"})
    data = evil.read_bytes()
    new = TargetFile.from_data("x", data, ["sha256"]).hashes["sha256"]
    sha256 = old.name.partition(".")[0]
    old.write_bytes(data)
    shutil.copy(old, old.with_name(old.name.replace(sha256, new)))
    for page in (market.folder / "simple").rglob("index*"):
        page.write_text(page.read_text().replace(sha256, new))
    index = market.target("index.json")
    index.write_text(index.read_text().replace(sha256, new))
    told = refusal(market)

    assert "R517" == told.code
    assert index.name in told.cause


def test_an_altered_wheel_index_and_metadata(market: Market) -> None:
    """The lab's metadata and all that stands over it are altered to fit; keys are not at hand."""
    forget_files(market)
    path = lab_index("lab-a")

    def other(signed: Any) -> None:
        signed.version += 1
        signed.targets[path] = TargetFile.from_data(path, b"{}", ["sha256"])

    forged = market.forge(lab_role("lab-a"), other, signed_by=None)
    data = forged.read_bytes()

    def in_snapshot(signed: Any) -> None:
        signed.version += 1
        signed.meta[f"{lab_role('lab-a')}.json"] = MetaFile.from_data(3, data, ["sha256"])

    snapshot = market.forge("snapshot", in_snapshot, signed_by=None).read_bytes()

    def in_timestamp(signed: Any) -> None:
        signed.version += 1
        version = Metadata.from_bytes(snapshot).signed.version
        signed.snapshot_meta = MetaFile.from_data(version, snapshot, ["sha256"])

    market.forge("timestamp", in_timestamp, signed_by=None)
    told = refusal(market)

    assert "R511" == told.code
    assert "is not signed by as many of the keys" in told.cause


def test_rollback(market: Market, tmp_path: Path) -> None:
    """The whole folder is put back to a state in which a flaw was not mended yet."""
    past = tmp_path / "past"
    shutil.copytree(market.folder, past)
    market.plugin(NAME, "1.1")
    get(market.place, NAME, dry_run=True)
    shutil.rmtree(market.folder)
    shutil.copytree(past, market.folder)
    told = refusal(market)

    assert "R512" == told.code
    assert "rolled back" in told.cause


def test_rollback_by_who_has_the_timestamp_key(market: Market) -> None:
    """A new timestamp that speaks for an old snapshot."""
    old = market.newest("snapshot").read_bytes()
    version = Metadata.from_bytes(old).signed.version
    market.plugin(NAME, "1.1")
    get(market.place, NAME, dry_run=True)

    def in_timestamp(signed: Any) -> None:
        signed.version += 1
        signed.snapshot_meta = MetaFile.from_data(version, old, ["sha256"])

    market.forge("timestamp", in_timestamp, signed_by="timestamp")
    told = refusal(market)

    assert "R512" == told.code


def test_freeze(market: Market) -> None:
    """A timestamp past its day, whatever else holds: somebody may be holding newer ones back."""

    def late(signed: Any) -> None:
        signed.version += 1
        signed.expires = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)

    market.forge("timestamp", late, signed_by="timestamp")
    told = refusal(market)

    assert "R513" == told.code
    assert "frozen" in told.cause


def test_one_labs_key_on_another_labs_name(market: Market) -> None:
    """Lab B lists a release under lab A's name, signed by lab B's own key, in its own folder."""
    market.plugin("pumpleak-other", lab="lab-b")
    market.plugin("pumpleak-evil", lab="lab-b")
    text = to_json(market.repository.state.index("lab-b")).decode()
    text = text.replace("pumpleak-evil", NAME).replace("pumpleak_evil", "pumpleak_leaky")
    data = text.encode()
    path = lab_index("lab-b")

    def other(signed: Any) -> None:
        signed.version += 1
        signed.targets[path] = TargetFile.from_data(path, data, ["sha256"])

    forged = market.forge(lab_role("lab-b"), other, signed_by=lab_role("lab-b"))
    put_target(market, forged, path, data)
    market.sign_along(lab_role("lab-b"))
    told = refusal(market, "pumpleak-other")

    assert "R518" == told.code
    assert f"lab lab-b signed a release of {NAME}, a name that belongs to lab lab-a" in told.cause
    # and who asks for the name still gets it from the lab that owns it
    (change,) = get(market.place, NAME, dry_run=True).changes
    assert "lab-a" == change.lab


def test_one_labs_key_on_another_labs_metadata(market: Market) -> None:
    """Lab B signs what only lab A may sign."""

    def other(signed: Any) -> None:
        signed.version += 1

    market.forge(lab_role("lab-a"), other, signed_by=lab_role("lab-b"))
    market.sign_along(lab_role("lab-a"))
    told = refusal(market)

    assert "R511" == told.code
    assert "lab-lab-a.json" in told.cause


def test_a_name_that_changes_hands(market: Market) -> None:
    """Who has the targets key gives lab A's name to lab B; who saw it before does not follow."""
    names = market.repository.state.names().names
    data = to_json(Names(names={**names, NAME: "lab-b"}))

    def other(signed: Any) -> None:
        signed.version += 1
        signed.targets[NAMES] = TargetFile.from_data(NAMES, data, ["sha256"])

    forged = market.forge("targets", other, signed_by="targets")
    put_target(market, forged, NAMES, data)
    market.sign_along("targets")
    first, again = refusal(market), refusal(market)

    assert ["R523", "R523"] == [first.code, again.code]
    assert f"the name {NAME} belonged to lab lab-a, and now to lab lab-b" in first.cause


def test_a_published_version_that_is_replaced(market: Market) -> None:
    """By the lab's own key: another file under the same version."""
    index = market.repository.state.index("lab-a").to_dict()
    index["releases"][0]["files"][0]["sha256"] = "0" * 64
    data, path = json.dumps(index).encode(), lab_index("lab-a")

    def other(signed: Any) -> None:
        signed.version += 1
        signed.targets[path] = TargetFile.from_data(path, data, ["sha256"])

    forged = market.forge(lab_role("lab-a"), other, signed_by=lab_role("lab-a"))
    put_target(market, forged, path, data)
    market.sign_along(lab_role("lab-a"))
    told = refusal(market)

    assert "R524" == told.code
    assert f"{NAME} 1.0 is another file than it was before" in told.cause


def test_mix_and_match(market: Market) -> None:
    """Metadata of an older moment among newer; all of it is signed, and never stood together."""
    old = market.newest(lab_role("lab-a")).read_bytes()
    market.plugin(NAME, "1.1")
    market.newest(lab_role("lab-a")).write_bytes(old)
    told = refusal(market)

    assert "R514" == told.code
    assert "mixed" in told.cause


def test_mix_and_match_of_snapshots(market: Market) -> None:
    """Likewise with the snapshot that a newer timestamp speaks for."""
    old = market.newest("snapshot").read_bytes()
    market.plugin(NAME, "1.1")
    market.newest("snapshot").write_bytes(old)
    told = refusal(market)

    assert "R514" == told.code


def test_fast_forward(market: Market) -> None:
    """Who has the online keys leaps ahead, so that nothing honest would be newer ever again."""
    honest = market.newest("timestamp").read_bytes()
    market.stamp(steps=2_000_000_000)
    told = refusal(market)
    market.newest("timestamp").write_bytes(honest)

    assert "R521" == told.code
    assert "fast-forward" in told.cause
    assert get(market.place, NAME, dry_run=True).changes


def test_fast_forward_of_a_snapshot(market: Market) -> None:
    """Likewise with the version of the snapshot."""

    def leap(signed: Any) -> None:
        signed.version += 2_000_000_000

    market.forge("snapshot", leap, signed_by="snapshot")
    market.stamp()
    told = refusal(market)

    assert "R521" == told.code


def test_a_fast_forward_that_was_believed_is_mended_by_new_keys(market: Market) -> None:
    """A leap too small to be noticed: the keeper rotates both keys, and the client follows."""
    honest = market.newest("timestamp").read_bytes()
    market.stamp(steps=900_000)
    get(market.place, NAME, dry_run=True)
    market.newest("timestamp").write_bytes(honest)
    assert "R512" == refusal(market).code
    market.repository.rotate("timestamp")
    market.repository.rotate("snapshot")

    assert get(market.place, NAME, dry_run=True).changes


def test_root_below_its_threshold(market: Market) -> None:
    """A new root that one of the root's keys signed, where two must."""

    def next_version(signed: Any) -> None:
        signed.version += 1

    market.forge("root", next_version, signed_by="root")
    told = refusal(market)

    assert "R511" == told.code
    assert "2.root.json" in told.cause
    assert "1/2" in told.cause


def test_a_proper_rotation_of_every_key_is_followed(market: Market) -> None:
    """Root keys one after the other, and all others; the pinned root stays the first."""
    for key in list(market.repository.state.keys("root")):
        market.repository.rotate("root", replace=key.keyid)
    for role in ("targets", "snapshot", "timestamp", "catalogue", "lab-a"):
        market.repository.rotate(role)
    market.plugin(NAME, "1.1")
    (change,) = get(market.place, NAME, dry_run=True).changes

    assert change.after == "1.1"
    assert [NAME] == [row[0] for row in listing(market.place).rows]


def test_a_registry_is_not_trusted_by_the_root_that_it_serves(tmp_path: Path) -> None:
    """Trust begins with a file that the user gives; another one later is refused."""
    first, second = open_market(tmp_path / "first"), open_market(tmp_path / "second")
    with pytest.raises(RegistryError) as unknown:
        get(first.place, NAME)
    with pytest.raises(RegistryError) as wrong:
        listing(first.place, second.root)
    (tmp_path / "text").write_text("no root")
    with pytest.raises(RegistryError) as none:
        listing(first.place, tmp_path / "text")
    listing(first.place, first.root)
    with pytest.raises(RegistryError) as other:
        listing(first.place, second.root)
    shutil.rmtree(first.folder)
    shutil.copytree(second.folder, first.folder)
    with pytest.raises(RegistryError) as replaced:
        listing(first.place)

    codes = [error.value.code for error in (unknown, wrong, none, other, replaced)]
    assert ["R502", "R511", "R502", "R503", "R511"] == codes


def test_a_row_of_the_catalogue_that_names_a_strangers_lab_is_left_out(market: Market) -> None:
    """The catalogue's key lies on the server; it does not decide who owns a name."""
    state = market.repository.state
    catalogue = state.catalogue().to_dict()
    catalogue["projects"][0]["lab"] = "lab-b"
    data = json.dumps(catalogue).encode()

    def other(signed: Any) -> None:
        signed.version += 1
        signed.targets["catalogue.json"] = TargetFile.from_data("catalogue.json", data, ["sha256"])

    forged = market.forge("catalogue", other, signed_by="catalogue")
    put_target(market, forged, "catalogue.json", data)
    market.sign_along("catalogue")
    found = listing(market.place)

    assert (NAME,) == found.stranger
    assert [] == list(found.rows)
