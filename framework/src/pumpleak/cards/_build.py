"""From a card to an ordinary subclass of Channel, Transporter or Mechanism.

Its methods evaluate the card's trees against the local state, in whichever number system that
brings along; all else (densities, counts, dimension checks, kernels, proofs) is its base's work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .._errors import CompositionError
from ..parts._channel import Channel
from ..parts._claims import Claims, ReferencePoint
from ..parts._local import LocalState
from ..parts._mechanism import Mechanism
from ..parts._part import Part, parameter, part_fields
from ..parts._permeation import Ohmic, Permeation
from ..parts._state import Gate, Occupancies, Pool, State
from ..parts._transporter import Transporter
from ..units._quantity import CONDUCTANCE, PERMEABILITY, Dimension
from ._evaluate import Evaluation
from ._model import Card, CardParameter, PermeationText, Physics
from ._parameters import dimensions_of, form_of
from ._physics import part_of
from ._read import card_from
from ._source import Source
from ._tree import Node

_classes: dict[tuple[str, str | None], type[Mechanism]] = {}
_MOST_KEPT = 512


def class_of(card: Card) -> type[Mechanism]:
    """Return the class that a card describes; the same card gives the same class."""
    key = (card.sha256, card.path)
    found = _classes.get(key)
    if found is None:
        while len(_classes) >= _MOST_KEPT:
            del _classes[next(iter(_classes))]
        found = _classes.setdefault(key, _made(card))
    return found


def _made(card: Card) -> type[Mechanism]:
    physics = card.physics
    space: dict[str, Any] = {
        "__doc__": f"{card.summary}\n\nFrom {card.owner}.",
        "__module__": __name__,
        "__reduce__": _reduce,
        "card": card,
        "claims": _claims(card),
        "pools": {name: (pool.lowest, pool.highest) for name, pool in physics.pools.items()},
        **_fields(card.parameters),
        **{name: attrs.field(default=gate) for name, gate in physics.links.items()},
    }
    if physics.needs is not None:
        space["needed"] = _needed(physics.needs)
    base = form_of(card.kind, bool(physics.currents))
    states = _states(physics)
    if physics.currents:
        space["ions"] = tuple(physics.currents)
        space["current"] = _by_ion(physics)
    elif issubclass(base, Transporter):
        space["stoichiometry"], space["atp"] = dict(physics.stoichiometry), physics.atp
    if states is not None:
        space["gates" if issubclass(base, Channel) else "states"] = states
    if issubclass(base, Channel):
        space["permeation"] = _permeation(card)
        if physics.gating is not None:
            space["gating"] = part_of(physics.gating)
    for name, node in physics.equations.items():
        space[name] = _equation(physics, name, node)
    return type(card.name.replace("-", "_"), (base,), space)


def _claims(card: Card) -> Claims:
    given = card.claims
    voltage = {} if given.voltage is None else {"voltage": given.voltage}
    return Claims(
        monotone=given.monotone,  # type: ignore[arg-type]
        irreversible=given.irreversible,
        expected_failures=given.expected_failures,
        beside=tuple(_stand_in(gate) for gate in dict.fromkeys(card.physics.links.values())),
        references=tuple(
            ReferencePoint(
                V=point.V,
                inside=point.inside,
                outside=point.outside,
                temperature=point.temperature,
                current=point.current,
                values=point.values,
                states=point.states,
                tolerance=point.tolerance,
                source=point.source,
            )
            for point in card.references
        ),
        **voltage,
    )


def _stand_in(gate: str) -> type[Channel]:
    """Return a channel with the gate that a link reads, for checks of the card by itself."""
    label, _, name = gate.partition(".")

    def gates(self: Any, s: LocalState) -> dict[str, Gate]:
        """Return the gate, half open."""
        return {name: Gate(steady=0.5)}

    return type(label.replace("-", "_"), (Channel,), {"gates": gates, "permeation": Ohmic("K")})


def _fields(parameters: Mapping[str, CardParameter]) -> dict[str, Any]:
    return {
        name: parameter(
            entry.value,  # type: ignore[arg-type]
            source=entry.source,
            measured=entry.measured,
            bounds=entry.bounds,
            doc=entry.doc,
            dimensions=dimensions_of(entry.accepts) or None,
        )
        for name, entry in parameters.items()
        if entry.value is not None or entry.accepts
    }


def _evaluation(part: Any, physics: Physics, s: LocalState) -> Evaluation:
    return Evaluation(
        s,
        definitions=physics.definitions,
        number=lambda name: getattr(part, name),
        links={name: getattr(part, name) for name in physics.links},
    )


def _equation(physics: Physics, name: str, node: Node) -> Callable[[Any, LocalState], Any]:
    def method(self: Any, s: LocalState) -> Any:
        return _evaluation(self, physics, s)(node)

    method.__name__, method.__doc__ = name, f"Return {name} as the card's equation gives it."
    return method


def _by_ion(physics: Physics) -> Callable[[Any, LocalState], dict[str, Any]]:
    def current(self: Any, s: LocalState) -> dict[str, Any]:
        """Return the outward current of each ion, pA."""
        value = _evaluation(self, physics, s)
        return {ion: value(node) for ion, node in physics.currents.items()}

    return current


def _needed(ions: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def needed(self: Any) -> tuple[str, ...]:
        """Return the ions whose concentrations it cannot do without."""
        return ions

    return needed


def _states(physics: Physics) -> Callable[[Any, LocalState], dict[str, State]] | None:
    if not physics.states:
        return None

    def states(self: Any, s: LocalState) -> dict[str, State]:
        """Return its gates, pools and schemes by name."""
        value = _evaluation(self, physics, s)
        found: dict[str, State] = {}
        for name, gate in physics.gates.items():
            parts = {
                key: value(node)
                for key in ("alpha", "beta", "steady", "tau", "scale")
                if (node := getattr(gate, key)) is not None
            }
            found[name] = Gate(power=gate.power, **parts)
        for name, pool in physics.pools.items():
            found[name] = Pool(change=value(pool.change))
        for name, scheme in physics.schemes.items():
            rates = {pair: value(node) for pair, node in scheme.rates.items()}
            found[name] = Occupancies(rates=rates, states=scheme.states)
        return found

    return states


def _permeation(card: Card) -> Permeation:
    text = card.physics.permeation
    if isinstance(text, PermeationText):
        space = {
            "__doc__": f"The permeation of {card.owner}.",
            "__module__": __name__,
            "__reduce__": _reduce,
            "card": card,
            "text": text,
            **_fields(text.parameters),
        }
        made: Permeation = type("CardPermeation", (_Written,), space)()
        return made
    assert text is not None
    found = part_of(text)
    assert isinstance(found, Permeation)
    return found


class _Written(Permeation):
    """Permeation by a card's equations."""

    text: Any = None

    def carried(self) -> tuple[str, ...]:
        """Return the ions that the equations name."""
        ions: tuple[str, ...] = self.text.ions
        return ions

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return each ion's current as its equation gives it."""
        equations = {
            CONDUCTANCE: self.text.conductance,
            PERMEABILITY: self.text.permeability,
        }.get(dimension)
        if not equations:
            wanted = "conductance" if self.text.conductance else "permeability"
            raise CompositionError(
                f"{s.owner}: its permeation needs a {wanted}, got {dimension.words}"
            )
        value = Evaluation(
            s,
            definitions=self.text.definitions,
            number=lambda name: getattr(self, name),
            extra={"maximum": maximum},
        )
        return {ion: value(node) for ion, node in equations.items()}


# A class made from a card has no name that another process could import; its text goes along.


def _reduce(self: Part) -> tuple[Any, ...]:
    card = type(self).card  # type: ignore[attr-defined]
    values = {field.name: getattr(self, field.name) for field in part_fields(type(self))}
    return _restored, (card.source, isinstance(self, Permeation), values)


def _restored(source: Source, permeation: bool, values: dict[str, Any]) -> Part:
    found: Any = class_of(card_from(source))
    made: Part = (type(found().permeation) if permeation else found)(**values)
    return made
