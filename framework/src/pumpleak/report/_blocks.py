"""What a report is made of: headings, paragraphs and tables of text."""

from __future__ import annotations

import attrs

from .._tables import Column as Column
from .._tables import Table as Table


@attrs.frozen
class Heading:
    """A title; level 1 is the report's own."""

    text: str
    level: int = 2


@attrs.frozen
class Paragraph:
    """A sentence or more."""

    text: str


Block = Heading | Paragraph | Table
