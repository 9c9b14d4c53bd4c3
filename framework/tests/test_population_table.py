"""Members from tables: CSV and Parquet, piece by piece, with units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import reference_a2

import pumpleak as pl
from pumpleak.population import Population, Table
from pumpleak.population import _table as module
from pumpleak.population import _table_file as files

pa = pytest.importorskip("pyarrow")


def written(folder: Path, text: str, name: str = "cells.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def population(table: Any, **more: Any) -> Population:
    return Population(reference_a2(), table=table, **more)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (module, files):
        monkeypatch.setattr(each, "STEP", 8)
    monkeypatch.setattr(files, "_READ", 50)


def test_headings_carry_units_and_short_names(tmp_path: Path) -> None:
    """In parentheses or brackets; a count of degrees Celsius is a temperature."""
    path = written(
        tmp_path, "K.out (mM),temperature [degC],pump.density (A/m^2)\n4,37,0.01\n8,20,0.02\n"
    )
    found = population(path).values()

    assert found["outside.K"].tolist() == [4.0, 8.0]
    assert found["temperature"].tolist() == [310.15, 293.15]
    assert found["pump.density"] == pytest.approx([0.01, 0.02])


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("rows", [1, 7, 8, 9, 17])
def test_any_stretch_of_rows_is_read_right(tmp_path: Path, end: str, last: bool, rows: int) -> None:
    """Whatever ends lines, and whether the last line is ended."""
    values = np.round(np.linspace(2, 20, rows), 3)
    lines = ["outside.K (mM)", *map(str, values)]
    found = population(written(tmp_path, end.join(lines) + (end if last else "")))

    assert found.size == rows
    for start in range(rows + 1):
        for stop in range(start, rows + 1):
            assert found.values(start, stop)["outside.K"].tolist() == values[start:stop].tolist()


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("group", [3, 10, 100])
def test_parquet_is_read_by_row_groups_with_units_of_its_fields(tmp_path: Path, group: int) -> None:
    """Units may stand in a field's metadata."""
    from pyarrow import parquet

    values = np.linspace(2, 20, 41)
    field = pa.field("outside.K", pa.float64(), metadata={"units": "mM"})
    table = pa.table([values, np.arange(41)], schema=pa.schema([field, ("cell", pa.int64())]))
    parquet.write_table(table, tmp_path / "cells.parquet", row_group_size=group)
    found = population(Table(file=tmp_path / "cells.parquet", ignore=["cell"]))

    for start, stop in ((0, 41), (0, 1), (9, 12), (40, 41), (5, 33)):
        assert found.values(start, stop)["outside.K"].tolist() == values[start:stop].tolist()


def test_a_mapping_renames_and_gives_units(tmp_path: Path) -> None:
    """For tables that were made for something else; columns can be left aside."""
    path = written(tmp_path, "cell;potassium;note\n1;4;a\n2;8;b\n")
    table = Table(
        file=path,
        columns={"potassium": "outside.K"},
        units={"potassium": "mM"},
        ignore=["cell", "note"],
    )

    assert population(table).values()["outside.K"].tolist() == [4.0, 8.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("outside.K\n4\n", "needs a unit; write it in the heading"),
        ("outside.K (mV)\n4\n", "expected a concentration"),
        ("outside.Kk (mM)\n4\n", r"did you mean 'outside.K'\?.*name it in ignore"),
        ("outside.K (mM),K.out (mM)\n4,4\n", "two columns hold outside.K"),
        ("outside.K (mM),\n4,\n", "column 2 has no heading"),
        ("outside.K (mM)\n", "the table has no rows"),
        ("", "the file is empty; the first line must name the columns"),
        ("\n4\n", "begins with an empty line"),
        ("outside.K (mM)\n4\n\n8\n", "line 3, column 'outside.K .mM.': no number is there"),
        ("outside.K (mM)\n4\n-1\n", "line 3.*lies between 0.*got -1 mM"),
        ("outside.K (mM)\n4\nfour\n", "line 3, column 'outside.K .mM.': 'four' is no number$"),
        ("outside.K (mM);V\n4,5;1\n", "this membrane has no 'V'"),
        (
            "outside.K (mM);temperature (K)\n4,5;300\n",
            "line 2.*'4,5' is no number; write a .* point",
        ),
        ("outside.K (mM)\n" + "4\n" * 70_000 + "x\n", "line 70002, column .*'x' is no number"),
        ("outside.K (mM)\r4\r8\r", "carriage returns alone"),
        ("\0\1\2\3", "it is no text"),
        ("4\n8\n", "the first line must name the columns"),
        (
            "outside.K (mM),temperature (K)\n4,300\n4\n",
            "line 3: the first .* 2 columns, but here is 1",
        ),
        ("outside.K (mM)\n4\n4,300\n", "line 3: the first .* 1 column, but here are 2"),
        ("outside.K (mM)\n4\nnan\n", "line 3.*no number is there"),
        ("outside.K (mM)\ninf\n", "line 2"),
        ('outside.K (mM)\n"4\n"\n', "between line 2 and line 3: .* in one line each"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_row(
    tmp_path: Path, text: str, says: str
) -> None:
    """Before anything is solved."""
    with pytest.raises((pl.CompositionError, pl.UnitError), match=says):
        population(written(tmp_path, text))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"ignore": ["cel"]}, r"table.ignore: names 'cel' \(did you mean 'cell'\?\)"),
        ({"columns": {"pot": "outside.K"}}, "table.columns: names 'pot'"),
        ({"ignore": ["cell"], "units": {"cel": "mM"}}, "table.units: given for 'cel'"),
    ],
)
def test_a_mapping_of_what_is_not_there_is_refused(
    tmp_path: Path, table: dict[str, Any], says: str
) -> None:
    """Near names are offered."""
    path = written(tmp_path, "outside.K (mM),cell\n4,1\n")
    with pytest.raises(pl.CompositionError, match=says):
        population(Table(file=path, **table))


@pytest.mark.parametrize("name", ["cells.xlsx", "absent.csv", "absent.parquet"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    """By its suffix, or because it is not there."""
    with pytest.raises(pl.CompositionError, match=r"ends in \.csv|No such file"):
        population(tmp_path / name)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    """Whatever its suffix says."""
    with pytest.raises(pl.CompositionError, match="is no Parquet file"):
        population(written(tmp_path, "a,b\n", "cells.parquet"))


def test_a_table_that_changes_while_in_use_is_noticed(tmp_path: Path) -> None:
    """Members would not be what they were."""
    path = written(tmp_path, "outside.K (mM)\n4\n8\n")
    found = population(path)
    path.write_text("outside.K (mM)\n4\n8\n9\n")

    with pytest.raises(pl.CompositionError, match="changed while it was in use"):
        found.values()


def test_the_same_table_elsewhere_is_the_same_population(tmp_path: Path) -> None:
    """Identity is of what is in it, not of where it lies."""
    digests = []
    for number, text in enumerate(
        ["outside.K (mM)\n4\n", "outside.K (mM)\n4\n", "K.out (mM)\n5\n"]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        digests.append(population(written(folder, text)).digest)

    assert digests[0] == digests[1] != digests[2]
