"""Tallies: what reductions know so far, as named arrays that merge in any order to the same."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

#: Names end by how they merge.
ADD, MIN, MAX = "+", "<", ">"
_MERGE = {ADD: np.add, MIN: np.minimum, MAX: np.maximum}
Tally = dict[str, Any]


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Tally:
    """Return two tallies as one; associative, commutative, and without rounding.

    Integers add up; of floats, only the least and the largest are kept.
    """
    found = dict(one)
    for name, values in other.items():
        mine = found.get(name)
        found[name] = values if mine is None else _MERGE[name[-1]](mine, values)
    return found


def with_sums(tally: Tally, name: str, parts: Mapping[int, Any]) -> None:
    """Put exact sums into a tally."""
    for bin_, integers in parts.items():
        tally[f"{name}@{bin_}{ADD}"] = integers


def sums_of(tally: Mapping[str, Any], name: str) -> dict[int, Any]:
    """Return the exact sums of a name."""
    head = f"{name}@"
    return {
        int(key[len(head) : -1]): values for key, values in tally.items() if key.startswith(head)
    }


def to_bytes(tally: Mapping[str, Any]) -> bytes:
    """Return a tally as bytes, the same for the same tally."""
    # sums that are nothing may stand there or not, as members were cut
    names = sorted(name for name, row in tally.items() if "@" not in name or row.any())
    arrays = [np.ascontiguousarray(tally[name]) for name in names]
    head = json.dumps(
        [[name, row.dtype.str, row.shape] for name, row in zip(names, arrays, strict=True)]
    )
    return zlib.compress(b"\n".join([head.encode(), b"".join(row.tobytes() for row in arrays)]), 1)


def from_bytes(data: bytes) -> Tally:
    """Return the tally of bytes."""
    head, _, body = zlib.decompress(data).partition(b"\n")
    found: Tally = {}
    at = 0
    for name, kind, shape in json.loads(head):
        row = np.frombuffer(body, dtype=kind, count=math.prod(shape), offset=at).reshape(shape)
        found[name] = row
        at += row.nbytes
    return found
