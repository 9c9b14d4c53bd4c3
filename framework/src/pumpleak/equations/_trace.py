"""Run the physics of every mechanism once, in whichever number system is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .._errors import PhysicsError, near
from ..parts._channel import Channel
from ..parts._local import LocalState
from ..parts._mechanism import Mechanism
from ..parts._state import Gate, Occupancies, Pool, State, stationary_occupancy
from ..parts._transporter import Transporter
from ..units._quantity import (
    AMOUNT_FLUX,
    CURRENT,
    NUMBER,
    TIME,
    Dimension,
)
from ._blame import Owner, blame
from ._world import System, World

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane


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
    world = World(membrane, system)
    states: list[StateRun] = []
    currents: dict[tuple[str, str], Any] = {}
    cycles: dict[str, Any] = {}
    open_fractions: dict[str, Any] = {}
    for mechanism in membrane.mechanisms:
        label = mechanism.label
        owner = Owner(membrane, mechanism)
        with blame(owner, type(mechanism)):
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


def _dynamics(
    declared: Mapping[str, State], label: str, world: World, local: LocalState
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


def _scheme(state: Occupancies, label: str, world: World) -> Iterator[StateRun]:
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
