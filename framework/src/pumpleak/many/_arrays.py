"""The NumPy path: what kernels compute, in arrays of members, for those that need more care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..equations._kernel import Compiled
from ..equilibria._problem import STEP_MV, ClampedProblem
from ._members import rows as rows_of
from ._result import KIND

#: As in `RestingState.kind`.
_MARGINAL = 1e-9


class ArrayOf:
    """One lowered source over members.

    Args:
        compiled: the source.
        parameters: its inputs' names, in order.
        leaves: value of each, numbers or arrays of shape (n,).
    """

    def __init__(
        self, compiled: Compiled, parameters: Sequence[str], leaves: Mapping[str, Any]
    ) -> None:
        self._compiled = compiled
        self._constants = compiled.prepare_many([leaves[name] for name in parameters])

    def __call__(self, inputs: Sequence[Any], rows: Any) -> list[Any]:
        """Return the outputs at some members, each of shape (m,).

        Args:
            inputs: each of shape (m,).
            rows: which members, shape (m,).
        """
        constants = tuple(value[rows] if np.ndim(value) else value for value in self._constants)
        with np.errstate(all="ignore"):
            found = self._compiled.array(*inputs, constants)
        return [np.broadcast_to(value, np.shape(rows)) for value in found]


class ClampedArrays:
    """Clamped ions over members.

    Args:
        problem: of what all members have in common.
        leaves: inputs of the equations, numbers or arrays of shape (n,).
    """

    def __init__(self, problem: ClampedProblem, leaves: Mapping[str, Any]) -> None:
        self.problem, self.leaves = problem, leaves
        self._parameters = problem.equations.parameters
        self._rest = self._of(problem.kernel.rest)

    def _of(self, compiled: Compiled) -> ArrayOf:
        return ArrayOf(compiled, self._parameters, self.leaves)

    def total(self, voltage: Any, rows: Any) -> tuple[Any, Any]:
        """Return total current (pA) and slope (nS), gates at rest, each of shape (m,)."""
        current, slope = self._rest([voltage], rows)[:2]
        lost = np.isfinite(current) & ~np.isfinite(slope)
        if lost.any():
            (column,) = self._differences(self._rest, [voltage[lost]], rows[lost], 1)
            slope = slope.copy()
            slope[lost] = column[0]
        return current, slope

    def parts(self, inputs: Sequence[Any], rows: Any) -> list[Any]:
        """Return each current, cycle rate and open probability, each of shape (m,)."""
        return self._of(self.problem.kernel.parts)(inputs, rows)

    def gross(self, inputs: Sequence[Any], rows: Any) -> Any:
        """Return the sum of the sizes of all currents, pA, (m,): the scale of rounding errors."""
        currents = self.parts(inputs, rows)[: len(self.problem.equations.currents)]
        return np.sum(np.abs(currents), axis=0)

    def kinds(self, inputs: Sequence[Any], rows: Any) -> tuple[Any, Any]:
        """Return codes into `KINDS` and slope conductances (nS) of states, each of shape (m,).

        Args:
            inputs: V, then pools, each of shape (m,).
            rows: which member each state is of, shape (m,).
        """
        jacobian, slope = self._jacobians(inputs, rows)
        with np.errstate(all="ignore"):
            thermal = (
                self._at("gas_constant", rows)
                * self._at("temperature", rows)
                / self._at("faraday", rows)
            )
            marginal = ~(np.abs(slope) > _MARGINAL * self.gross(inputs, rows) / thermal)
        return kinds_of(jacobian, marginal), slope

    def jacobians(self, inputs: Sequence[Any], rows: Any) -> Any:
        """Return d(dV/dt, rates)/d(V, states) per ms of states, shape (m, n, n)."""
        return self._jacobians(inputs, rows)[0]

    def _jacobians(self, inputs: Sequence[Any], rows: Any) -> tuple[Any, Any]:
        """Return Jacobians per ms (m, n, n) and slope conductances, nS (m,)."""
        kernel = self.problem.kernel
        states = self._of(kernel.steady)(inputs, rows) if kernel.states else []
        size = 1 + len(states)
        full = self._of(kernel.full)
        point = [inputs[0], *states]
        matrix = np.stack(full(point, rows)[size:], axis=-1).reshape(len(rows), size, size)
        lost = np.flatnonzero(~np.isfinite(matrix).all(axis=(1, 2)))
        if len(lost):
            columns = self._differences(full, [value[lost] for value in point], rows[lost], size)
            differences = np.stack([np.stack(column, axis=-1) for column in columns], axis=-1)
            matrix[lost] = np.where(np.isfinite(matrix[lost]), matrix[lost], differences)
        slope = matrix[:, 0, 0].copy()
        with np.errstate(all="ignore"):
            if size > 1:
                follow = solved(matrix[:, 1:, 1:], matrix[:, 1:, 0])
                slope -= np.einsum("ij,ij->i", matrix[:, 0, 1:], follow)
            capacitance = np.broadcast_to(self._at("capacitance", rows), len(rows))
            matrix[:, 0] /= -capacitance[:, None]
        return matrix, slope

    @staticmethod
    def _differences(source: ArrayOf, point: Sequence[Any], rows: Any, outputs: int) -> list[Any]:
        """Return slopes of the first outputs by each input, where exact ones overflow.

        As for single membranes: far from what is steep, so that any step will do.
        """
        found = []
        for position in range(len(point)):
            above, below = (
                source(
                    [value + side * (i == position) for i, value in enumerate(point)],
                    rows,
                )[:outputs]
                for side in (STEP_MV, -STEP_MV)
            )
            found.append(
                [(up - down) / (2.0 * STEP_MV) for up, down in zip(above, below, strict=True)]
            )
        return found

    def _at(self, name: str, rows: Any) -> Any:
        return rows_of(self.leaves, rows)[name]


def kinds_of(jacobian: Any, marginal: Any) -> Any:
    """Return codes into `KINDS` by the eigenvalues of Jacobians.

    Args:
        jacobian: shape (m, n, n).
        marginal: where no sign is certain, shape (m,).
    """
    sound = np.isfinite(jacobian).all(axis=(1, 2))
    real = np.full(jacobian.shape[:2], np.nan)
    if sound.any():
        real[sound] = np.linalg.eigvals(jacobian[sound]).real
    rising = (real > 0).sum(axis=1)
    kind = np.where(
        rising == 0,
        KIND["stable"],
        np.where(rising == jacobian.shape[1], KIND["unstable"], KIND["saddle"]),
    )
    return np.where(marginal | ~sound, KIND["marginal"], kind).astype(np.uint8)


def solved(matrices: Any, right: Any) -> Any:
    """Return the solutions of many linear systems, nan where one is singular.

    Args:
        matrices: shape (m, n, n).
        right: shape (m, n).
    """
    try:
        return np.linalg.solve(matrices, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        found = np.full(right.shape, np.nan)
        for i, (matrix, vector) in enumerate(zip(matrices, right, strict=True)):
            try:
                found[i] = np.linalg.solve(matrix, vector)
            except np.linalg.LinAlgError:
                continue
        return found
