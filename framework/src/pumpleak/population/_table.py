"""Members from a table, CSV or Parquet: read piece by piece, never whole."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from .._errors import CompositionError, UnitError, near
from ..membranes._problems import short, under
from ..units._quantity import quantity
from ._kinds import file_of, names_of, table_of
from ._names import Varied, canonical

#: Rows are found again by the position of every so-manieth.
STEP = 65_536
_READ = 1 << 22
_HEADING = re.compile(r"(?P<name>[^([]+?)\s*(?:[(\[](?P<unit>[^)\]]*)[)\]])?\s*")
_SEPARATORS = (",", ";", "\t")


def _needs_pyarrow(what: str) -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise CompositionError(
            f'{what} needs PyArrow, which is not installed; pip install "pumpleak[scale]"'
        ) from error
    return pyarrow


@attrs.frozen(kw_only=True)
class Column:
    """One column of a table.

    Args:
        heading: as it stands in the file.
        position: counted from zero.
        varied: what it holds.
        factor, offset: value = (number + offset) x factor, in pumpleak's unit set.
    """

    heading: str
    position: int
    varied: Varied
    factor: float
    offset: float

    def values(self, numbers: Any) -> Any:
        """Return values of an array of numbers as they stand in the file."""
        return (numbers + self.offset) * self.factor


@attrs.frozen(kw_only=True, eq=False, slots=False)
class TableAxis:
    """The rows of a file.

    Args:
        path: of the file.
        used: its columns.
        size: how many rows it has.
        sha256: of its bytes.
        bytes_and_time: of the file when it was counted, to notice that it changed.
        offsets: CSV: where every so-manieth row begins; None for Parquet.
        separator: CSV: between fields.
    """

    path: Path
    used: tuple[Column, ...]
    size: int
    sha256: str
    bytes_and_time: tuple[int, int]
    offsets: tuple[int, ...] | None
    separator: str = ","

    @property
    def varied(self) -> tuple[Varied, ...]:
        """What its columns are."""
        return tuple(column.varied for column in self.used)

    def as_table(self) -> dict[str, Any]:
        """Return plain data that tells it from any other; a copy elsewhere is the same."""
        return {
            "table": self.sha256,
            "columns": {c.varied.name: [c.heading, c.factor, c.offset] for c in self.used},
        }

    def columns(self, start: int, stop: int) -> dict[str, Any]:
        """Return its columns between two rows.

        Raises:
            CompositionError: the file changed since it was counted.
        """
        found = {c.varied.name: np.empty(stop - start) for c in self.used}
        if stop <= start:
            return found
        self._check_unchanged()
        for first, piece in self._pieces(start, stop):
            last = first + len(piece[0])
            begin, end = max(start, first), min(stop, last)
            for column, numbers in zip(self.used, piece, strict=True):
                row = found[column.varied.name]
                row[begin - start : end - start] = column.values(
                    numbers[begin - first : end - first]
                )
        return found

    def check(self) -> None:
        """Read all of it once.

        Raises:
            CompositionError: a field that is no number or cannot be, with its row.
        """
        for start in range(0, self.size, STEP):
            stop = min(self.size, start + STEP)
            for column, values in zip(self.used, self.columns(start, stop).values(), strict=True):
                wrong = column.varied.limits.broken(values)
                if wrong is None:
                    continue
                value = values[wrong]
                where = f"{self.path}, {self._line(start + wrong)}, column {column.heading!r}"
                if np.isnan(value):
                    raise CompositionError(f"{where}: no number is there")
                raise CompositionError(
                    f"{where}: {column.varied.limits.why or 'it must be finite'}, got "
                    f"{column.varied.text(value)}"
                )

    def _line(self, row: int) -> str:
        """Return where a row stands: a line of the text, whose first holds the headings."""
        return f"row {row + 1}" if self.offsets is None else f"line {row + 2}"

    def _check_unchanged(self) -> None:
        try:
            now = _bytes_and_time(self.path)
        except OSError as error:
            raise CompositionError(f"{self.path}: {error.strerror or error}") from error
        if now != self.bytes_and_time:
            raise CompositionError(f"{self.path}: the table changed while it was in use")

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[int, list[Any]]]:
        """Yield (first row, numbers of each column) of what covers the rows asked for."""
        if self.offsets is None:
            yield from self._parquet_pieces(start, stop)
            return
        with self.path.open("rb") as stream:
            for step in range(start // STEP, (stop - 1) // STEP + 1):
                stream.seek(self.offsets[step])
                text = stream.read(self.offsets[step + 1] - self.offsets[step])
                count = min(STEP, self.size - step * STEP)
                yield step * STEP, self._parsed(text, step * STEP, count)

    def _parsed(self, text: bytes, first: int, count: int) -> list[Any]:
        pyarrow = _needs_pyarrow("a table in CSV")
        from pyarrow import csv

        width = max(column.position for column in self.used) + 1
        named = [str(position) for position in range(self._width)]
        wanted = [str(column.position) for column in self.used]
        assert width <= self._width
        try:
            found = csv.read_csv(
                io.BytesIO(text),
                read_options=csv.ReadOptions(column_names=named, use_threads=False),
                parse_options=csv.ParseOptions(delimiter=self.separator, ignore_empty_lines=False),
                convert_options=csv.ConvertOptions(
                    include_columns=wanted, column_types=dict.fromkeys(wanted, pyarrow.float64())
                ),
            )
        except pyarrow.ArrowException as error:
            raise CompositionError(self._told(text, first, count)) from error
        if found.num_rows != count:
            raise CompositionError(
                f"{self.path}, between {self._line(first)} and {self._line(first + count - 1)}: a "
                "field goes over several lines"
            )
        return [_numbers(found.column(name)) for name in wanted]

    def _told(self, text: bytes, first: int, count: int) -> str:
        """Return what is wrong with a piece of CSV that could not be read, and in which line."""
        for row, line in enumerate(text.splitlines(), start=first):
            fields = _split(line, self.separator)
            where = f"{self.path}, {self._line(row)}"
            if line.strip() and len(fields) != self._width:
                return (
                    f"{where}: the first line names {_columns_in_words(self._width)}, but here "
                    f"{'is' if len(fields) == 1 else 'are'} {len(fields)}"
                )
            for column in self.used:
                field = fields[column.position] if line.strip() else ""
                if _is_readable(field):
                    continue
                point = "; write a decimal point" if _is_readable(field.replace(",", ".")) else ""
                return f"{where}, column {column.heading!r}: {short(field)} is no number{point}"
        ends = f"{self._line(first)} and {self._line(first + count - 1)}"
        return (
            f"{self.path}, between {ends}: not a number in every field; fields stand in one line "
            f"each, with {self.separator!r} between them"
        )

    @cached_property
    def _width(self) -> int:
        """How many fields a row of the file has."""
        with self.path.open("rb") as stream:
            return len(_split(stream.readline(), self.separator))

    def _parquet_pieces(self, start: int, stop: int) -> Iterator[tuple[int, list[Any]]]:
        try:
            yield from self._groups(start, stop)
        except _damage() as error:
            raise CompositionError(
                f"{self.path}: between rows {start + 1} and {stop} it cannot be read: the file is "
                "damaged; write it anew"
            ) from error

    def _groups(self, start: int, stop: int) -> Iterator[tuple[int, list[Any]]]:
        file = _parquet(self.path)
        first = 0
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if first < stop and first + rows > start:
                at = first
                # a row group can be large: batch by batch
                names = [column.heading for column in self.used]
                for batch in file.iter_batches(STEP, row_groups=[group], columns=names):
                    if at < stop and at + batch.num_rows > start:
                        yield at, [_numbers(batch.column(name)) for name in names]
                    at += batch.num_rows
            first += rows


def _numbers(column: Any) -> Any:
    """Return an Arrow column as floats; nan where nothing is there."""
    import pyarrow

    given = column.cast(pyarrow.float64())
    if isinstance(given, pyarrow.ChunkedArray):
        given = given.combine_chunks()
    return given.to_numpy(zero_copy_only=False)


def _parquet(path: Path) -> Any:
    _needs_pyarrow("a table in Parquet")
    from pyarrow import parquet

    return parquet.ParquetFile(path)


def _damage() -> tuple[type[Exception], ...]:
    """Return what PyArrow raises of a file that is not what it should be."""
    return (OSError, _needs_pyarrow("a table in Parquet").ArrowException)


def _is_readable(field: str) -> bool:
    """Whether a field of CSV is a number, or says that there is none."""
    words = field.strip().strip('"').casefold()
    if words in ("", "na", "n/a", "#n/a", "nan", "null"):
        return True
    try:
        float(words)
    except ValueError:
        return False
    return "_" not in words


def _columns_in_words(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def read_table(
    path: str | os.PathLike[str],
    varied: Any,
    *,
    units: Mapping[str, object] | None = None,
    rename: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    field: str = "file",
) -> TableAxis:
    """Return the axis of a table's rows; reads the file once, piece by piece, to check it.

    Args:
        path: ending in .csv or .parquet.
        varied: a function from a name to what it means in the membrane.
        units: by name or heading; a heading can carry its own, ``"outside.K (mM)"``.
        rename: heading to name, where the heading is not the name.
        ignore: headings of columns to leave aside.
        field: where the path stands, for messages.

    Raises:
        CompositionError: no such file, headings that do not fit, a row that is wrong.
        UnitError: a column without unit where one belongs.
    """
    where = Path(file_of(field, path, "cells.csv"))
    units = table_of("units", units or {}, "such as {'outside.K': 'mM'}")
    rename = table_of("columns", rename or {}, "such as {'potassium': 'outside.K'}")
    ignore = names_of("ignore", ignore, "such as ['comment']")
    suffix = where.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise CompositionError(f"{field}: {where}: a table ends in .csv or .parquet")
    with under(field, joint=": "):
        try:
            stamp = _bytes_and_time(where)
            if suffix == ".csv":
                separator, headings, size, offsets, sha256 = _scanned(where)
                own_units: dict[str, str] = {}
                wrong: dict[str, str] = {}
            else:
                separator, offsets = ",", None
                headings, own_units, size, wrong = _parquet_headings(where)
                sha256 = _sha256(where)
        except OSError as error:
            raise CompositionError(f"{where}: {error.strerror or error}") from error
    _refuse_absent(where, headings, rename, ignore)
    with under(field, joint=": "):
        used, unused = _columns(where, headings, varied, {**own_units, **units}, rename, ignore)
        for column in used:
            if column.heading in wrong:
                raise CompositionError(
                    f"{where}, column {column.heading!r}: it holds {wrong[column.heading]}, not "
                    "numbers"
                )
    unused = [key for key in unused if key in units]
    if unused:
        raise CompositionError(
            f"units: given for {unused[0]!r}{near(unused[0], headings)}, but the columns of "
            f"{where} are {', '.join(headings)}"
        )
    if not size:
        raise CompositionError(f"{field}: {where}: the table has no rows")
    axis = TableAxis(
        path=where.resolve(),
        used=used,
        size=size,
        sha256=sha256,
        bytes_and_time=stamp,
        offsets=offsets,
        separator=separator,
    )
    with under(field, joint=": "):
        axis.check()
    return axis


def _refuse_absent(
    where: Path, headings: Sequence[str], rename: Mapping[str, str], ignore: Sequence[str]
) -> None:
    for kind, names in (("columns", rename), ("ignore", ignore)):
        for name in names:
            if name not in headings:
                raise CompositionError(
                    f"{kind}: names {name!r}{near(name, headings)}, but the columns of {where} are "
                    f"{', '.join(headings)}"
                )


def _columns(
    where: Path,
    headings: Sequence[str],
    varied: Any,
    units: Mapping[str, object],
    rename: Mapping[str, str],
    ignore: Sequence[str],
) -> tuple[tuple[Column, ...], list[str]]:
    """Return the columns that are used, and the names of units that nothing has."""
    found: dict[str, Column] = {}
    known_units = set()
    for position, heading in enumerate(headings):
        if not heading:
            raise CompositionError(f"{where}: column {position + 1} has no heading")
        if heading in ignore:
            continue
        match = _HEADING.fullmatch(heading)
        name = canonical(rename.get(heading, match["name"] if match else heading))
        try:
            of = varied(name)
        except CompositionError as error:
            first = "the first line must name the columns; " if _is_readable(heading) else ""
            raise CompositionError(
                f"{where}, column {heading!r}: {error}; {first}to leave a column aside, name it in "
                "ignore"
            ) from error
        if name in found:
            raise CompositionError(f"{where}: two columns hold {name}")
        named = [key for key in (heading, name) if key in units]
        known_units.update(named)
        unit = units[named[0]] if named else (match["unit"] if match else None)
        factor, offset = _conversion(where, of, unit)
        found[name] = Column(
            heading=heading, position=position, varied=of, factor=factor, offset=offset
        )
    if not found:
        raise CompositionError(f"{where}: no column is left")
    unused = [str(key) for key in units if key not in known_units and key not in ignore]
    return tuple(found.values()), unused


def _conversion(where: Path, of: Varied, unit: object) -> tuple[float, float]:
    """Return factor and offset of a column."""
    try:
        one = quantity(f"1 {unit or ''}", of.dimension)
        zero = quantity(f"0 {unit or ''}", of.dimension)
    except UnitError as error:
        if not unit:
            raise UnitError(
                f"{where}: column {of.name} needs a unit; write it in the heading, "
                f"'{of.name} ({of.unit})', or in units"
            ) from error
        raise UnitError(f"{where}: column {of.name}: {error}") from error
    factor = one.value - zero.value if zero.value else one.value
    return factor, zero.value / factor


def _scanned(where: Path) -> tuple[str, list[str], int, tuple[int, ...], str]:
    """Return separator, headings, number of rows, where rows begin, and hash of a CSV file."""
    digest = hashlib.sha256()
    with where.open("rb") as stream:
        first = stream.readline()
        _refuse_no_text(where, first)
        digest.update(first)
        text = first.decode("utf-8-sig", "replace")
        separator = max(_SEPARATORS, key=text.count)
        headings = _split(first, separator)
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


def _split(line: bytes, separator: str) -> list[str]:
    import csv

    text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
    (row,) = csv.reader([text], delimiter=separator) if text else ([],)
    return [heading.strip() for heading in row]


def _parquet_headings(where: Path) -> tuple[list[str], dict[str, str], int, dict[str, str]]:
    """Return headings, units, how many rows, and what columns hold that are no numbers."""
    from pyarrow import types

    try:
        file = _parquet(where)
    except _damage() as error:
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


def _bytes_and_time(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
