"""What a sheet shows, made out of releases and a report; every text is plain and bounded here.

A report's ``sheet`` is what a plugin said of itself, in any shape it likes. Nothing of it reaches a
page but through these records.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from packaging.version import Version

from .. import layout
from .._catalogue import newest
from ..layout import Release
from ..report import Report

_LONGEST = 4000
_MOST = 200
_EXTRA = re.compile(r";.*\bextra\s*==")

Hashes = Mapping[str, str]


def plain(value: object, longest: int = _LONGEST) -> str:
    r"""Return text without control and formatting characters, which could disguise it.

    >>> plain("a\u202eb\x00c")
    'abc'
    """
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text
    kept = (c for c in text[:longest] if c == "\n" or unicodedata.category(c)[0] != "C")
    return "".join(kept)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value[:_MOST] if isinstance(value, list | tuple) else ()


@attrs.frozen(kw_only=True)
class Parameter:
    """A row of the table of parameters."""

    name: str
    value: str
    source: str
    basis: str
    doc: str


@attrs.frozen(kw_only=True)
class Check:
    """A line of the conformance report."""

    code: str
    name: str
    outcome: str
    message: str


@attrs.frozen(kw_only=True)
class Item:
    """One channel or other thing that a release supplies."""

    id: str
    kind: str
    summary: str
    ions: tuple[str, ...]
    paragraphs: tuple[str, ...]
    references: tuple[str, ...]
    bibtex: str
    biology: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    checks: tuple[Check, ...]
    counts: tuple[tuple[str, int], ...]
    figure: str | None
    figure_text: str


@attrs.frozen(kw_only=True)
class Line:
    """One version in the history of a project."""

    version: str
    uploaded: str
    yanked: str | None
    file: str
    address: str
    report: str | None


@attrs.frozen(kw_only=True)
class Sheet:
    """Everything that the page of a project shows."""

    release: Release
    lab: str
    needs: tuple[str, ...]
    report: Report
    authors: tuple[str, ...]
    urls: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    history: tuple[Line, ...]


def sheet_of(lab: str, releases: Sequence[Release], report: Report, hashes: Hashes) -> Sheet:
    """Return the sheet of a project.

    Args:
        lab: its owner.
        releases: all its releases, oldest first.
        report: of the newest.
        hashes: SHA-256 of signed files, by target path.
    """
    shown = newest(releases)
    items = [_item(_table(given), shown, report) for given in _list(report.sheet.get("objects"))]
    urls = _table(report.sheet.get("urls"))
    return Sheet(
        release=shown,
        lab=lab,
        needs=needs(shown),
        report=report,
        authors=tuple(plain(author) for author in _list(report.sheet.get("authors"))),
        urls=tuple((plain(k, 100), plain(v, 500)) for k, v in urls.items() if _is_web(v)),
        items=tuple(items),
        history=tuple(
            _line(release, hashes)
            for release in sorted(releases, key=lambda r: Version(r.version), reverse=True)
        ),
    )


def needs(release: Release) -> tuple[str, ...]:
    """Return what a release needs wherever it is used; its extras are for its developers."""
    always = [plain(need, 200) for need in release.requires if not _EXTRA.search(need)]
    if release.requires_python:
        always.append(f"Python {plain(release.requires_python, 100)}")
    return tuple(always)


def _line(release: Release, hashes: Hashes) -> Line:
    payload = release.payload
    report = release.report
    return Line(
        version=release.version,
        uploaded=release.uploaded,
        yanked=None if release.yanked is None else plain(release.yanked, 500),
        file=payload.name,
        # a wheel stands under its own name too, which is the better one to download
        address=f"../../{layout.SIMPLE_DIR}/{release.project}/{payload.name}"
        if release.kind == "distribution"
        else _address(payload.path, payload.sha256),
        report=_address(report, hashes[report]) if report and report in hashes else None,
    )


def _address(path: str, sha256: str) -> str:
    return f"../../{layout.TARGETS_DIR}/{layout.consistent(path, sha256)}"


def _is_web(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://"))


def _item(given: Mapping[str, Any], release: Release, report: Report) -> Item:
    id = plain(given.get("id"), 200)
    number = given.get("figure")
    figure = text = None
    if isinstance(number, int) and 0 < number <= len(report.figures):
        known = {file.name: file for file in release.files}
        wanted = report.figures[number - 1]
        if wanted.name in known:
            figure = _address(known[wanted.name].path, known[wanted.name].sha256)
            text = plain(wanted.text, 1000)
    checks = tuple(_checks(report, id))
    counts = Counter(check.outcome for check in checks)
    biology = _table(given.get("biology"))
    return Item(
        id=id,
        kind=plain(given.get("kind"), 50),
        summary=plain(given.get("summary"), 500),
        ions=tuple(plain(ion, 50) for ion in _list(given.get("ions"))),
        paragraphs=_paragraphs(plain(given.get("doc"))),
        references=tuple(plain(text, 1000) for text in _list(given.get("references"))),
        bibtex=plain(given.get("bibtex"), 20_000),
        biology=tuple((plain(k, 100), plain(v, 500)) for k, v in list(biology.items())[:_MOST]),
        parameters=tuple(_parameter(_table(row)) for row in _list(given.get("parameters"))),
        checks=checks,
        counts=tuple(sorted(counts.items())),
        figure=figure,
        figure_text=text or "",
    )


def _paragraphs(doc: str) -> tuple[str, ...]:
    """Return the paragraphs of a docstring, each on one line: its line ends are for editors."""
    return tuple(" ".join(text.split()) for text in re.split(r"\n\s*\n", doc) if text.strip())


def _parameter(row: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=plain(row.get("name"), 100),
        value=plain(row.get("value"), 200),
        source=plain(row.get("source"), 500),
        basis=plain(row.get("basis"), 50),
        doc=plain(row.get("doc"), 300),
    )


def _checks(report: Report, id: str) -> list[Check]:
    rows = [
        _table(row)
        for run in _list(report.checks.get("runs"))
        for row in _list(_table(run).get("results"))
    ]
    return [
        Check(
            code=plain(row.get("code"), 20),
            name=plain(row.get("check"), 100),
            outcome=plain(row.get("outcome"), 50),
            message=plain(row.get("message"), 500),
        )
        for row in rows
        if row.get("object") == id
    ]
