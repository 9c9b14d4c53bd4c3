"""The picture of a resting membrane: its I-V curve with the states marked, and their votes.

No pyplot, so that no window opens and nothing is shared between figures.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._atomic import check_place, written_whole
from .._errors import CompositionError
from ..equilibria._rest import problem
from ._breakdown import Breakdown, StateBreakdown, held
from ._plot_steady import draw_steady, rounding_pA

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..equilibria._problem import ClampedProblem

_POINTS = 801
_MARGIN_MV = 40.0
_MOST_VOTES = 4
#: Height of what only steady ions have.
_STEADY_INCHES = 3.2
_MOST_ROWS = 10
#: Okabe and Ito's colours, told apart by the colour-blind; black is the total's.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C")
_DASHES = ("-", "--", "-.", ":")
_INK = "#222222"
_FACE = {"stable": _INK, "marginal": "#9a9a9a"}


def draw(found: Breakdown) -> Figure:
    """Draw the I-V curve, total and parts, and the votes of each state.

    Raises:
        CompositionError: matplotlib is not installed.
    """
    shown = _shown(found.states)
    height = max(4.8, 1.2 + 1.9 * len(shown))
    steady = found.free is not None and bool(shown)
    figure = _figure((11, height + (_STEADY_INCHES if steady else 0.0)))
    colours = {
        mechanism.label: (_COLOURS[index % len(_COLOURS)], _DASHES[index // len(_COLOURS) % 4])
        for index, mechanism in enumerate(found.membrane.mechanisms)
    }
    if not shown:
        _curves(figure.subplots(), found, colours)
    else:
        upper: Any = figure
        if steady:
            halves: Any = figure.subfigures(2, 1, height_ratios=(height, _STEADY_INCHES))
            upper, lower = halves
            draw_steady(lower, found, _on_the_curve(found))
        grid = upper.add_gridspec(len(shown), 2, width_ratios=(1.55, 1))
        _curves(upper.add_subplot(grid[:, 0]), found, colours)
        axes = [upper.add_subplot(grid[row, 1]) for row in range(len(shown))]
        for row, (axis, state) in enumerate(zip(axes, shown, strict=True)):
            _votes(axis, state, colours)
            if row == len(shown) - 1:
                axis.set_xlabel("share of the vote (%)", x=50 / 135)
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure, whole or not at all.

    Args:
        figure: what to write.
        path: its suffix says the format.

    Raises:
        CompositionError: a suffix of no known format.
        OSError: the file cannot be written.
    """
    where = Path(path)
    suffix = _format(where)
    with written_whole(where) as temporary, temporary.open("xb") as stream:
        figure.savefig(stream, format=suffix, dpi=150)


def check_picture(path: str | os.PathLike[str]) -> None:
    """Refuse a picture that could not be written, before anything long begins.

    Raises:
        CompositionError: a suffix of no known format, or matplotlib is not installed.
        OSError: the folder is not there, or cannot be written.
    """
    _figure((1, 1))
    _format(Path(path))
    check_place(path)


def _format(path: Path) -> str:
    from matplotlib.backend_bases import FigureCanvasBase

    suffix = path.suffix.lstrip(".").lower()
    known = FigureCanvasBase.get_supported_filetypes()
    if suffix not in known:
        raise CompositionError(
            f"a picture's suffix says its format (got {path.name!r}); use one of "
            f"{', '.join(sorted(known))}"
        )
    return suffix


def _figure(size: tuple[float, float]) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CompositionError(
            'a picture needs matplotlib, which is not installed; pip install "pumpleak[plot]"'
        ) from error
    return Figure(figsize=size, layout="constrained")


def _shown(states: Sequence[StateBreakdown]) -> list[StateBreakdown]:
    """Return the states whose votes are drawn: all if few, else the stable ones first."""
    if len(states) <= _MOST_VOTES:
        return list(states)
    chosen = sorted(states, key=lambda state: not state.stable)[:_MOST_VOTES]
    return sorted(chosen, key=lambda state: state.V_mV)


def _scene(found: Breakdown) -> tuple[ClampedProblem, Sequence[StateBreakdown]]:
    """Return whose I-V curve is drawn, and the states on it."""
    equilibria = found.equilibria
    if equilibria.mode == "clamped":
        return equilibria.problem, found.states
    if not found.states:
        return problem(found.membrane), ()
    # each steady state has concentrations, and so a curve, of its own
    state = _on_the_curve(found)
    return held(equilibria.states[found.states.index(state)]).problem, [state]


def _on_the_curve(found: Breakdown) -> StateBreakdown:
    """Return the steady state whose curve and concentrations are drawn: the first stable one."""
    return next((state for state in found.states if state.stable), found.states[-1])


def _curves(axis: Any, found: Breakdown, colours: Mapping[str, tuple[str, str]]) -> None:
    solved, states = _scene(found)
    low, high = _window(found, states)
    voltage = np.linspace(low, high, _POINTS)  # (n,)
    parts: dict[str, Any] = {}
    for (label, _), current in solved.curves(voltage).items():
        parts[label] = parts.get(label, 0.0) + current
    axis.axhline(0, color="#888888", lw=0.8, zorder=1)
    for label, current in parts.items():
        colour, dash = colours[label]
        axis.plot(voltage, current, color=colour, ls=dash, lw=1.5, label=label, zorder=2)
    total = sum(parts.values())
    axis.plot(voltage, total, color=_INK, lw=2.4, label="total", zorder=3)
    if found.clamped is not None:
        beside = sum(found.clamped.equilibria.problem.curves(voltage).values())
        axis.plot(voltage, beside, color="#888888", ls="--", label="total, clamped ions", zorder=2)
    for state in states:
        _mark(axis, state)
    for kind in dict.fromkeys(state.kind for state in states):
        axis.plot([], [], label=f"{kind} state", **_marker(kind))
    axis.set_xlim(low, high)
    reach = _reach(states, voltage, total, parts)
    axis.set_ylim(-reach, reach)
    axis.set_xlabel("membrane potential (mV)")
    axis.set_ylabel("current (pA), outward positive")
    title = found.membrane.name[:60]
    if found.free is not None and states:
        title += ", at its steady concentrations"
    axis.set_title(title, loc="left", fontsize="large", color=_INK)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(
        framealpha=0.85, edgecolor="none", fontsize="small", loc="best", ncols=1 + len(parts) // 7
    )


def _mark(axis: Any, state: StateBreakdown) -> None:
    from matplotlib.patheffects import withStroke

    axis.plot([state.V_mV], [0.0], zorder=5, clip_on=False, **_marker(state.kind))
    axis.annotate(
        f"{state.V_mV:.2f} mV",
        (state.V_mV, 0.0),
        # to the right, on the side that the curve leaves free
        xytext=(7, -15 if state.slope_nS > 0 else 9),
        textcoords="offset points",
        fontsize="small",
        color=_INK,
        zorder=6,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )


def _marker(kind: str) -> dict[str, Any]:
    return {
        "marker": "o",
        "ls": "",
        "ms": 9,
        "mec": _INK,
        "mew": 1.6,
        "mfc": _FACE.get(kind, "white"),
    }


def _window(found: Breakdown, states: Sequence[StateBreakdown]) -> tuple[float, float]:
    low, high = found.membrane.range
    if not states:
        return low, high
    return max(low, states[0].V_mV - _MARGIN_MV), min(high, states[-1].V_mV + _MARGIN_MV)


def _reach(
    states: Sequence[StateBreakdown], voltage: Any, total: Any, parts: Mapping[str, Any]
) -> float:
    """Return the largest current shown: what flows at the states and between them."""
    if not states:
        sizes = [np.nanmax(np.abs(curve), initial=0.0) for curve in (total, *parts.values())]
        return 1.05 * float(max(sizes)) or 1.0
    flows = [abs(part.current_pA) for state in states for part in state.mechanisms]
    first, last = states[0].V_mV, states[-1].V_mV
    between = np.abs(total[(voltage >= first) & (voltage <= last)])
    most = float(max([*flows, *between[np.isfinite(between)].tolist()]))
    if most <= max(rounding_pA(state) for state in states):  # at equilibrium nothing flows
        most = max(state.vote.conductance_nS for state in states) * _MARGIN_MV / 2.0
    return 1.6 * most or 1.0


def _votes(axis: Any, state: StateBreakdown, colours: Mapping[str, tuple[str, str]]) -> None:
    rows = [
        (part.name, ion) for part in state.mechanisms for ion in part.ions if ion.share is not None
    ]
    rows.sort(key=lambda row: -(row[1].share or 0.0))
    left_out = len(rows) - _MOST_ROWS
    rows = rows[:_MOST_ROWS]
    places = list(range(len(rows)))[::-1]
    shares = [100 * (ion.share or 0.0) for _, ion in rows]
    axis.barh(places, shares, color=[colours[name][0] for name, _ in rows], height=0.68)
    for place, share, (_, ion) in zip(places, shares, rows, strict=True):
        axis.annotate(
            f"{share:.1f} %   E {ion.reversal_mV:.1f} mV",
            (share, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
            color=_INK,
        )
    axis.set_yticks(places, [f"{_short(name)}  {ion.ion}" for name, ion in rows])
    axis.set_xlim(0, 135)  # room for the text beside the longest bar
    axis.set_xticks(range(0, 101, 20))
    axis.spines["bottom"].set_bounds(0, 100)
    axis.set_ylim(-0.6, max(len(rows) - 0.4, 0.6))
    more = f" (and {left_out} smaller)" if left_out > 0 else ""
    pump = ""
    if state.pump is not None and state.pump.adds_mV is not None:
        pump = f"; pump current {state.pump.adds_mV:+.2f} mV"
    axis.set_title(
        f"{state.V_mV:.2f} mV, {state.kind}{pump}{more}", loc="left", fontsize="medium", color=_INK
    )
    axis.spines[["top", "right"]].set_visible(False)


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"
