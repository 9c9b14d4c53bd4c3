"""Where the cards are that a membrane file can use."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".card.toml"
_LARGEST = 1_000_000


def card_folders(file: str | os.PathLike[str] | None) -> list[Path]:
    """Return the folders that cards are found in, the nearest first."""
    import platformdirs

    folders = [] if file is None else [Path(file).parent / "cards"]
    listed = os.environ.get("PUMPLEAK_CARDS", "").split(os.pathsep)
    folders += [Path(folder) for folder in listed if folder.strip()]
    return [*folders, Path(platformdirs.user_data_path("pumpleak", appauthor=False)) / "cards"]


def card_files(file: str | os.PathLike[str] | None) -> dict[str, Path]:
    """Return the card files that a membrane file can use, by identity; the nearest of each."""
    found: dict[str, Path] = {}
    for folder in card_folders(file):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            for identity in _identity(path):
                found.setdefault(identity, path)
    return found


def _identity(path: Path) -> Iterator[str]:
    """Yield a card's identity; nothing of a file that says none."""
    try:
        if path.stat().st_size <= _LARGEST:
            yield str(tomllib.loads(path.read_text(encoding="utf-8"))["card"]["id"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
