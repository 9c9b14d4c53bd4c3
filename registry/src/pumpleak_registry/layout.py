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

import functools
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeVar

import attrs
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ._errors import RecordError

FORMAT = 1

ROOT_DIR = "root"
METADATA_DIR = "metadata"
TARGETS_DIR = "targets"
SIMPLE_DIR = "simple"
PEOPLE_DIR = "people"

FIRST_ROOT = f"{ROOT_DIR}/1.root.json"
NAMES = "names.json"
CATALOGUE = "catalogue.json"

CATALOGUE_ROLE = "catalogue"

#: Largest sizes in bytes; a client should refuse longer bodies, and the registry makes none.
MAX_FILE = 50_000_000
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

_LAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_PROJECT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*", re.ASCII)
_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*\.[A-Za-z0-9][A-Za-z0-9_+-]*", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MAX_NAME = 100
_MAX_FILE_NAME = 200

R = TypeVar("R", bound="Record")


def lab_name(text: object) -> str:
    """Return `text` if it can name a lab: lower-case letters, digits and single hyphens."""
    if not isinstance(text, str) or len(text) > 50 or not _LAB.fullmatch(text):
        raise RecordError(
            f"a lab's name must be lower-case letters, digits and single hyphens, at most 50 "
            f"(got {text!r})",
            "name it for example 'lab-a'",
        )
    return text


def project_name(text: object) -> str:
    """Return the form of a project's name in which names are owned and compared.

    >>> project_name("Pumpleak_K2P"), project_name("lab-a.leak")
    ('pumpleak-k2p', 'lab-a-leak')
    """
    if not isinstance(text, str) or len(text) > _MAX_NAME or not _PROJECT.fullmatch(text):
        raise RecordError(
            "a project's name must be letters, digits, '-', '_' and '.', at most "
            f"{_MAX_NAME}, with a letter or digit at both ends (got {_shown(text)})",
            "rename the distribution or the card",
        )
    return str(canonicalize_name(text))


def file_name(text: object) -> str:
    """Return `text` if it can name one file of a release, with no path in it."""
    if (
        not isinstance(text, str)
        or len(text) > _MAX_FILE_NAME
        or not _FILE.fullmatch(text)
        or ".." in text
    ):
        raise RecordError(
            "a file's name must be letters, digits, '.', '_', '+', '!' and '-', at most "
            f"{_MAX_FILE_NAME}, beginning with a letter or digit and without '..' "
            f"(got {_shown(text)})",
            "rename the file as build tools name it",
        )
    return text


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


def to_json(record: Record) -> bytes:
    """Return a record as it stands in a file."""
    return (json.dumps(record.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def from_json(kind: type[R], text: bytes | str) -> R:
    """Read a record from a file's text.

    Raises:
        RecordError: it is not JSON, or not such a record.
    """
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RecordError(
            f"{kind.TITLE} is not JSON ({type(error).__name__}: {error})",
            "fetch it again, or ask the registry's owner",
        ) from None
    return kind.from_dict(data)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _field(check: Callable[[Any], bool], must: str, **options: Any) -> Any:
    def validate(record: Any, field: attrs.Attribute[Any], value: object) -> None:
        if not check(value):
            raise RecordError(
                f"{record.TITLE}: {field.name!r} must be {must} (got {_shown(value)})",
                "ask the registry's owner for a whole index",
            )

    return attrs.field(validator=validate, **options)


def _quietly(check: Callable[[object], object]) -> Callable[[object], bool]:
    def passes(value: object) -> bool:
        try:
            check(value)
        except RecordError:
            return False
        return True

    return passes


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_version(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 50 and _reads_as_version(value)


@functools.lru_cache(maxsize=1024)
def _reads_as_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_path(value: object) -> bool:
    if not isinstance(value, str):
        return False
    parts = value.split("/")
    return (
        len(parts) == 4
        and parts[0] == "labs"
        and _quietly(lab_name)(parts[1])
        and _quietly(project_name)(parts[2])
        and project_name(parts[2]) == parts[2]
        and _quietly(file_name)(parts[3])
    )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FILE


def _are(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


def _or_none(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


def _fits(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@attrs.frozen(kw_only=True)
class Record:
    """What every record can do; a subclass names its fields."""

    TITLE: ClassVar[str] = "a record"
    #: Whether a record of this kind is a file of its own, and so carries ``format``.
    FILE: ClassVar[bool] = False
    #: Fields that hold records themselves, and of which kind.
    PARTS: ClassVar[dict[str, type[Record]]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, ready for JSON."""
        data: dict[str, Any] = {"format": FORMAT} if self.FILE else {}
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name in self.PARTS:
                value = [part.to_dict() for part in value]
            data[field.name] = list(value) if isinstance(value, tuple) else value
        return data

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Make the record from plain data.

        Raises:
            RecordError: a format or field is unknown or missing, or a value has the wrong type.
        """
        fix = "ask the registry's owner for a whole index"
        if not isinstance(data, Mapping):
            raise RecordError(f"{cls.TITLE} must be a table (got {_shown(data)})", fix)
        given = dict(data)
        if cls.FILE:
            form = given.pop("format", None)
            if form != FORMAT or isinstance(form, bool):
                raise RecordError(
                    f"{cls.TITLE} has format {_shown(form)}, and this version reads {FORMAT}",
                    "update pumpleak-registry",
                )
        names = {field.name for field in attrs.fields(cls)}
        for odd, word in ((set(given) - names, "unknown"), (names - set(given), "no")):
            if odd:
                listed = ", ".join(sorted(map(_shown, odd)))
                raise RecordError(f"{cls.TITLE} has {word} field {listed}", fix)
        for name, kind in cls.PARTS.items():
            if not isinstance(given[name], list):
                raise RecordError(f"{cls.TITLE}: {name!r} must be a list", fix)
            given[name] = tuple(kind.from_dict(part) for part in given[name])
        return cls(**given)


@attrs.frozen(kw_only=True)
class ReleaseFile(Record):
    """One file of a release: its target path, its SHA-256 and its size in bytes."""

    TITLE: ClassVar[str] = "a file of a release"

    path: str = _field(_is_path, "labs/LAB/PROJECT/FILE")
    sha256: str = _field(_fits(_SHA256), "64 hexadecimal digits")
    size: int = _field(_is_size, f"a number of bytes up to {MAX_FILE}")

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

    name: str = _field(_quietly(project_name), "a project's name")
    kind: str = _field(KINDS.__contains__, "'distribution' or 'card'")
    version: str = _field(_is_version, "a version")
    summary: str = _field(_is_text, "text")
    license: str = _field(_is_text, "text")
    files: tuple[ReleaseFile, ...] = attrs.field()
    requires_python: str | None = _field(_or_none(_is_text), "text or null")
    requires: tuple[str, ...] = _field(_are(_is_text), "a list of texts", converter=_tuple)
    provides: tuple[str, ...] = _field(
        _are(_fits(_IDENTITY)), "a list of identities, 'plugin.thing'", converter=_tuple
    )
    uploaded: str = _field(_is_time, "a time such as 2026-01-31T12:00:00Z")
    yanked: str | None = _field(_or_none(_is_text), "a reason or null")
    report: str | None = _field(_or_none(_is_path), "a target path or null")

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

    lab: str = _field(_quietly(lab_name), "a lab's name")
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

    def of(self, project: str) -> tuple[Release, ...]:
        """Return the releases of one project, oldest first."""
        wanted = project_name(project)
        return tuple(release for release in self.releases if release.project == wanted)


def _are_names(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        _quietly(project_name)(name) and project_name(name) == name and _quietly(lab_name)(lab)
        for name, lab in value.items()
    )


@attrs.frozen(kw_only=True)
class Names(Record):
    """``names.json``: which lab owns which project's name; append-only, signed by ``targets``."""

    TITLE: ClassVar[str] = "the list of names"
    FILE: ClassVar[bool] = True

    names: Mapping[str, str] = _field(_are_names, "project names, each with its lab", factory=dict)

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

    name: str = _field(_quietly(project_name), "a project's name")
    lab: str = _field(_quietly(lab_name), "a lab's name")
    kind: str = _field(KINDS.__contains__, "'distribution' or 'card'")
    makes: tuple[str, ...] = _field(
        _are(MAKES.__contains__), f"a list of {', '.join(MAKES)}", converter=_tuple
    )
    version: str = _field(_is_version, "a version")
    summary: str = _field(_is_text, "text")
    license: str = _field(_is_text, "text")
    ions: tuple[str, ...] = _field(_are(_is_text), "a list of ion names", converter=_tuple)
    provides: tuple[str, ...] = _field(
        _are(_fits(_IDENTITY)), "a list of identities, 'plugin.thing'", converter=_tuple
    )
    uploaded: str = _field(_is_time, "a time such as 2026-01-31T12:00:00Z")
    yanked: bool = _field(lambda value: isinstance(value, bool), "true or false")
    runs: bool = _field(lambda value: isinstance(value, bool), "true or false")
    reproduces: bool | None = _field(
        _or_none(lambda value: isinstance(value, bool)), "true, false or null"
    )
    checked: str = _field(_is_time, "a time such as 2026-01-31T12:00:00Z")

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
