"""What admission found of one wheel or card: the report that is signed and published with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from ._record import (
    Record,
    all_are,
    checked_field,
    is_file_name,
    is_flag,
    is_identity,
    is_lab_name,
    is_project_name,
    is_sha256,
    is_size,
    is_text,
    is_time,
    is_version,
    or_none,
    project_name,
    to_tuple,
)
from .layout import KINDS, MAKES


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


@attrs.frozen(kw_only=True)
class Problem(Record):
    """One thing that is wrong: a numbered code, the cause, and the fix."""

    TITLE: ClassVar[str] = "a problem in a report"

    code: str = checked_field(is_text, "text")
    cause: str = checked_field(is_text, "text")
    fix: str = checked_field(is_text, "text")

    def __str__(self) -> str:
        return f"{self.code}: {self.cause}; {self.fix}"


@attrs.frozen(kw_only=True)
class Figure(Record):
    """A figure of the sheet: its file, the hash of it, and its description in words."""

    TITLE: ClassVar[str] = "a figure in a report"

    name: str = checked_field(is_file_name, "a file's name")
    sha256: str = checked_field(is_sha256, "64 hexadecimal digits")
    text: str = checked_field(is_text, "text")


@attrs.frozen(kw_only=True)
class Report(Record):
    """Admission's report.

    Args:
        name, kind, version, summary, license, requires_python, requires, provides: as in
            `layout.Release`.
        lab: for whom it was admitted.
        file, sha256, size: the wheel or card that was looked at.
        makes, ions: as in `layout.CatalogueRow`.
        runs: whether it installed alone and passed the kit, reference points aside.
        reproduces: whether it met its own reference points; None if it states none.
        checked: when, UTC.
        host, python: the versions of pumpleak and Python that it ran under.
        checks: the kit's report as data, empty where the kit could not run.
        problems: what is wrong, worst first.
        sheet: what the page for people shows beside it: authors, DOI, biology, parameters.
        figures: drawn at admission.
    """

    TITLE: ClassVar[str] = "a conformance report"
    FILE: ClassVar[bool] = True
    PARTS: ClassVar[dict[str, type[Record]]] = {"problems": Problem, "figures": Figure}

    name: str = checked_field(is_project_name, "a project's name")
    kind: str = checked_field(KINDS.__contains__, "'distribution' or 'card'")
    version: str = checked_field(is_version, "a version")
    lab: str = checked_field(is_lab_name, "a lab's name")
    file: str = checked_field(is_file_name, "a file's name")
    sha256: str = checked_field(is_sha256, "64 hexadecimal digits")
    size: int = checked_field(is_size, "a number of bytes")
    summary: str = checked_field(is_text, "text")
    license: str = checked_field(is_text, "text")
    requires_python: str | None = checked_field(or_none(is_text), "text or null", default=None)
    requires: tuple[str, ...] = checked_field(
        all_are(is_text), "a list of texts", converter=to_tuple, default=()
    )
    provides: tuple[str, ...] = checked_field(
        all_are(is_identity), "a list of identities", converter=to_tuple
    )
    makes: tuple[str, ...] = checked_field(
        all_are(MAKES.__contains__),
        f"a list of {', '.join(MAKES)}",
        converter=to_tuple,
    )
    ions: tuple[str, ...] = checked_field(
        all_are(is_text), "a list of ion names", converter=to_tuple
    )
    runs: bool = checked_field(is_flag, "true or false")
    reproduces: bool | None = checked_field(or_none(is_flag), "true, false or null")
    checked: str = checked_field(is_time, "a time such as 2026-01-31T12:00:00Z")
    host: str = checked_field(is_text, "text")
    python: str = checked_field(is_text, "text")
    checks: Mapping[str, Any] = checked_field(_is_table, "a table", factory=dict)
    problems: tuple[Problem, ...] = attrs.field(default=())
    sheet: Mapping[str, Any] = checked_field(_is_table, "a table", factory=dict)
    figures: tuple[Figure, ...] = attrs.field(default=())

    @property
    def project(self) -> str:
        """The form of the name that is owned and compared."""
        return project_name(self.name)
