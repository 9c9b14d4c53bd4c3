"""Run the physics of every mechanism once, in whichever number system is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from attrs.exceptions import FrozenInstanceError

from ._channel import Channel
from ._constants import MOLECULES_PER_AMOL
from ._errors import PhysicsError, PumpleakError, near
from ._local import LocalState, Names, Side, missing
from ._mechanism import Mechanism
from ._quantity import (
    AMOUNT_FLUX,
    AREA,
    CAPACITANCE,
    CONCENTRATION,
    CONDUCTANCE,
    CURRENT,
    GAS,
    LENGTH,
    MOLAR_CHARGE,
    NUMBER,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    VOLUME,
    Dimension,
    Quantity,
    quantity,
)
from ._state import Gate, Occupancies, Pool, State, stationary_occupancy
from ._transporter import Transporter

if TYPE_CHECKING:
    from ._membrane import Membrane

_PER_AMOL = Dimension(amount=-1)
_UNITS = {
    "mV": VOLTAGE,
    "ms": TIME,
    "mM": CONCENTRATION,
    "pA": CURRENT,
    "nS": CONDUCTANCE,
    "um": LENGTH,
    "fL": VOLUME,
    "kelvin": TEMPERATURE,
}


class System(Protocol):
    """A number system with its leaves: how a named input enters it."""

    xp: Any

    def leaf(self, name: str, value: float, dimension: Dimension) -> Any:
        """Return the input `name`."""

    def unit(self, name: str, dimension: Dimension) -> Any:
        """Return one of a unit of pumpleak's own set."""

    def state(self, name: str, dimension: Dimension) -> Any:
        """Return the current value of a state, before its rate is known."""

    def define(self, name: str, value: Any) -> Any:
        """Give a state that follows without delay its value."""


@attrs.frozen(kw_only=True, eq=False)
class StateRun:
    """One dynamic state as a mechanism described it.

    Args:
        name: full name, ``"kdr.n"``.
        value: its symbol or number.
        rate: rate of change.
        steady: steady value where the mechanism knows it.
        bounds: where to search it, if it is a pool.
        kind: gate, occupancy or pool.
    """

    name: str
    value: Any
    rate: Any
    steady: Any
    bounds: tuple[float, float] | None
    kind: str


@attrs.frozen(kw_only=True, eq=False)
class Run:
    """What all mechanisms returned."""

    voltage: Any
    capacitance: Any
    states: tuple[StateRun, ...]
    currents: Mapping[tuple[str, str], Any]
    cycles: Mapping[str, Any]
    open_fractions: Mapping[str, Any]


def run(membrane: Membrane, system: System) -> Run:
    """Call each mechanism once.

    Args:
        membrane: what to run.
        system: number system.

    Returns:
        Currents by (mechanism, ion), cycle rates of transporters, states with their rates.

    Raises:
        PhysicsError: a mechanism returned something impossible; the message names it and its owner.
    """
    world = _World(membrane, system)
    states: list[StateRun] = []
    currents: dict[tuple[str, str], Any] = {}
    cycles: dict[str, Any] = {}
    open_fractions: dict[str, Any] = {}
    for mechanism in membrane.mechanisms:
        label = mechanism.label
        owner = membrane.owner_of(mechanism)
        with _blame(owner):
            bound = mechanism.bound(world.number(label))
            local = world.local(label, owner)
            declared = bound.own_states(local)
            if not isinstance(declared, Mapping):
                raise PhysicsError(
                    "its states(s) or gates(s) must return {name: Gate}, got "
                    f"{type(declared).__name__}"
                )
            states.extend(_dynamics(declared, label, world, local))
            if isinstance(bound, Channel) and not mechanism.opaque:
                open_fractions[label] = world.checked(
                    bound.open_fraction(local), NUMBER, "open probability"
                )
            if isinstance(bound, Transporter) and not mechanism.opaque:
                cycles[label] = world.checked(bound.cycles(local), AMOUNT_FLUX, "cycle rate")
            result = world.opaque(mechanism, bound, local) or bound.currents(local)
            _check_ions(result, mechanism)
            for ion in mechanism.carried():
                currents[label, ion] = world.checked(result[ion], CURRENT, f"current of {ion}")
            if isinstance(bound, Transporter) and mechanism.opaque:
                turned = _cycles(bound, result, local)
                cycles[label] = world.checked(turned, AMOUNT_FLUX, "cycle rate")
    world.refuse_unknown()
    return Run(
        voltage=world.voltage,
        capacitance=world.capacitance,
        states=tuple(states),
        currents=currents,
        cycles=cycles,
        open_fractions=open_fractions,
    )


def _cycles(transporter: Transporter, currents: Mapping[str, Any], s: LocalState) -> Any:
    """Return the cycles that an ion's current stands for."""
    ion, count = next(iter(transporter.stoichiometry.items()))
    return currents[ion] / (count * s.z[ion] * s.F)


class _World:
    """Leaves shared by all mechanisms of one run."""

    def __init__(self, membrane: Membrane, system: System) -> None:
        self.membrane, self.system, self.xp = membrane, system, system.xp
        leaf = system.leaf
        self.voltage = leaf("V", -70.0, VOLTAGE)
        self.temperature = leaf("temperature", membrane.temperature.value, TEMPERATURE)
        self.gas = leaf("gas_constant", membrane.gas_constant.value, GAS)
        self.faraday = leaf("faraday", membrane.faraday.value, MOLAR_CHARGE)
        self.area = leaf("area", membrane.area.value, AREA)
        self.capacitance = leaf("capacitance", membrane.capacitance_pF, CAPACITANCE)
        self.thermal = self.xp.let(self.gas * self.temperature / self.faraday, "VT")
        self.units = {name: system.unit(name, dimension) for name, dimension in _UNITS.items()}
        count = system.unit("per_amol", _PER_AMOL)
        self.units["per_amol"] = MOLECULES_PER_AMOL * count
        self.sides = {
            side: {
                ion: leaf(f"{side}.{ion}", given.value, CONCENTRATION)
                for ion, given in solution.concentrations.items()
            }
            for side, solution in (("inside", membrane.inside), ("outside", membrane.outside))
        }
        self.nernst: dict[str, Any] = {}
        self.states: dict[str, Any] = {}
        self.parameters: set[str] = set()
        self.declared: set[str] = set()
        self.asked: dict[str, str] = {}
        self.pools: dict[str, tuple[Quantity, Quantity]] = {}
        for mechanism in membrane.mechanisms:
            with _blame(membrane.owner_of(mechanism)):
                for name, ends in mechanism.pools.items():
                    self.pools[f"{mechanism.label}.{name}"] = _pool(name, ends)

    def number(self, label: str) -> Callable[[str, Any], Any]:
        def leaf(path: str, given: Quantity) -> Any:
            self.parameters.add(f"{label}.{path}")
            return self.system.leaf(f"{label}.{path}", given.value, given.dimension)

        return leaf

    def local(self, label: str, owner: str) -> LocalState:
        sides = {
            side: Side(
                values,
                lambda ion, side=side, values=values: missing(  # type: ignore[misc]
                    owner, f"the {side} concentration of", ion, values
                ),
                self.xp,
                self.units["mM"],
            )
            for side, values in self.sides.items()
        }
        return LocalState(
            xp=self.xp,
            voltage=self.voltage,
            temperature=self.temperature,
            gas=self.gas,
            faraday=self.faraday,
            thermal=self.thermal,
            area=self.area,
            capacitance=self.capacitance,
            inside=sides["inside"],
            outside=sides["outside"],
            nernst=_Lazy(lambda ion: self._reversal(ion, sides)),
            species=self.membrane.species,
            own=_Lazy(lambda name: self.asked_for(f"{label}.{name}", owner)),
            gates=_Lazy(lambda name: self.asked_for(name, owner)),
            units=self.units,
            owner=owner,
        )

    def _reversal(self, ion: str, sides: Mapping[str, Side]) -> Any:
        if ion not in self.nernst:
            ratio = sides["outside"][ion] / sides["inside"][ion]
            valence = self.membrane.species[ion].valence
            self.nernst[ion] = self.xp.let(self.thermal / valence * self.xp.log(ratio), f"E_{ion}")
        return self.nernst[ion]

    def asked_for(self, name: str, owner: str) -> Any:
        self.asked.setdefault(name, owner)
        return self.state(name)

    def refuse_unknown(self) -> None:
        """Refuse what was asked for and nobody declared; it may have been declared later."""
        known = self.declared | getattr(self.system, "values", {}).keys()
        for name, owner in self.asked.items():
            if name not in known:
                raise PhysicsError(
                    f"{owner} asks for the gate or pool {name!r}, which nobody has"
                    f"{near(name, known)}; there are: {', '.join(sorted(self.declared)) or 'none'}"
                )

    def state(self, name: str) -> Any:
        if name not in self.states:
            dimension = self.pools[name][0].dimension if name in self.pools else NUMBER
            self.states[name] = self.system.state(name, dimension)
        return self.states[name]

    def checked(self, value: Any, dimension: Dimension, what: str) -> Any:
        check = getattr(self.system, "check", None)
        return value if check is None else check(value, dimension, what)

    def opaque(self, mechanism: Mechanism, bound: Mechanism, local: LocalState) -> Any:
        call = getattr(self.system, "opaque", None)
        if not mechanism.opaque or call is None:
            return None
        return call(mechanism, self)


def _pool(name: str, ends: tuple[str, str]) -> tuple[Quantity, Quantity]:
    low, high = (quantity(end) for end in ends)
    if low.dimension != high.dimension or not 0 < low.value < high.value:
        raise PhysicsError(
            f"pool {name!r} needs two values to search between, such as ('1e-6 mM', '10 mM'), got "
            f"'{low}' and '{high}'"
        )
    return low, high


class _Lazy(Names):
    """Names made when first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__({}, KeyError)
        self._make = make

    def __getitem__(self, name: str) -> Any:
        return self._make(name)


def _dynamics(
    declared: Mapping[str, State], label: str, world: _World, local: LocalState
) -> Iterator[StateRun]:
    for name, state in declared.items():
        full = f"{label}.{name}"
        if full in world.parameters:
            raise PhysicsError(f"{name!r} is the name of a parameter and of a state; rename one")
        world.declared.add(full)
        if isinstance(state, Gate):
            steady = world.checked(state.steady_value(), NUMBER, f"steady value of gate {name!r}")
            if state.is_instantaneous:
                world.states[full] = world.system.define(full, steady)
                continue
            value = world.state(full)
            rate = world.checked(state.rate(value), Dimension(time=-1), f"rate of gate {name!r}")
            yield StateRun(
                name=full, value=value, rate=rate, steady=steady, bounds=None, kind="gate"
            )
        elif isinstance(state, Pool):
            if full not in world.pools:
                raise PhysicsError(
                    f"pool {name!r} is not declared; set pools = {{{name!r}: ('1e-6 mM', '10 mM')}}"
                )
            low, high = world.pools[full]
            yield StateRun(
                name=full,
                value=world.state(full),
                rate=world.checked(
                    state.change, low.dimension.times(TIME, -1), f"change of pool {name!r}"
                ),
                steady=None,
                bounds=(low.value, high.value),
                kind="pool",
            )
        elif isinstance(state, Occupancies):
            yield from _scheme(state, label, world)
        else:
            raise PhysicsError(
                f"state {name!r} is a {type(state).__name__}; give a Gate, a Pool or Occupancies"
            )


def _scheme(state: Occupancies, label: str, world: _World) -> Iterator[StateRun]:
    """Yield all occupancies but the last, which the others leave over."""
    names = state.states
    for (a, b), rate in state.rates.items():
        world.checked(rate, Dimension(time=-1), f"rate {a} to {b}")
    steady = stationary_occupancy(state.rates, world.xp, names)
    world.declared.update(f"{label}.{name}" for name in names)
    values = {name: world.state(f"{label}.{name}") for name in names[:-1]}
    left: Any = 1.0
    for value in values.values():
        left = left - value
    last = names[-1]
    values[last] = world.states[f"{label}.{last}"] = world.system.define(f"{label}.{last}", left)
    for name in names[:-1]:
        change: Any = 0.0
        for (a, b), rate in state.rates.items():
            if b == name:
                change = change + rate * values[a]
            if a == name:
                change = change - rate * values[a]
        yield StateRun(
            name=f"{label}.{name}",
            value=values[name],
            rate=change,
            steady=steady[name],
            bounds=None,
            kind="occupancy",
        )


def _check_ions(result: Any, mechanism: Mechanism) -> None:
    expected = mechanism.carried()
    if not isinstance(result, Mapping):
        raise PhysicsError(
            f"current(s) must return {{ion: pA}} for {', '.join(expected)}, got "
            f"{type(result).__name__}"
        )
    extra = [ion for ion in result if ion not in expected]
    lost = [ion for ion in expected if ion not in result]
    if extra or lost:
        hint = near(extra[0], lost) if extra and lost else ""
        raise PhysicsError(
            f"current(s) returns {', '.join(map(str, result)) or 'nothing'}, but it declares "
            f"{', '.join(expected)}{hint}; return exactly the declared ions"
        )


class _blame:  # noqa: N801 - reads as a statement
    """Name the owner in whatever goes wrong inside a mechanism's own code."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception):
            return
        if isinstance(error, PumpleakError):
            if self.owner in str(error):
                return
            if isinstance(error, PhysicsError):
                raise type(error)(f"{self.owner}: {error}") from error
            raise PhysicsError(f"{self.owner}: {error}") from error
        if isinstance(error, FrozenInstanceError):
            raise PhysicsError(
                f"{self.owner}: it keeps a value between calls, but its physics must be a pure "
                "function; give it a gate or a pool with states(self, s)"
            ) from error
        if isinstance(error, AttributeError) and error.name is not None:
            known = [name for name in dir(error.obj) if not name.startswith("_")]
            raise PhysicsError(
                f"{self.owner}: {type(error.obj).__name__} has no {error.name!r}"
                f"{near(error.name, known)}"
            ) from error
        raise PhysicsError(
            f"{self.owner}: its physics raised {type(error).__name__}: {error}; "
            "use the functions of s.xp, and s.xp.where instead of if, or declare it opaque"
        ) from error
