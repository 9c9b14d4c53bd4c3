"""Words: those that follow a number, and where lines of them end."""

from __future__ import annotations

import textwrap


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one.

    >>> counted(1, "problem"), counted(0, "problem")
    ('1 problem', '0 problems')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def wrapped(text: str, width: int, *, hang: int = 0) -> str:
    """Return text of which every line ends between words.

    Numbers, names, paths and the like are never broken: one that is longer than a line stands
    alone on it.

    Args:
        text: lines; each keeps its indent where it goes on.
        width: columns to stay within.
        hang: columns by which what goes on is indented further.

    >>> print(wrapped("  the sodium-potassium pump", 20, hang=2))
      the
        sodium-potassium
        pump
    """
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= width:
            lines.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()) + hang)
        lines += textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return "\n".join(lines)
