"""What a sweep is: its population, how it is cut into chunks, and what makes it itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from ..population import Population
from ..population._code import owner
from ..population._dataset import row_attributes
from ..population._provenance import code, versions
from ..population._solve import opaque
from ._errors import SweepError

SCHEMA = "pumpleak.sweep/1"
#: Kernels give the same bits wherever members are cut, if they are cut at multiples of this.
GRAIN = 4096
_SMALLEST, _LARGEST = 65_536, 5 << 18
_FEWEST = 8
#: A worker keeps the arrays of one chunk in memory before it stores them.
_LARGEST_BYTES = 128 << 20
#: Of each member so many states are kept where all are asked for.
STATES_KEPT = 5
_WORDS = {
    "membrane": "the membrane",
    "axes": "what varies",
    "mode": "the mode",
    "all_states": "whether all states are asked for",
    "outputs": "the outputs",
    "summary": "the summary",
    "seed": "the seed",
    "members": "the number of members",
    "chunk": "the size of chunks",
    "rows": "whether members are kept",
    "versions": "versions",
    "code": "the code",
    "schema": "the form of the record",
}


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Plan:
    """What a sweep is.

    Args:
        population: what is solved.
        chunk: members in each chunk.
        rows: whether members are kept, or the summary only.
    """

    population: Population
    chunk: int
    rows: bool

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.population.size // self.chunk)

    def span(self, chunk: int) -> tuple[int, int]:
        """Return the first member of a chunk, and the one after its last."""
        return chunk * self.chunk, min(self.population.size, (chunk + 1) * self.chunk)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """Plain data that tells this sweep from any other."""
        population = self.population
        return {
            "schema": SCHEMA,
            **population.definition(),
            "members": population.size,
            "seed": population.seed,
            "chunk": self.chunk,
            "rows": self.rows,
            "versions": versions(population.membrane, population.mode),
            "code": code(population.membrane, population.mode),
        }

    @cached_property
    def identity(self) -> str:
        """Hash of the definition."""
        return identity(self.definition)


def identity(definition: Mapping[str, Any]) -> str:
    """Return the hash of a definition."""
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def planned(population: Population, *, chunk: int | None, rows: bool) -> Plan:
    """Return the plan of a sweep.

    Args:
        population: what is solved.
        chunk: members in each chunk; by default an eighth of all, at least 65,536 and at most 1.3
            million and, if they are kept, 128 MiB; few members where a mechanism is opaque.
        rows: whether members are kept.

    Raises:
        SweepError: a chunk that is none.
    """
    if chunk is None:
        chunk = GRAIN if opaque(population) else _even_chunk(population, rows)
    elif not isinstance(chunk, int | np.integer) or chunk < GRAIN or chunk % GRAIN:
        raise SweepError(f"--chunk must be a multiple of {GRAIN}, got {chunk!r}")
    else:
        # no larger than all: its buffers are, however few members are in it
        chunk = min(int(chunk), max(-(-population.size // GRAIN) * GRAIN, _SMALLEST))
    return Plan(population=population, chunk=chunk, rows=rows)


def _even_chunk(population: Population, rows: bool) -> int:
    """Return the size of chunks that are all alike, a multiple of four of them.

    So two workers or four end together.
    """
    largest = _LARGEST
    if rows:
        largest = min(largest, _LARGEST_BYTES // _member_bytes(population))
    count = 4 * -(-population.size // (4 * largest))
    share = -(-population.size // max(count, _FEWEST))
    return max(-(-share // GRAIN) * GRAIN, _SMALLEST)


def _member_bytes(population: Population) -> int:
    """Return how much memory one member takes at most."""
    states = STATES_KEPT if population.all_states else 1
    return 8 * states * len(row_attributes(population))


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each part in which two definitions differ."""
    # a plain copy: what was read from a file has lists where Python has tuples
    here = json.loads(json.dumps(here))
    found = []
    for key, words in _WORDS.items():
        old, new = there.get(key), here.get(key)
        if old == new:
            continue
        if key == "versions":
            changed = _changed(old or {}, new or {})
            found += [f"{name} was {a}, now {b}" for name, a, b in changed]
        elif key == "code":
            found += [_code(name, a, b) for name, a, b in _changed(old or {}, new or {})]
        elif key == "membrane":
            values = _changed((old or {}).get("values", {}), (new or {}).get("values", {}))
            told = ", ".join(f"{name} was {_number(a)}, now {_number(b)}" for name, a, b in values)
            found.append(f"{words}: {told}" if told else words)
        elif isinstance(old, int | str) and isinstance(new, int | str):
            found.append(f"{words} was {old}, now {new}")
        elif key == "axes" and isinstance(old, list) and isinstance(new, list):
            found += _axes(old, new, there, here)
        else:
            found.append(words)
    return found


def _axes(
    old: list[Any], new: list[Any], there: Mapping[str, Any], here: Mapping[str, Any]
) -> list[str]:
    """Return what differs in the axes beyond seed and number, which are told by themselves."""

    def bare(axes: list[Any]) -> list[Any]:
        return [{k: v for k, v in axis.items() if k not in ("seed", "members")} for axis in axes]

    told = there.get("seed") != here.get("seed") or there.get("members") != here.get("members")
    if told and bare(old) == bare(new):
        return []
    names = [sorted(_names(axes)) for axes in (old, new)]
    if names[0] != names[1]:
        return [f"what varies was {', '.join(names[0])}, now {', '.join(names[1])}"]
    return [f"how {', '.join(names[0])} vary"]


def _names(axes: list[Any]) -> list[str]:
    return [
        name
        for axis in axes
        for key in ("listed", "columns", "laws")
        if isinstance(axis.get(key), dict)
        for name in axis[key]
    ]


def _code(name: str, old: str, new: str) -> str:
    if "absent" in (old, new):
        return f"the code of {owner(name)} was {'not ' if old == 'absent' else ''}part of it"
    return f"the code of {owner(name)} was edited since, though its version is the same"


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = [*old, *(name for name in new if name not in old)]
    pairs = [(name, old.get(name, "absent"), new.get(name, "absent")) for name in names]
    return [(name, a, b) for name, a, b in pairs if a != b]


def _number(text: str) -> str:
    try:
        return f"{float.fromhex(text):.6g}"
    except ValueError:
        return text
