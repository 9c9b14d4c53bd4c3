"""Sweeps: populations solved chunk by chunk, on one machine or many, into a store that can go on.

>>> from pumpleak.sweep import run, status  # doctest: +SKIP
>>> run("neurons.toml", "neurons.zarr", workers=2)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._errors import SweepError as SweepError
    from ._open import open_result as open_result
    from ._run import Finished as Finished
    from ._run import run as run
    from ._status import Progress as Progress
    from ._status import status as status

# Saying how far a sweep is must import no physics, so every name is imported on first use.
_WHERE = {
    "Finished": "_run",
    "Progress": "_status",
    "SweepError": "_errors",
    "open_result": "_open",
    "run": "_run",
    "status": "_status",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'pumpleak.sweep' has no attribute {name!r}")
    return getattr(importlib.import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]
