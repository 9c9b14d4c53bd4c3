"""The store that a sweep fills: Zarr arrays with a row a member, labels and units."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .._atomic import written_whole
from ..population._dataset import (
    note_attributes,
    provenance_attributes,
    row_attributes,
    rows_of,
    summary_variables,
)
from ..population._reduce import STATUSES, Block
from ._errors import SweepError
from ._folder import Folder
from ._plan import STATES_KEPT, Plan
from ._waited import waited

#: A small array that every chunk has.
SAMPLE = "status"
#: What stands where nothing was computed yet.
_NOT_THERE = 255


def needs_scale() -> None:
    """Say in words what a sweep needs.

    Raises:
        SweepError: it is not installed.
    """
    # found, not imported: Dask takes a moment, and few sweeps are so long as to need it
    missing = [name for name in ("zarr", "dask", "distributed") if find_spec(name) is None]
    if missing:
        raise SweepError(
            f"pumpleak sweep needs {', '.join(missing)}, not installed here; "
            'pip install "pumpleak[scale]"'
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Zarr from warning that our own folder is no array, and that metadata is gathered."""
    from zarr.errors import ZarrUserWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZarrUserWarning)
        yield


def create(plan: Plan, out: Path) -> None:
    """Make the store of a new sweep, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    temporary = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        made = _begun(plan)
        shutil.rmtree(temporary, ignore_errors=True)  # of a run that was killed, with our number
        temporary.mkdir()
        _write(temporary, made)
        Folder(temporary).make(plan.definition)
        os.rename(temporary, out)
    except OSError as error:
        if error.errno is None:
            raise
        # the user knows this name, not the temporary one
        raise OSError(error.errno, error.strerror, str(out)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def mend(plan: Plan, out: Path) -> int:
    """Write again what says what the arrays are, where it is damaged or gone.

    Returns:
        How many files were written.

    Raises:
        OSError: they cannot be written.
    """
    wrong = {key: data for key, data in _begun(plan).items() if not _is_said(out / key, data)}
    _write(out, wrong)
    return len(wrong)


def _is_said(path: Path, data: Any) -> bool:
    """Return whether a file says all that it said when the sweep was begun; it may say more."""
    try:
        there = path.read_bytes()
        return there == data.to_bytes() or _holds(json.loads(there), json.loads(data.to_bytes()))
    except (OSError, ValueError):
        return False


def _holds(there: Any, wanted: Any) -> bool:
    if isinstance(there, dict) and isinstance(wanted, dict):
        return all(key in there and _holds(there[key], wanted[key]) for key in wanted)
    return bool(there == wanted)


def _begun(plan: Plan) -> dict[str, Any]:
    """Return the files that say what the group and its rows are, by key."""
    record = plan.definition
    given = {
        **provenance_attributes(plan.population, record["versions"], record["code"]),
        **note_attributes(plan.population),
    }
    made: dict[str, Any] = {}
    _make(made, given, _rows(plan) if plan.rows else ())
    return made


def _rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield what is said of each array with a row a member when it is made."""
    from zarr.codecs import BloscCodec

    population = plan.population
    inputs = [of.name for of in population.varied]
    shape: tuple[int, ...] = (population.size,)
    chunks: tuple[int, ...] = (plan.chunk,)
    dims: tuple[str, ...] = ("member",)
    for name, attrs in row_attributes(population).items():
        kind: Any = {"status": "uint8", "kind": "uint8", "retried": "bool"}.get(name, "float64")
        wide = population.all_states and name not in inputs
        yield {
            "name": name,
            "shape": (*shape, STATES_KEPT) if wide else shape,
            "chunks": (*chunks, STATES_KEPT) if wide else chunks,
            "dtype": kind,
            # quick, and good at what can be packed at all: codes, and exponents of floats
            "compressors": BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
            "fill_value": {"float64": np.nan, "uint8": _NOT_THERE, "bool": False}[kind],
            "dimension_names": (*dims, "state") if wide else dims,
            "attributes": {
                **attrs,
                **({} if name in inputs else {"coordinates": " ".join(inputs)}),
            },
        }
    if population.all_states:
        yield {
            "name": "states",
            "shape": shape,
            "chunks": chunks,
            "dtype": "uint8",
            "fill_value": _NOT_THERE,
            "dimension_names": dims,
            "attributes": {
                "long_name": f"how many states were found; at most {STATES_KEPT} are kept",
                "units": "1",
                "coordinates": " ".join(inputs),
            },
        }


def rows_to_keep(block: Block, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of a solved block, by name of array.

    Args:
        block: solved; with all states it has a row a state.
        inputs: what members differ in, shape (n_members,).
    """
    rows = rows_of(block)
    if block.member is None:
        return rows
    # the how-manieth state of its member each row is
    first = np.searchsorted(block.member, np.arange(block.members))
    place = np.arange(len(block.member)) - first[block.member]
    kept = place < STATES_KEPT
    where = (block.member[kept], place[kept])
    found: dict[str, Any] = dict(inputs)
    for name, values in rows.items():
        if name in inputs:
            continue
        fill: Any = np.nan if values.dtype.kind == "f" else _NOT_THERE
        wide = np.full(
            (block.members, STATES_KEPT),
            False if values.dtype.kind == "b" else fill,
            dtype=values.dtype,
        )
        wide[where] = values[kept]
        found[name] = wide
    states = block.member[block.status == STATUSES.index("found")]
    counts = np.bincount(states, minlength=block.members)
    found["states"] = np.minimum(counts, _NOT_THERE - 1).astype(np.uint8)
    return found


def checksum(rows: Mapping[str, Any]) -> str:
    """Return the checksum of a chunk's arrays: it finds damage, and is no defence."""
    parts = [f"{name} {zlib.crc32(np.ascontiguousarray(rows[name]).data)}" for name in sorted(rows)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def write_rows(out: Path, start: int, rows: Mapping[str, Any]) -> None:
    """Write the arrays of one chunk; each file of the store is replaced whole."""
    # one call for all arrays: each call of Zarr's own costs milliseconds, whatever it writes
    waited(_write_rows(out, start, rows))


async def _write_rows(out: Path, start: int, rows: Mapping[str, Any]) -> None:
    from zarr.api.asynchronous import open_group

    group = await open_group(store=out, mode="r+")

    for name, values in rows.items():  # one after the other: a worker is one processor
        array: Any = await group.getitem(name)
        await array.setitem(slice(start, start + len(values)), values)


def stored_checksum(out: Path, start: int, stop: int, only: str | None = None) -> str:
    """Return the checksum of what is stored of the members between two indices.

    Args:
        out: the store.
        start: index of the first member.
        stop: index after the last.
        only: name of the one array to read; all if not given.

    Raises:
        Exception: whatever reading a damaged store raises.
    """
    import zarr

    group: Any = zarr.open_group(out, mode="r")
    rows = {
        name: np.asarray(array[start:stop])
        for name, array in group.arrays()
        if (array.metadata.dimension_names or ())[:1] == ("member",) and only in (None, name)
    }
    return checksum(rows)


def write_summary(plan: Plan, out: Path, tally: Mapping[str, Any], complete: bool) -> None:
    """Write what the reductions know, and gather the metadata so that opening reads one file.

    Files that are what they should be are left alone.
    """
    made = _begun(plan)
    _make(made, {"complete": complete}, _summary(plan, tally))
    _write(out, {key: data for key, data in made.items() if not _is_there(out / key, data)})


def _is_there(path: Path, data: Any) -> bool:
    try:
        return bool(path.read_bytes() == data.to_bytes())
    except OSError:
        return False


def _summary(plan: Plan, tally: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is said of each array of the summary when it is made."""
    variables, coordinates = summary_variables(plan.population, tally)
    for name, (dims, values, attrs) in {**coordinates, **variables}.items():
        data = np.asarray(values)
        if data.dtype.kind == "U":
            data = data.astype(np.dtypes.StringDType())
        more = {}
        if name in variables and dims:
            extra = [f"{dim}{end}" for dim in dims for end in (".low", ".high")]
            named = [label for label in extra if label in coordinates]
            more = {"coordinates": " ".join(named)} if named else {}
        yield {
            "name": name,
            "data": data,
            "dimension_names": dims,
            "attributes": {**attrs, **more},
            # what is nothing now may have been something when less was known
            "config": {"write_empty_chunks": True},
            "overwrite": True,
        }


def _make(
    made: dict[str, Any],
    attributes: Mapping[str, Any],
    arrays: Iterable[Mapping[str, Any]],
) -> None:
    """Put arrays into a store in memory: on a disk, each of many would take its milliseconds.

    Args:
        made: the files of the store, by key.
        attributes: of the group.
        arrays: what is said of each when it is made.
    """
    with _quiet():
        waited(_made(made, attributes, arrays))


async def _made(
    made: dict[str, Any],
    attributes: Mapping[str, Any],
    arrays: Iterable[Mapping[str, Any]],
) -> None:
    from zarr.api.asynchronous import consolidate_metadata, create_group, open_group
    from zarr.storage import MemoryStore

    store = MemoryStore(made)
    if made:
        group = await open_group(store=store, mode="r+", use_consolidated=False)
    else:
        group = await create_group(store=store, zarr_format=3)
    await group.update_attributes(dict(attributes))
    for given in arrays:
        await group.create_array(**given)
    await consolidate_metadata(store)


def _write(out: Path, made: Mapping[str, Any]) -> None:
    """Write files of a store, each whole, and what says what there is at last."""
    for key in sorted(made, key=lambda key: key == "zarr.json"):
        path = out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary:
            temporary.write_bytes(made[key].to_bytes())
