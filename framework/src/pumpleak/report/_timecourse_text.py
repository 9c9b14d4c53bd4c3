"""A time course in a few lines: the start, every event, the end."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from ._blocks import Block, Column, Heading, Paragraph, Table
from ._format import column, fixed, rounded
from ._json import _finite
from ._text import render

SCHEMA = "pumpleak.relax/1"
#: As many concentrations, or gates, as fit within the columns.
_MOST = 4
_EVENT_WIDTH = 34


def as_text(dataset: Any, width: int = 100) -> str:
    """Return the summary of a time course as plain text.

    Args:
        dataset: what `relax` returned.
        width: columns to stay within.
    """
    return render(_blocks(dataset), width)


def as_dict(dataset: Any) -> dict[str, Any]:
    """Return the documented JSON form; what is not there, or not finite, is None."""
    marks, labels = _marks(dataset)
    free = _free(dataset)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "name": dataset.attrs["name"],
        "ions": dataset.attrs["ions"],
        "until_s": dataset.attrs["until_s"],
        "start": dataset.attrs["start"],
        "status": dataset.attrs["status"],
        "message": dataset.attrs["message"],
        "notes": dataset.attrs["notes"].splitlines(),
        "events": [
            {"time_s": float(dataset["time"].values[index]), "text": label}
            for index, label in zip(marks[1:-1], labels[1:-1], strict=True)
        ],
        "free": free,
        "time_s": dataset["time"].values.tolist(),
        "V_mV": dataset["V"].values.tolist(),
        "ATP_per_s": dataset["ATP_per_s"].values.tolist(),
        "volume_fL": dataset["volume"].values.tolist() if "volume" in dataset else None,
        "inside_mM": _by_ion(dataset, "inside"),
        "outside_mM": _by_ion(dataset, "outside"),
        "versions": dataset.attrs["versions"].split("; "),
    }
    finite: dict[str, Any] = _finite(data)
    return finite


def event_times_s(dataset: Any) -> list[tuple[float, str]]:
    """Return when each event was, s, and what it changed."""
    from ..timecourses._events import duration_s

    found = []
    for line in dataset.attrs["events"].splitlines():
        when, _, words = line.partition(": ")
        found.append((duration_s(when, "event"), words))
    return found


def _blocks(dataset: Any) -> list[Block]:
    attributes = dataset.attrs
    blocks: list[Block] = [
        Heading(attributes["name"], 1),
        Paragraph(
            f"{duration(attributes['until_s'])} of {attributes['ions']} ions, from "
            f"{attributes['start']}."
        ),
        _table(dataset),
        Paragraph(f"The end: {attributes['status']}. {_sentence(attributes['message'])}"),
    ]
    blocks += [Paragraph(f"Note: {note}") for note in attributes["notes"].splitlines()]
    return blocks


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _free(dataset: Any) -> list[str]:
    free: list[str] = dataset.attrs["free"].split()
    return free


def _marks(dataset: Any) -> tuple[list[int], list[str]]:
    """Return the positions of the start, the events and the end, and what each is."""
    times = dataset["time"].values
    marks, labels = [0], ["start"]
    for when, words in event_times_s(dataset):
        marks.append(min(int(np.searchsorted(times, when)), times.size - 1))
        labels.append(words)
    return [*marks, times.size - 1], [*labels, "end"]


def _table(dataset: Any) -> Table:
    marks, labels = _marks(dataset)
    chosen = dataset.isel(time=marks)
    columns = [Column(heading="time"), Column(heading="V (mV)")]
    cells = [
        [duration(float(value)) for value in chosen["time"].values],
        [fixed(float(value)) for value in chosen["V"].values],
    ]
    for ion in _free(dataset)[:_MOST]:
        columns.append(Column(heading=f"{ion} in (mM)"))
        cells.append(column(chosen["inside"].sel(ion=ion).values.tolist()))
    if "volume" in dataset:
        columns.append(Column(heading="volume (fL)"))
        cells.append(column(chosen["volume"].values.tolist()))
    elif "state" in dataset:
        for gate in dataset["gate"].values[:_MOST].tolist():
            columns.append(Column(heading=gate))
            cells.append(column(chosen["state"].sel(gate=gate).values.tolist()))
    if float(np.nanmax(np.abs(chosen["ATP_per_s"].values), initial=0.0)) > 0:
        columns.append(Column(heading="ATP/s"))
        cells.append([rounded(float(value), 3) for value in chosen["ATP_per_s"].values])
    columns.append(Column(heading="", numeric=False))
    cells.append([textwrap.shorten(label, _EVENT_WIDTH, placeholder=" …") for label in labels])
    return Table(columns=tuple(columns), rows=tuple(zip(*cells, strict=True)))


def _by_ion(dataset: Any, side: str) -> dict[str, Any]:
    return {
        str(ion): dataset[side].sel(ion=ion).values.tolist()
        for ion in dataset["ion"].values
        if not np.isnan(dataset[side].sel(ion=ion).values).all()
    }


def duration(time_s: float) -> str:
    """Return a time as one would say it.

    >>> duration(1800.0), duration(60.0), duration(0.005), duration(90.0)
    ('30 min', '1 min', '5 ms', '1.5 min')
    """
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if time_s >= size:
            return f"{time_s / size:.4g} {unit}"
    return f"{time_s:.4g} s"
