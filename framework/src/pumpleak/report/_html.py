"""The report as an HTML fragment that takes its colours from the page it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ._blocks import Block, Column, Heading, Paragraph, Table

_STYLE = (
    ".pumpleak table{border-collapse:collapse;margin:.4em 0}"
    ".pumpleak th,.pumpleak td{padding:.15em .7em;text-align:left;white-space:normal}"
    ".pumpleak th{border-bottom:1px solid}"
    ".pumpleak .number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".pumpleak .total td{border-top:1px solid;font-weight:bold}"
    ".pumpleak .bar{display:inline-block;height:.6em;margin-left:.5em;opacity:.45;"
    "background:currentColor}"
    ".pumpleak p{margin:.3em 0;max-width:60em}"
)
_BAR_EM = 6.0


def render(blocks: Sequence[Block]) -> str:
    """Return the report's HTML; every text in it is escaped.

    Args:
        blocks: of the report.
    """
    return f'<div class="pumpleak"><style>{_STYLE}</style>{"".join(map(_block, blocks))}</div>'


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        # a notebook's own headings are larger
        level = block.level + 2
        return f"<h{level}>{escape(block.text)}</h{level}>"
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    return "".join(_table(block))


def _table(block: Table) -> Iterator[str]:
    yield "<table><thead><tr>"
    for column in block.columns:
        yield f'<th scope="col"{_class(column)}>{escape(column.heading)}</th>'
    yield "</tr></thead><tbody>"
    for index, row in enumerate(block.rows):
        last = block.total and index == len(block.rows) - 1
        yield '<tr class="total">' if last else "<tr>"
        for column, cell in zip(block.columns, row, strict=True):
            bar = _bar(cell) if column.share and cell and not last else ""
            yield f"<td{_class(column)}>{escape(cell)}{bar}</td>"
        yield "</tr>"
    yield "</tbody></table>"


def _class(column: Column) -> str:
    return ' class="number"' if column.numeric else ""


def _bar(cell: str) -> str:
    length = min(max(float(cell), 0.0), 100.0) / 100 * _BAR_EM
    gap = _BAR_EM - length  # keeps the numbers in line
    return f'<span class="bar" style="width:{length:.2f}em;margin-right:{gap:.2f}em"></span>'
