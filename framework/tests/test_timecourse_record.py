"""The labelled record of a time course, and its files."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from swelling import (
    MECHANISMS,
    STOP,
    cell,
)

import pumpleak as pl
from pumpleak import (
    CompositionError,
)


def test_everything_is_labelled_with_its_unit() -> None:
    """Dimensions are named, every variable has a unit, and attributes say what happened."""
    found = pl.relax(cell(), "2 min", [STOP])

    assert ["Na", "K", "Cl"] == found["ion"].values.tolist()
    assert [mechanism.label for mechanism in MECHANISMS] == found["mechanism"].values.tolist()
    assert ("time", "mechanism", "ion") == found["current"].dims
    assert {"V": "mV", "inside": "mM", "volume": "fL", "current": "pA", "ATP_per_s": "1/s"} == {
        name: found[name].attrs["units"]
        for name in ("V", "inside", "volume", "current", "ATP_per_s")
    }
    assert all("units" in found[name].attrs for name in found.variables if name in found.data_vars)
    assert STOP == found.attrs["events"]
    assert "the stable state at" in found.attrs["start"]
    assert "pumpleak" in found.attrs["versions"]
    assert math.isnan(float(found["current"].sel(mechanism="pump", ion="Cl")[0]))


def test_currents_and_atp_are_those_of_the_state() -> None:
    """At the start the record is the steady state's own account."""
    (rest,) = pl.steady(cell(), starts=0)
    first = pl.relax(cell(), "1 s").isel(time=0)

    for (label, ion), current in rest.currents_pA.items():
        assert current == pytest.approx(
            float(first["current"].sel(mechanism=label, ion=ion)), rel=1e-6, abs=1e-9
        )
    assert rest.ATP_per_s == pytest.approx(float(first["ATP_per_s"]), rel=1e-9)


def test_xarray_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without xarray the message says what to install."""
    monkeypatch.setitem(sys.modules, "xarray", None)

    with pytest.raises(CompositionError, match=r'pip install "pumpleak\[time\]"'):
        pl.relax(cell(), "1 min")


def test_netcdf_holds_everything(tmp_path: Path) -> None:
    """A stored time course reads back equal, labels, units and attributes included."""
    import xarray

    named = attrs.evolve(cell(), name="Zelle µ", sources=("café",))
    found = pl.relax(named, "2 min", [STOP], points=20)
    pl.save_timecourse(found, tmp_path / "cell.nc")
    with xarray.open_dataset(tmp_path / "cell.nc", engine="scipy") as back:
        xarray.testing.assert_equal(found, back)

        assert found.attrs == back.attrs
        assert all(found[name].attrs == back[name].attrs for name in found.data_vars)
    assert ["cell.nc"] == [path.name for path in tmp_path.iterdir()]


def test_csv_holds_every_number(tmp_path: Path) -> None:
    """One row an instant, headings with units, numbers to the last digit."""
    found = pl.relax(cell(), "2 min", [STOP], points=20)
    pl.save_timecourse(found, tmp_path / "cell.csv")
    with (tmp_path / "cell.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert found["time"].values.tolist() == [float(row["time (s)"]) for row in rows]
    assert found["V"].values.tolist() == [float(row["V (mV)"]) for row in rows]
    sodium = found["current"].sel(mechanism="pump", ion="Na").values.tolist()
    assert sodium == [float(row["current.pump.Na (pA)"]) for row in rows]
    assert "current.pump.Cl (pA)" not in rows[0]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    """The suffix says the format; known ones are offered."""
    found = pl.relax(cell(), "1 s", points=2)
    with pytest.raises(CompositionError, match=r"got 'cell\.xls'\); use one of \.nc, \.csv"):
        pl.save_timecourse(found, tmp_path / "cell.xls")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["nc", "csv"])
def test_nothing_half_written_remains(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails leaves the earlier file as it was, and no other."""
    from pumpleak.timecourses import _timecourse_record as record

    target = tmp_path / f"cell.{suffix}"
    target.write_bytes(b"before")
    found = pl.relax(cell(), "1 s", points=2)

    def half(_: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setitem(record._WRITERS, f".{suffix}", half)
    with pytest.raises(OSError, match="No space left") as caught:
        pl.save_timecourse(found, target)

    assert str(target) == caught.value.filename
    assert b"before" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())
