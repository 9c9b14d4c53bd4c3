"""The figure of a sheet: current against voltage, ion by ion, as admission found it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from .findings import Drawing

#: Okabe and Ito's colours, told apart by the colour-blind; with dashes, by those who print grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_DASHES = ("-", "--", "-.", ":")
_INK = "#222222"


def iv_curve(item: Mapping[str, Any]) -> Drawing | None:
    """Draw the I-V curve of an object that admission looked at.

    Args:
        item: its data, with ``curve``: ``V_mV``, and ``currents_pA`` by ion.

    Returns:
        None if it has no curve, or matplotlib is not installed.
    """
    curve = item.get("curve")
    if not curve:
        return None
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return None
    voltages, currents = curve["V_mV"], curve["currents_pA"]
    # text stays text and identifiers stay the same, so that the same numbers give the same file
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "pumpleak", "font.size": 11}):
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.subplots()
        axes.axhline(0, color=_INK, linewidth=0.8)
        axes.axvline(0, color=_INK, linewidth=0.8)
        for index, (ion, values) in enumerate(currents.items()):
            axes.plot(
                voltages,
                values,
                color=_COLOURS[index % len(_COLOURS)],
                linestyle=_DASHES[index % len(_DASHES)],
                linewidth=1.8,
                label=_plain(ion),
            )
        if len(currents) > 1:
            total = [sum(parts) for parts in zip(*currents.values(), strict=True)]
            axes.plot(voltages, total, color=_INK, linewidth=2.2, label="total")
        axes.set_xlabel("membrane potential (mV)")
        axes.set_ylabel("outward current (pA)")
        axes.set_title(f"{_plain(item['id'])}, {_plain(curve['density'])}", loc="left")
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return Drawing(svg=stream.getvalue(), text=_in_words(item["id"], voltages, currents))


def _plain(text: object) -> str:
    # '$' would begin a formula, which is not what a name means
    return str(text).replace("$", r"\$")


def _in_words(name: str, voltages: list[float], currents: Mapping[str, list[float]]) -> str:
    total = [sum(parts) for parts in zip(*currents.values(), strict=True)]
    crossing = _reversal(voltages, total)
    where = "without a reversal in that range" if crossing is None else f"zero at {crossing:.0f} mV"
    return (
        f"Current against voltage of {name} for {', '.join(currents)}: {_short(total[0])} pA at "
        f"{voltages[0]:.0f} mV, {_short(total[-1])} pA at {voltages[-1]:.0f} mV, {where}."
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"


def _reversal(voltages: list[float], total: list[float]) -> float | None:
    for step in range(len(total) - 1):
        low, high = total[step], total[step + 1]
        if low == 0:
            return voltages[step]
        if low * high < 0:
            share = low / (low - high)
            return voltages[step] + share * (voltages[step + 1] - voltages[step])
    return None
