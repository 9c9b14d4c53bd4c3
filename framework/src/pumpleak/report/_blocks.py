"""What a report is made of: headings, paragraphs and tables of text."""

from __future__ import annotations

import attrs


@attrs.frozen
class Heading:
    """A title; level 1 is the report's own."""

    text: str
    level: int = 2


@attrs.frozen
class Paragraph:
    """A sentence or more."""

    text: str


@attrs.frozen(kw_only=True)
class Column:
    """A column's heading, with its unit, and whether it holds numbers."""

    heading: str
    numeric: bool = True
    #: per cent of a whole, which HTML shows as a bar too
    share: bool = False


@attrs.frozen(kw_only=True)
class Table:
    """Rows of text.

    Args:
        columns: headings.
        rows: cells, as many a row as there are columns.
        total: whether the last row is a sum.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: bool = False


Block = Heading | Paragraph | Table
