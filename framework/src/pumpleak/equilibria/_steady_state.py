"""One steady state: voltage, concentrations and volume that rest by themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ._equilibria import Kind, RestingState
from ._problem import ClampedProblem
from ._steady import SteadyProblem

#: Real parts below this share of the fastest rate, or of rounding in the Jacobian, have no sign.
_ROUNDING = 1e-13


class SteadyState:
    """One steady state; what is costly to know is computed when first asked for.

    Args:
        problem: what it solves.
        y: scaled unknowns, shape (n,).
    """

    def __init__(self, problem: SteadyProblem, y: Any) -> None:
        self.problem = problem
        self.y = y
        self.found: Mapping[str, float] = problem.unscaled(y)

    def __repr__(self) -> str:
        return f"SteadyState(V_mV={self.V_mV:.6g}, {self.kind})"

    @property
    def V_mV(self) -> float:
        """Membrane potential."""
        return self.found["V"]

    @cached_property
    def inside_mM(self) -> Mapping[str, float]:
        """Every inside concentration."""
        held = self.problem.membrane.inside.concentrations
        return {ion: self.found.get(f"inside.{ion}", given.value) for ion, given in held.items()}

    @cached_property
    def outside_mM(self) -> Mapping[str, float]:
        """Every outside concentration."""
        held = self.problem.membrane.outside.concentrations
        moved = self.problem.outside_at(self.found)
        return {ion: moved.get(ion, given.value) for ion, given in held.items()}

    @property
    def volume_fL(self) -> float:
        """Volume of the inside."""
        return self.found.get("volume", self.problem.values["volume"])

    @cached_property
    def clamped(self) -> RestingState:
        """The same state with its concentrations held: currents, conductances, votes, ATP."""
        pools = [self.found[pool.name] for pool in self.problem.closure.equations.pools()]
        return RestingState(ClampedProblem(self.problem.membrane_at(self.found)), self.V_mV, pools)

    @cached_property
    def residual(self) -> float:
        """Largest imbalance over its scale: currents, charge, water."""
        return float(np.abs(self.problem.residual(self.y)[0]).max())

    @cached_property
    def residual_pA(self) -> float:
        """Largest net current of a free ion, pA."""
        count = len(self.problem.closure.balances)
        values, _ = self.problem.residual(self.y)
        return float(np.abs(values[:count] * self.problem.scale[:count]).max(initial=0.0))

    @cached_property
    def variables(self) -> list[float]:
        """Amounts, volume, gates and pools, in the order of the movement's names."""
        return self.problem.movement.variables(self.found, self.clamped.states)

    @cached_property
    def jacobian(self) -> Any:
        """Jacobian of amounts, volume, gates and pools on the conserved manifold, per ms."""
        whole = self.problem.movement.jacobian(self.variables)
        # Gates have a natural scale; one that is nearly shut must not blow up the matrix.
        gates = {state.name for state in self.problem.closure.equations.states if not state.bounds}
        size = np.array(
            [
                1.0 if name in gates else max(abs(value), 1e-12)
                for name, value in zip(self.problem.movement.names, self.variables, strict=True)
            ]
        )
        whole = whole * size[None, :] / size[:, None]
        kept = self._kept_directions(size)
        return whole if kept is None else kept.T @ whole @ kept

    def _kept_directions(self, size: Any) -> Any:
        """Return an orthonormal basis, shape (n, m), of what the conserved totals leave free."""
        rows = self.problem.conserved_rows()
        if not len(rows):
            return None
        rows = rows * size
        _, sizes, directions = np.linalg.svd(rows)
        rank = int((sizes > 1e-12 * sizes.max(initial=1e-300)).sum())
        return directions[rank:].T

    @cached_property
    def eigenvalues_per_ms(self) -> tuple[complex, ...]:
        """Eigenvalues of the full dynamic Jacobian on the conserved manifold, slowest first."""
        found = np.linalg.eigvals(self.jacobian)
        return tuple(complex(value) for value in found[np.argsort(-found.real, kind="stable")])

    @property
    def time_constants_s(self) -> tuple[float, ...]:
        """1/|real part| of each eigenvalue, slowest first, s."""
        found = [1e-3 / abs(value.real) for value in self.eigenvalues_per_ms if value.real]
        return tuple(sorted(found, reverse=True))

    @cached_property
    def kind(self) -> Kind:
        """Stable, unstable, saddle, or marginal where rounding hides the sign."""
        real = np.array([value.real for value in self.eigenvalues_per_ms])
        slowest = float(np.abs(real).min(initial=math.inf))
        if slowest <= _ROUNDING * float(np.abs(self.jacobian).max(initial=0.0)):
            return "marginal"
        rising = int((real > 0).sum())
        if rising == 0:
            return "stable"
        return "unstable" if rising == len(real) else "saddle"

    @property
    def unstable_directions(self) -> int:
        """Number of eigenvalues with positive real part."""
        return sum(value.real > 0 for value in self.eigenvalues_per_ms)

    @property
    def stable(self) -> bool:
        """Whether small disturbances of amounts, volume, gates and pools die out."""
        return self.kind == "stable"

    @property
    def osmolarity_mM(self) -> float:
        """Osmolarity inside, impermeant solute included, mM."""
        return sum(self.inside_mM.values()) + self.problem.values["impermeant"] / self.volume_fL

    @property
    def outside_osmolarity_mM(self) -> float:
        """Osmolarity outside, impermeant solute included, mM."""
        impermeant = self.problem.values["outside_impermeant"]
        if self.problem.compartments.outside_volume is not None:  # an amount, in what is left
            space = self.problem.values["outside_volume"]
            if self.problem.closure.swells:
                space = self.problem.values["both_volumes"] - self.volume_fL
            impermeant /= space
        return sum(self.outside_mM.values()) + impermeant

    @property
    def currents_pA(self) -> Mapping[tuple[str, str], float]:
        """Outward current by (mechanism, ion), pA."""
        return self.clamped.currents_pA

    @property
    def held_currents_pA(self) -> Mapping[str, float]:
        """Net outward current of each ion that is held though mechanisms carry it, pA.

        Whatever holds the ion has to bring this charge back unseen.
        """
        net: dict[str, float] = {}
        for (_, ion), current in self.currents_pA.items():
            if ion not in self.problem.closure.free:
                net[ion] = net.get(ion, 0.0) + current
        return net

    @property
    def cycles(self) -> Mapping[str, float]:
        """Cycles per time by transporter, amol/ms."""
        return self.clamped.cycles

    @property
    def ATP_per_s(self) -> float:
        """ATP molecules spent per second."""
        return self.clamped.ATP_per_s

    @property
    def power_W(self) -> float:
        """Power that this ATP stands for, W."""
        return self.clamped.power_W
