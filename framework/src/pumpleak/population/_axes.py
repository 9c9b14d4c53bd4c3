"""Axes of a population: each gives some columns; members are all their combinations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import attrs
import numpy as np

from .._errors import CompositionError, near
from ..membranes._given import refuse_masked
from ._names import Varied


class Axis(Protocol):
    """Something that members are counted along."""

    @property
    def size(self) -> int:
        """How many steps it has."""

    @property
    def varied(self) -> tuple[Varied, ...]:
        """What its columns are."""

    def columns(self, start: int, stop: int) -> dict[str, Any]:
        """Return its columns between two steps, each of shape (stop - start,), by name."""

    def as_table(self) -> dict[str, Any]:
        """Return plain data that tells it from any other."""


@attrs.frozen(kw_only=True, eq=False)
class Listed:
    """Values that were listed: one column, or several that go together row by row.

    Args:
        varied: what the columns are.
        values: a column each, shape (size,), in pumpleak's unit set.
        is_grid: whether it is a dimension of its own in results.
    """

    varied: tuple[Varied, ...]
    values: tuple[Any, ...]
    is_grid: bool = True

    @property
    def size(self) -> int:
        """How many values there are."""
        return int(self.values[0].size)

    def columns(self, start: int, stop: int) -> dict[str, Any]:
        """Return its columns between two steps."""
        pairs = zip(self.varied, self.values, strict=True)
        return {of.name: values[start:stop] for of, values in pairs}

    def as_table(self) -> dict[str, Any]:
        """Return plain data that tells it from any other."""
        pairs = zip(self.varied, self.values, strict=True)
        return {"listed": {of.name: [value.hex() for value in row.tolist()] for of, row in pairs}}


def listed(of: Varied, given: Iterable[object], unit: object = None) -> Listed:
    """Return an axis of values that a user listed.

    Args:
        of: what they are values of.
        given: texts with units, or numbers if `unit` is given.
        unit: of all of them.

    Raises:
        UnitError: a value of another dimension.
        CompositionError: none, one twice, or one that cannot be.
    """
    refuse_masked(of.name, given)
    values = np.array([of.checked(_with_unit(item, unit)) for item in given], dtype=float)
    if not values.size:
        raise CompositionError(f"{of.name}: an empty list; give at least one value")
    found, counts = np.unique(values, return_counts=True)
    if (counts > 1).any():
        twice = of.text(float(found[counts > 1][0]))
        raise CompositionError(f"{of.name}: {twice} is listed twice")
    return Listed(varied=(of,), values=(values,))


def together(columns: Mapping[Varied, Sequence[object]]) -> Listed:
    """Return an axis of listed columns that go together, row by row.

    Raises:
        UnitError: a value of another dimension.
        CompositionError: columns of different lengths, or a value that cannot be.
    """
    sizes = {of.name: len(values) for of, values in columns.items()}
    if len(set(sizes.values())) != 1 or 0 in sizes.values():
        told = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise CompositionError(
            f"together: these columns must be of one length, and not empty: {told}"
        )
    values = tuple(
        np.array([of.checked(item) for item in given], dtype=float) for of, given in columns.items()
    )
    return Listed(varied=tuple(columns), values=values, is_grid=False)


def _with_unit(given: object, unit: object) -> object:
    return given if unit is None or isinstance(given, str) else f"{float(given)!r} {unit}"  # type: ignore[arg-type]


@attrs.frozen(kw_only=True)
class Grid:
    """Evenly spaced values between two ends, both included.

    Args:
        low, high: the ends, such as ``"2 mM"``.
        points: how many.
        spacing: ``"linear"`` or ``"log"``.
    """

    low: object
    high: object
    points: int
    spacing: str = "linear"

    def axis(self, of: Varied) -> Listed:
        """Return the axis of its values.

        Raises:
            UnitError: an end of another dimension.
            CompositionError: no grid, or a value that cannot be.
        """
        low, high = of.checked(self.low), of.checked(self.high)
        if not isinstance(self.points, int) or isinstance(self.points, bool) or self.points < 2:
            raise CompositionError(f"{of.name}: points must be 2 or more, got {self.points!r}")
        if low == high:
            raise CompositionError(f"{of.name}: the ends of a grid must differ, got {self.low}")
        if self.spacing == "linear":
            values = np.linspace(low, high, self.points)
        elif self.spacing == "log":
            if not (low > 0 and high > 0):
                raise CompositionError(f"{of.name}: the ends of a log grid must be above zero")
            values = np.exp(np.linspace(math.log(low), math.log(high), self.points))
            values[0], values[-1] = low, high
        else:
            raise CompositionError(
                f"{of.name}: spacing is 'linear' or 'log', got {self.spacing!r}"
                f"{near(str(self.spacing), ('linear', 'log'))}"
            )
        return Listed(varied=(of,), values=(values,))


def combined(axes: Sequence[Axis], start: int, stop: int) -> dict[str, Any]:
    """Return every column of the members between two indices.

    Members are counted with the last axis fastest.

    Args:
        axes: at least one.
        start: index of the first member.
        stop: index after the last.

    Returns:
        Arrays of shape (stop - start,), by name.
    """
    found: dict[str, Any] = {}
    stride = math.prod(axis.size for axis in axes)
    for axis in axes:
        stride //= axis.size
        found |= _along(axis, stride, start, stop)
    return found


def _along(axis: Axis, stride: int, start: int, stop: int) -> dict[str, Any]:
    """Return an axis's columns for members that go one step along it every `stride`."""
    if stop <= start:
        return axis.columns(0, 0)
    first, last = start // stride, (stop - 1) // stride
    steps = last - first + 1
    size = axis.size
    begin = first % size
    if steps >= size:
        pieces = axis.columns(0, size)
        where = (np.arange(start, stop) // stride) % size
    elif begin + steps <= size:
        pieces = axis.columns(begin, begin + steps)
        if stride == 1:
            return pieces
        where = np.arange(start, stop) // stride - first
    else:
        head, tail = axis.columns(begin, size), axis.columns(0, begin + steps - size)
        pieces = {name: np.concatenate([head[name], tail[name]]) for name in head}
        if stride == 1:
            return pieces
        where = np.arange(start, stop) // stride - first
    return {name: values[where] for name, values in pieces.items()}
