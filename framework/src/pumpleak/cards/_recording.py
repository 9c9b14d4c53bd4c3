"""Run a mechanism on names, once for each answer to what it asks about the membrane."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._errors import CompositionError, PumpleakError
from ..equations._blame import blame
from ..membranes._lookup import owner_text
from ..parts._mechanism import Mechanism
from ..parts._part import part_fields
from ..parts._state import Gate, Occupancies, Pool
from ._limits import NAME_CHARS
from ._model import GateText, PoolText, SchemeText
from ._parameters import reserved
from ._parse import is_name
from ._record import Record, Written, node_of
from ._scope import plain_names
from ._tree import Call, Name, Node

#: A mechanism that asks about so many ions has too many variants for one card.
_MOST_QUESTIONS = 4


def names_for(paths: Iterable[str], cls: type, prefix: str) -> dict[str, str]:
    """Return a card's name for each parameter's path, dots and clashes taken out.

    Args:
        paths: such as ``"permeation.pore.Na"``.
        cls: whose fields they become.
        prefix: taken off the path.
    """
    names: dict[str, str] = {}
    for path in paths:
        stem = re.sub(r"[^A-Za-z0-9]+", "_", path.removeprefix(prefix)).strip("_")
        stem = stem[: NAME_CHARS - 3].rstrip("_")
        if not is_name(stem) or stem in reserved(cls):
            stem = f"p_{stem}".rstrip("_")
        made, number = stem, 1
        while made in names.values():
            number += 1
            made = f"{stem}_{number}"
        names[path] = made
    return names


class Recorded:
    """A mechanism whose functions can be called for their equations.

    Args:
        mechanism: with its values.
        names: a card's name for each parameter's path.
        taken: names that definitions may not have.
    """

    def __init__(
        self, mechanism: Mechanism, names: Mapping[str, str], taken: Mapping[str, object]
    ) -> None:
        self.mechanism = mechanism
        self._owner = owner_text(type(mechanism))
        cls = type(mechanism)
        texts = {field.name: getattr(mechanism, field.name) for field in part_fields(cls)}
        links = {value: name for name, value in texts.items() if isinstance(value, str)}
        self.record = Record(taken=taken, species=_Species(), links=links)
        self.maximum = Written(Name("maximum"), self.record)
        self._class = type(mechanism)
        self._bound = mechanism.bound(
            lambda path, quantity: Written(Name(names.get(path, "maximum")), self.record)
        )

    def equation(self, run: Callable[[Any, Any], Any]) -> Node:
        """Return the equation of one result."""
        return self.equations(lambda bound, s: {"": run(bound, s)})[""]

    def equations(self, run: Callable[[Any, Any], Mapping[str, Any]]) -> dict[str, Node]:
        """Return the equations of results by name.

        Args:
            run: called with the mechanism and a local state.

        Raises:
            PumpleakError: it cannot be written down; the message names the mechanism.
        """
        return self._answered(run, {})

    def _answered(
        self, run: Callable[[Any, Any], Mapping[str, Any]], present: Mapping[tuple[str, str], bool]
    ) -> dict[str, Node]:
        self.record.questions.clear()
        refusal: PumpleakError | None = None
        found: dict[str, Node] = {}
        try:
            with blame(self._owner, self._class):
                local = self.record.local(self._owner, present)
                found = {name: node_of(value) for name, value in run(self._bound, local).items()}
        except PumpleakError as error:
            refusal = error
        open_questions = [item for item in self.record.questions if item not in present]
        if not open_questions:
            if refusal is not None:
                raise refusal
            return found
        question = open_questions[0]
        if len(present) >= _MOST_QUESTIONS:
            raise CompositionError(f"{self._owner} asks about too many ions for one card")
        there = self._answered(run, {**present, question: True})
        try:
            missing = self._answered(run, {**present, question: False})
        except PumpleakError:
            return there  # without that ion it cannot be: the card will say so as well
        if list(there) != list(missing):
            raise CompositionError(
                f"{self._owner} has other states where the membrane lacks {question[1]} "
                f"{question[0]}, which a card cannot say"
            )
        place = Name(question[1], question[0])
        return {
            name: node if node == missing[name] else Call("present", (place, node, missing[name]))
            for name, node in there.items()
        }


class _Species(dict[str, Any]):
    """Ion records, looked up when a mechanism asks for one."""

    def __missing__(self, ion: str) -> Any:
        from ..membranes._lookup import species_named

        return species_named([ion])[ion]


def recorded_states(recorded: Recorded) -> dict[str, Any]:
    """Return a mechanism's gates, pools and schemes as a card has them, and all their equations."""
    shapes: dict[str, Any] = {}

    def run(bound: Any, s: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name, state in bound.own_states(s).items():
            if isinstance(state, Gate):
                shapes[name] = {"power": state.power}
                for key in ("alpha", "beta", "steady", "tau", "scale"):
                    value = getattr(state, key)
                    if value is not None and not (key == "scale" and _is_one(value)):
                        parts[f"{name} {key}"] = value
            elif isinstance(state, Pool):
                shapes[name] = "pool"
                parts[f"{name} change"] = state.change
            elif isinstance(state, Occupancies):
                shapes[name] = state
                for (a, b), rate in state.rates.items():
                    parts[f"{name} {a} {b}"] = rate
            else:
                raise CompositionError(f"its state {name!r} is none that a card has")
        return parts

    nodes = recorded.equations(run)
    found: dict[str, Any] = {"gates": {}, "pools": {}, "schemes": {}, "nodes": nodes.values()}
    for name, shape in shapes.items():
        own = {key.partition(" ")[2]: node for key, node in nodes.items() if key.split()[0] == name}
        if shape == "pool":
            low, high = recorded.mechanism.pools[name]
            found["pools"][name] = PoolText(lowest=low, highest=high, change=own["change"])
        elif isinstance(shape, Occupancies):
            rates = {(key.split()[0], key.split()[1]): node for key, node in own.items()}
            found["schemes"][name] = SchemeText(states=tuple(shape.states), rates=rates)
        else:
            found["gates"][name] = GateText(power=shape["power"], **own)
    return found


def _is_one(value: Any) -> bool:
    return isinstance(value, int | float) and value == 1


def used_definitions(definitions: Mapping[str, Node], roots: Iterable[Node]) -> dict[str, Node]:
    """Return the definitions that some equations need, in the order in which they were made."""
    wanted: set[str] = set()
    waiting = list(roots)
    while waiting:
        for name in plain_names(waiting.pop(), definitions):
            if name not in wanted:
                wanted.add(name)
                waiting.append(definitions[name])
    return {name: node for name, node in definitions.items() if name in wanted}
