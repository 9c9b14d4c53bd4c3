"""Members from a table, CSV or Parquet: read piece by piece, never whole."""

from __future__ import annotations

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
from ._table_file import (
    STEP,
    bytes_and_time,
    damage,
    is_readable,
    needs_pyarrow,
    numbers_of,
    parquet_file,
    parquet_headings,
    scanned_csv,
    sha256_of,
    split_line,
)

_HEADING = re.compile(r"(?P<name>[^([]+?)\s*(?:[(\[](?P<unit>[^)\]]*)[)\]])?\s*")


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
            now = bytes_and_time(self.path)
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
        pyarrow = needs_pyarrow("a table in CSV")
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
        return [numbers_of(found.column(name)) for name in wanted]

    def _told(self, text: bytes, first: int, count: int) -> str:
        """Return what is wrong with a piece of CSV that could not be read, and in which line."""
        for row, line in enumerate(text.splitlines(), start=first):
            fields = split_line(line, self.separator)
            where = f"{self.path}, {self._line(row)}"
            if line.strip() and len(fields) != self._width:
                return (
                    f"{where}: the first line names {_columns_in_words(self._width)}, but here "
                    f"{'is' if len(fields) == 1 else 'are'} {len(fields)}"
                )
            for column in self.used:
                field = fields[column.position] if line.strip() else ""
                if is_readable(field):
                    continue
                point = "; write a decimal point" if is_readable(field.replace(",", ".")) else ""
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
            return len(split_line(stream.readline(), self.separator))

    def _parquet_pieces(self, start: int, stop: int) -> Iterator[tuple[int, list[Any]]]:
        try:
            yield from self._groups(start, stop)
        except damage() as error:
            raise CompositionError(
                f"{self.path}: between rows {start + 1} and {stop} it cannot be read: the file is "
                "damaged; write it anew"
            ) from error

    def _groups(self, start: int, stop: int) -> Iterator[tuple[int, list[Any]]]:
        file = parquet_file(self.path)
        first = 0
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if first < stop and first + rows > start:
                at = first
                # a row group can be large: batch by batch
                names = [column.heading for column in self.used]
                for batch in file.iter_batches(STEP, row_groups=[group], columns=names):
                    if at < stop and at + batch.num_rows > start:
                        yield at, [numbers_of(batch.column(name)) for name in names]
                    at += batch.num_rows
            first += rows


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
            stamp = bytes_and_time(where)
            if suffix == ".csv":
                separator, headings, size, offsets, sha256 = scanned_csv(where)
                own_units: dict[str, str] = {}
                wrong: dict[str, str] = {}
            else:
                separator, offsets = ",", None
                headings, own_units, size, wrong = parquet_headings(where)
                sha256 = sha256_of(where)
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
            first = "the first line must name the columns; " if is_readable(heading) else ""
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
