"""Writing the pages: each from a template that escapes every text, with nothing from elsewhere."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import layout
from .._files import write_whole
from ..layout import CatalogueRow
from ._sheet import Sheet, plain

if TYPE_CHECKING:
    from jinja2 import Environment

_STATIC = ("style.css", "search.js", "age.js", "icon.svg")
_CODE = re.compile(r"(?:``|`)([^`\n]+)(?:``|`)")


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("pumpleak_registry.people"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = plain
    made.filters["spans"] = spans
    return made


def spans(text: str) -> list[tuple[str, bool]]:
    """Return the pieces of a text, and of each whether it is code: what stands between backticks.

    >>> spans("opens with `V` alone")
    [('opens with ', False), ('V', True), (' alone', False)]
    """
    # every second piece was between backticks
    pieces = [(piece, bool(index % 2)) for index, piece in enumerate(_CODE.split(text))]
    return [(piece, code) for piece, code in pieces if piece]


def _page(template: str, **values: Any) -> bytes:
    return _templates().get_template(template).render(values).encode()


def draw_static(folder: Path) -> None:
    """Write the pages and files that do not depend on what is published."""
    home = folder / layout.PEOPLE_DIR
    for name in _STATIC:
        source = resources.files(__package__).joinpath("static", name).read_bytes()
        write_whole(home / name, source)
    write_whole(home / "index.html", _page("index.html", up="", makes=layout.MAKES))


def draw_sheet(folder: Path, sheet: Sheet) -> None:
    """Write the page of one project."""
    page = _page("sheet.html", up="../", sheet=sheet)
    write_whole(folder / layout.PEOPLE_DIR / sheet.release.project / "index.html", page)


def draw_catalogue(folder: Path, rows: Iterable[CatalogueRow]) -> None:
    """Write what the search page searches, and the same as one plain list."""
    home = folder / layout.PEOPLE_DIR
    listed = list(rows)
    # a script and not JSON, since a page from a folder may load no other kind of data
    text = json.dumps([_told(row) for row in listed], separators=(",", ":"))
    write_whole(home / "catalogue.js", f"globalThis.pumpleakCatalogue = {text};\n".encode())
    write_whole(home / "all.html", _page("all.html", up="", rows=listed))


def _told(row: CatalogueRow) -> list[Any]:
    return [
        row.name,
        row.project,
        row.version,
        row.lab,
        row.kind,
        list(row.makes),
        [plain(ion, 50) for ion in row.ions],
        plain(row.summary, 300),
        list(row.provides),
        row.runs,
        row.reproduces,
        row.checked,
        row.yanked,
    ]
