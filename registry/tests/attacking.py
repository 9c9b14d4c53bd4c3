"""What the tests of attacks share: a plugin to fetch, and what a forger does with its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from market import Market
from tuf.api.metadata import Metadata

from pumpleak_registry._errors import RegistryError
from pumpleak_registry.client._get import get
from pumpleak_registry.client._place import Place
from pumpleak_registry.layout import consistent

#: What the registry holds, and the client has seen.
NAME = "pumpleak-leaky"


def refusal(market: Market, name: str = NAME, place: Place | None = None) -> RegistryError:
    """Return why the client refuses to fetch."""
    with pytest.raises(RegistryError) as refused:
        get(place or market.place, name, dry_run=True)
    return refused.value


def forget_files(market: Market) -> None:
    """Make the client fetch files anew; what it trusts stays."""
    shutil.rmtree(market.place.state / "targets")


def put_target(market: Market, forged: Path, path: str, data: bytes) -> None:
    """Put a file where forged metadata says that it is."""
    target = Metadata.from_bytes(forged.read_bytes()).signed.targets[path]
    where = market.folder / "targets" / consistent(path, target.hashes["sha256"])
    where.write_bytes(data)
