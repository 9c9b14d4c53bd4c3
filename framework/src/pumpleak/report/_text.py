"""The report as plain text, within a number of columns."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from ._blocks import Block, Heading, Paragraph, Table

_LEAST_WIDTH = 40


def render(blocks: Sequence[Block], width: int) -> str:
    """Return the report's text.

    Args:
        blocks: of the report.
        width: columns to stay within.
    """
    width = max(width, _LEAST_WIDTH)
    lines: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and _apart(before, block):
            lines.append("")
        lines += _lines(block, width)
        before = block
    return "\n".join(line.rstrip() for line in lines)


def _apart(before: Block, block: Block) -> bool:
    """Whether an empty line stands between: not below a heading, nor between paragraphs."""
    if isinstance(block, Heading):
        return not isinstance(before, Heading)
    return isinstance(before, Table) or (isinstance(before, Paragraph) and isinstance(block, Table))


def _lines(block: Block, width: int) -> list[str]:
    if isinstance(block, Paragraph):
        return textwrap.wrap(block.text, width, subsequent_indent="  ")
    if isinstance(block, Heading):
        rule = {1: "=", 2: "-"}.get(block.level)
        text = textwrap.wrap(block.text, width)
        return [*text, rule * min(width, len(block.text))] if rule else text
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        color_system=None,
        force_terminal=False,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    console.print(_table(block))
    return out.getvalue().splitlines()


def _table(block: Table) -> RichTable:
    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for column in block.columns:
        table.add_column(
            column.heading,
            justify="right" if column.numeric else "left",
            overflow="fold",
            # a number broken over two lines is two numbers; headings wrap between words
            no_wrap=False,
            min_width=_longest(block, column.heading) if column.numeric else None,
        )
    for index, row in enumerate(block.rows):
        if block.total and index == len(block.rows) - 1:
            table.add_section()
        table.add_row(*row)
    return table


def _longest(block: Table, heading: str) -> int:
    position = [column.heading for column in block.columns].index(heading)
    return max((len(row[position]) for row in block.rows), default=1) or 1
