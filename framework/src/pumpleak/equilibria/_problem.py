"""The problem of clamped ions: where does the total current vanish?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equations._equations import Equations, trace
from ..equations._kernel import Kernel, kernel

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

_POOL_POINTS = 97
_POOL_STEPS = 200
#: For differences where exact slopes overflow: far from what is steep, so that any step will do.
STEP_MV = 1e-4


class ClampedProblem:
    """Concentrations held: find every V at which no net current flows, gates and pools at rest.

    Args:
        membrane: what rests.
        values: every input by name; by default the membrane's own.

    Attributes:
        low, high: the range searched, mV.
        equations, kernel: of the membrane.
        p: parameter values in the equations' order.
    """

    mode = "clamped"

    def __init__(self, membrane: Membrane, values: Mapping[str, float] | None = None) -> None:
        self.membrane = membrane
        self.values = membrane.values if values is None else values
        self.low, self.high = membrane.range
        self.equations: Equations = trace(membrane)
        self.kernel: Kernel = kernel(self.equations)
        self.p: tuple[float, ...] = tuple(self.values[name] for name in self.equations.parameters)
        self._rest = self.kernel.rest
        self._c = self._rest.prepare(self.p)

    @property
    def has_pools(self) -> bool:
        """Whether anything beside V has to be found numerically."""
        return bool(self.kernel.pools)

    def total(self, voltage: Any) -> tuple[Any, Any]:
        """Return total current and its slope, gates at rest, at many voltages.

        Args:
            voltage: mV, shape (n,).

        Returns:
            Current pA (n,), slope conductance nS (n,).
        """
        with np.errstate(all="ignore"):
            current, slope = self._rest.array(voltage, self._c)[:2]
        if np.ndim(current) == 0 or np.ndim(slope) == 0:
            return np.broadcast_to(current, voltage.shape), np.broadcast_to(slope, voltage.shape)
        lost = np.isfinite(current) & ~np.isfinite(slope)
        if lost.any():
            slope = np.array(slope)
            slope[lost] = self._difference(voltage[lost])
        return current, slope

    def _difference(self, voltage: Any) -> Any:
        """Return the slope where exponentials overflow in it, as in 1/(1 + exp(800))."""
        with np.errstate(all="ignore"):
            above, below = (
                self._rest.array(voltage + side * STEP_MV, self._c)[0] for side in (1.0, -1.0)
            )
        return (above - below) / (2.0 * STEP_MV)

    def total_at(self, voltage: float) -> tuple[float, float]:
        """Return total current (pA) and slope (nS) at one voltage (mV), gates at rest."""
        found = self._rest.at((voltage,), self._c)
        return found[0], found[1]

    def landmarks(self) -> list[tuple[float, float]]:
        """Return (centre, width), mV, of every exponential whose exponent is linear in V."""
        steep = self._rest.source.steep
        if not steep:
            return []
        at_zero = self._rest.at((0.0, *(1.0 for _ in self.kernel.pools)), self._c)
        found = []
        for slope, position in steep:
            k, c = float(self._c[slope]), at_zero[position]
            if k and math.isfinite(k) and math.isfinite(c):
                found.append((-c / k, 1.0 / abs(k)))
        return found

    def enclosure(self, low: Any, high: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Return bounds of current and slope that hold everywhere between two voltages.

        Where a formula may jump between the two, the slope is bounded by nothing.

        Args:
            low: mV, shape (n,).
            high: likewise.

        Returns:
            ((least current, most), (least slope, most)), each (n,).
        """
        from ..numbers._interval import NAMES, Interval

        _, compute = self._rest.source.functions(NAMES)
        found = compute(Interval(low, high), self._c)
        (least, most), (falling, rising) = (
            [np.broadcast_to(end, low.shape) for end in (bounds.low, bounds.high)]
            for bounds in map(Interval.of, found[:2])
        )
        may_jump = np.zeros(low.shape, dtype=bool)
        _, compute = self.kernel.jumps.source.functions(NAMES)
        for distance in map(Interval.of, compute(Interval(low, high), self._jump_constants)):
            may_jump |= (distance.low <= 0) & (distance.high >= 0)
        return (least, most), (
            np.where(may_jump, -np.inf, falling),
            np.where(may_jump, np.inf, rising),
        )

    @cached_property
    def _jump_constants(self) -> tuple[float, ...]:
        return self.kernel.jumps.prepare(self.p)

    @property
    def can_enclose(self) -> bool:
        """Whether every mechanism can be bounded rigorously."""
        return not self.has_pools and not self.equations.opaques

    def gross(self, voltage: float, pools: Sequence[float] = ()) -> float:
        """Return the sum of the sizes of all currents, pA: the scale of rounding errors."""
        return float(sum(abs(value) for value in self.currents(voltage, pools).values()))

    @cached_property
    def _parts_constants(self) -> tuple[float, ...]:
        return self.kernel.parts.prepare(self.p)

    def currents(self, voltage: float, pools: Sequence[float] = ()) -> dict[tuple[str, str], float]:
        """Return the current of each (mechanism, ion), pA, gates at rest."""
        found = self.kernel.parts.at((voltage, *pools), self._parts_constants)
        return dict(zip(self.equations.currents, found, strict=False))

    def cycles(self, voltage: float, pools: Sequence[float] = ()) -> dict[str, float]:
        """Return each transporter's cycles per time, amol/ms, gates at rest."""
        found = self.kernel.parts.at((voltage, *pools), self._parts_constants)
        return dict(zip(self.equations.cycles, found[len(self.equations.currents) :], strict=False))

    def open_probabilities(self, voltage: float, pools: Sequence[float] = ()) -> dict[str, float]:
        """Return each channel's open probability, gates at rest."""
        found = self.kernel.parts.at((voltage, *pools), self._parts_constants)
        first = len(self.equations.currents) + len(self.equations.cycles)
        return dict(zip(self.equations.open_fractions, found[first:], strict=True))

    def curves(self, voltage: Any) -> dict[tuple[str, str], Any]:
        """Return each (mechanism, ion) current over voltages, pA, shape (n,), for plots.

        Pools take their smallest balance; nan where there is none.
        """
        pools = self.pool_branches(voltage)[0] if self.has_pools else []
        with np.errstate(all="ignore"):
            found = self.kernel.parts.array(voltage, *pools, self._parts_constants)
        return {
            key: np.broadcast_to(value, voltage.shape)
            for key, value in zip(self.equations.currents, found, strict=False)
        }

    def states(self, voltage: float, pools: Sequence[float] = ()) -> dict[str, float]:
        """Return every gate and pool at rest, by name."""
        compiled = self.kernel.steady
        constants = compiled.prepare(self.p)
        return dict(
            zip(
                (state.name for state in self.kernel.states),
                compiled.at((voltage, *pools), constants),
                strict=True,
            )
        )

    @cached_property
    def _full_constants(self) -> tuple[float, ...]:
        return self.kernel.full.prepare(self.p)

    def full(self, voltage: float, states: Sequence[float]) -> tuple[Any, Any]:
        """Return (current and rates, their Jacobian) with every state free.

        Args:
            voltage: mV.
            states: one value a state.

        Returns:
            Shapes (n + 1,) and (n + 1, n + 1); current in pA, rates per ms.
        """
        found = self.kernel.full.at((voltage, *states), self._full_constants)
        size = len(states) + 1
        matrix = np.array(found[size:]).reshape(size, size)
        lost = ~np.isfinite(matrix)
        if lost.any():
            matrix[lost] = self._differences((voltage, *states))[lost]
        return np.array(found[:size]), matrix

    def _differences(self, point: tuple[float, ...]) -> Any:
        """Return the Jacobian of `full` by central differences, where the exact one overflows."""
        columns = []
        for position, value in enumerate(point):
            ends = []
            for side in (1.0, -1.0):
                moved = (*point[:position], value + side * STEP_MV, *point[position + 1 :])
                found = self.kernel.full.at(moved, self._full_constants)
                ends.append(np.array(found[: len(point)]))
            columns.append((ends[0] - ends[1]) / (2.0 * STEP_MV))
        return np.stack(columns, axis=1)

    def pool_branches(self, voltage: Any) -> list[list[Any]]:
        """Return every balance of the pool at many voltages.

        Args:
            voltage: mV, shape (n,).

        Returns:
            Per balance a list with the pool's values (n,); nan where that balance does not exist.
        """
        (pool,) = self.kernel.pools
        assert pool.bounds is not None
        low, high = pool.bounds
        grid = np.geomspace(low, high, _POOL_POINTS)  # (m,)
        with np.errstate(all="ignore"):
            found = self._rest.array(voltage[:, None], grid[None, :], self._c)[1]
        change = np.broadcast_to(found, (voltage.size, grid.size))
        crossing = np.signbit(change[:, 1:]) != np.signbit(change[:, :-1])
        counts = crossing.sum(axis=1)
        branches = []
        for index in range(int(counts.max(initial=0))):
            has = counts > index
            first = np.argmax(np.cumsum(crossing, axis=1) == index + 1, axis=1)
            value = np.full(voltage.shape, np.nan)
            value[has] = self._pool_root(voltage[has], grid[first[has]], grid[first[has] + 1])
            branches.append([value])
        return branches or [[np.full(voltage.shape, np.nan)]]

    def _pool_root(self, voltage: Any, low: Any, high: Any) -> Any:
        """Return the pool between two values of opposite change, by Newton kept in its bracket."""
        left_is_negative = self._pool_change(voltage, low)[0] < 0
        w = np.sqrt(low * high)
        for _ in range(_POOL_STEPS):
            change, slope = self._pool_change(voltage, w)
            low = np.where((change < 0) == left_is_negative, w, low)
            high = np.where((change < 0) == left_is_negative, high, w)
            with np.errstate(all="ignore"):
                step = w - change / slope
            inside = (step > low) & (step < high)
            following = np.where(inside, step, 0.5 * (low + high))
            if np.all(np.abs(following - w) <= 4e-16 * np.abs(w)):
                return following
            w = following
        return w

    def _pool_change(self, voltage: Any, w: Any) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            found = self._rest.array(voltage, w, self._c)
        return found[1], found[5]

    def with_pools(self, voltage: float, pools: Sequence[float]) -> tuple[Any, Any]:
        """Return (current and pool changes, their Jacobian) with gates at rest and pools free."""
        found = self._rest.at((voltage, *pools), self._c)
        size = len(self.kernel.pools) + 1
        return np.array(found[:size]), np.array(found[size : size + size**2]).reshape(size, size)
