"""What only steady ions have to show: concentrations before and after, and what balances them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._breakdown import Breakdown, IonBalance, StateBreakdown
from ._format import rounded

_INK = "#222222"
#: Of Okabe and Ito's colours those that no mechanism takes first.
_HELD, _FOUND = "#BBBBBB", "#332288"
_PASSIVE, _CARRIED = "#88CCEE", "#882255"
_WIDTH = 0.38


def draw_steady(figure: Any, found: Breakdown, state: StateBreakdown) -> None:
    """Draw clamped beside steady concentrations, and the fluxes of each free ion.

    Args:
        figure: where to.
        found: of steady ions.
        state: one of its states.
    """
    left, right = figure.subplots(1, 2, width_ratios=(1.55, 1))
    _concentrations(left, found, state)
    _fluxes(right, found, state)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)


def _concentrations(axis: Any, found: Breakdown, state: StateBreakdown) -> None:
    assert found.free is not None
    free = found.free
    own = found.membrane.values
    inside, outside = dict(state.inside_mM), dict(state.outside_mM)
    values = [
        [own[f"inside.{ion}"] for ion in free.free],
        [inside[ion] for ion in free.free],
    ]
    largest = max(map(max, values))
    for side, label, colour, shown in (
        (-0.5, "clamped: the file's", _HELD, values[0]),
        (0.5, "steady: where they rest", _FOUND, values[1]),
    ):
        places = [index + side * _WIDTH for index in range(len(shown))]
        axis.bar(places, shown, _WIDTH, color=colour, label=label)
        for place, value in zip(places, shown, strict=True):
            _say(axis, place, value, rounded(value, 3))
    axis.set_xticks(
        range(len(free.free)),
        [f"{ion}\noutside {rounded(outside[ion], 3)}" for ion in free.free],
    )
    axis.set_ylabel("inside (mM)")
    axis.set_ylim(0, 1.3 * largest)
    volume = f"volume {rounded(state.volume_fL)} fL"
    if free.swells:
        volume = f"volume {rounded(free.start_fL)} to {rounded(state.volume_fL)} fL"
    axis.set_title(f"{state.V_mV:.2f} mV: {volume}", loc="left", fontsize="medium", color=_INK)
    axis.legend(frameon=False, fontsize="small", loc="upper right")


def _fluxes(axis: Any, found: Breakdown, state: StateBreakdown) -> None:
    assert found.free is not None
    by_ion = {row.ion: row for row in state.ions}
    rows: Sequence[IonBalance] = [by_ion[ion] for ion in found.free.free if ion in by_ion]
    least = rounding_pA(state)
    passive, carried = (
        [0.0 if abs(value) <= least else value for value in values]
        for values in ([row.passive_pA for row in rows], [row.transported_pA for row in rows])
    )
    largest = max(map(abs, [*passive, *carried]), default=0.0) or 1.0
    for side, label, colour, shown in (
        (-0.5, "passive", _PASSIVE, passive),
        (0.5, "transported", _CARRIED, carried),
    ):
        places = [index + side * _WIDTH for index in range(len(rows))]
        axis.bar(places, shown, _WIDTH, color=colour, label=label)
        for place, value in zip(places, shown, strict=True):
            _say(axis, place, value, rounded(value, 3))
    axis.axhline(0, color="#888888", lw=0.8)
    axis.set_xticks(range(len(rows)), [row.ion for row in rows])
    axis.set_ylabel("current (pA), outward positive")
    axis.set_ylim(-1.35 * largest, 1.6 * largest)
    axis.set_title("what balances each free ion", loc="left", fontsize="medium", color=_INK)
    axis.legend(frameon=False, fontsize="small", loc="upper right", ncols=2)


def rounding_pA(state: StateBreakdown) -> float:
    """Return the current below which there is none, pA: a nanovolt over all conductances."""
    return 1e-6 * state.vote.conductance_nS


def _say(axis: Any, place: float, value: float, text: str) -> None:
    """Write a number at the end of its bar."""
    axis.annotate(
        text,
        (place, value),
        xytext=(0, 2 if value >= 0 else -2),
        textcoords="offset points",
        ha="center",
        va="bottom" if value >= 0 else "top",
        fontsize="small",
        color=_INK,
    )
