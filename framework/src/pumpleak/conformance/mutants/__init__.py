"""Broken objects that the checks must find, and sound ones that pass them all.

A check that was never seen to fail proves nothing. Each has at least one mutant here: a sound
object with one thing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from . import channels, mechanisms, solvers, substances, transporters
from ._mutant import Mutant as Mutant
from ._mutant import Specimen as Specimen

_EVERY: Final = (
    *mechanisms.MUTANTS,
    *channels.MUTANTS,
    *transporters.MUTANTS,
    *substances.MUTANTS,
    *solvers.MUTANTS,
)
#: The mutants that each check must kill, by the check's code.
MUTANTS: Final[Mapping[str, tuple[Mutant, ...]]] = MappingProxyType(
    {
        code: tuple(mutant for mutant in _EVERY if mutant.code == code)
        for code in sorted({mutant.code for mutant in _EVERY})
    }
)
#: Objects that no check fails.
SOUND: Final[tuple[Specimen, ...]] = (
    *mechanisms.SOUND,
    *transporters.SOUND,
    *substances.SOUND,
    *solvers.SOUND,
)
