"""Bins: numbers sorted into intervals, exactly as the edges say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from .._errors import CompositionError, near


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Bins:
    """Intervals between edges, each with its lower edge, the last with both.

    Args:
        edges: rising, shape (n + 1,), in pumpleak's unit set.
        spacing: ``"linear"``, ``"log"``, or ``"given"`` where they are of any width.
    """

    edges: Any
    spacing: str = "given"

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.edges) - 1

    @property
    def middles(self) -> Any:
        """Midpoints, shape (n,)."""
        return 0.5 * (self.edges[:-1] + self.edges[1:])

    @cached_property
    def _padded(self) -> Any:
        return np.concatenate([[-math.inf], self.edges, [math.inf]])

    def index(self, values: Any) -> Any:
        """Return the bin of each value, from 0; -1 below all, `count` above all.

        Args:
            values: numbers, none of them nan, shape (n,).
        """
        if self.spacing == "given":
            found = np.searchsorted(self.edges, values, side="right") - 1
        else:
            scale, first, last = values, self.edges[0], self.edges[-1]
            if self.spacing == "log":
                with np.errstate(divide="ignore", invalid="ignore"):
                    scale = np.log(np.maximum(values, 0.0))
                first, last = math.log(first), math.log(last)
            guess = (scale - first) * (self.count / (last - first))
            np.clip(guess, -1.0, self.count, out=guess)
            found = np.floor(guess, out=guess).astype(np.intp)
            # rounding can put a value into the neighbour of its bin: the edges decide
            found -= values < self._padded[found + 1]
            found += values >= self._padded[found + 2]
        found[values == self.edges[-1]] = self.count - 1
        return found


def even_bins(low: float, high: float, count: object, spacing: str = "linear") -> Bins:
    """Return bins of even width, or of even ratio.

    Raises:
        CompositionError: ends, a number or a spacing of no bins.
    """
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 10_000_000:
        raise CompositionError(f"bins: expected a whole number from 1 to 1e7, got {count!r}")
    if not low < high:
        raise CompositionError(f"low: it must be below high, got {low:g} and {high:g}")
    if spacing == "linear":
        edges = np.linspace(low, high, count + 1)
    elif spacing == "log":
        if low <= 0:
            raise CompositionError(f"low: log bins begin above zero, got {low:g}")
        edges = np.exp(np.linspace(math.log(low), math.log(high), count + 1))
        edges[0], edges[-1] = low, high
    else:
        raise CompositionError(
            f"spacing: 'linear' or 'log', got {spacing!r}{near(str(spacing), ('linear', 'log'))}"
        )
    if not (np.diff(edges) > 0).all():
        raise CompositionError(f"bins: {count} between {low:g} and {high:g} are too fine")
    return Bins(edges=edges, spacing=spacing)


def given_bins(edges: Sequence[float]) -> Bins:
    """Return bins between edges that a user gave.

    Raises:
        CompositionError: fewer than two edges, or edges that do not rise.
    """
    found = np.array(edges, dtype=float)
    if found.size < 2 or not (np.diff(found) > 0).all():
        raise CompositionError("edges: they must rise, and be two or more")
    return Bins(edges=found)


def bins_around(values: Any) -> Bins:
    """Return a bin around each listed value, with edges halfway between neighbours.

    Args:
        values: rising, shape (n,).
    """
    inner = 0.5 * (values[:-1] + values[1:])
    return Bins(edges=np.concatenate([[-math.inf], inner, [math.inf]]))
