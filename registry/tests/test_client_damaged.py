"""Registries that are damaged, endless, slow or away, against the real client."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attacking import NAME, forget_files, refusal
from market import Market
from serving import Server, serving

from pumpleak_registry._errors import RegistryError
from pumpleak_registry.client import _fetch
from pumpleak_registry.client._get import get
from pumpleak_registry.client._place import Place
from pumpleak_registry.client._search import listing

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def market(seen_market: Market) -> Market:
    """A registry that the client trusts, and has seen with one plugin."""
    return seen_market


@pytest.fixture
def server(market: Market) -> Iterator[Server]:
    with serving(market.folder) as made:
        yield made


def address(server: Server) -> Place:
    return Place(location=server.address)


def test_a_registry_is_served_by_any_web_server(market: Market, server: Server) -> None:
    """The same files over HTTP are trusted by the same root."""
    (change,) = get(address(server), NAME, root=market.root, dry_run=True).changes

    assert f"+ {NAME} 1.0 (of lab-a)" == str(change)


@pytest.mark.parametrize("endless", ["timestamp.json", "snapshot.json", "names.json", ".whl"])
def test_endless_data(market: Market, server: Server, endless: str) -> None:
    """A body that does not end is cut off where the signed length, or the bound, ends."""
    server.endless = (endless,)
    with pytest.raises(RegistryError) as refused:
        get(address(server), NAME, root=market.root, dry_run=True)

    assert "R515" == refused.value.code
    assert "too long" in refused.value.cause
    assert server.sent < 20_000_000
    kept = [path for path in address(server).state.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in kept) < 100_000


def test_a_body_that_drips_without_end(
    market: Market, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then keeps a connection alive for ever; a file has a time as a whole."""
    monkeypatch.setattr(_fetch, "DEADLINE_S", 0.3)
    server.endless, server.pause_s = (".whl",), 0.02
    with pytest.raises(RegistryError) as refused:
        get(address(server), NAME, root=market.root, dry_run=True)

    assert "R522" == refused.value.code
    assert "too slow" in refused.value.cause


def test_any_damaged_byte_is_refused_or_does_not_matter(market: Market) -> None:
    """Whichever file it is in: no traceback, and never another wheel than the lab's."""
    dice = random.Random(7)
    folders = ("metadata", "targets")
    files = sorted(p for name in folders for p in (market.folder / name).rglob("*") if p.is_file())
    codes = set()
    for _ in range(40):
        file = dice.choice(files)
        honest = file.read_bytes()
        damaged = bytearray(honest)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        file.write_bytes(damaged)
        shutil.rmtree(market.place.state)
        try:
            (change,) = get(market.place, NAME, dry_run=True).changes
        except RegistryError as error:
            codes.add(error.code)
        else:
            assert f"+ {NAME} 1.0 (of lab-a)" == str(change)
        file.write_bytes(honest)

    assert codes >= {"R514", "R517"}
    assert codes <= {"R511", "R514", "R515", "R516", "R517", "R519", "R520"}


def test_an_oversize_file(market: Market) -> None:
    """More bytes than were signed, in a folder."""
    forget_files(market)
    file = market.target("pumpleak_leaky-1.0-py3-none-any.whl")
    file.write_bytes(file.read_bytes() + bytes(1000))

    assert "R515" == refusal(market).code


def test_what_is_missing_and_who_does_not_answer_are_told_apart(
    market: Market, server: Server
) -> None:
    """A file that is not there, and a server that is not."""
    place = address(server)
    listing(place, market.root)
    market.target("catalogue.json").unlink()
    shutil.rmtree(place.state / "targets")
    with pytest.raises(RegistryError) as missing:
        listing(place, refresh=True)
    server.shutdown()
    server.server_close()
    with pytest.raises(RegistryError) as silent:
        get(place, NAME)

    assert ["R520", "R522"] == [missing.value.code, silent.value.code]


def test_what_was_kept_is_searched_offline_with_its_age_and_not_past_its_day(
    market: Market, server: Server
) -> None:
    """A server that is silent may be one that somebody silenced."""
    place = address(server)
    fresh = listing(place, market.root)
    server.shutdown()
    server.server_close()
    old = listing(place, refresh=False)
    kept = place.state / "search.json"
    data = json.loads(kept.read_text())
    kept.write_text(json.dumps({**data, "verified": data["verified"] - 3600}))
    older = listing(place)
    kept.write_text(json.dumps({**data, "expires": "2020-01-01T00:00:00Z"}))
    with pytest.raises(RegistryError) as refused:
        listing(place)

    assert ("", "") == (fresh.note, old.note)
    assert older.note.startswith("as of 60 min ago: ")
    assert list(fresh.rows) == list(older.rows)
    assert "R522" == refused.value.code


def test_what_is_kept_holds_as_long_as_the_first_of_its_parts(market: Market) -> None:
    """A snapshot that ends before the timestamp does ends the search as well."""
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)

    def shorter(signed: Any) -> None:
        signed.version += 1
        signed.expires = soon

    market.forge("snapshot", shorter, signed_by="snapshot")
    market.stamp()
    listing(market.place)
    kept = json.loads((market.place.state / "search.json").read_text())

    assert soon == datetime.fromisoformat(kept["expires"])


def test_a_link_out_of_the_registry_is_not_followed(market: Market, tmp_path: Path) -> None:
    """A folder from a stranger must not make the client read other files of this machine."""
    secret = tmp_path / "secret"
    market.newest("timestamp").rename(secret)
    (market.metadata / "timestamp.json").symlink_to(secret)

    assert "leads out of the registry" in refusal(market).cause


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"[" * 5000,
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"_type"', b'"_tyqe"'),
        lambda data: b'{"signed": {"version": "one"}, "signatures": []}',
    ],
)
def test_metadata_that_cannot_be_read(market: Market, damage: Callable[[bytes], bytes]) -> None:
    """It is refused in words, and what is trusted stays."""
    file = market.newest("timestamp")
    honest = file.read_bytes()
    file.write_bytes(damage(honest))
    told = refusal(market)
    file.write_bytes(honest)

    assert "R516" == told.code
    assert get(market.place, NAME, dry_run=True).changes
