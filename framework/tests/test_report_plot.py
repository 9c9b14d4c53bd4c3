"""The picture of a resting membrane."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from test_report_membranes import Potassium, bistable, marginal, membrane, neuron

import pumpleak as pl
from pumpleak import PumpleakError, report
from pumpleak.report import _plot


def test_the_picture_is_written(tmp_path: Path) -> None:
    """A PNG file is a PNG, and nothing else is left beside it."""
    target = tmp_path / "rest.png"
    report.iv(pl.rest(neuron()), target)

    assert target.read_bytes().startswith(b"\x89PNG\r\n")
    assert [target] == list(tmp_path.iterdir())


def test_nothing_half_written_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing that fails leaves the earlier file as it was, and no other."""
    from matplotlib.figure import Figure

    target = tmp_path / "rest.png"
    target.write_bytes(b"before")

    def half(self: Any, stream: Any, **_: Any) -> None:
        stream.write(b"half")
        raise MemoryError

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(MemoryError):
        report.iv(pl.rest(neuron()), target)

    assert b"before" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


def test_states_are_marked_by_kind() -> None:
    """Stable states are filled, unstable ones open, and each stands at its voltage."""
    found = pl.rest(bistable())
    axis = report.iv(found).axes[0]
    marks = {
        float(line.get_xdata()[0]): line.get_markerfacecolor()
        for line in axis.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    }

    assert [state.V_mV for state in found] == sorted(marks)
    assert ["#222222", "white", "#222222"] == [marks[voltage] for voltage in sorted(marks)]


def test_axes_name_quantity_and_unit_and_votes_add_up() -> None:
    """Labels carry units, the total is the sum of the parts, and the bars add to 100 %."""
    curves, votes = report.iv(pl.rest(neuron())).axes
    lines = {
        line.get_label(): line.get_ydata() for line in curves.lines if len(line.get_ydata()) > 2
    }
    parts = sum(lines[name] for name in ("K2P", "NALCN", "Chloride", "Pump"))

    assert "membrane potential (mV)" == curves.get_xlabel()
    assert "current (pA)" in curves.get_ylabel()
    assert "(%)" in votes.get_xlabel()
    assert 100 == pytest.approx(sum(bar.get_width() for bar in votes.patches))
    assert list(parts) == pytest.approx(list(lines["total"]))


def test_currents_are_clipped_around_the_states() -> None:
    """The window shows what flows at the states, not the exponentials far from them."""
    (state,) = report.breakdown(pl.rest(neuron())).states
    low, high = report.iv(pl.rest(neuron())).axes[0].get_ylim()
    largest = max(abs(part.current_pA) for part in state.mechanisms)

    assert largest < high < 2 * largest
    assert -low == high


@pytest.mark.parametrize(
    "shape",
    [
        marginal(),
        neuron(range=("0 mV", "20 mV")),
        membrane(*(Potassium(density="1 nS", name=f"k{number}") for number in range(15))),
    ],
)
def test_odd_membranes_are_drawn_too(shape: pl.Membrane, tmp_path: Path) -> None:
    """No state, no vote, or very many mechanisms: there is still a picture."""
    report.iv(pl.rest(shape), tmp_path / "odd.svg")

    assert "<svg" in (tmp_path / "odd.svg").read_text(encoding="utf-8")


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    """The suffix says the format, and the message lists those there are."""
    with pytest.raises(PumpleakError, match=r"'rest\.doc'.*png"):
        report.iv(pl.rest(neuron()), tmp_path / "rest.doc")

    assert [] == list(tmp_path.iterdir())


def test_a_missing_folder_is_named_as_the_user_did(tmp_path: Path) -> None:
    """The error names the file asked for."""
    target = tmp_path / "none" / "rest.png"
    with pytest.raises(FileNotFoundError) as caught:
        report.iv(pl.rest(neuron()), target)

    assert str(target) == caught.value.filename


def test_without_matplotlib_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing matplotlib is told in a line."""
    found = report.breakdown(pl.rest(neuron()))
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PumpleakError, match=r'pip install "pumpleak\[plot\]"') as caught:
        _plot.draw(found)

    assert "\n" not in str(caught.value)


def test_no_pyplot() -> None:
    """Drawing touches no global state of matplotlib's."""
    report.iv(pl.rest(neuron()))

    assert "matplotlib.pyplot" not in sys.modules
