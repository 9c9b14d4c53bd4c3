"""The conformance kit: what a plugin's objects must obey, checked and reported as data.

>>> from pumpleak.conformance import run_checks
>>> report = run_checks("k2p.TREK1")  # doctest: +SKIP
>>> report.ok, report.counts  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._check import Check as Check
    from ._check import NotApplicableError as NotApplicableError
    from ._report import Report as Report
    from ._report import Result as Result
    from ._run import CHECKS as CHECKS
    from ._run import run_checks as run_checks
    from ._subject import Subject as Subject
    from ._targets import subjects as subjects
    from .mutants import MUTANTS as MUTANTS
    from .mutants import SOUND as SOUND
    from .mutants import Mutant as Mutant

# pytest imports this package to ask for its plugin, so every name is imported on first use.
_WHERE = {
    "CHECKS": "_run",
    "MUTANTS": "mutants",
    "SOUND": "mutants",
    "Check": "_check",
    "Mutant": "mutants",
    "NotApplicableError": "_check",
    "Report": "_report",
    "Result": "_report",
    "Subject": "_subject",
    "run_checks": "_run",
    "subjects": "_targets",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'pumpleak.conformance' has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]
