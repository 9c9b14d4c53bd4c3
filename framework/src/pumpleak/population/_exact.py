"""Sums of floats that come out the same in whatever order and grouping they are added.

A float is cut into whole multiples of fixed powers of two, 26 bits each; such integers add up
without rounding. So merging is associative and commutative, and the sum is the exact one, rounded
once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

_BITS = 26
#: Below this bin a float has no more digits that could count.
_LOWEST = -38
#: As many values can be added at once; sums of sums hold 2^37 of them.
_AT_ONCE = 1 << 26


def exact_sums(values: Any, cells: Any = None, count: int = 1) -> dict[int, Any]:
    """Return sums as integers by bin: the sum is that of integer x 2^(26 bin).

    Args:
        values: finite, shape (n,).
        cells: which sum each belongs to, shape (n,); None adds all to the one.
        count: how many sums there are.

    Returns:
        Integers of shape (count,), by bin.
    """
    if len(values) > _AT_ONCE:
        raise ValueError(f"at most {_AT_ONCE} values at once, got {len(values)}")
    largest = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
    if not largest:
        return {}
    found: dict[int, Any] = {}
    left = np.array(values, dtype=float)
    whole = np.empty_like(left)
    bin_ = (math.frexp(largest)[1] - 1) // _BITS
    while bin_ >= _LOWEST:
        np.multiply(left, 2.0 ** (-_BITS * bin_), out=whole)
        # towards zero, so that the digits of a value do not depend on where one begins
        np.trunc(whole, out=whole)
        if cells is None:
            # each is a whole number below 2^27, so that no partial sum is rounded
            found[bin_] = np.array([whole.sum()], dtype=np.int64)
        else:
            found[bin_] = np.bincount(cells, weights=whole, minlength=count).astype(np.int64)
        np.multiply(whole, 2.0 ** (_BITS * bin_), out=whole)
        np.subtract(left, whole, out=left)
        if not left.any():
            break
        bin_ -= 1
    return found


def totals(parts: Mapping[int, Any]) -> list[Fraction]:
    """Return the exact sums of what `exact_sums` returned, added up by bin."""
    if not parts:
        return []
    lowest = min(parts)
    size = len(next(iter(parts.values())))
    whole = [0] * size
    for bin_, integers in parts.items():
        shift = _BITS * (bin_ - lowest)
        for cell, value in enumerate(integers.tolist()):
            whole[cell] += value << shift
    scale = Fraction(2) ** (_BITS * lowest)
    return [value * scale for value in whole]
