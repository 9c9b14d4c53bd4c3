"""The text of a card, taken from strangers: size, kind of file and shape are looked at first.

Imports nothing beyond the standard library, for the lists of cards.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import attrs

from .._errors import CardError
from ._limits import FILE_BYTES, KEY_PARTS, TOML_DEPTH

SUFFIX = ".card.toml"
#: As much of a line as is looked at to see whether a header opens it.
_INDENT = 80
# Strings and comments are stepped over whole and without going back, so that the time is linear.
_SHAPE = re.compile(
    r"#[^\n]*+"
    r'|"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']|'(?!''))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'"
    r"|[\[\]{}.=,\n]",
    re.DOTALL,
)


@attrs.frozen(kw_only=True)
class Source:
    """The text of a card.

    Args:
        text: TOML.
        sha256: of the file's bytes.
        path: of the file; None for a card from a text.
        tables: where each table's header begins in the text.
    """

    text: str = attrs.field(repr=False)
    sha256: str
    path: str | None
    tables: tuple[int, ...] = attrs.field(repr=False)

    @property
    def head(self) -> str:
        """The text up to the second table."""
        return self.text[: self.tables[1]] if len(self.tables) > 1 else self.text


def read_source(path: str | os.PathLike[str]) -> Source:
    """Read a card's file.

    Raises:
        CardError: no such file, a link or device, too large, not UTF-8, or of no shape that a card
            has; nothing large is read to find out.
    """
    shown = os.fspath(path)
    data = _bytes(Path(path), shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardError([f"is not UTF-8 text (byte {error.start})"], shown) from error
    return _source(text, data, shown)


def source_of(text: str, path: str | None = None) -> Source:
    """Return the source of a card that is given as text.

    Raises:
        CardError: too large, or of no shape that a card has.
    """
    if not isinstance(text, str):
        raise CardError([f"expected the text of a card, got {type(text).__name__}"], path)
    if len(text) > FILE_BYTES:
        raise CardError([_too_large(len(text))], path)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise CardError([f"is not text (character {error.start})"], path) from error
    return _source(text, data, path)


def tables_of(text: str, path: str | None = None) -> dict[str, Any]:
    """Return the tables of a text whose shape was checked.

    Raises:
        CardError: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError([f"is not TOML: {str(error)[:200]}"], path) from error
    except (RecursionError, ValueError, OverflowError) as error:
        raise CardError([f"is not TOML that can be read: {type(error).__name__}"], path) from error


def _source(text: str, data: bytes, path: str | None) -> Source:
    text = text.replace("\r\n", "\n")
    return Source(
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        path=path,
        tables=_headers(text, path),
    )


def _bytes(path: Path, shown: str) -> bytes:
    # O_NOFOLLOW and O_NONBLOCK: neither a link nor a pipe without a writer gets hold of us.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise CardError(["is a symbolic link; give the file itself"], shown)
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise CardError(["no such file"], shown) from None
    except (OSError, ValueError) as error:
        raise CardError([f"cannot be read: {error}"], shown) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise CardError(["is no file; give a card such as leak.card.toml"], shown)
        if found.st_size > FILE_BYTES:
            raise CardError([_too_large(found.st_size)], shown)
        data = b""
        while len(data) <= FILE_BYTES and (more := os.read(handle, FILE_BYTES + 1)):
            data += more
    except OSError as error:
        raise CardError([f"cannot be read: {error}"], shown) from error
    finally:
        os.close(handle)
    if len(data) > FILE_BYTES:
        raise CardError([_too_large(len(data))], shown)
    return data


def _too_large(size: int) -> str:
    return f"{size} bytes are too many for a card (at most {FILE_BYTES})"


def _headers(text: str, path: str | None) -> tuple[int, ...]:
    """Return where table headers begin; refuse what nests or dots too deeply to be a card."""
    depth = dots = line = 0
    begins = 0  # of the line
    found: list[int] = []
    for match in _SHAPE.finditer(text):
        token = match.group()
        if token in "[{":
            before = text[begins : min(match.start(), begins + _INDENT)]
            if depth == 0 and not before.strip(" \t"):
                found.append(match.start())
            depth += 1
            dots = 0
            if depth > TOML_DEPTH:
                raise CardError(
                    [f"line {line + 1}: more than {TOML_DEPTH} tables or lists in one another"],
                    path,
                )
        elif token in "]}":
            depth = max(0, depth - 1)
            dots = 0
        elif token == ".":
            dots += 1
            if dots >= KEY_PARTS:
                raise CardError(
                    [f"line {line + 1}: a key has more than {KEY_PARTS} parts; a card has at most"
                     " four"],
                    path,
                )  # fmt: skip
        elif token in "=,":
            dots = 0
        elif token == "\n":
            line += 1
            begins = match.end()
            dots = 0
        elif "\n" in token:
            line += token.count("\n")
            begins = match.start()
    return tuple(found)
