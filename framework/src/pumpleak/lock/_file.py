"""Lock files: which plugins and cards a membrane file was run with, by version and hash.

A lock file is a ``pylock.toml`` (PEP 751), so that installers can read what they know of it; what
only pumpleak knows stands in ``[tool.pumpleak]``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import attrs

from .._errors import LockError

FORMAT = 1
_LARGEST = 10_000_000
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


def _text(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value:
        raise LockError([f"{record.TITLE}: {field.name!r} must be text (got {value!r:.80})"])


def _digest(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise LockError(
            [
                f"{record.TITLE}: {field.name!r} must be 'sha256:' and 64 hexadecimal digits "
                f"(got {value!r:.80})"
            ]
        )


@attrs.frozen(kw_only=True)
class _Entry:
    TITLE: ClassVar[str]

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Make the entry from plain data; refuse an unknown or missing field."""
        names = {field.name for field in attrs.fields(cls)}
        if not isinstance(data, Mapping) or set(data) != names:
            got = sorted(data) if isinstance(data, Mapping) else repr(data)[:80]
            raise LockError([f"{cls.TITLE} must have the fields {sorted(names)} (got {got})"])
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class LockedDistribution(_Entry):
    """A distribution: its name, version, and the hash over its installed files."""

    TITLE: ClassVar[str] = "a distribution of the lock"

    name: str = attrs.field(validator=_text)
    version: str = attrs.field(validator=_text)
    files: str = attrs.field(validator=_digest)


@attrs.frozen(kw_only=True)
class LockedCard(_Entry):
    """A card: its identity, version, and the hash of its file."""

    TITLE: ClassVar[str] = "a card of the lock"

    identity: str = attrs.field(validator=_text)
    version: str = attrs.field(validator=_text)
    sha256: str = attrs.field(validator=_digest)


@attrs.frozen(kw_only=True)
class Lock:
    """What ``[tool.pumpleak]`` of a lock file holds.

    Args:
        file: name of the membrane file that was locked.
        distributions: pumpleak itself, and every plugin that takes part.
        cards: every card that takes part.
        libraries: versions of Python and of what computes, to be compared and not enforced.
        registry: where plugins and cards were fetched from, empty if nowhere.
    """

    file: str
    distributions: tuple[LockedDistribution, ...]
    cards: tuple[LockedCard, ...]
    libraries: Mapping[str, str]
    registry: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make the record from the table ``[tool.pumpleak]``.

        Raises:
            LockError: a format or field is unknown or missing, or a value is of the wrong type.
        """
        fields = {"format", "file", "distributions", "cards", "libraries", "registry"}
        if data.get("format") != FORMAT:
            got = f"format {data['format']!r}" if "format" in data else "no format"
            raise LockError([f"has {got}, and this pumpleak reads {FORMAT}; lock again"])
        if set(data) != fields:
            odd = ", ".join(sorted(set(data) ^ fields))
            raise LockError([f"[tool.pumpleak] has unknown or missing fields: {odd}"])
        for name, kind in (("distributions", list), ("cards", list), ("libraries", dict)):
            if not isinstance(data[name], kind):
                raise LockError([f"[tool.pumpleak] {name!r} must be a {kind.__name__}"])
        texts = (data["file"], data["registry"], *data["libraries"].values())
        if not all(isinstance(text, str) for text in texts):
            raise LockError(["[tool.pumpleak]: 'file', 'registry' and libraries must be text"])
        return cls(
            file=data["file"],
            distributions=tuple(map(LockedDistribution.from_dict, data["distributions"])),
            cards=tuple(map(LockedCard.from_dict, data["cards"])),
            libraries=data["libraries"],
            registry=data["registry"],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the table ``[tool.pumpleak]``."""
        return {
            "format": FORMAT,
            "file": self.file,
            "registry": self.registry,
            "libraries": dict(self.libraries),
            "distributions": [item.to_dict() for item in self.distributions],
            "cards": [item.to_dict() for item in self.cards],
        }


def lock_path(file: str | os.PathLike[str]) -> Path:
    """Return where the lock of a membrane file stands: beside it.

    >>> lock_path("models/neuron.toml").as_posix()
    'models/pylock.neuron.toml'
    """
    where = Path(file)
    # PEP 751 allows one name between dots
    return where.with_name(f"pylock.{where.stem.replace('.', '-')}.toml")


def read_lock(path: str | os.PathLike[str]) -> Lock:
    """Read a lock file.

    Raises:
        LockError: it is not there, or not such a file.
    """
    data = read_tables(path)["tool"]["pumpleak"]
    try:
        return Lock.from_dict(data)
    except LockError as error:
        raise LockError([f"{path}: {problem}" for problem in error.problems]) from None


def read_tables(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a lock file as plain data that has a table ``[tool.pumpleak]``.

    Raises:
        LockError: it is not there, or not such a file.
    """
    where = Path(path)
    try:
        if where.stat().st_size > _LARGEST:
            raise LockError([f"{where}: is no lock file (more than {_LARGEST} bytes)"])
        data = tomllib.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LockError([f"{where}: no such lock file; 'pumpleak lock' writes it"]) from None
    except OSError as error:
        raise LockError([f"{where}: cannot be read ({error.strerror})"]) from error
    except (ValueError, RecursionError) as error:
        raise LockError([f"{where}: is no TOML ({error})"]) from error
    tool = data.get("tool")
    if not isinstance(tool, dict) or not isinstance(tool.get("pumpleak"), dict):
        raise LockError([f"{where}: has no table [tool.pumpleak]; 'pumpleak lock' writes it"])
    return data
