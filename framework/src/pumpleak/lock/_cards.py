"""Which cards a membrane file can use, as the host finds them."""

from __future__ import annotations

import os
from pathlib import Path

from ..host import CardState, Host


def card_states(file: str | os.PathLike[str] | None) -> dict[str, CardState]:
    """Return the state of every card that a membrane file can use, by identity.

    Args:
        file: the membrane file, whose folder may hold cards; None if there is none.
    """
    return {state.name: state for state in Host().cards(None if file is None else _folder(file))}


def _folder(file: str | os.PathLike[str]) -> Path:
    return Path(file).absolute().parent
