"""The picture of a time course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from building import membrane, reference_a
from swelling import (
    STOP,
    Leak,
    Slow,
    cell,
)

import pumpleak as pl


def test_the_picture_shows_voltage_concentrations_volume_and_currents(tmp_path: Path) -> None:
    """Four panels with units, one shared time axis, and every event marked."""
    found = pl.relax(cell(), "30 min", [STOP, "10 min: outside.K = 8 mM"])
    figure = pl.plot_timecourse(found, tmp_path / "cell.png")
    labels = [axis.get_ylabel() for axis in figure.axes]

    assert ["V (mV)", "concentration (mM)", "volume (fL)"] == labels[:3]
    assert labels[3].startswith("current (pA)")
    assert "time (min)" == figure.axes[3].get_xlabel()
    assert {"pump.density = 0", "outside.K = 8 mM"} <= {
        text.get_text() for text in figure.axes[0].texts
    }
    assert (tmp_path / "cell.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert ["cell.png"] == [path.name for path in tmp_path.iterdir()]


def test_held_ions_are_drawn_with_their_gates() -> None:
    """Without free ions there is no panel of concentrations; gates take its place."""
    gated = membrane(Slow(density="1 nS"), Leak(density="10 nS"))
    with_gates = pl.plot_timecourse(pl.relax(gated, "10 ms", start={"V": 0.0}))
    plain = pl.plot_timecourse(pl.relax(reference_a(), "10 ms"))

    assert ["V (mV)", "gates"] == [axis.get_ylabel() for axis in with_gates.axes[:2]]
    assert 2 == len(plain.axes)


def test_a_picture_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drawing that fails leaves the earlier picture as it was, and no other file."""
    from matplotlib.figure import Figure

    target = tmp_path / "cell.png"
    target.write_bytes(b"before")

    def half(self: Any, stream: Any, **_: Any) -> None:
        stream.write(b"half")
        raise MemoryError

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(MemoryError):
        pl.plot_timecourse(pl.relax(cell(), "1 s", points=2), target)

    assert b"before" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())
