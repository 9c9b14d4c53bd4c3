"""Temperature: faster permeation, and heat that opens."""

from __future__ import annotations

from typing import Any

import pytest
from k2p_cells import CHANNELS, current, opening

THIK1, TRAAK, TREK1, TREK2 = (
    CHANNELS["THIK1"],
    CHANNELS["TRAAK"],
    CHANNELS["TREK1"],
    CHANNELS["TREK2"],
)


def rise(kind: Any, cold_C: float, warm_C: float) -> float:
    """Return the ratio of the currents at V = 0, where the gate sees no temperature."""
    channel = kind(density="1e-6 cm/s")
    warm = current(channel, 0.0, temperature=f"{warm_C} degC")
    return warm / current(channel, 0.0, temperature=f"{cold_C} degC")


def test_permeation_has_its_Q10() -> None:
    """A channel that heat does not open carries 1.4 times more current for 10 K."""
    assert rise(THIK1, 22, 32) == pytest.approx(1.4, rel=1e-12)


@pytest.mark.parametrize("name", ["TASK3", "TRESK"])
def test_two_members_do_not_mind_warmth(name: str) -> None:
    """TASK-3 and TRESK carry the same current at 24 and 37 degC, as was measured."""
    assert rise(CHANNELS[name], 24, 37) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("kind", [TRAAK, TREK2])
def test_heat_raises_the_current_twentyfold(kind: Any) -> None:
    """From 24 to 42 degC the current rises 20-fold."""
    assert rise(kind, 24, 42) == pytest.approx(20.0, rel=0.01)


def test_TREK1_rises_sevenfold_for_ten_degrees() -> None:
    """From 22 to 32 degC the current rises 7-fold."""
    assert rise(TREK1, 22, 32) == pytest.approx(7.0, rel=0.01)


def test_threshold_is_where_heat_begins_to_open() -> None:
    """At TRAAK's 31 degC, a twentieth of what heat can open is open; the curve has no corner."""
    channel = TRAAK(density="1e-6 cm/s", p_cold=0)
    p = {t: opening(channel, 0.0, temperature=f"{t} degC") for t in (11, 30.9, 31, 31.1, 37, 60)}

    assert 0.05 * 0.5 == pytest.approx(p[31], rel=1e-9)
    assert p[11] < 0.001
    assert p[37] > 4 * p[31]
    assert p[60] > 0.9 * 0.5
    assert p[31.1] - p[31] == pytest.approx(p[31] - p[30.9], rel=0.05)
