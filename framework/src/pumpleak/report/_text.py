"""The report as plain text, within a number of columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .._tables import LEAST_WIDTH, drawn
from ._blocks import Block, Heading, Paragraph, Table


def render(blocks: Sequence[Block], width: int) -> str:
    """Return the report's text.

    Args:
        blocks: of the report.
        width: columns to stay within.
    """
    width = max(width, LEAST_WIDTH)
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
    return drawn(block, width)
