"""Free ions in time: amounts, volume, gates and pools move, and voltage with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from .._errors import SolverError
from ..equations._closure import VOLTAGE, VOLUME, flow
from ..equations._equations import used
from ..equations._kernel import Compiled, compiled
from ..equations._lower import lower
from ..equilibria._steady import SteadyProblem

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

#: No membrane stands more: charge that stands for more is a mistake in the amounts.
HIGHEST_MV = 200.0
#: Volumes this many times the start's, or below its inverse, have run away.
_SWOLLEN = 1e3
_MOST_MV = 2000.0
_MOST_MM = 1e4
_EPSILON = 2.0**-52


class FreeIons:
    """Amounts, volume, gates and pools of a membrane whose ions are free.

    Args:
        problem: steady ions.
    """

    def __init__(self, problem: SteadyProblem) -> None:
        self.problem = problem
        self.membrane = problem.membrane
        self.movement = problem.movement
        self.names = problem.movement.names
        self._look, self._outputs = _looking(problem)
        self._c = self._look.prepare(problem.p)

    def rates(self, x: Any) -> Any:
        """Return dx/dt, per ms, shape (n,)."""
        return self.movement.rates(x)

    def jacobian(self, x: Any) -> Any:
        """Return d(rates)/dx, per ms, shape (n, n)."""
        return self.movement.jacobian(x)

    def coordinates(self, x: Any) -> tuple[Any, Any]:
        """Return a matrix that makes scaled coordinates of x, (n, n), and their rounding, (n,).

        Charge is what is left of large amounts, so the amount of the most abundant ion gives way
        to the voltage that the charge stands for: its errors are then errors of V.
        """
        size = np.array([max(abs(value), 1e-12) for value in x])
        matrix = np.diag(1.0 / size)
        rounding = np.full(len(x), _EPSILON)
        if "V" in self.names:
            matrix[self.names.index("V")] *= size[self.names.index("V")] / self.problem.thermal
            return matrix, rounding
        valence = self.membrane.species
        rows = [i for i, name in enumerate(self.names) if name.startswith("amount.")]
        charges = np.array([valence[self.names[i][7:]].valence for i in rows])
        per_charge = self.problem.values["faraday"] / self.capacitance(x) / self.problem.thermal
        chosen = max(rows, key=lambda i: abs(x[i]))
        matrix[chosen] = 0.0
        matrix[chosen, rows] = per_charge * charges
        rounding[chosen] = _EPSILON * per_charge * float(np.abs(charges * x[rows]).sum())
        return matrix, rounding

    def capacitance(self, x: Any) -> float:
        """Return the capacitance, pF."""
        return float(np.ravel(self.seen(np.array(x, dtype=float)[:, None])["capacitance"])[0])

    def excess_mM(self, x: Any, voltage: float) -> float:
        """Return how much more charge stands inside than a voltage needs, mM.

        Args:
            x: the variables.
            voltage: mV.
        """
        found = self.movement.found(x)
        charge = (found["V"] - voltage) * self.capacitance(x)
        return float(charge / self.problem.values["faraday"] / found["volume"])

    def trouble(self, x: Any) -> str | None:
        """Return what has run away, in words, or None."""
        values = dict(zip(self.names, x, strict=True))
        start = self.problem.values["volume"]
        volume = float(values.get("volume", start))
        if not volume > start / _SWOLLEN:
            return "volume runs away: the cell shrinks to nothing"
        if volume > start * _SWOLLEN:
            return (
                f"volume runs away: the cell has swollen to {volume / start:.3g} times its start, "
                "because nothing holds what leaks in"
            )
        found = self.movement.found(x)
        if not abs(found["V"]) < _MOST_MV:
            return f"V runs away to {found['V']:.3g} mV: no membrane stands that"
        sides = {f"inside.{ion}": found[f"inside.{ion}"] for ion in self.problem.closure.free}
        sides |= {f"outside.{ion}": c for ion, c in self.problem.outside_at(found).items()}
        for name, value in sides.items():
            if not value > 0:
                return f"{name} runs out: more is carried away than there is"
            if value > _MOST_MM:
                return f"{name} runs away to {value:.3g} mM"
        return None

    def seen(self, x: Any) -> dict[Any, Any]:
        """Return V, volume, concentrations, currents and more at many times, each (times,).

        Args:
            x: shape (n, times).
        """
        with np.errstate(all="ignore"):
            found = self._look.array(*x, self._c)
        shape = x.shape[1:]
        values = {
            key: np.broadcast_to(np.asarray(value, dtype=float), shape)
            for key, value in zip(self._outputs, found, strict=True)
        }
        for side in ("inside", "outside"):
            for ion, given in getattr(self.membrane, side).concentrations.items():
                values.setdefault((side, ion), np.full(shape, given.value))
        values.setdefault("volume", np.full(shape, self.problem.values["volume"]))
        for name, row in zip(self.names, x, strict=True):
            if name not in ("V", "volume") and not name.startswith("amount."):
                values["state", name] = row
        impermeant = self.problem.values["impermeant"] * self.problem.values["impermeant_valence"]
        charge = sum(
            self.membrane.species[ion].valence * values["inside", ion] * values["volume"]
            for ion in self.membrane.inside.concentrations
        )
        values["charge"] = self.problem.values["faraday"] * (charge + impermeant)
        return values

    def state(self, x: Sequence[float]) -> tuple[dict[str, float], dict[str, float]]:
        """Return V, concentrations and volume by name, and gates and pools by name."""
        states = {state.name for state in self.problem.closure.equations.states}
        own = {n: float(v) for n, v in zip(self.names, x, strict=True) if n in states}
        return self.movement.found(x), own

    def after(self, membrane: Membrane, changed: Iterable[str], x: Any) -> tuple[FreeIons, Any]:
        """Return how it moves on with other parameters, from the same amounts, volume and gates.

        Args:
            membrane: with the new parameters.
            changed: the names that an event gave.
            x: the variables then.

        Raises:
            SolverError: the change puts a charge into the cell that no membrane stands.
        """
        found, states = self.state(x)
        kept = self._kept_after(membrane, set(changed), found)
        problem = problem_at(membrane, found, states, kept)
        following = FreeIons(problem)
        moved = np.array(problem.movement.variables(found, states))
        voltage = problem.movement.found(moved.tolist())["V"]
        if not abs(voltage) <= HIGHEST_MV:
            excess = following.excess_mM(moved, found["V"])
            raise SolverError(
                f"{', '.join(changed)}: this puts {excess:+.4g} mM of charge inside that nothing "
                f"balances, which stands for {voltage:.4g} mV on the capacitance; change an "
                "uncharged solute, or several so that their charges cancel"
            )
        return following, moved

    def _kept_after(
        self, membrane: Membrane, changed: set[str], found: Mapping[str, float]
    ) -> dict[str, float]:
        problem = self.problem
        kept = problem.kept
        volume, inside = found["volume"], membrane.inside
        if "inside.impermeant" in changed and inside.impermeant is not None:
            kept["impermeant"] = inside.impermeant.value * volume
        if "inside.impermeant_valence" in changed:
            kept["impermeant_valence"] = inside.impermeant_valence or 0.0
        held = [ion for ion in inside.concentrations if ion not in problem.closure.free]
        charge = kept["impermeant"] * kept["impermeant_valence"]
        for ion in inside.concentrations:
            amount = inside.concentrations[ion].value if ion in held else found[f"inside.{ion}"]
            charge += membrane.species[ion].valence * volume * amount
        kept["start_charge"] = problem.values["faraday"] * charge
        if problem.compartments.outside_volume is not None:
            space = problem.values["outside_volume"]
            if problem.closure.swells:
                space = problem.values["both_volumes"] - volume
            swapped = "outside.solution" in changed
            for ion in problem.closure.free:
                if swapped or f"outside.{ion}" in changed:
                    added = space * membrane.outside.concentrations[ion].value
                    kept[f"total.{ion}"] = volume * found[f"inside.{ion}"] + added
            if swapped or "outside.impermeant" in changed:
                given = membrane.outside.impermeant
                kept["outside_impermeant"] = 0.0 if given is None else given.value * space
        return kept


def problem_at(
    membrane: Membrane,
    found: Mapping[str, float],
    states: Mapping[str, float],
    kept: Mapping[str, float],
) -> SteadyProblem:
    """Return the problem of a membrane that is at a state, with what it keeps.

    Args:
        membrane: with its parameters now.
        found: V, concentrations and volume by name.
        states: gates and pools by name.
        kept: see `SteadyProblem.kept`.
    """
    begin = {name: value for name, value in found.items() if name != "volume"}
    if membrane.compartments is not None and membrane.compartments.swells:
        begin["volume"] = found["volume"]
    problem = SteadyProblem(membrane, begin, kept=kept)
    for position, name in enumerate(problem.names):
        if states.get(name, 0.0) > 0:  # a pool
            problem.start[position] = math.log(states[name])
    return problem


def _looking(problem: SteadyProblem) -> tuple[Compiled, tuple[Any, ...]]:
    membrane, compartments = problem.membrane, problem.compartments
    key = (membrane.structure, compartments.structure, membrane.capacitance.dimension)
    return _lowered_look(key, _Keep(problem))


class _Keep:
    """Carries the problem past the cache's key."""

    def __init__(self, problem: SteadyProblem) -> None:
        self.problem = problem

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keep)


@lru_cache(maxsize=64)
def _lowered_look(key: object, keep: _Keep) -> tuple[Compiled, tuple[Any, ...]]:
    """Return what computes all that is seen from the variables, and the outputs' keys."""
    problem = keep.problem
    closure, membrane = problem.closure, problem.membrane
    moving = flow(closure, membrane)
    known = {symbol for symbol, _ in moving.tape} | set(moving.variables)
    known |= {sympy.Symbol(name) for name in closure.parameters}
    wanted: dict[Any, Any] = {
        "V": VOLTAGE,
        "volume": VOLUME,
        "capacitance": sympy.Symbol("capacitance"),
        **{
            (side, ion): sympy.Symbol(f"{side}.{ion}")
            for side in ("inside", "outside")
            for ion in getattr(membrane, side).concentrations
        },
    }
    wanted = {key: symbol for key, symbol in wanted.items() if symbol in known}
    equations = closure.equations
    wanted |= {("current", key): expr for key, expr in equations.currents.items()}
    wanted |= {("cycles", key): expr for key, expr in equations.cycles.items()}
    wanted |= {("open", key): expr for key, expr in equations.open_fractions.items()}
    outputs = list(wanted.values())
    source = lower(used(moving.tape, outputs), outputs, moving.variables, closure.parameters)
    return compiled(source, {}), tuple(wanted)
