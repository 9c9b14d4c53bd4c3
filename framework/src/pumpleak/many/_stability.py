"""A certificate of stability that needs no eigenvalues, for kernels.

Each member's Jacobian is seen in the eigenvectors of the membrane's own, where it is nearly
diagonal. Where it passes there as an M-matrix (Gaussian elimination of its comparison matrix has
positive pivots), as it is or after one step of the LR transformation, every eigenvalue has a
negative real part. The certificate is sufficient, not necessary: members without it have their
eigenvalues computed.

References:
    Berman and Plemmons 1994, Nonnegative Matrices in the Mathematical Sciences, ch. 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._nodes import UNIFORM, Graph, Node

#: A pivot smaller than this share of the fastest rate may be rounding.
_SURE = 1e-10


def certainly_stable(graph: Graph, jacobian: Sequence[Sequence[Node]]) -> Node:
    """Return a condition under which all eigenvalues of a Jacobian have negative real parts.

    Args:
        graph: where nodes are made; those of more than two variables use the leaves of `basis`.
        jacobian: per ms, square, shape (n, n).
    """
    n = len(jacobian)
    if n == 1:
        return graph.call("less", jacobian[0][0], 0.0)
    if n == 2:
        (a, b), (c, d) = jacobian
        both, across = a * d, b * c
        # The determinant must not be rounding.
        least = _SURE * (size(graph, both) + size(graph, across))
        sure = graph.call("greater", both - across, least)
        return graph.call("both", graph.call("less", a + d, 0.0), sure)
    whole = range(n)
    turned = [
        [
            graph.add((1.0, jacobian[i][k] * graph.leaf(f"basis.{k}.{j}", UNIFORM)) for k in whole)
            for j in whole
        ]
        for i in whole
    ]
    turned = [
        [
            graph.add((1.0, graph.leaf(f"dual.{i}.{k}", UNIFORM) * turned[k][j]) for k in whole)
            for j in whole
        ]
        for i in whole
    ]
    nearer = _is_m_matrix(graph, _lr_step(graph, turned))
    return graph.call("either", _is_m_matrix(graph, turned), nearer)


def basis(jacobian: Any) -> dict[str, float]:
    """Return the leaves of `certainly_stable` at a membrane's own Jacobian.

    Args:
        jacobian: per ms, shape (n, n); where it has no eigenvectors, no member is certain.
    """
    n = len(jacobian)
    vectors = np.eye(n)
    if n > 2 and np.isfinite(jacobian).all():
        # Amounts, volumes and gates are of sizes that differ by decades: balance them first.
        scale = np.ones(n)
        for _ in range(8):
            sizes = np.abs(jacobian * scale[None, :] / scale[:, None])
            np.fill_diagonal(sizes, 0.0)
            across, down = sizes.sum(axis=1), sizes.sum(axis=0)
            fine = (across > 0.0) & (down > 0.0)
            scale[fine] *= np.sqrt(across[fine] / down[fine])
        values, complex_ = np.linalg.eig(jacobian * scale[None, :] / scale[:, None])
        columns = []
        for value, vector in zip(values, complex_.T, strict=True):
            if value.imag >= 0.0:
                columns.append(vector.real)
                if value.imag > 0.0:
                    columns.append(vector.imag)
        found = scale[:, None] * np.array(columns).T
        if np.linalg.matrix_rank(found / np.abs(found).max(axis=1, keepdims=True)) == n:
            vectors = found
    dual = np.linalg.inv(vectors)
    return {f"basis.{i}.{j}": float(vectors[i, j]) for i in range(n) for j in range(n)} | {
        f"dual.{i}.{j}": float(dual[i, j]) for i in range(n) for j in range(n)
    }


def size(graph: Graph, x: Node) -> Node:
    """Return a node without its sign."""
    return graph.call("where", graph.call("less", x, 0.0), -x, x)


def _lr_step(graph: Graph, matrix: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """Return R L of a matrix that is L R, L with a unit diagonal: similar, nearer to a triangle.

    References:
        Rutishauser 1958, Solution of eigenvalue problems with the LR-transformation.
    """
    n = len(matrix)
    upper = [list(row) for row in matrix]
    lower = [[graph.one if i == j else graph.zero for j in range(n)] for i in range(n)]
    for k in range(n - 1):
        inverse = 1.0 / upper[k][k]
        for i in range(k + 1, n):
            lower[i][k] = upper[i][k] * inverse
            for j in range(k + 1, n):
                upper[i][j] = upper[i][j] - lower[i][k] * upper[k][j]
    return [
        [graph.add((1.0, upper[i][k] * lower[k][j]) for k in range(max(i, j), n)) for j in range(n)]
        for i in range(n)
    ]


def _is_m_matrix(graph: Graph, matrix: Any) -> Node:
    """Return whether -diagonal, -|rest| has only pivots that are surely above zero."""
    n = len(matrix)
    rows = [
        [-matrix[i][j] if i == j else -size(graph, matrix[i][j]) for j in range(n)]
        for i in range(n)
    ]
    fastest = rows[0][0]
    for i in range(1, n):
        larger = graph.call("greater", rows[i][i], fastest)
        fastest = graph.call("where", larger, rows[i][i], fastest)
    smallest = rows[0][0]
    for k in range(n - 1):
        inverse = 1.0 / rows[k][k]
        for i in range(k + 1, n):
            share = rows[i][k] * inverse
            for j in range(k + 1, n):
                rows[i][j] = rows[i][j] - share * rows[k][j]
        following = rows[k + 1][k + 1]
        smaller = graph.call("less", following, smallest)
        smallest = graph.call("where", smaller, following, smallest)
        # What is no number must not get lost.
        sound = graph.call("less_equal", following, following)
        smallest = graph.call("where", sound, smallest, following)
    return graph.call("greater", smallest, _SURE * fastest)
