"""One process at a time: a lock that the system takes back from whoever dies holding it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from .._errors import RegistryError


@contextlib.contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold a lock while the body runs.

    Args:
        path: the lock's file; it is made, and stays.
        what: what is locked, for the message.

    Raises:
        RegistryError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        try:
            _take(handle.fileno())
        except OSError as error:
            raise RegistryError(
                "R504", f"another pumpleak is at work on {what}", "wait until it is done"
            ) from error
        yield


def _take(descriptor: int) -> None:
    # closing the file gives the lock back
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
