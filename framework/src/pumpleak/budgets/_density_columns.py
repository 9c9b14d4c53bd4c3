"""What one of each density adds to every current, at a wanted state."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from .._errors import CompositionError
from ..equilibria._problem import ClampedProblem
from ..membranes._membrane import Membrane
from ..units._quantity import internal, quantity
from ._least_change import Demands

Mode = Literal["clamped", "steady"]

#: Currents that are linear in densities double with them to this share.
_LINEAR = 1e-9
#: Least size, of all currents', against which one ion's balance is measured.
_LEAST_SHARE = 0.01


class Columns:
    """What one of each density adds to every current, at the wanted state.

    Args:
        membrane: with the wanted concentrations.
        voltage: wanted, mV.
        labels: of the free mechanisms.
    """

    def __init__(self, membrane: Membrane, voltage: float, labels: tuple[str, ...]) -> None:
        self.membrane, self.voltage, self.labels = membrane, voltage, labels
        densities = [membrane.mechanism(label).density for label in labels]  # type: ignore[attr-defined]
        self.start = np.array([density.value for density in densities])
        self.dimensions = [density.dimension for density in densities]
        self.base = np.where(self.start > 0, self.start, 1.0)
        self.now = self._currents(self.base)
        self._refuse_nonlinear()
        #: pA per unit of density, by ion, per free mechanism
        self.per_unit = [
            {ion: self.now[label, ion] / base for ion in membrane.mechanism(label).carried()}
            for label, base in zip(labels, self.base, strict=True)
        ]

    def _problem(self, densities: Any) -> ClampedProblem:
        changes: dict[str, object] = {
            f"{label}.density": internal(value, dimension)
            for label, value, dimension in zip(self.labels, densities, self.dimensions, strict=True)
        }
        return ClampedProblem(self.membrane.evolve(changes))

    def _currents(self, densities: Any) -> dict[tuple[str, str], float]:
        problem = self._problem(densities)
        pools = pools_at(problem, self.voltage)
        found = problem.currents(self.voltage, pools)
        for (label, _), current in found.items():
            if not math.isfinite(current):
                raise CompositionError(f"{label} has no finite current at {self.voltage:g} mV")
        return found

    def _refuse_nonlinear(self) -> None:
        doubled = self._currents(2 * self.base)
        size = max(abs(value) for value in self.now.values())
        for (label, ion), current in self.now.items():
            expected = 2 * current if label in self.labels else current
            if abs(doubled[label, ion] - expected) > _LINEAR * max(abs(expected), 1e-6 * size):
                owner = self.membrane.owner_of(self.membrane.mechanism(label))
                raise CompositionError(
                    f"the {ion} current of {owner} is not linear in the density of "
                    f"{' or '.join(self.labels)}, so it cannot be balanced"
                )

    def demands(self, mode: Mode, slope: float | None) -> tuple[list[str], Demands]:
        """Return the demands' names, and the demands.

        Args:
            mode: total current, or each free ion's.
            slope: wanted slope conductance, nS.
        """
        groups = self._groups(mode)
        matrix = [
            [math.fsum(per_unit.get(ion, 0.0) for ion in group) for per_unit in self.per_unit]
            for group in groups.values()
        ]
        fixed = [
            [
                current
                for (label, ion), current in self.now.items()
                if ion in group and label not in self.labels
            ]
            for group in groups.values()
        ]
        held = [math.fsum(parts) for parts in fixed]
        gross = [
            math.fsum(map(abs, parts)) + float(np.abs(row) @ self.base)
            for parts, row in zip(fixed, matrix, strict=True)
        ]
        # An ion near its equilibrium carries little, yet V - E rounds as for the others.
        whole = math.fsum(abs(value) for value in self.now.values())
        gross = [max(size, _LEAST_SHARE * whole) for size in gross]
        weight = [1.0] * len(held)
        names = list(groups)
        if slope is not None:
            slopes, rest = self._slopes()
            names.append("input resistance")
            matrix.append(list(slopes))
            held.append(rest - slope)
            gross.append(abs(rest) + slope + float(np.abs(slopes) @ self.base))
            # a conductance weighs what it would carry at RT/F
            weight.append(self.membrane.thermal_voltage_mV)
        array = np.array(matrix)
        carried = [math.fsum(map(abs, per_unit.values())) for per_unit in self.per_unit]
        size = [
            start or (whole / most if most and whole else 1.0)
            for start, most in zip(self.start, carried, strict=True)
        ]
        low, high = self._bounds()
        return names, Demands(
            matrix=array,
            held=np.array(held),
            gross=np.array([value or 1.0 for value in gross]),
            weight=np.array(weight),
            start=self.start,
            size=np.array(size),
            low=low,
            high=high,
        )

    def stopped(self, mode: Mode, values: Any) -> tuple[list[str], list[float]]:
        """Return the demands about which nothing flows any more, and what is left of them now, pA.

        Args:
            mode: total current, or each free ion's.
            values: densities, shape (m,).
        """
        before, after = self._currents(self.start), self._currents(values)
        names, left = [], []
        for name, group in self._groups(mode).items():
            carried = [key for key in self.now if key[1] in group and self.now[key]]
            if carried and not any(after[key] for key in carried):
                names.append(name)
                left.append(math.fsum(before[key] for key in carried))
        return names, left

    def _groups(self, mode: Mode) -> dict[str, set[str]]:
        """Return the ions whose currents must sum to zero, by the name of the demand."""
        if mode == "clamped":
            return {"total current": {ion for _, ion in self.now}}
        assert self.membrane.compartments is not None
        return {ion: {ion} for ion in self.membrane.compartments.free}

    def _slopes(self) -> tuple[Any, float]:
        """Return slope conductance per unit of density (m,), and that of everything else, nS."""
        nothing = np.zeros_like(self.base)
        if self._problem(self.base).has_pools:
            raise CompositionError("input_resistance: not with pools, which follow the currents")
        rest = float(self._problem(nothing).total_at(self.voltage)[1])
        found = []
        for position, base in enumerate(self.base):
            alone = nothing.copy()
            alone[position] = base
            found.append((self._problem(alone).total_at(self.voltage)[1] - rest) / base)
        return np.array(found), rest

    def _bounds(self) -> tuple[Any, Any]:
        low, high = np.zeros_like(self.start), np.full_like(self.start, np.inf)
        for position, label in enumerate(self.labels):
            for info in self.membrane.mechanism(label).parameters():
                if info.path == "density":
                    one = quantity(f"1 {info.value.unit}").value
                    low[position] = max(0.0, (info.bounds[0] or 0.0) * one)
                    if info.bounds[1] is not None:
                        high[position] = info.bounds[1] * one
        return low, high


def pools_at(problem: ClampedProblem, voltage: float) -> tuple[float, ...]:
    """Return the pools at rest at a voltage.

    Raises:
        CompositionError: they have no rest there, or several.
    """
    if not problem.has_pools:
        return ()
    branches = problem.pool_branches(np.array([voltage]))
    if len(branches) != 1 or not all(np.isfinite(value[0]) for value in branches[0]):
        names = ", ".join(pool.name for pool in problem.kernel.pools)
        raise CompositionError(f"{names} does not have one rest at {voltage:g} mV")
    return tuple(float(value[0]) for value in branches[0])
