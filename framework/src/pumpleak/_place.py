"""Where in an author's own files something went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Collection
from pathlib import Path


def place(error: BaseException, packages: Collection[str]) -> str:
    """Return ``"mirror.py, line 41"``, the innermost line of an author's that led to an error.

    Args:
        error: as caught.
        packages: top-level names of the modules that are the author's.

    Returns:
        File and line; empty if no line of those modules took part.
    """
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        file = frame.f_code.co_filename
        if module.partition(".")[0] in packages and not file.startswith("<"):
            found = f"{Path(file).name}, line {line}"
    return found
