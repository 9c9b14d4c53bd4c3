"""How large a card may be. Each bound stands far above any published model, and far below harm."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 256 * 1024
#: Tables and arrays inside one another; a card needs four.
TOML_DEPTH: Final = 8
#: Parts of a dotted key; the standard parser needs memory with the square of their number.
KEY_PARTS: Final = 8
PROSE_CHARS: Final = 4000
UNIT_CHARS: Final = 40
NAME_CHARS: Final = 40
#: Entries of one table or list; parameters, and reference points, have units that cost time.
ENTRIES: Final = 1000
PARAMETERS: Final = 200
REFERENCES: Final = 100
#: What is wrong is told so far; a card that is wrong all over is no card.
PROBLEMS: Final = 40

EQUATION_CHARS: Final = 8000
NUMBER_CHARS: Final = 32
#: Of one equation, and of all equations of a card together.
EQUATION_NODES: Final = 1000
CARD_NODES: Final = 20_000
#: Brackets, calls, powers and signs inside one another.
DEPTH: Final = 40
#: A power that is a number, and every power of a whole number by a whole number.
EXPONENT: Final = 64
#: Whole numbers up to this stay exact; larger ones are floats, which cannot grow.
EXACT: Final = 1000
