"""Cards among what is fetched and locked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pumpleak.lock import card_files, card_hash, named_in

from .._errors import RegistryError
from ..layout import CARD_SUFFIX, Release
from ._place import data_folder


def cards_used(file: str | os.PathLike[str]) -> Iterator[tuple[str, str, str]]:
    """Yield identity, version and hash of every card that a membrane file uses, in order."""
    here = card_files(file)
    for identity in sorted(set(named_in(file)) & set(here)):
        yield identity, _head(here[identity])["version"], card_hash(here[identity])


def identity_of(path: Path, release: Release) -> str:
    """Return the identity of a fetched card.

    Raises:
        RegistryError: it is not the one that its lab's index says.
    """
    identity = str(_head(path).get("id"))
    if (identity,) != release.provides:
        raise RegistryError(
            "R615",
            f"{release.payload.name} is card {identity!r}, and was to be "
            f"{', '.join(release.provides)!r}",
            "tell its lab; nothing was changed",
        )
    return identity


def target_of(identity: str, folder: Path | None) -> Path:
    """Return where a fetched card goes.

    Raises:
        RegistryError: another file supplies the identity already.
    """
    home = data_folder() / "cards" if folder is None else folder
    target = home / f"{identity}{CARD_SUFFIX}"
    other = card_files(None).get(identity)
    if folder is None and other is not None and other.resolve() != target.resolve():
        raise RegistryError(
            "R616",
            f"{identity} is supplied by {other} already",
            "take that away first, or put this elsewhere with --cards; nothing was changed",
        )
    return target


def _head(path: Path) -> dict[str, str]:
    card: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["card"]
    return card
