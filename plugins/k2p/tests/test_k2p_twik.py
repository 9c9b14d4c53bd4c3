"""TWIK-1 in low outside potassium."""

from __future__ import annotations

import math
from typing import Any

import pytest
from k2p_cells import CHANNELS, cell, constant_field_mV

import pumpleak as pl

THIK1, TWIK1 = (CHANNELS["THIK1"], CHANNELS["TWIK1"])

LEVELS_MM = (0.5, 1.0, 2.0, 2.7, 4.0, 8.0, 30.0)


def rest_mV(channel: Any, K_mM: float) -> float:
    """Return where the channel alone holds the voltage, mV."""
    found = pl.rest(cell(channel, K=f"{K_mM} mM", temperature="37 degC"), prove=True)

    assert 1 == len(found)
    return found[0].V_mV


def ratio(K_mM: float) -> float:
    """Return P_Na/P_K as documented."""
    return 0.03 + (0.8 - 0.03) / (1 + (K_mM / 2.0) ** 6)


def read_back(K_mM: float) -> float:
    """Return P_Na/P_K as an experimenter would: from the reversal potential."""
    thermal_mV = 8.314462618 * 310.15 / 96.48533212
    x = math.exp(rest_mV(TWIK1(density="1 /um^2"), K_mM) / thermal_mV)
    return (140.0 * x - K_mM) / (145.0 - 15.0 * x)


@pytest.mark.parametrize("K_mM", LEVELS_MM)
def test_reversal_is_the_constant_fields_with_the_ratio_of_the_moment(K_mM: float) -> None:
    """At every outside K, rest is the constant field's with the documented P_Na/P_K."""
    rest = rest_mV(TWIK1(density="1 /um^2"), K_mM)

    assert rest == pytest.approx(constant_field_mV(ratio(K_mM), K_mM, 310.15), abs=1e-9)


def test_selectivity_falls_with_outside_potassium() -> None:
    """P_Na/P_K, read back from the reversal, rises steadily as K falls; halfway at K_half."""
    ratios = [read_back(level) for level in LEVELS_MM]

    assert ratios == sorted(ratios, reverse=True)
    assert read_back(2.0) == pytest.approx((0.03 + 0.8) / 2)
    assert read_back(4.0) < 0.05
    assert read_back(30.0) == pytest.approx(0.03, rel=1e-3)


def test_low_potassium_depolarises_it_and_hyperpolarises_others() -> None:
    """From 4 to 1 mM K, TWIK-1 moves up, while a K2P with a fixed filter follows K down."""
    twik, thik = TWIK1(density="1 /um^2"), THIK1(density="1 /um^2")

    assert rest_mV(twik, 1.0) > rest_mV(twik, 4.0) + 30
    assert rest_mV(thik, 1.0) < rest_mV(thik, 4.0) - 5


class InwardRectifier(pl.Channel):
    """A Kir-like channel: open below the K reversal potential, shut by depolarisation."""

    permeation = pl.Ohmic("K")

    def open_probability(self, s: Any) -> Any:
        return 1 / (1 + s.xp.exp((s.V - s.E["K"] - 10 * s.mV) / (8 * s.mV)))


KIR: Any = InwardRectifier


def rests(K: str) -> pl.Equilibria:
    """Return every rest of a cell with TWIK-1 beside the rectifier."""
    kir = KIR(density="10 nS")
    return pl.rest(cell(TWIK1(density="0.5 nS"), kir, K=K, temperature="37 degC"), prove=True)


def test_with_an_inward_rectifier_hypokalaemia_has_two_rests() -> None:
    """At 2 mM K the cell can rest at two voltages; at 5.4 mM only near the K potential."""
    low, normal = rests("2 mM"), rests("5.4 mM")

    assert ["stable", "unstable", "stable"] == [state.kind for state in low]
    assert "proved" in low.guarantee
    assert low[0].V_mV < -80
    assert low[2].V_mV > -60
    assert ["stable"] == [state.kind for state in normal]
    assert normal[0].V_mV < -75


def test_a_filter_that_kept_its_selectivity_would_have_one_rest() -> None:
    """The second rest is the starved filter's doing: without it there is one."""
    kir = KIR(density="10 nS")
    member = cell(TWIK1(density="0.5 nS"), kir, K="2 mM", temperature="37 degC")
    fed = member.evolve({"TWIK1.permeation.pore.starved": 0.03})

    assert 3 == len(pl.rest(member, prove=True))
    assert 1 == len(pl.rest(fed, prove=True))
