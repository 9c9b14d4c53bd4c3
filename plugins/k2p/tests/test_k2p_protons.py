"""Protons: outside acid closes TASK channels, inside acid opens TREK channels."""

from __future__ import annotations

from typing import Any

import pytest
from k2p_cells import CHANNELS, cell, opening

import pumpleak as pl

TASK1, TASK3, TREK1, TREK2 = (
    CHANNELS["TASK1"],
    CHANNELS["TASK3"],
    CHANNELS["TREK1"],
    CHANNELS["TREK2"],
)


def left(kind: Any, pH: float) -> float:
    """Return the share of the open probability that an outside pH leaves."""
    channel = kind(density="1 /um^2")
    return opening(channel, -60.0, pH=pH) / opening(channel, -60.0, pH=14.0)


@pytest.mark.parametrize(("kind", "midpoint"), [(TASK1, 7.2), (TASK3, 6.4)])
def test_midpoint_halves(kind: Any, midpoint: float) -> None:
    """At the midpoint half of the channels are left; a unit of pH either way is symmetrical."""
    assert left(kind, midpoint) == pytest.approx(0.5, abs=1e-6)
    assert left(kind, midpoint - 1) + left(kind, midpoint + 1) == pytest.approx(1.0, abs=1e-5)


def test_TASK1_spans_its_narrow_range() -> None:
    """TASK-1 keeps 90 % at pH 7.7 and 10 % at pH 6.7."""
    assert left(TASK1, 7.7) == pytest.approx(0.9, abs=0.002)
    assert left(TASK1, 6.7) == pytest.approx(0.1, abs=0.002)


@pytest.mark.parametrize("kind", [TASK1, TASK3])
def test_no_pH_is_an_error_that_says_what_to_add(kind: Any) -> None:
    """Without an outside pH, a TASK channel says so rather than guess one."""
    with pytest.raises(pl.PhysicsError, match=rf"k2p\.{kind.__name__}.*add pH to the outside"):
        pl.rest(cell(kind(density="1 /um^2"), pH=None))


@pytest.mark.parametrize("kind", [TREK1, TREK2])
def test_inside_acid_opens(kind: Any) -> None:
    """At its midpoint inside acid opens half of what heat leaves closed; outside pH none."""
    channel = kind(density="1 /um^2", p_cold=0, T_threshold="60 degC")

    assert opening(channel, 0.0, pH_in=6.0) == pytest.approx(0.5 * 0.5, rel=1e-3)
    assert opening(channel, 0.0, pH_in=5.0) > opening(channel, 0.0, pH_in=7.0)
    assert opening(channel, 0.0, pH=5.0) == pytest.approx(opening(channel, 0.0), rel=1e-12)


@pytest.mark.parametrize("kind", [TREK1, TREK2])
def test_no_inside_pH_is_no_acid_stimulus(kind: Any) -> None:
    """At 37 degC a membrane without inside pH is within 1 % of one at pH 7.2."""
    channel = kind(density="1 /um^2")
    with_pH = opening(channel, 0.0, temperature="37 degC")
    without = opening(channel, 0.0, temperature="37 degC", pH_in=None)

    assert without == pytest.approx(with_pH, rel=0.01)
    assert without < with_pH
