"""A time course as a labelled dataset, and as a file."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from .._atomic import check_place, written_whole
from .._errors import CompositionError
from ..units._constants import MOLECULES_PER_AMOL, MS_PER_S

if TYPE_CHECKING:
    import xarray

    from ..membranes._membrane import Membrane
    from ._timecourse import Course

SCHEMA = "pumpleak.timecourse/1"
_NAMES = {
    "V": ("membrane potential, inside minus outside", "mV"),
    "volume": ("volume of the inside", "fL"),
    "charge": ("charge inside", "fC"),
    "capacitance": ("capacitance of the whole membrane", "pF"),
    "ATP_per_s": ("ATP molecules spent per second", "1/s"),
    "inside": ("concentration inside", "mM"),
    "outside": ("concentration outside", "mM"),
    "current": ("outward current", "pA"),
    "cycles_per_s": ("cycles of a transporter per second", "1/s"),
    "open_probability": ("open probability of a channel", "1"),
    "state": ("gates, occupancies and pools, in pumpleak's own units", ""),
}


def needs_xarray() -> Any:
    """Return xarray.

    Raises:
        CompositionError: it is not installed.
    """
    try:
        import xarray
    except ImportError as error:
        raise CompositionError(
            'a time course needs xarray, which is not installed; pip install "pumpleak[time]"'
        ) from error
    return xarray


def as_dataset(course: Course) -> xarray.Dataset:
    """Return a time course by time, ion and mechanism.

    What does not exist (a mechanism's current of an ion that it does not carry) is nan.
    """
    times = np.concatenate([leg.times_s for leg in course.legs])
    seen = _joined(course, times.size)
    ions = list(dict.fromkeys(key[1] for key in seen if key[0] in ("inside", "outside")))
    ions += [key[1][1] for key in seen if key[0] == "current" and key[1][1] not in ions]
    ions = list(dict.fromkeys(ions))
    mechanisms = [mechanism.label for mechanism in course.membrane.mechanisms]
    variables: dict[str, Any] = {}
    charged = "volume" in seen and "V" not in course.legs[0].moving.names
    for name in ("V", "volume", *(("charge", "capacitance") if charged else ())):
        if name in seen:
            variables[name] = (("time",), seen[name])
    coordinates: dict[str, Any] = {"time": times, "ion": ions, "mechanism": mechanisms}
    for side in ("inside", "outside"):
        variables[side] = _table(seen, side, "ion", ions, times.size)
    current = np.full((times.size, len(mechanisms), len(ions)), np.nan)
    for (_, (label, ion)), row in _having(seen, "current"):
        current[:, mechanisms.index(label), ions.index(ion)] = row
    variables["current"] = (("time", "mechanism", "ion"), current)
    spent = np.zeros(times.size)
    for (_, label), row in _having(seen, "cycles"):
        spent += getattr(course.membrane.mechanism(label), "atp", 0) * row
    variables["ATP_per_s"] = (("time",), spent * MOLECULES_PER_AMOL * MS_PER_S)
    for kind, name, along in (
        ("cycles", "cycles_per_s", "transporter"),
        ("open", "open_probability", "channel"),
        ("state", "state", "gate"),
    ):
        labels = [key[1] for key, _ in _having(seen, kind)]
        if labels:
            coordinates[along] = labels
            variables[name] = _table(seen, kind, along, labels, times.size)
    if "cycles_per_s" in variables:
        along, values = variables["cycles_per_s"]
        variables["cycles_per_s"] = (along, values * MOLECULES_PER_AMOL * MS_PER_S)
    return _labelled(variables, coordinates, course)


def _joined(course: Course, size: int) -> dict[Any, Any]:
    """Return what was seen over all legs; nan where a leg lacks it."""
    whole: dict[Any, Any] = {}
    first = 0
    for leg in course.legs:
        count = leg.times_s.size
        for key, row in leg.moving.seen(leg.x).items():
            whole.setdefault(key, np.full(size, np.nan))[first : first + count] = row
        first += count
    return whole


def _having(seen: dict[Any, Any], kind: str) -> Iterator[tuple[Any, Any]]:
    return ((key, row) for key, row in seen.items() if isinstance(key, tuple) and key[0] == kind)


def _table(
    seen: dict[Any, Any], kind: str, along: str, labels: list[str], size: int
) -> tuple[tuple[str, str], Any]:
    empty = np.full(size, np.nan)
    columns = [seen.get((kind, label), empty) for label in labels]
    return ("time", along), np.column_stack(columns) if columns else np.empty((size, 0))


def _labelled(
    variables: dict[str, Any], coordinates: dict[str, Any], course: Course
) -> xarray.Dataset:
    dataset: Any = needs_xarray().Dataset(variables, coords=coordinates)
    for name in variables:
        words, unit = _NAMES[name]
        dataset[name].attrs = {"long_name": words, "units": unit}
    dataset["time"].attrs = {"long_name": "time", "units": "s"}
    membrane = course.membrane
    compartments = membrane.compartments
    dataset.attrs = {
        "schema": SCHEMA,
        "name": membrane.name,
        "ions": "clamped" if compartments is None else "steady",
        "free": "" if compartments is None else " ".join(compartments.free),
        "until_s": course.until_s,
        "start": course.start,
        "events": "\n".join(event.text for event in course.events),
        "status": course.ending.status,
        "message": course.ending.message,
        "notes": "\n".join(course.notes),
        "signs": "outward current of positive charge is positive; V is inside minus outside",
        "sources": "\n".join(membrane.sources),
        "membrane": _file_of(membrane),
        "versions": _versions(membrane),
        "citations": _citations(membrane),
    }
    found: xarray.Dataset = dataset
    return found


def _file_of(membrane: Membrane) -> str:
    """Return the text of the membrane's file; empty where a part has no name in files."""
    from .._errors import PumpleakError
    from ..membranes._file import dumps

    try:
        return dumps(membrane)
    except PumpleakError:
        return ""


def _citations(membrane: Membrane) -> str:
    from ..cite import citations

    return citations(SimpleNamespace(membrane=membrane)).bibtex()


def _versions(membrane: Membrane) -> str:
    from ..report._record import provenance

    found: Any = SimpleNamespace(membrane=membrane, solver=membrane.solver or "")
    record = provenance(found)
    parts = [f"pumpleak {record.pumpleak}"]
    parts += [f"{plugin.distribution} {plugin.version}" for plugin in record.plugins]
    parts += [f"card {card.id} {card.version} (sha256 {card.sha256})" for card in record.cards]
    parts += [f"{name} {version}" for name, version in record.libraries]
    parts += [f"from no plugin: {text}" for text in record.unregistered]
    return "; ".join(parts)


# --- files ----------------------------------------------------------------------------------------


def save_timecourse(dataset: xarray.Dataset, path: str | os.PathLike[str]) -> None:
    """Write a time course, whole or not at all.

    Args:
        dataset: what `relax` returned.
        path: its suffix says the format: ``.nc`` (NetCDF, with every label and attribute) or
            ``.csv`` (numbers only, one row an instant).

    Raises:
        CompositionError: another suffix.
        OSError: the file cannot be written.
    """
    where = Path(path)
    check_file(where)
    writer = _WRITERS[where.suffix.lower()]
    with written_whole(where) as temporary:
        writer(dataset, temporary)


def check_file(path: Path) -> None:
    """Refuse a file that could not be written, before anything long begins.

    Raises:
        CompositionError: a suffix of no known format.
        OSError: the folder is not there, or cannot be written.
    """
    if path.suffix.lower() not in _WRITERS:
        raise CompositionError(
            f"the suffix says the format (got {path.name!r}); use one of {', '.join(_WRITERS)}"
        )
    check_place(path)


def columns(dataset: xarray.Dataset) -> Iterable[tuple[str, Any]]:
    """Yield (heading with unit, values) of everything that is there at some time."""
    yield "time (s)", dataset["time"].values
    for name, variable in dataset.data_vars.items():
        unit = variable.attrs["units"]
        suffix = f" ({unit})" if unit not in ("", "1") else ""
        along = variable.dims[1:]
        for place in np.ndindex(*variable.shape[1:]):
            values = variable.values[(slice(None), *place)]
            if np.isnan(values).all():
                continue
            labels = [str(dataset[d].values[i]) for d, i in zip(along, place, strict=True)]
            yield ".".join([str(name), *labels]) + suffix, values


def _write_csv(dataset: xarray.Dataset, path: Path) -> None:
    found = list(columns(dataset))
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading for heading, _ in found])
        for row in zip(*(values for _, values in found), strict=True):
            writer.writerow(["" if np.isnan(value) else repr(float(value)) for value in row])


def _write_netcdf(dataset: xarray.Dataset, path: Path) -> None:
    # SciPy writes NetCDF 3, so that no other library is needed
    dataset.to_netcdf(path, engine="scipy")


_WRITERS: dict[str, Callable[[Any, Path], None]] = {".nc": _write_netcdf, ".csv": _write_csv}
