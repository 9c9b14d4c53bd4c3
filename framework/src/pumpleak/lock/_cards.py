"""Where the cards are that a membrane file can use."""

from __future__ import annotations

import os
from pathlib import Path


def card_files(file: str | os.PathLike[str] | None) -> dict[str, Path]:
    return {}
