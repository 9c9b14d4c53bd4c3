"""What every K2P channel has in common."""

from __future__ import annotations

import math
from typing import Any

import pytest
from k2p_cells import ALL, CHANNELS, NAMES, cell, constant_field_mV, current, opening

import pumpleak as pl

VOLTAGES_MV = range(-140, 51, 10)


def largest_change(channel: Any) -> float:
    """Return the largest change of open probability over 50 mV, 0..1."""
    p = {v: opening(channel, float(v), temperature="37 degC") for v in VOLTAGES_MV}
    return max(abs(p[v + 50] - p[v]) for v in VOLTAGES_MV if v + 50 in p)


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_open_probability_is_nearly_constant(kind: Any) -> None:
    """Over any 50 mV the open probability changes, but by less than 5 points."""
    change = largest_change(kind(density="1 /um^2"))

    assert 0 < change < 0.05


def test_a_gating_charge_of_two_is_no_leak() -> None:
    """The same measure finds a channel with a gating charge of 2 far from constant."""
    change = largest_change(CHANNELS["THIK1"](density="1 /um^2", z_g=2))

    assert change > 0.5


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_current_is_smooth_through_zero(kind: Any) -> None:
    """At V = 0 the constant field's 0/0 is finite, and lies between its neighbours."""
    below, at, above = (current(kind(density="1 /um^2"), v) for v in (-1e-6, 0.0, 1e-6))

    assert math.isfinite(at)
    assert below < at < above
    assert at == pytest.approx((below + above) / 2, rel=1e-9)


@pytest.mark.parametrize(
    "kind", [k for k in ALL if k.__name__ != "TWIK1"], ids=lambda k: k.__name__
)
def test_reversal_is_the_constant_fields(kind: Any) -> None:
    """Alone in a membrane, the channel holds the voltage of Goldman, Hodgkin and Katz."""
    table = {row["name"].rpartition(".")[2]: row["value"] for row in kind.parameter_table()}
    rest = pl.rest(cell(kind(density="1 /um^2"), temperature="37 degC"), prove=True)

    assert 1 == len(rest)
    assert rest[0].V_mV == pytest.approx(constant_field_mV(table["Na"], 4.0, 310.15), abs=1e-9)
    assert rest[0].stable


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
@pytest.mark.parametrize("V_mV", [-60.0, 50.0])
def test_unitary_conductance_holds_where_it_was_measured(kind: Any, V_mV: float) -> None:
    """One open channel in symmetrical 150 mM K at 22 degC carries unitary x V."""
    table = {row["name"]: row["value"] for row in kind.parameter_table()}
    at: dict[str, Any] = {"K": "150 mM", "K_in": "150 mM", "Na": "1e-9 mM", "Na_in": "1e-9 mM"}
    channel = kind(density="1 channels")
    per_open = current(channel, V_mV, **at) / opening(channel, V_mV, **at)

    assert per_open == pytest.approx(table["unitary"] * V_mV * 1e-3, rel=1e-9)


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_density_may_be_a_count_a_conductance_or_a_permeability(kind: Any) -> None:
    """All three give the same resting state, and currents in proportion."""
    ways = ("1 /um^2", "0.1 mS/cm^2", "1 nS", "1e-6 cm/s")
    rests = [pl.rest(cell(kind(density=way)))[0].V_mV for way in ways]

    assert rests == pytest.approx([rests[0]] * len(ways), abs=1e-9)


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_every_parameter_is_accounted_for(kind: Any) -> None:
    """Each has a source and a unit (empty for a number); what is measured names a work."""
    rows = kind.parameter_table()

    assert {"unitary", "V_half", "z_g"} <= {row["name"] for row in rows}
    for row in rows:
        assert row["source"].strip()
        assert isinstance(row["unit"], str)
        assert not (row["measured"] and row["source"].startswith("assumed"))


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_own_parameters_have_bounds_that_hold_them(kind: Any) -> None:
    """Every number that the class declares lies within its own bounds."""
    rows = [row for row in kind.parameter_table() if None not in row["bounds"]]

    assert len(rows) >= 3
    for row in rows:
        low, high = row["bounds"]
        assert low <= row["value"] <= high, row["name"]


@pytest.mark.parametrize("kind", ALL, ids=NAMES)
def test_class_says_what_it_is(kind: Any) -> None:
    """The class's text names the gene product and its references."""
    text = kind.__doc__ or ""

    assert "K2P" in text
    assert "References:" in text
