"""Mechanism cards: a channel or transporter as data, in one TOML file.

Equations are text that a whitelist grammar turns into the expressions that a mechanism written in
Python gives. Loading a card runs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._export import export_card as export_card
    from ._model import Author as Author
    from ._model import Card as Card
    from ._model import CardClaims as CardClaims
    from ._model import CardParameter as CardParameter
    from ._model import CardReference as CardReference
    from ._read import load_card as load_card
    from ._read import loads_card as loads_card
    from ._write import dumps_card as dumps_card

# The host lists cards by `_head` and `_source` alone, so all else is imported on first use.
_WHERE = {
    "Author": "_model",
    "Card": "_model",
    "CardClaims": "_model",
    "CardParameter": "_model",
    "CardReference": "_model",
    "dumps_card": "_write",
    "export_card": "_export",
    "load_card": "_read",
    "loads_card": "_read",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'pumpleak.cards' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]
