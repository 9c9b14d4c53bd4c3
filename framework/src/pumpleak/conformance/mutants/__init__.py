"""Broken objects that the checks must find, and sound ones that pass them all.

A check that was never seen to fail proves nothing. Each has at least one mutant here: a sound
object with one thing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ._mutant import Mutant as Mutant
from ._mutant import Specimen as Specimen
from .mechanisms import MUTANTS as _MECHANISMS
from .mechanisms import SOUND as _SOUND_MECHANISMS

#: Every check's code, and the mutants that it kills.
MUTANTS: Final[Mapping[str, tuple[Mutant, ...]]] = MappingProxyType(
    {
        code: tuple(mutant for mutant in (*_MECHANISMS,) if mutant.code == code)
        for code in sorted({mutant.code for mutant in (*_MECHANISMS,)})
    }
)
#: Objects that pass every check.
SOUND: Final[tuple[Specimen, ...]] = (*_SOUND_MECHANISMS,)
