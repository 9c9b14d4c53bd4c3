"""Steady ions in time: rates of change of amounts, volume, gates and pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equations._kernel import Compiled

if TYPE_CHECKING:
    from ._steady import SteadyProblem


class Movement:
    """Rates of change of amounts, volume, gates and pools, with their exact Jacobian.

    Args:
        problem: steady ions.

    Attributes:
        names: of the variables.
    """

    def __init__(self, problem: SteadyProblem) -> None:
        self.problem = problem
        self.names: tuple[str, ...] = problem._movement[0]
        self._compiled: Compiled = problem._movement[1]
        self._c = self._compiled.prepare(problem.p)

    def rates(self, variables: Any) -> Any:
        """Return d(variables)/dt, per ms, shape (n,)."""
        return np.array(self._compiled.at(variables, self._c)[: len(self.names)])

    def jacobian(self, variables: Any) -> Any:
        """Return d(rates)/d(variables), per ms, shape (n, n)."""
        n = len(self.names)
        found = self._compiled.at(variables, self._c)
        return np.array(found[n + 1 : n + 1 + n * n]).reshape(n, n)

    def voltage(self, variables: Any) -> float:
        """Return V, mV."""
        return float(self._compiled.at(variables, self._c)[len(self.names)])

    def variables(self, found: Mapping[str, float], states: Mapping[str, float]) -> list[float]:
        """Return the variables at a state.

        Args:
            found: V, concentrations and volume by name.
            states: gates and pools by name.
        """
        volume = found.get("volume", self.problem.values["volume"])
        values = {"volume": volume, "V": found["V"], **states}
        for ion in self.problem.closure.free:
            values[f"amount.{ion}"] = volume * found[f"inside.{ion}"]
        return [values[name] for name in self.names]

    def found(self, variables: Sequence[float]) -> dict[str, float]:
        """Return V, concentrations and volume by name."""
        values = dict(zip(self.names, variables, strict=True))
        volume = float(values.get("volume", self.problem.values["volume"]))
        found = {"V": self.voltage(variables), "volume": volume}
        charge = self.problem.values["start_charge"] / self.problem.values["faraday"]
        species = self.problem.membrane.species
        for ion in self.problem.closure.free:
            if f"amount.{ion}" in values:
                found[f"inside.{ion}"] = float(values[f"amount.{ion}"]) / volume
        for ion in self.problem.closure.free:  # the one that follows from electroneutrality
            if f"inside.{ion}" not in found:
                held = self.problem.membrane.inside.concentrations
                rest = (
                    charge
                    - self.problem.values["impermeant"] * self.problem.values["impermeant_valence"]
                )
                for other in held:
                    if other != ion:
                        rest -= (
                            species[other].valence
                            * volume
                            * found.get(f"inside.{other}", held[other].value)
                        )
                found[f"inside.{ion}"] = rest / species[ion].valence / volume
        return found
