"""Names that cannot lead out of a folder, and records that are read strictly.

A record is frozen. ``from_dict`` refuses an unknown format, an unknown field, a missing field and a
value of the wrong type, so that what was signed is what is used.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

import attrs
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ._errors import RecordError

FORMAT = 1

#: The largest file of a release, in bytes.
MAX_FILE = 50_000_000

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
    return _canonical(text)


@functools.lru_cache(maxsize=65536)
def _canonical(text: str) -> str:
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


def checked_field(check: Callable[[Any], bool], must: str, **options: Any) -> Any:
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


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_version(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 50 and _reads_as_version(value)


@functools.lru_cache(maxsize=1024)
def _reads_as_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FILE


def all_are(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


def or_none(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


def _fits(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


is_lab_name = _quietly(lab_name)
is_project_name = _quietly(project_name)
is_file_name = _quietly(file_name)
is_identity = _fits(_IDENTITY)
is_sha256 = _fits(_SHA256)


def to_tuple(value: object) -> object:
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
