"""Files of tables: CSV and Parquet, looked at piece by piece."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import CompositionError

#: Rows are found again by the position of every so-manieth.
STEP = 65_536
_READ = 1 << 22
_SEPARATORS = (",", ";", "\t")


def needs_pyarrow(what: str) -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise CompositionError(
            f'{what} needs PyArrow, which is not installed; pip install "pumpleak[scale]"'
        ) from error
    return pyarrow


def scanned_csv(where: Path) -> tuple[str, list[str], int, tuple[int, ...], str]:
    """Return separator, headings, number of rows, where rows begin, and hash of a CSV file."""
    digest = hashlib.sha256()
    with where.open("rb") as stream:
        first = stream.readline()
        _refuse_no_text(where, first)
        digest.update(first)
        text = first.decode("utf-8-sig", "replace")
        separator = max(_SEPARATORS, key=text.count)
        headings = split_line(first, separator)
        at = len(first)
        offsets, rows, ends_open = [at], 0, False
        while block := stream.read(_READ):
            digest.update(block)
            ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10)
            # rows that end here: those whose number is a multiple of STEP begin a new piece
            due = -(rows + 1) % STEP
            offsets += (at + ends[due::STEP] + 1).tolist()
            rows += len(ends)
            at += len(block)
            ends_open = not block.endswith(b"\n")
    rows += ends_open
    if offsets[-1] != at:
        offsets.append(at)
    return separator, headings, rows, tuple(offsets), digest.hexdigest()


def _refuse_no_text(where: Path, first: bytes) -> None:
    """Refuse what cannot be CSV by its first line."""
    if not first.strip():
        state = "begins with an empty line" if first else "the file is empty"
        raise CompositionError(
            f"{where}: {state}; the first line must name the columns, such as 'outside.K (mM)'"
        )
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CompositionError(f"{where}: it is UTF-16 text; save it as UTF-8")
    if b"\0" in first:
        raise CompositionError(f"{where}: it is no text; a table is CSV (as UTF-8) or Parquet")
    if b"\r" in first.rstrip(b"\r\n"):
        raise CompositionError(
            f"{where}: its lines end in carriage returns alone; save it with line feeds"
        )


def split_line(line: bytes, separator: str) -> list[str]:
    import csv

    text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
    (row,) = csv.reader([text], delimiter=separator) if text else ([],)
    return [heading.strip() for heading in row]


def is_readable(field: str) -> bool:
    """Whether a field of CSV is a number, or says that there is none."""
    words = field.strip().strip('"').casefold()
    if words in ("", "na", "n/a", "#n/a", "nan", "null"):
        return True
    try:
        float(words)
    except ValueError:
        return False
    return "_" not in words


def parquet_file(path: Path) -> Any:
    needs_pyarrow("a table in Parquet")
    from pyarrow import parquet

    return parquet.ParquetFile(path)


def damage() -> tuple[type[Exception], ...]:
    """Return what PyArrow raises of a file that is not what it should be."""
    return (OSError, needs_pyarrow("a table in Parquet").ArrowException)


def parquet_headings(where: Path) -> tuple[list[str], dict[str, str], int, dict[str, str]]:
    """Return headings, units, how many rows, and what columns hold that are no numbers."""
    from pyarrow import types

    try:
        file = parquet_file(where)
    except damage() as error:
        if getattr(error, "errno", None):  # the system's own words: no permission, ...
            raise
        raise CompositionError(f"{where}: it is no Parquet file, or a damaged one") from error
    units, wrong = {}, {}
    for field in file.schema_arrow:
        kind = field.type
        number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
        if not (number or types.is_null(kind)):
            wrong[field.name] = str(kind)
        for key in (b"unit", b"units"):
            if field.metadata and key in field.metadata:
                units[field.name] = field.metadata[key].decode()
    return list(file.schema_arrow.names), units, file.metadata.num_rows, wrong


def numbers_of(column: Any) -> Any:
    """Return an Arrow column as floats; nan where nothing is there."""
    import pyarrow

    given = column.cast(pyarrow.float64())
    if isinstance(given, pyarrow.ChunkedArray):
        given = given.combine_chunks()
    return given.to_numpy(zero_copy_only=False)


def bytes_and_time(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
