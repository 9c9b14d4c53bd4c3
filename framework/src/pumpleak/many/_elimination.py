"""Gaussian elimination written out once, along the zeros that the Jacobian is known to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._nodes import Graph, Node, evaluate

#: A pivot is at least this share of the largest entry of its column, rows and columns scaled.
_LEAST_PIVOT = 0.02


def solved(
    graph: Graph,
    matrix: Sequence[Sequence[Node]],
    right: Sequence[Node],
    values: Mapping[str, float],
) -> list[Node]:
    """Return x with matrix x = right, as nodes.

    Pivots are chosen once, few fill-ins first, by the size that the entries have at `values`; no
    member's own values are looked at, so that there is no branch. Where such a pivot vanishes the
    result is not finite or useless, which the iteration finds out.

    Args:
        graph: where nodes are made.
        matrix: square, shape (n, n); zeros are the graph's zero.
        right: shape (n,).
        values: of every leaf, to choose pivots by.
    """
    n = len(right)
    rows = [list(row) for row in matrix]
    side = list(right)
    sizes = _scaled(np.array([evaluate(row, values) for row in rows], dtype=float))
    left_rows, left_columns = list(range(n)), list(range(n))
    order: list[tuple[int, int]] = []
    while left_rows:
        pivot_row, pivot_column = _pivot(graph, rows, sizes, left_rows, left_columns)
        order.append((pivot_row, pivot_column))
        left_rows.remove(pivot_row)
        left_columns.remove(pivot_column)
        inverse = 1.0 / rows[pivot_row][pivot_column]
        for row in left_rows:
            if rows[row][pivot_column] is graph.zero:
                continue
            share = rows[row][pivot_column] * inverse
            ratio = sizes[row, pivot_column] / sizes[pivot_row, pivot_column]
            for column in left_columns:
                if rows[pivot_row][column] is not graph.zero:
                    rows[row][column] = rows[row][column] - share * rows[pivot_row][column]
                    sizes[row, column] -= ratio * sizes[pivot_row, column]
            side[row] = side[row] - share * side[pivot_row]
    found: dict[int, Node] = {}
    for row, column in reversed(order):
        rest = side[row]
        for other, value in found.items():
            if rows[row][other] is not graph.zero:
                rest = rest - rows[row][other] * value
        found[column] = rest / rows[row][column]
    return [found[column] for column in range(n)]


def _scaled(sizes: Any) -> Any:
    """Return a matrix with rows and columns brought to about one size."""
    sizes = np.where(np.isfinite(sizes), sizes, 1.0)
    for _ in range(4):
        for axis in (0, 1):
            largest = np.abs(sizes).max(axis=axis, keepdims=True)
            sizes = sizes / np.sqrt(np.where(largest > 0.0, largest, 1.0))
    return sizes


def _pivot(
    graph: Graph,
    rows: Sequence[Sequence[Node]],
    sizes: Any,
    left_rows: Sequence[int],
    left_columns: Sequence[int],
) -> tuple[int, int]:
    """Return the row and column of the entry that fills in least and is large enough."""

    def filled(row: int, column: int) -> int:
        across = sum(rows[row][other] is not graph.zero for other in left_columns)
        down = sum(rows[other][column] is not graph.zero for other in left_rows)
        return (across - 1) * (down - 1)

    best: tuple[tuple[float, ...], int, int] | None = None
    for column in left_columns:
        largest = max(abs(sizes[row, column]) for row in left_rows)
        for row in left_rows:
            size = abs(sizes[row, column])
            if rows[row][column] is graph.zero:
                continue
            small = size < _LEAST_PIVOT * largest or size == 0.0
            rank = (float(small), float(filled(row, column)), -size)
            if best is None or rank < best[0]:
                best = (rank, row, column)
    if best is None:  # structurally singular: dividing by zero says so to the iteration
        return left_rows[0], left_columns[0]
    return best[1], best[2]
