"""Cards among what is fetched and locked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pumpleak.lock import card_states, named_in

from .._errors import RegistryError
from ..layout import CARD_SUFFIX, Release
from ._place import data_folder


def cards_used(file: str | os.PathLike[str]) -> Iterator[tuple[str, str, str]]:
    """Yield identity, version and hash of every card that a membrane file uses, in order."""
    here = card_states(file)
    for identity in sorted(set(named_in(file)) & set(here)):
        yield identity, here[identity].version, f"sha256:{here[identity].sha256}"


def identity_of(path: Path, release: Release) -> str:
    """Return the identity of a fetched card, which is read strictly and whole.

    Raises:
        RegistryError: it is not the one that its lab's index says.
        CardError: it is no card that can be used here.
    """
    from pumpleak.cards import load_card

    card = load_card(path)
    if ((card.id,), card.version) != (release.provides, release.version):
        raise RegistryError(
            "R615",
            f"{release.payload.name} is card {card.id} {card.version}, and was to be "
            f"{', '.join(release.provides)} {release.version}",
            "tell its lab; nothing was changed",
        )
    return card.id


def target_of(identity: str, folder: Path | None) -> Path:
    """Return where a fetched card goes.

    Args:
        identity: the card's.
        folder: as the user says; None for the user's own folder of cards.

    Raises:
        RegistryError: another card or a plugin has the name already.
    """
    home = data_folder() / "cards" if folder is None else folder
    target = home / f"{identity}{CARD_SUFFIX}"
    other = card_states(None).get(identity)
    if other is not None and Path(other.path).resolve() != target.resolve():
        raise RegistryError(
            "R616",
            f"{identity} is supplied by {other.path} already",
            "take that away first; nothing was changed",
        )
    return target


def sha256_of(path: Path) -> str:
    """Return the hash of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
