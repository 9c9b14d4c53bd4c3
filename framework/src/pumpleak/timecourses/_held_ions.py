"""Held ions in time: voltage, gates and pools move, concentrations stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equilibria._problem import ClampedProblem

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

_HIGHEST_MV = 1e4


class HeldIons:
    """V, gates and pools of a membrane whose concentrations are held.

    Args:
        problem: clamped ions.
    """

    def __init__(self, problem: ClampedProblem) -> None:
        self.problem = problem
        self.membrane = problem.membrane
        self.names = ("V", *(state.name for state in problem.kernel.states))
        self._capacitance = problem.membrane.capacitance_pF
        self._c = problem.kernel.moving.prepare(problem.p)

    def rates(self, x: Any) -> Any:
        """Return dx/dt, per ms, shape (n,)."""
        found = self.problem.full(float(x[0]), [float(value) for value in x[1:]])[0]
        found[0] /= -self._capacitance
        return found

    def jacobian(self, x: Any) -> Any:
        """Return d(rates)/dx, per ms, shape (n, n)."""
        found = self.problem.full(float(x[0]), [float(value) for value in x[1:]])[1]
        found[0] /= -self._capacitance
        return found

    def coordinates(self, x: Any) -> tuple[Any, Any]:
        """Return a matrix that makes scaled coordinates of x, (n, n), and their rounding, (n,)."""
        pools = {pool.name for pool in self.problem.kernel.pools}
        size = [self.membrane.thermal_voltage_mV]
        for name, value in zip(self.names[1:], x[1:], strict=True):
            size.append(max(abs(value), 1e-12) if name in pools else 1.0)
        return np.diag(1.0 / np.array(size)), np.full(len(x), 2.0**-52)

    def trouble(self, x: Any) -> str | None:
        """Return what has run away, in words, or None."""
        return f"V runs away to {x[0]:.4g} mV" if abs(x[0]) > _HIGHEST_MV else None

    def seen(self, x: Any) -> dict[Any, Any]:
        """Return V, concentrations, currents and more at many times, each (times,).

        Args:
            x: shape (n, times).
        """
        with np.errstate(all="ignore"):
            found = self.problem.kernel.moving.array(*x, self._c)
        shape = x.shape[1:]
        equations = self.problem.equations
        keys = [
            *(("current", key) for key in equations.currents),
            *(("cycles", label) for label in equations.cycles),
            *(("open", label) for label in equations.open_fractions),
        ]
        values: dict[Any, Any] = {
            key: np.broadcast_to(np.asarray(value, dtype=float), shape)
            for key, value in zip(keys, found, strict=True)
        }
        values["V"] = x[0]
        for name, row in zip(self.names[1:], x[1:], strict=True):
            values["state", name] = row
        for side in ("inside", "outside"):
            for ion, given in getattr(self.membrane, side).concentrations.items():
                values[side, ion] = np.full(shape, given.value)
        return values

    def after(self, membrane: Membrane, changed: Iterable[str], x: Any) -> tuple[HeldIons, Any]:
        """Return how it moves on with other parameters, from the same V and gates."""
        return HeldIons(ClampedProblem(membrane)), x
