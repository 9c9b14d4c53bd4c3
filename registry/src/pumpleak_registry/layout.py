"""Where everything in a registry stands, and the records that are read and written there.

A registry is a folder of static files::

    root/1.root.json      the first trusted root, for people to hand on
    metadata/             TUF metadata: N.root.json timestamp.json N.snapshot.json N.targets.json
                          N.catalogue.json N.lab-<lab>.json
    targets/              the signed files, under their target paths, as HASH.filename
    simple/               the wheels again, for pip, uv and any tool that reads a package index
    people/               pages for people

Paths are relative, with ``/``, and made of names that are checked here, so that no name out of a
file can lead out of the folder. Records are frozen and strict: ``from_dict`` refuses an unknown
format, an unknown field, a missing field and a value of the wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import attrs

from ._errors import RecordError
from ._record import FORMAT as FORMAT
from ._record import MAX_FILE as MAX_FILE
from ._record import Record as Record
from ._record import (
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
    to_tuple,
)
from ._record import file_name as file_name
from ._record import from_json as from_json
from ._record import lab_name as lab_name
from ._record import project_name as project_name
from ._record import to_json as to_json

ROOT_DIR = "root"
METADATA_DIR = "metadata"
TARGETS_DIR = "targets"
SIMPLE_DIR = "simple"
PEOPLE_DIR = "people"

FIRST_ROOT = f"{ROOT_DIR}/1.root.json"
NAMES = "names.json"
CATALOGUE = "catalogue.json"

CATALOGUE_ROLE = "catalogue"

#: Largest sizes in bytes, beside `MAX_FILE`; a client should refuse longer bodies.
MAX_TARGETS_METADATA = 20_000_000
MAX_CATALOGUE = 50_000_000
MAX_REPORT = 5_000_000

KINDS = ("distribution", "card")
#: What a release can supply: the host's record kinds, with mechanisms told apart.
MAKES = (
    "channel",
    "pump",
    "cotransporter",
    "exchanger",
    "species",
    "solution",
    "filter",
    "solver",
)
CARD_SUFFIX = ".card.toml"


def lab_role(lab: str) -> str:
    """Return the name of the TUF role that a lab signs.

    >>> lab_role("lab-a")
    'lab-lab-a'
    """
    return f"lab-{lab_name(lab)}"


def lab_paths(lab: str) -> list[str]:
    """Return the path patterns that a lab's role is trusted for, and no others."""
    return [f"labs/{lab_name(lab)}/*", f"labs/{lab_name(lab)}/*/*"]


def lab_index(lab: str) -> str:
    """Return the target path of a lab's list of releases.

    >>> lab_index("lab-a")
    'labs/lab-a/index.json'
    """
    return f"labs/{lab_name(lab)}/index.json"


def release_file(lab: str, project: str, name: str) -> str:
    """Return the target path of one file of a release.

    >>> release_file("lab-a", "Pumpleak_Foo", "pumpleak_foo-1.0-py3-none-any.whl")
    'labs/lab-a/pumpleak-foo/pumpleak_foo-1.0-py3-none-any.whl'
    """
    return f"labs/{lab_name(lab)}/{project_name(project)}/{file_name(name)}"


def report_name(name: str) -> str:
    """Return the name of the conformance report of a release whose file is `name`."""
    return file_name(f"{name}.report.json")


def consistent(path: str, sha256: str) -> str:
    """Return where a target stands in the folder ``targets/``.

    >>> consistent("labs/lab-a/index.json", "ab" * 32)[:14]
    'labs/lab-a/aba'
    """
    folder, _, name = path.rpartition("/")
    return f"{folder}/{sha256}.{name}" if folder else f"{sha256}.{name}"


def now() -> str:
    """Return this moment, UTC, in the form that the records use."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_path(value: object) -> bool:
    if not isinstance(value, str):
        return False
    parts = value.split("/")
    return (
        len(parts) == 4
        and parts[0] == "labs"
        and is_lab_name(parts[1])
        and is_project_name(parts[2])
        and project_name(parts[2]) == parts[2]
        and is_file_name(parts[3])
    )


@attrs.frozen(kw_only=True)
class ReleaseFile(Record):
    """One file of a release: its target path, its SHA-256 and its size in bytes."""

    TITLE: ClassVar[str] = "a file of a release"

    path: str = checked_field(_is_path, "labs/LAB/PROJECT/FILE")
    sha256: str = checked_field(is_sha256, "64 hexadecimal digits")
    size: int = checked_field(is_size, f"a number of bytes up to {MAX_FILE}")

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.rpartition("/")[2]


@attrs.frozen(kw_only=True)
class Release(Record):
    """One version of one project.

    Args:
        name: the project, as its author spells it; `project_name` gives the form that is owned.
        kind: ``distribution`` (a wheel) or ``card``.
        version: of the release.
        summary: one line for people.
        license: SPDX expression, or empty.
        files: the wheel or card (see `payload`), and the figures of its sheet.
        requires_python: of a wheel, or None.
        requires: of a wheel, PEP 508 texts.
        provides: identities, ``plugin.thing``.
        uploaded: when it was published, UTC.
        yanked: why it should not be chosen any more, or None.
        report: target path of the conformance report, or None.
    """

    TITLE: ClassVar[str] = "a release"
    PARTS: ClassVar[dict[str, type[Record]]] = {"files": ReleaseFile}

    name: str = checked_field(is_project_name, "a project's name")
    kind: str = checked_field(KINDS.__contains__, "'distribution' or 'card'")
    version: str = checked_field(is_version, "a version")
    summary: str = checked_field(is_text, "text")
    license: str = checked_field(is_text, "text")
    files: tuple[ReleaseFile, ...] = attrs.field()
    requires_python: str | None = checked_field(or_none(is_text), "text or null")
    requires: tuple[str, ...] = checked_field(
        all_are(is_text), "a list of texts", converter=to_tuple
    )
    provides: tuple[str, ...] = checked_field(
        all_are(is_identity), "a list of identities, 'plugin.thing'", converter=to_tuple
    )
    uploaded: str = checked_field(is_time, "a time such as 2026-01-31T12:00:00Z")
    yanked: str | None = checked_field(or_none(is_text), "a reason or null")
    report: str | None = checked_field(or_none(_is_path), "a target path or null")

    @files.validator
    def _has_one_payload(self, _: Any, value: tuple[ReleaseFile, ...]) -> None:
        suffix = self._suffix()
        found = [file for file in value if file.name.endswith(suffix)]
        if len(found) != 1:
            raise RecordError(
                f"release {self.name} {self.version} must have one file that ends with {suffix} "
                f"(got {len(found)})",
                "ask the registry's owner for a whole index",
            )

    def _suffix(self) -> str:
        return CARD_SUFFIX if self.kind == "card" else ".whl"

    @property
    def project(self) -> str:
        """The form of the name that is owned and compared."""
        return project_name(self.name)

    @property
    def payload(self) -> ReleaseFile:
        """The wheel, or the card."""
        return next(file for file in self.files if file.name.endswith(self._suffix()))


@attrs.frozen(kw_only=True)
class LabIndex(Record):
    """``labs/<lab>/index.json``: every release of a lab, oldest first; signed by the lab."""

    TITLE: ClassVar[str] = "a lab's index"
    FILE: ClassVar[bool] = True
    PARTS: ClassVar[dict[str, type[Record]]] = {"releases": Release}

    lab: str = checked_field(is_lab_name, "a lab's name")
    releases: tuple[Release, ...] = attrs.field(factory=tuple)

    @releases.validator
    def _stays_in_its_folder(self, _: Any, value: tuple[Release, ...]) -> None:
        seen = set()
        for release in value:
            paths = [file.path for file in release.files]
            paths += [release.report] if release.report else []
            home = f"labs/{self.lab}/{release.project}/"
            for path in paths:
                if not path.startswith(home):
                    raise RecordError(
                        f"lab {self.lab}: {release.name} {release.version} names a file outside "
                        f"of {home} (got {path!r})",
                        "ask the registry's owner; the lab's key may be in wrong hands",
                    )
            if (key := (release.project, release.version)) in seen:
                raise RecordError(
                    f"lab {self.lab}: {release.name} {release.version} stands twice",
                    "ask the registry's owner for a whole index",
                )
            seen.add(key)

    def by_project(self) -> dict[str, tuple[Release, ...]]:
        """Return the releases of every project, oldest first."""
        found: dict[str, tuple[Release, ...]] = {}
        for release in self.releases:
            found[release.project] = (*found.get(release.project, ()), release)
        return found

    def of(self, project: str) -> tuple[Release, ...]:
        """Return the releases of one project, oldest first."""
        wanted = project_name(project)
        return tuple(release for release in self.releases if release.project == wanted)


def _are_names(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        is_project_name(name) and project_name(name) == name and is_lab_name(lab)
        for name, lab in value.items()
    )


@attrs.frozen(kw_only=True)
class Names(Record):
    """``names.json``: which lab owns which project's name; append-only, signed by ``targets``."""

    TITLE: ClassVar[str] = "the list of names"
    FILE: ClassVar[bool] = True

    names: Mapping[str, str] = checked_field(
        _are_names, "project names, each with its lab", factory=dict
    )

    def owner(self, project: str) -> str | None:
        """Return the lab that owns a project's name, or None if nobody does."""
        return self.names.get(project_name(project))


@attrs.frozen(kw_only=True)
class CatalogueRow(Record):
    """What a search needs to know of one project; of its newest version that is not yanked.

    Args:
        name, lab, kind, version, summary, license, provides: as in `Release`.
        makes: what it supplies, of `MAKES`.
        ions: the ions that its mechanisms move.
        uploaded: when that version was published, UTC.
        yanked: whether all its versions are yanked (the row then tells the newest).
        runs: whether it installed alone and passed the kit, reference points aside.
        reproduces: whether it met its own reference points; None if it states none.
        checked: when admission found that, UTC.
    """

    TITLE: ClassVar[str] = "a row of the catalogue"

    name: str = checked_field(is_project_name, "a project's name")
    lab: str = checked_field(is_lab_name, "a lab's name")
    kind: str = checked_field(KINDS.__contains__, "'distribution' or 'card'")
    makes: tuple[str, ...] = checked_field(
        all_are(MAKES.__contains__), f"a list of {', '.join(MAKES)}", converter=to_tuple
    )
    version: str = checked_field(is_version, "a version")
    summary: str = checked_field(is_text, "text")
    license: str = checked_field(is_text, "text")
    ions: tuple[str, ...] = checked_field(
        all_are(is_text), "a list of ion names", converter=to_tuple
    )
    provides: tuple[str, ...] = checked_field(
        all_are(is_identity), "a list of identities, 'plugin.thing'", converter=to_tuple
    )
    uploaded: str = checked_field(is_time, "a time such as 2026-01-31T12:00:00Z")
    yanked: bool = checked_field(is_flag, "true or false")
    runs: bool = checked_field(is_flag, "true or false")
    reproduces: bool | None = checked_field(or_none(is_flag), "true, false or null")
    checked: str = checked_field(is_time, "a time such as 2026-01-31T12:00:00Z")

    @property
    def project(self) -> str:
        """The form of the name that is owned and compared."""
        return project_name(self.name)


@attrs.frozen(kw_only=True)
class Catalogue(Record):
    """``catalogue.json``: one row per project, in name order; signed by ``catalogue``."""

    TITLE: ClassVar[str] = "the catalogue"
    FILE: ClassVar[bool] = True
    PARTS: ClassVar[dict[str, type[Record]]] = {"projects": CatalogueRow}

    projects: tuple[CatalogueRow, ...] = attrs.field(factory=tuple)
