"""Text as the terminal can show it, and what is told there before the command ends."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import click

from .._words import wrapped

#: What stands in for the letters of drawings where a terminal lacks them.
_PLAIN = str.maketrans("░█▒▓│─µ·–−×", ".#%+|-u.--x")


#: No wider, lest lines become hard to read; and so wide where there is no terminal.
_WIDEST = 100


def width() -> int:
    """Return how many columns may be printed: those of the terminal, or of ``COLUMNS``."""
    return _columns() if _is_read(sys.stdout) else _WIDEST


def tell(text: str, *, hang: int = 0) -> None:
    """Print sentences within the terminal's width.

    Args:
        text: lines; words, numbers and paths stay whole.
        hang: columns by which a line that goes on is indented.
    """
    click.echo(wrapped(showable(text), width(), hang=hang))


def say(text: str, *, hang: int = 0) -> None:
    """Print what was done, in lines only where a terminal reads it.

    Args:
        text: lines; words, numbers and paths stay whole.
        hang: columns by which a line that goes on is indented.
    """
    click.echo(fitted(showable(text), sys.stdout, hang=hang))


def warn(text: str, *, hang: int = 0) -> None:
    """Print sentences on standard error, within the width of the terminal if it is one."""
    click.echo(fitted(text, sys.stderr, hang=hang), err=True)


def fitted(text: str, stream: TextIO, *, first: int = 0, hang: int = 0) -> str:
    """Return text in lines for the terminal that reads it.

    In a file a message is one line, which is found and counted as one.

    Args:
        text: lines.
        stream: where it goes.
        first: columns that something before it takes.
        hang: columns by which a line that goes on is indented.
    """
    if not _is_read(stream):
        return text
    return wrapped("x" * first + text, _columns(), hang=hang)[first:]


def _is_read(stream: TextIO) -> bool:
    """Whether lines that go there have an end: a terminal's, or that of ``COLUMNS``."""
    return stream.isatty() or bool(os.environ.get("COLUMNS"))


def _columns() -> int:
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
