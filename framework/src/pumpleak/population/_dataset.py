"""Solved populations and summaries as labelled datasets, with units and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import CompositionError
from ._outcomes import outcomes
from ._provenance import code, versions
from ._reduce import KINDS, STATUSES, Block
from ._solve import AT_ONCE, notes, solved
from ._summary import reductions

if TYPE_CHECKING:
    import xarray

    from ._population import Population

SCHEMA = "pumpleak.population/1"
_SIGNS = "outward current of positive charge is positive; V is inside minus outside"


def needs_xarray() -> Any:
    """Return xarray.

    Raises:
        CompositionError: it is not installed.
    """
    try:
        import xarray
    except ImportError as error:
        raise CompositionError(
            "results of populations need xarray, which is not installed; pip install "
            '"pumpleak[scale]"'
        ) from error
    return xarray


def provenance_attributes(
    population: Population, used: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, Any]:
    """Return attributes that say what a result came from.

    Args:
        population: what was solved.
        used: versions of what took part, by name.
        files: hash of the code that took part, by package.
    """
    import json

    definition = population.definition()
    membrane = definition.pop("membrane")
    return {
        "schema": SCHEMA,
        "name": population.membrane.name,
        "ions": population.mode,
        "members": population.size,
        "seed": population.seed,
        "membrane": membrane["text"],
        "membrane_sha256": membrane["sha256"],
        "definition": json.dumps(definition),
        "definition_sha256": population.digest,
        "versions": "; ".join(f"{name} {version}" for name, version in used.items()),
        "code_sha256": json.dumps(dict(files)),
        "signs": _SIGNS,
        "sources": "\n".join(population.membrane.sources),
    }


def _here(population: Population) -> dict[str, Any]:
    given = population.membrane, population.mode
    return {
        **provenance_attributes(population, versions(*given), code(*given)),
        **note_attributes(population),
    }


def note_attributes(population: Population) -> dict[str, str]:
    """Return what there is to say of how members are solved, as an attribute; none if nothing."""
    said = notes(population)
    return {"notes": "\n".join(said)} if said else {}


def codes(words: tuple[str, ...], what: str) -> dict[str, Any]:
    """Return the attributes of an array of codes."""
    return {
        "long_name": what,
        "flag_values": list(range(len(words))),
        "flag_meanings": " ".join(word.replace(" ", "_") for word in words),
    }


def row_attributes(population: Population) -> dict[str, dict[str, Any]]:
    """Return the attributes of every array that has a row a state."""
    residual = (
        {"units": "pA", "long_name": "total current left over"}
        if population.mode == "clamped"
        else {"units": "1", "long_name": "largest imbalance over its scale"}
    )
    found = {
        item.name: {"units": item.unit, "long_name": item.words}
        for item in outcomes(population).values()
    }
    return {
        **found,
        "residual": residual,
        "status": codes(STATUSES, "what came of the search"),
        "kind": codes(KINDS, "stability"),
        "retried": {"long_name": "whether the fast path gave up and the robust one was taken"},
    }


def rows_of(block: Block) -> dict[str, Any]:
    """Return every array of a solved block that has a row a state."""
    return {
        **block.values,
        "status": block.status,
        "kind": block.kind,
        "retried": block.retried,
    }


def solved_dataset(population: Population, threads: int | None) -> xarray.Dataset:
    """Solve every member, and return a dataset of all states."""
    library = needs_xarray()
    parts: dict[str, list[Any]] = {}
    for start in range(0, population.size, AT_ONCE):
        block = solved(population, start, min(population.size, start + AT_ONCE), threads)
        rows = rows_of(block)
        if block.member is not None:
            rows["member"] = block.member + start
        for name, values in rows.items():
            parts.setdefault(name, []).append(values)
    whole = {name: np.concatenate(values) for name, values in parts.items()}
    attributes = {**row_attributes(population), "member": {"long_name": "index of the member"}}
    inputs = {of.name for of in population.varied} | {"member"}
    along = "state" if population.all_states else "member"
    dataset: xarray.Dataset = library.Dataset(
        {
            name: ((along,), values, attributes[name])
            for name, values in whole.items()
            if name not in inputs
        },
        coords={
            name: ((along,), whole[name], attributes[name]) for name in whole if name in inputs
        },
        attrs=_here(population),
    )
    return dataset if population.all_states else unstacked(population, dataset)


def unstacked(population: Population, dataset: xarray.Dataset) -> xarray.Dataset:
    """Return a dataset along ``member`` with a dimension for each listed number instead."""
    grid = population.grid
    if not grid or population.axes[: len(grid)] != grid:
        return dataset
    names = [axis.varied[0].name for axis in grid]
    shape = [axis.size for axis in grid]
    rest = population.size // int(np.prod(shape))
    dims = (*names, *(("member",) if rest > 1 else ()))
    sizes = (*shape, *((rest,) if rest > 1 else ()))
    coordinates: dict[str, Any] = {
        name: ((name,), axis.values[0], dataset[name].attrs)
        for name, axis in zip(names, grid, strict=True)
    }
    for name, values in dataset.coords.items():
        if name in names:
            continue
        # draws and rows of a table are the same at every point of the grid
        coordinates[str(name)] = (("member",) if rest > 1 else (), values.values[:rest]
                                  if rest > 1 else values.values[0], values.attrs)  # fmt: skip
    variables = {
        str(name): (dims, array.values.reshape(sizes), array.attrs)
        for name, array in dataset.data_vars.items()
    }
    found: xarray.Dataset = needs_xarray().Dataset(
        variables, coords=coordinates, attrs=dataset.attrs
    )
    return found


def summary_dataset(population: Population, tally: Mapping[str, Any]) -> xarray.Dataset:
    """Return a dataset of what the reductions know in the end."""
    variables, coordinates = summary_variables(population, tally)
    found: xarray.Dataset = needs_xarray().Dataset(
        variables, coords=coordinates, attrs=_here(population)
    )
    return found


def summary_variables(
    population: Population, tally: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return variables and coordinates of what the reductions know in the end."""
    variables: dict[str, Any] = {}
    coordinates: dict[str, Any] = {}
    for reduction in reductions(population):
        more, labels = reduction.variables(tally)
        variables |= more
        coordinates |= labels
    return variables, coordinates
