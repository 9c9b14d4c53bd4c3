"""Call one mechanism with plain numbers: what its author steps through in a debugger."""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import PhysicsError
from ..membranes._membrane import Membrane
from ..numbers._numbers import FloatSystem
from ..parts._mechanism import Mechanism
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ..units._quantity import VOLTAGE, quantity
from ._trace import Run, run

#: A gate may be tied to another, and that to a third: each round settles one more of the chain.
_ROUNDS = 50
_MIDDLE = 0.5


def evaluate(
    mechanism: Mechanism,
    *,
    V: object,
    inside: Mapping[str, object] | Solution,
    outside: Mapping[str, object] | Solution,
    temperature: object,
    area: object = "1000 um^2",
    states: Mapping[str, object] | None = None,
    species: Mapping[str, IonSpecies] | None = None,
) -> dict[str, float]:
    """Return a mechanism's outward currents, by ordinary Python on plain floats.

    Args:
        mechanism: a channel, a transporter or another.
        V: membrane potential, such as ``"-65 mV"``.
        inside: concentrations by ion, such as ``{"K": "140 mM"}``.
        outside: likewise.
        temperature: such as ``"37 degC"``.
        area: of the membrane.
        states: gates and pools to hold, by the mechanism's own names; other gates are at their
            steady value.
        species: ion records by name; by default those that installed plugins supply.

    Returns:
        Current of each ion, pA.

    Raises:
        PhysicsError: its physics is impossible, or a pool is not held.
        CompositionError: it makes no membrane.
        UnitError: a value of the wrong dimension.

    >>> from pumpleak import Channel, IonSpecies, Ohmic
    >>> class Leak(Channel):
    ...     permeation = Ohmic("K", reversal="-90 mV")
    >>> K = IonSpecies(name="K", valence=1)
    >>> here = {"inside": {}, "outside": {}, "temperature": "37 degC", "species": {"K": K}}
    >>> evaluate(Leak(density="2 nS"), V="-65 mV", **here)
    {'K': 50.0}
    """
    membrane = Membrane(
        mechanisms=(mechanism,),
        inside=_solution(inside),
        outside=_solution(outside),
        temperature=temperature,
        area=area,
        species=dict(species or {}),
    )
    label = mechanism.label
    held = {f"{label}.{name}": quantity(value).value for name, value in (states or {}).items()}
    for name in mechanism.pools:
        if f"{label}.{name}" not in held:
            example = mechanism.pools[name][0]
            raise PhysicsError(
                f"{membrane.owner_of(mechanism)}: its pool {name!r} has no steady value of its "
                "own; "
                f"hold it with states={{{name!r}: {example!r}}}"
            )
    held["V"] = quantity(V, VOLTAGE).value
    found = settled(membrane, held)
    return {ion: current for (name, ion), current in found.currents.items() if name == label}


def settled(membrane: Membrane, held: Mapping[str, float]) -> Run:
    """Run a membrane on plain floats, every gate that is not held at its steady value.

    Args:
        membrane: what to run.
        held: V, gates and pools, and other inputs by name, in pumpleak's unit set.

    Raises:
        PhysicsError: its physics is impossible, or its gates do not settle.
    """
    known: dict[str, float] = {}
    for _ in range(_ROUNDS):
        system = FloatSystem({**known, **held}, unknown=_MIDDLE)
        found = run(membrane, system)
        steady = {state.name: state.steady for state in found.states if state.steady is not None}
        steady.update(system.defined)
        if steady == known:
            return found
        known = steady
    owner = membrane.owner_of(membrane.mechanisms[0])
    raise PhysicsError(
        f"{owner}: its gates depend on one another in a circle and do not settle; hold one of "
        f"{', '.join(known)} with states=..."
    )


def _solution(given: Mapping[str, object] | Solution) -> Solution:
    return given if isinstance(given, Solution) else Solution(concentrations=given)
