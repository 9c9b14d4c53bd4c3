"""Text as the terminal can show it, and what is told there before the command ends."""

from __future__ import annotations

import os
import shutil
import sys

import click

#: What stands in for the letters of drawings where a terminal lacks them.
_PLAIN = str.maketrans("░█▒▓│─µ·–−×", ".#%+|-u.--x")


#: No wider, lest lines become hard to read; and so wide where there is no terminal.
_WIDEST = 100


def width() -> int:
    """Return how many columns may be printed: those of the terminal, or of ``COLUMNS``."""
    if not (sys.stdout.isatty() or os.environ.get("COLUMNS")):
        return _WIDEST
    return max(1, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))


class Refused(click.ClickException):
    """What the user can mend: told in a paragraph, exit code 2."""

    exit_code = 2


def showable(text: str) -> str:
    """Return text without letters that standard output cannot encode.

    Args:
        text: as a terminal with Unicode would show it.

    Returns:
        The same where it can be shown. Else drawings are made of plain letters, so that a
        dehydration bar still differs from strain; any other letter becomes ``?``, which beats no
        report at all.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text
