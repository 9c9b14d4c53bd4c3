"""The picture of a time course: voltage, concentrations, volume, currents above each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ._plot import _COLOURS, _DASHES, _INK, _figure, save
from ._timecourse_text import event_times_s

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_UNITS = (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3))
#: Show in the largest unit of which this many fit.
_AT_LEAST = 3.0
#: Part of the instants whose currents may be cut off: a short burst would flatten all else.
_BURST = 0.005


def plot_timecourse(dataset: Any, path: str | os.PathLike[str] | None = None) -> Figure:
    """Draw a time course.

    Args:
        dataset: what `relax` returned.
        path: where to write the picture, whole or not at all; its suffix says the format.

    Raises:
        PumpleakError: matplotlib is not installed, or the suffix is of no known format.
        OSError: the file cannot be written.
    """
    figure = _draw(dataset)
    if path is not None:
        save(figure, path)
    return figure


def _draw(dataset: Any) -> Figure:
    free = dataset.attrs["free"].split()
    panels = [_voltage]
    if free:
        panels.append(_concentrations)
    elif "state" in dataset:
        panels.append(_gates)
    if "volume" in dataset and np.ptp(dataset["volume"].values) > 0:
        panels.append(_volume)
    panels.append(_currents)
    figure = _figure((9, 1.0 + 2.1 * len(panels)))
    axes = np.atleast_1d(figure.subplots(len(panels), 1, sharex=True))
    end = float(dataset["time"].values[-1])
    unit, size = next(
        ((unit, size) for unit, size in _UNITS if end >= _AT_LEAST * size), _UNITS[-1]
    )
    times = dataset["time"].values / size
    for panel, axis in zip(panels, axes, strict=True):
        panel(axis, times, dataset)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0)
        if axis.get_legend_handles_labels()[1]:
            axis.legend(
                frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.01, 0.5)
            )
    axes[0].set_title(dataset.attrs["name"][:60], loc="left", fontsize="large", color=_INK, pad=20)
    axes[-1].set_xlabel(f"time ({unit})")
    _events(axes, dataset, size)
    figure.align_ylabels(axes)
    return figure


def _events(axes: Any, dataset: Any, size: float) -> None:
    found = event_times_s(dataset)
    for number, (when, words) in enumerate(found):
        for axis in axes:
            axis.axvline(when / size, color="#888888", lw=0.8, ls=":", zorder=1)
        axes[0].annotate(
            words if len(words) <= 40 else words[:39] + "…",
            (when / size, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 3 + 10 * (number % 2)),
            textcoords="offset points",
            fontsize="x-small",
            color=_INK,
        )


def _voltage(axis: Any, times: Any, dataset: Any) -> None:
    axis.plot(times, dataset["V"].values, color=_INK, lw=1.8)
    axis.set_ylabel("V (mV)")
    _least_range(axis, dataset["V"].values, 1.0)


def _concentrations(axis: Any, times: Any, dataset: Any) -> None:
    for index, ion in enumerate(dataset.attrs["free"].split()):
        colour = _COLOURS[index % len(_COLOURS)]
        inside = dataset["inside"].sel(ion=ion).values
        axis.plot(times, inside, color=colour, lw=1.6, label=f"{ion} inside")
        outside = dataset["outside"].sel(ion=ion).values
        if np.ptp(outside) > 0:
            axis.plot(times, outside, color=colour, lw=1.2, ls="--", label=f"{ion} outside")
    axis.set_ylim(bottom=0)
    axis.set_ylabel("concentration (mM)")


def _gates(axis: Any, times: Any, dataset: Any) -> None:
    for index, gate in enumerate(dataset["gate"].values):
        axis.plot(
            times,
            dataset["state"].sel(gate=gate).values,
            color=_COLOURS[index % len(_COLOURS)],
            ls=_DASHES[index // len(_COLOURS) % len(_DASHES)],
            lw=1.5,
            label=str(gate),
        )
    axis.set_ylabel("gates")


def _volume(axis: Any, times: Any, dataset: Any) -> None:
    axis.plot(times, dataset["volume"].values, color=_INK, lw=1.8)
    axis.set_ylabel("volume (fL)")
    _least_range(axis, dataset["volume"].values, 1e-3 * float(dataset["volume"].values[0]))


def _currents(axis: Any, times: Any, dataset: Any) -> None:
    axis.axhline(0, color="#888888", lw=0.8, zorder=1)
    reach = 0.0
    for index, label in enumerate(dataset["mechanism"].values):
        current = np.nansum(dataset["current"].sel(mechanism=label).values, axis=1)
        reach = max(reach, float(np.quantile(np.abs(current), 1.0 - _BURST)))
        axis.plot(
            times,
            current,
            color=_COLOURS[index % len(_COLOURS)],
            ls=_DASHES[index // len(_COLOURS) % len(_DASHES)],
            lw=1.5,
            label=str(label),
        )
    if reach > 0:
        axis.set_ylim(-1.15 * reach, 1.15 * reach)
    axis.set_ylabel("current (pA)\noutward positive")


def _least_range(axis: Any, values: Any, least: float) -> None:
    """Keep rounding from filling the panel where nothing happens."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low < least:
        middle = 0.5 * (low + high)
        axis.set_ylim(middle - least, middle + least)
