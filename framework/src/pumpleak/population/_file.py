"""Population files: a membrane, and tables that say how its members differ."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from .._errors import CompositionError, FileError, PumpleakError, near
from ..membranes._compose import compose
from ..membranes._file import parsed, read_text
from ..membranes._membrane import Membrane
from ..membranes._problems import Problems
from ._axes import Grid, listed
from ._distribution import distribution_from
from ._kinds import file_of
from ._names import canonical, varied
from ._population import Correlation, Population, Table
from ._summary import summary_from

_FIELDS = (
    "membrane", "members", "seed", "sampling", "mode", "all_states", "outputs", "vary", "together",
    "table", "correlation", "summary",
)  # fmt: skip
#: A table with one of these says how something varies; one without is a part of a dotted name.
_SPECIFIES = ("distribution", "from", "values")
_GRID = ("from", "to", "points", "spacing")
_VALUES = ("values", "unit")


def load_population(
    path: str | os.PathLike[str], *, members: int | None = None, seed: int | None = None
) -> Population:
    """Read a population file.

    Args:
        path: of a TOML file with ``[population]``; the membrane's tables stand beside it, or
            ``membrane`` names its file.
        members: instead of what the file says.
        seed: instead of what the file says.

    Raises:
        FileError: everything found wrong with it, each with the path of its field.
        PluginError: something the membrane names is not installed or does not load.
    """
    shown = str(path)
    given = parsed(read_text(path), shown)
    head = given.pop("population", None)
    if not isinstance(head, dict):
        raise FileError(
            ["population: missing; say in [population] how members differ from the membrane"], shown
        )
    problems = Problems()
    for key in head:
        if key not in _FIELDS:
            problems.add(
                f"population.{key}",
                f"unknown field{near(key, _FIELDS)}; there are {', '.join(_FIELDS)}",
            )
    head = {key: value for key, value in head.items() if key in _FIELDS}
    if members is not None:
        head["members"] = members
    if seed is not None:
        head["seed"] = seed
    beside = Path(path).parent
    membrane = _membrane(head.pop("membrane", None), given, beside, shown)
    fields = _read(membrane, head, beside, problems)
    if problems.found:
        raise FileError(problems.found, shown)
    try:
        return Population(membrane, **fields)
    except PumpleakError as error:
        # what is of no field is of the membrane: in a file of its own, or in the tables beside
        membranes = "" if given else "population.membrane: "
        raise FileError([_placed(str(error), fields) or f"{membranes}{error}"], shown) from error


def _placed(text: str, fields: Mapping[str, Any]) -> str:
    """Return a message of `Population` with its field's path as written, empty if it has none."""
    opening, colon, rest = text.partition(": ")
    if colon and re.split(r"[.\[]", opening)[0] in _FIELDS:
        return f"population.{text}"
    for field in ("vary", "together"):
        for name in fields[field]:
            if canonical(name) == opening:
                return f"population.{field}.{name}: {rest}"
    return ""


def _membrane(name: object, tables: dict[str, Any], beside: Path, shown: str) -> Membrane:
    if name is None:
        if not tables:
            raise FileError(
                ['population.membrane: missing; give for example membrane = "neuron.toml", or the '
                 "membrane's own tables in this file"], shown
            )  # fmt: skip
        return compose(tables, path=shown)
    if not isinstance(name, str):
        raise FileError([f"population.membrane: expected the path of a file, got {name!r}"], shown)
    if tables:
        raise FileError(
            [f"{table}: a membrane's own table, but population.membrane names a file; give one of "
             "the two" for table in tables], shown
        )  # fmt: skip
    from ..membranes._file import load

    return load(beside / name)


def _read(
    membrane: Membrane, head: dict[str, Any], beside: Path, problems: Problems
) -> dict[str, Any]:
    """Return the fields of a population, and note what is wrong with each."""
    fields: dict[str, Any] = {
        key: head[key] for key in ("members", "seed", "sampling", "mode") if key in head
    }
    if not isinstance(head.get("all_states", False), bool):
        problems.add("population.all_states", f"true or false, got {head['all_states']!r}")
    fields["all_states"] = head.get("all_states", False)
    outputs = head.get("outputs", [])
    if not isinstance(outputs, list) or not all(isinstance(name, str) for name in outputs):
        problems.add("population.outputs", f"expected a list of names, got {outputs!r}")
    else:
        fields["outputs"] = tuple(outputs)
    fields["vary"] = {}
    for name, given in _flat(head.get("vary", {}), "population.vary", problems):
        with problems.at("population.vary"):
            fields["vary"][name] = _specified(membrane, name, given)
    fields["together"] = {}
    for name, given in _flat(head.get("together", {}), "population.together", problems):
        with problems.at("population.together"):
            if not isinstance(given, list):
                raise CompositionError(f"{name}: expected a list, got {given!r}")
            of = varied(membrane, name)
            for item in given:
                of.checked(item)
            fields["together"][name] = given
    if "table" in head:
        with problems.at("population.table"):
            fields["table"] = _table(head["table"], beside)
    if "correlation" in head:
        with problems.at("population.correlation"):
            fields["correlation"] = _record(Correlation, head["correlation"])
    summaries = head.get("summary", [])
    if not isinstance(summaries, list) or not all(isinstance(s, dict) for s in summaries):
        problems.add("population.summary", "write each summary as [[population.summary]]")
    else:
        found = []
        for position, table in enumerate(summaries):
            with problems.at(f"population.summary[{position}]"):
                found.append(summary_from(table))
        fields["summary"] = tuple(found)
    return fields


def _flat(given: object, path: str, problems: Problems) -> Iterator[tuple[str, Any]]:
    """Yield dotted names: in TOML ``outside.K = ...`` makes a table of tables."""
    if not isinstance(given, Mapping):
        problems.add(path, f"expected a table, got {given!r}")
        return
    for key, value in given.items():
        if isinstance(value, Mapping) and not any(word in value for word in _SPECIFIES):
            if not value:
                problems.add(f"{path}.{key}", "an empty table; say how it varies")
            for inner, item in _flat(value, f"{path}.{key}", problems):
                yield f"{key}.{inner}", item
        else:
            yield key, value


def _specified(membrane: Membrane, name: str, given: Any) -> Any:
    """Return how one number varies, tried out against the membrane."""
    of = varied(membrane, name)
    if isinstance(given, Mapping) and "distribution" in given:
        found = distribution_from(name, given)
        found.law(of)
        return found
    if isinstance(given, Mapping):
        known = _GRID if "from" in given else _VALUES
        for key in given:
            if key not in known:
                raise CompositionError(
                    f"{name}: unknown field {key!r}{near(key, known)}; there are {', '.join(known)}"
                )
        if "from" in given:
            for key in ("to", "points"):
                if key not in given:
                    raise CompositionError(f"{name}: a grid needs {key}")
            grid = Grid(
                low=given["from"],
                high=given["to"],
                points=given["points"],
                spacing=given.get("spacing", "linear"),
            )
            grid.axis(of)
            return grid
        values, unit = given["values"], given.get("unit")
        if not isinstance(values, list):
            raise CompositionError(f"{name}: values must be a list, got {values!r}")
        return [item if unit is None or isinstance(item, str) else f"{item!r} {unit}"
                for item in values]  # fmt: skip
    if isinstance(given, list):
        listed(of, given)
    else:
        of.checked(given)
    return given


def _table(given: object, beside: Path) -> Table | Path:
    if isinstance(given, str):
        return beside / given
    found: Table = _record(Table, given)
    return attrs.evolve(found, file=beside / file_of("file", found.file, "cells.csv"))


def _record(cls: Any, given: object) -> Any:
    if not isinstance(given, Mapping):
        raise CompositionError(f"expected a table, got {given!r}")
    fields = [field.name for field in attrs.fields(cls)]
    for key in given:
        if key not in fields:
            raise CompositionError(
                f"{key}: unknown field{near(str(key), fields)}; there are {', '.join(fields)}"
            )
    for field in attrs.fields(cls):
        if field.default is attrs.NOTHING and field.name not in given:
            raise CompositionError(f"{field.name}: missing; there must be {', '.join(fields)}")
    return cls(**given)
