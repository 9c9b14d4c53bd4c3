"""Where a mechanism is checked: a membrane of it alone, and conditions that can be set at will."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import attrs
import numpy as np

from .._errors import CompositionError, PhysicsError, PumpleakError, UnitError
from ..equations._evaluate import settled
from ..equations._trace import Run
from ..equations._world import World
from ..equilibria._problem import ClampedProblem
from ..membranes._lookup import species_named
from ..membranes._membrane import Membrane
from ..numbers._numbers import FloatSystem
from ..parts._channel import Channel
from ..parts._claims import Claims
from ..parts._mechanism import NONSPECIFIC, Mechanism
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ..parts._transporter import Transporter
from ._check import not_applicable

#: Valence, and concentrations inside and outside, mM, of a mammalian cell; rarer ions as tracers.
SURROUNDINGS: Final[dict[str, tuple[int, float, float]]] = {
    "Na": (1, 12.0, 145.0),
    "K": (1, 140.0, 4.0),
    "Cl": (-1, 6.0, 110.0),
    "HCO3": (-1, 12.0, 24.0),
    "Ca": (2, 1e-4, 1.2),
    "Mg": (2, 0.5, 1.0),
    "H": (1, 1e3 * 10**-7.2, 1e3 * 10**-7.4),
    "Li": (1, 5.0, 7.0),
    "Rb": (1, 5.0, 7.0),
    "Cs": (1, 5.0, 7.0),
    "Br": (-1, 5.0, 7.0),
    "I": (-1, 5.0, 7.0),
}
_ACID_MM: Final = 1e3 * 10**-5.0
_UNKNOWN_MM: Final = (10.0, 20.0)
BODY_K: Final = 310.15
ROOM_K: Final = 295.15
_CHANNEL_AMOUNTS: Final = ("1000 channels", "10 nS", "0.1 fL/ms")
_TRANSPORTER_AMOUNTS: Final = ("10 pA", "0.001 amol/ms", "1e6 transporters", "1 nS")

Conditions = Mapping[str, float]


Species = Mapping[str, IonSpecies]
_NO_SPECIES: Final[Species] = {}


def species_for(ions: Iterable[str], own: Species = _NO_SPECIES) -> dict[str, IonSpecies]:
    """Return records of ions.

    Args:
        ions: by name.
        own: of the plugin that is checked; installed plugins come next, and then the valence that
            everyone knows.

    Raises:
        PumpleakError: an ion that nobody knows.
    """
    found: dict[str, IonSpecies] = {}
    for ion in ions:
        if ion in own:
            found[ion] = own[ion]
            continue
        try:
            found.update(species_named([ion]))
        except PumpleakError:
            if ion not in SURROUNDINGS:
                raise
            found[ion] = IonSpecies(name=ion, valence=SURROUNDINGS[ion][0])
    return found


def with_density(
    given: type[Mechanism] | Mechanism, claims: Claims, own: Species = _NO_SPECIES
) -> Mechanism:
    """Return an instance that has all it needs to carry a current.

    Args:
        given: a class, or an instance with values of its own.
        claims: of its author.
        own: ions that its own plugin supplies.

    Raises:
        PumpleakError: it cannot be made, or takes no density that makes sense.
    """
    made = given() if isinstance(given, type) else given
    if not list(made.incomplete()):
        return made
    amounts = _TRANSPORTER_AMOUNTS if isinstance(made, Transporter) else _CHANNEL_AMOUNTS
    trouble: PumpleakError | None = None
    for amount in amounts:
        try:
            full: Mechanism = attrs.evolve(made, density=amount)  # type: ignore[misc]
            for sentence in full.incomplete():
                raise CompositionError(sentence)
            settled(membrane_of(full, claims, own=own), {"V": -60.0})
        except (UnitError, CompositionError) as error:
            trouble = trouble or error
        except PhysicsError as error:
            if not isinstance(error.__cause__, CompositionError | UnitError):
                return full  # a fault of its physics, which the checks will name
            trouble = trouble or error
        except KeyboardInterrupt:
            raise
        except BaseException:  # sys.exit() of a plugin is one
            return full
        else:
            return full
    raise trouble or CompositionError(f"{made!r} takes no density")


def membrane_of(
    mechanism: Mechanism, claims: Claims, *others: Mechanism, own: Species = _NO_SPECIES
) -> Membrane:
    """Return a membrane of a mechanism, those whose gates it reads, and others."""
    beside = [with_density(kind, Claims(), own) for kind in claims.beside]
    every = [mechanism, *beside, *others]
    carried = [ion for item in every for ion in item.carried() if ion != NONSPECIFIC]
    names = list(dict.fromkeys([*SURROUNDINGS, *carried]))
    inside, outside = (
        Solution(
            concentrations={
                ion: f"{SURROUNDINGS[ion][1 + side] if ion in SURROUNDINGS else other!r} mM"
                for ion in names
            }
        )
        for side, other in enumerate(_UNKNOWN_MM)
    )
    hydrolysis = getattr(mechanism, "dG_ATP", None)
    return Membrane(
        mechanisms=every,
        inside=inside,
        outside=outside,
        temperature=f"{BODY_K} K",
        area="1000 um^2",
        species=species_for(names, own),
        name=f"the kit's membrane for {mechanism.label}",
        **({} if hydrolysis is None else {"dG_ATP": hydrolysis}),
    )


class Bench:
    """A mechanism in its membrane.

    Args:
        given: a class or an instance.
        claims: of its author.
        own: ions that its own plugin supplies.
    """

    def __init__(
        self, given: type[Mechanism] | Mechanism, claims: Claims, own: Species = _NO_SPECIES
    ) -> None:
        self.given, self.claims, self.own = given, claims, own
        self.mechanism = with_density(given, claims, own)
        self.membrane = membrane_of(self.mechanism, claims, own=own)
        self.label = self.mechanism.label
        self.ions = self.mechanism.carried()
        self.fixed = self.mechanism.fixed_reversals()
        self.valence = {name: item.valence for name, item in self.membrane.species.items()}

    # --- conditions -----------------------------------------------------------------------------

    def voltages(self, count: int) -> Any:
        """Return voltages over the claimed range, mV, shape (count,); none is a round number."""
        low, high = (end.value for end in self.claims.voltage)
        return low + (high - low) * (np.arange(count) + 0.5017) / count

    def thermal(self, kelvin: float) -> float:
        """Return RT/F, mV."""
        membrane = self.membrane
        return membrane.gas_constant.value * kelvin / membrane.faraday.value

    def standard(self, kelvin: float = BODY_K) -> dict[str, float]:
        """Return the surroundings of a mammalian cell."""
        values = self.membrane.values
        found = {key: values[key] for key in values if key.startswith(("inside.", "outside."))}
        return {**found, "temperature": kelvin}

    def equilibrium(self, nernst_mV: float, kelvin: float = BODY_K) -> dict[str, float]:
        """Return concentrations at which every ion's Nernst potential is the same."""
        start, found = self.standard(kelvin), {"temperature": kelvin}
        for ion, z in self.valence.items():
            middle = math.sqrt(start[f"inside.{ion}"] * start[f"outside.{ion}"])
            half = math.exp(z * nernst_mV / self.thermal(kelvin) / 2)
            found[f"inside.{ion}"], found[f"outside.{ion}"] = middle / half, middle * half
        return found

    def varied(self) -> Iterator[tuple[str, dict[str, float]]]:
        """Yield surroundings by name: warm and cold, rich and dilute, acid, and at equilibrium."""
        for kelvin, warmth in ((BODY_K, "37 degC"), (ROOM_K, "22 degC")):
            yield f"standard solutions, {warmth}", self.standard(kelvin)
        rich, dilute, acid = self.standard(), self.standard(), self.standard()
        for ion in self.valence:
            if ion != "H":
                dilute[f"inside.{ion}"] /= 3
                dilute[f"outside.{ion}"] /= 3
        rich["outside.K"] *= 5
        rich["outside.Ca"] *= 5
        acid["inside.H"] = acid["outside.H"] = _ACID_MM
        yield "outside K and Ca five times the usual", rich
        yield "pH 5 on both sides", acid
        yield "all solutions diluted threefold", dilute
        yield "every ion at equilibrium at -40 mV", self.equilibrium(-40.0)

    def pools(self, conditions: Conditions) -> dict[str, float]:
        """Return what its pools are held at: an ion's pool at the ion's inside concentration."""
        found = {}
        for full, (low, high) in World(self.membrane, FloatSystem({})).pools.items():
            middle = math.sqrt(low.value * high.value)
            found[full] = conditions.get(f"inside.{full.rpartition('.')[2]}", middle)
        return found

    def pool_values(self, conditions: Conditions) -> list[float]:
        """Return the same in the order of its equations."""
        pools = self.pools(conditions)
        return [pools[state.name] for state in self.problem.equations.pools()]

    # --- numbers --------------------------------------------------------------------------------

    def run(
        self, V: float, conditions: Conditions, states: Mapping[str, float] | None = None
    ) -> Run:
        """Run its physics as plain Python, gates settled.

        Args:
            V: mV.
            conditions: concentrations and temperature.
            states: gates and pools that are held, by full name.
        """
        held = {**conditions, **self.pools(conditions), **(states or {}), "V": float(V)}
        return settled(self.membrane, held)

    def currents(self, V: float, conditions: Conditions) -> dict[str, float]:
        """Return its current of each ion, pA, as plain Python."""
        found = self.run(V, conditions).currents
        return {ion: found[self.label, ion] for ion in self.ions}

    def cycles(self, V: float, conditions: Conditions) -> float:
        """Return a transporter's cycles per time, amol/ms."""
        return float(self.run(V, conditions).cycles[self.label])

    def affinity(self, V: float, conditions: Conditions) -> float:
        """Return what a transporter's cycle sets free, J/mol."""
        mechanism = self.mechanism
        assert isinstance(mechanism, Transporter)
        if callable(getattr(mechanism, "affinity", None)):
            world = World(self.membrane, FloatSystem({**conditions, "V": V}))
            bound: Any = mechanism.bound(world.number(self.label))
            return float(bound.affinity(world.local(self.label, self.label)))
        thermal, faraday = self.thermal(conditions["temperature"]), self.membrane.faraday.value
        free = -mechanism.atp * self.membrane.dG_ATP.value
        for ion, count in mechanism.stoichiometry.items():
            ratio = math.log(conditions[f"outside.{ion}"] / conditions[f"inside.{ion}"])
            free += count * faraday * (self.valence[ion] * V - thermal * ratio)
        return float(free)

    @cached_property
    def problem(self) -> ClampedProblem:
        """Its traced equations; where they cannot be had, most checks say nothing."""
        try:
            return ClampedProblem(self.membrane)
        except PhysicsError as error:
            not_applicable(f"its physics cannot be traced: {error}")

    def fresh_problem(self) -> ClampedProblem:
        """Return its equations, traced.

        Raises:
            PhysicsError: they cannot be had.
        """
        return ClampedProblem(self.membrane)

    def _inputs(self, conditions: Conditions) -> tuple[tuple[float, ...], list[float]]:
        values = {**self.membrane.values, **conditions}
        p = tuple(values[name] for name in self.problem.equations.parameters)
        return p, self.pool_values(conditions)

    def parts(self, voltages: Any, conditions: Conditions) -> tuple[dict[str, Any], Any]:
        """Return currents by ion and the open probability over voltages, from the kernel.

        Args:
            voltages: mV, shape (n,).
            conditions: concentrations and temperature.

        Returns:
            Currents, pA, each (n,); open probability (n,), None if it is no channel.
        """
        p, pools = self._inputs(conditions)
        compiled, equations = self.problem.kernel.parts, self.problem.equations
        with np.errstate(all="ignore"):
            found = compiled.array(voltages, *pools, compiled.prepare(p))
        full = [np.broadcast_to(value, voltages.shape) for value in found]
        keys = list(equations.currents)
        opened = list(equations.open_fractions)
        currents = {ion: full[keys.index((self.label, ion))] for ion in self.ions}
        first = len(keys) + len(equations.cycles)
        share = full[first + opened.index(self.label)] if self.label in opened else None
        return currents, share

    def total(self, voltages: Any, conditions: Conditions) -> tuple[Any, Any]:
        """Return the membrane's total current (pA) and its exact slope (nS), both (n,)."""
        p, pools = self._inputs(conditions)
        compiled = self.problem.kernel.rest
        with np.errstate(all="ignore"):
            found = compiled.array(voltages, *pools, compiled.prepare(p))
        return (
            np.broadcast_to(found[0], voltages.shape),
            np.broadcast_to(found[1 + len(pools)], voltages.shape),
        )

    def scale(self, conditions: Conditions) -> float:
        """Return the largest current over the claimed range, pA: what is small is so beside it."""
        currents, _ = self.parts(self.voltages(41), conditions)
        sizes = [np.abs(value[np.isfinite(value)]).max(initial=0.0) for value in currents.values()]
        return float(max(sizes))

    def remade(self, **changes: object) -> Bench:
        """Return a bench for the same mechanism with other values."""
        made = attrs.evolve(self.mechanism, **changes)  # type: ignore[misc]
        return Bench(made, self.claims, self.own)

    @property
    def channel(self) -> Channel:
        """The mechanism, where it is a channel."""
        if not isinstance(self.mechanism, Channel):
            not_applicable("it is no Channel: it says its currents, not its open probability")
        return self.mechanism
