"""The problem of steady ions: where do concentrations, volume and voltage rest by themselves?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError
from ..equations._steady_kernel import steady_kernels
from ..equations._steady_values import steady_values
from ..parts._compartments import Compartments
from ..units._quantity import CONCENTRATION, VOLUME, Quantity, internal
from ._movement import Movement

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane


class SteadyProblem:
    """Ions free: find every steady state of concentrations, volume and voltage.

    Unknowns are scaled and positive: V over RT/F, then logarithms of the free ions' inside
    concentrations, of volume over its start, and of pools.

    Args:
        membrane: what rests; it has compartments.
        start: where to begin, by name; by default the membrane's own values.
        kept: what goes on from an earlier problem (see `kept`) instead of following from the
            membrane's own concentrations.

    Attributes:
        names: of the unknowns.
        start: scaled unknowns at the membrane's own values, shape (n,).
        scale: what each residual is measured against, shape (n,).
    """

    mode = "steady"

    def __init__(
        self,
        membrane: Membrane,
        start: Mapping[str, float] | None = None,
        *,
        kept: Mapping[str, float] | None = None,
    ) -> None:
        self.membrane = membrane
        self.closure, self._kernel, self._movement = steady_kernels(membrane)
        assert membrane.compartments is not None
        self.compartments: Compartments = membrane.compartments
        self.thermal = membrane.thermal_voltage_mV
        self.notes: list[str] = []
        self.values = self._values(dict(kept or {}))
        self.p = tuple(self.values[name] for name in self.closure.parameters)
        self._c = self._kernel.prepare(self.p)
        pools = self.closure.equations.pools()
        self.names = (
            "V",
            *(f"inside.{ion}" for ion in self.closure.free),
            *(("volume",) if self.closure.swells else ()),
            *(pool.name for pool in pools),
        )
        self._pool_starts = [
            math.sqrt(pool.bounds[0] * pool.bounds[1]) for pool in pools if pool.bounds
        ]
        self.start = self._start(dict(start or {}))
        self.scale = self._scale()
        if kept is None:
            self._check_start()

    # --- inputs ---------------------------------------------------------------------------------

    @property
    def kept(self) -> dict[str, float]:
        """What stays with the cell while its parameters change.

        Amounts of impermeant solute, totals of closed spaces and of conserved combinations, and the
        charge.
        """
        names = ["impermeant", "impermeant_valence", "start_charge"]
        if self.compartments.outside_volume is not None:
            names.append("outside_impermeant")
        names += [name for name in self.values if name.startswith(("total.", "conserved."))]
        return {name: self.values[name] for name in names}

    def _values(self, kept: dict[str, float]) -> dict[str, float]:
        found, note = steady_values(self.membrane, self.closure.totals, kept=kept)
        if note:
            self.notes.append(note)
        return found

    def _start(self, given: dict[str, float]) -> Any:
        first = [given.pop("V", self.compartments.start_voltage.value) / self.thermal]
        for ion in self.closure.free:
            value = given.pop(f"inside.{ion}", self.values[f"inside.{ion}"])
            if not value > 0:
                raise CompositionError(f"inside.{ion}: a start must be above zero, got {value}")
            first.append(math.log(value))
        if self.closure.swells:
            first.append(
                math.log(given.pop("volume", self.values["volume"]) / self.values["volume"])
            )
        first += [math.log(value) for value in self._pool_starts]
        if given:
            raise CompositionError(
                f"start: no unknown {', '.join(given)}; there are {', '.join(self.names)}"
            )
        return np.array(first)

    def _scale(self) -> Any:
        size: list[float] = []
        flux = self._typical_current()
        size += [flux] * len(self.closure.balances)
        osmolarity = max(self.membrane.outside.osmolarity_mM, self.membrane.inside.osmolarity_mM)
        amount = self.values["volume"] * osmolarity
        size += [amount] * len(self.closure.totals)
        size.append(self.values["faraday"] * amount)
        if self.closure.swells:
            size.append(osmolarity)
        size += [max(value, 1e-300) for value in self._pool_starts]
        return np.array(size)

    def _typical_current(self) -> float:
        from ._problem import ClampedProblem

        found = ClampedProblem(self.membrane).currents(-60.0, self._pool_starts)
        sizes = [abs(value) for value in found.values() if math.isfinite(value)]
        return max([*sizes, 1e-12])

    def _check_start(self) -> None:
        """Say where the start's charge disagrees with its voltage."""
        if self.compartments.charge != "capacitance":
            return
        state = self.unscaled(self.start)
        volume = state.get("volume", self.values["volume"])
        excess = self.excess_charge(state) / (self.values["faraday"] * volume)
        inside = excess + self._capacitance(volume) * state["V"] / (self.values["faraday"] * volume)
        stands_for = inside * self.values["faraday"] * volume / self._capacitance(volume)
        if abs(stands_for - state["V"]) > 1.0:
            self.notes.append(
                f"the start's charge does not fit its voltage: {inside:+.4g} mM inside stands for "
                f"{stands_for:.4g} mV on the capacitance, not {state['V']:.4g} mV "
                f"({excess:+.4g} mM of charge too {'many' if excess > 0 else 'few'}); "
                "the free ions move until it does"
            )

    def excess_charge(self, state: Mapping[str, float]) -> float:
        """Return the charge inside beyond what the capacitance holds at the state's voltage, fC.

        Args:
            state: V, concentrations and volume by name.
        """
        volume = state.get("volume", self.values["volume"])
        ions = sum(
            self.membrane.species[ion].valence * state.get(f"inside.{ion}", given.value)
            for ion, given in self.membrane.inside.concentrations.items()
        )
        fixed = self.values["impermeant"] * self.values["impermeant_valence"]
        held = self.values["faraday"] * (volume * ions + fixed)
        return float(held - self._capacitance(volume) * state["V"])

    def _capacitance(self, volume: float) -> float:
        """Return the capacitance that goes with a volume, pF."""
        area = self.compartments.area_um2(volume)
        if area is not None and "specific_capacitance" in self.values:
            return self.values["specific_capacitance"] * area
        return self.values["capacitance"]

    # --- the system -----------------------------------------------------------------------------

    def inputs(self, y: Any) -> list[Any]:
        """Return V, concentrations, volume and pools from scaled unknowns, (n,) or (n, members)."""
        found = [y[0] * self.thermal]
        for position, name in enumerate(self.names[1:], start=1):
            value = np.exp(y[position])
            found.append(value * self.values["volume"] if name == "volume" else value)
        return found

    def unscaled(self, y: Any) -> dict[str, float]:
        """Return unknowns by name in mV, mM, fL."""
        return {name: float(value) for name, value in zip(self.names, self.inputs(y), strict=True)}

    def residual(self, y: Any) -> tuple[Any, Any]:
        """Return residuals over their scale and their Jacobian by the scaled unknowns.

        Args:
            y: shape (n,).

        Returns:
            Shapes (n,) and (n, n).
        """
        inputs = [float(value) for value in self.inputs(y)]
        found = self._kernel.at(inputs, self._c)
        n = len(self.names)
        by = np.array([self.thermal, *inputs[1:]])
        jacobian = np.array(found[n:]).reshape(n, n) * by / self.scale[:, None]
        return np.array(found[:n]) / self.scale, jacobian

    def residual_many(self, y: Any) -> tuple[Any, Any]:
        """Return residuals (members, n) and Jacobians (members, n, n) of many states.

        Args:
            y: shape (members, n).
        """
        inputs = self.inputs(y.T)
        with np.errstate(all="ignore"):
            found = self._kernel.array(*inputs, self._c)
        n, members = len(self.names), len(y)
        full = np.array([np.broadcast_to(value, (members,)) for value in found])
        by = np.array([np.full(members, self.thermal), *inputs[1:]])
        jacobian = full[n:].reshape(n, n, members) * by[None, :, :] / self.scale[:, None, None]
        return (full[:n] / self.scale[:, None]).T, np.moveaxis(jacobian, 2, 0)

    def room(self, y: Any) -> Any:
        """Return the lowest outside concentration of a free ion, mM; infinite with a bath.

        Where the inside takes up more than all the space there is, it is below zero.

        Args:
            y: scaled unknowns, shape (n,) or (members, n).

        Returns:
            Shape () or (members,).
        """
        if self.compartments.outside_volume is None:
            return np.full(np.shape(y)[:-1], np.inf)
        by_name = dict(zip(self.names, self.inputs(np.moveaxis(y, -1, 0)), strict=True))
        lowest = np.min(list(self.outside_at(by_name).values()), axis=0)
        if self.closure.swells:  # a negative amount in a negative space is a positive ratio
            lowest = np.where(by_name["volume"] < self.values["both_volumes"], lowest, -np.inf)
        return lowest

    @property
    def charge_row(self) -> int:
        """Which residual is the charge's."""
        return len(self.closure.balances) + len(self.closure.totals)

    # --- in time --------------------------------------------------------------------------------

    @cached_property
    def movement(self) -> Movement:
        """The system in time."""
        return Movement(self)

    def conserved_rows(self) -> Any:
        """Return the weights of each conserved total by the variables in time, shape (k, n)."""
        totals = self.closure.totals
        names = self._movement[0]
        species = self.membrane.species
        rows = np.zeros((len(totals), len(names)))
        for position, total in enumerate(totals):
            for ion, weight in total.weights.items():
                if f"amount.{ion}" in names:
                    rows[position, names.index(f"amount.{ion}")] += weight
                    continue
                for other in self.closure.free:  # this ion follows from electroneutrality
                    if other != ion:
                        share = species[other].valence / species[ion].valence
                        rows[position, names.index(f"amount.{other}")] -= weight * share
        return rows

    def membrane_at(self, found: Mapping[str, float]) -> Membrane:
        """Return the membrane with its concentrations and area at a state."""
        changes: dict[str, Quantity] = {}
        volume = found.get("volume", self.values["volume"])
        for ion in self.closure.free:
            changes[f"inside.{ion}"] = internal(found[f"inside.{ion}"], CONCENTRATION)
        changes |= {
            f"outside.{ion}": internal(value, CONCENTRATION)
            for ion, value in self.outside_at(found).items()
        }
        here = self.membrane.evolve(changes)
        if here.compartments is None or not here.compartments.sets_area:
            return here
        resized = attrs.evolve(here.compartments, volume=internal(volume, VOLUME))
        return attrs.evolve(here, compartments=resized, area=None)

    def outside_at(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return outside concentrations of free ions in a finite space, mM; empty for a bath."""
        if self.compartments.outside_volume is None:
            return {}
        volume = found.get("volume", self.values["volume"])
        space = self.values["outside_volume"]
        if self.closure.swells:
            space = self.values["both_volumes"] - volume
        return {
            ion: (self.values[f"total.{ion}"] - volume * found[f"inside.{ion}"]) / space
            for ion in self.closure.free
        }
