"""Events: what changes at which time, ``"60 s: pump.density = 0 uA/cm^2"``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .._errors import CompositionError, PumpleakError, UnitError
from ..membranes._lookup import solution_named
from ..membranes._problems import near_value
from ..parts._solution import Solution
from ..units._constants import MS_PER_S
from ..units._quantity import NUMBER, TEMPERATURE, TIME, Quantity, quantity

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

_FORM = 'write an event as "60 s: pump.density = 0 uA/cm^2"'
_CHANGE = re.compile(r"\s*([^\s=*]+)\s*(\*?)=\s*(.+?)\s*$", re.DOTALL)
#: Of the whole membrane, what may change while it runs.
_WHOLE = ("temperature", "area", "capacitance", "dG_ATP")
_WATER = "steady.water_permeability"


def duration_s(given: object, what: str) -> float:
    """Return a time in seconds.

    Args:
        given: text such as ``"30 min"`` or ``"1800 s"``, or a quantity.
        what: names it in messages.

    Raises:
        UnitError: no time, or one below zero.

    >>> duration_s("30min", "until"), duration_s("1 h", "until")
    (1800.0, 3600.0)
    """
    try:
        value = quantity(given, TIME).value / MS_PER_S
    except UnitError as error:
        raise UnitError(f"{what}: {error}") from error
    if value < 0:
        raise UnitError(f"{what}: a time cannot be negative, got {str(given)!r}")
    return value


def _time(given: object) -> Quantity:
    duration_s(given, "time")
    return quantity(given, TIME)


def _changes(given: object) -> dict[str, object]:
    if not isinstance(given, Mapping) or not given:
        raise CompositionError(f"changes: expected {{'pump.density': '0 uA/cm^2'}}, got {given!r}")
    return {str(name): value for name, value in given.items()}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Event:
    """Parameters that change at a time.

    Args:
        time: when, such as ``"60 s"``.
        changes: parameter name to new value. A text that begins with ``*`` multiplies what the
            parameter is then, ``"* 0.5"``; ``"0"`` needs no unit. ``outside.solution`` takes a
            solution or its name and swaps the bath.

    >>> Event(time="60 s", changes={"pump.density": "0"})
    Event('60 s: pump.density = 0')
    >>> Event.read("2 min: outside.K = 8 mM, pump.density *= 0.5").time_s
    120.0
    """

    time: Quantity = attrs.field(converter=_time)
    changes: Mapping[str, object] = attrs.field(converter=_changes)

    @classmethod
    def read(cls, given: Event | str) -> Event:
        """Return the event that a text describes.

        Raises:
            CompositionError: a text of another form.
            UnitError: a time without unit.
        """
        if isinstance(given, Event):
            return given
        if not isinstance(given, str):
            raise CompositionError(f"event: expected a text, got {given!r}; {_FORM}")
        when, colon, rest = given.partition(":")
        found = [_CHANGE.match(part) for part in rest.split(",")]
        if not colon or not when.strip() or None in found:
            raise CompositionError(f"event {given!r}: {_FORM}")
        changes: dict[str, object] = {}
        for name, times, value in (match.groups() for match in found if match is not None):
            if name in changes:
                raise CompositionError(f"event {given!r}: {name} is changed twice")
            changes[name] = f"* {value}" if times else value
        try:
            return cls(time=when, changes=changes)
        except UnitError as error:
            raise UnitError(f"event {given!r}: {error}") from error

    @property
    def time_s(self) -> float:
        """When, s."""
        return self.time.value / MS_PER_S

    @property
    def text(self) -> str:
        """The event as text; reading it gives the same event."""
        return f"{self.time}: {self.words}"

    @property
    def words(self) -> str:
        """What changes, as text."""
        parts = []
        for name, value in self.changes.items():
            shown = value.name if isinstance(value, Solution) else str(value).strip()
            times = shown.startswith("*")
            parts.append(f"{name} *= {shown[1:].strip()}" if times else f"{name} = {shown}")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"Event({self.text!r})"

    def applied(self, membrane: Membrane) -> Membrane:
        """Return the membrane that goes on after this event.

        Raises:
            CompositionError: a name that it does not have (near names are offered), or one that an
                event cannot change.
            UnitError: a value of another dimension.
        """
        try:
            return _applied(membrane, self.changes)
        except UnitError as error:
            raise UnitError(f"event {self.text!r}: {error}") from error
        except PumpleakError as error:
            raise CompositionError(f"event {self.text!r}: {error}") from error


def events_in_order(given: Iterable[Event | str], until_s: float) -> tuple[Event, ...]:
    """Read events and sort them by time; those of one time keep their order.

    Args:
        given: events or their texts.
        until_s: when the time course ends, s.

    Raises:
        CompositionError: an event of another form, or not before the end.
        UnitError: a time without unit.
    """
    if isinstance(given, str | Event):
        given = [given]
    read = sorted((Event.read(item) for item in given), key=lambda event: event.time_s)
    for event in read:
        if event.time_s >= until_s:
            raise CompositionError(
                f"event {event.text!r}: comes no earlier than the end at {until_s:g} s; "
                "let until be later"
            )
    return tuple(read)


def _applied(membrane: Membrane, changes: Mapping[str, object]) -> Membrane:
    plain: dict[str, object] = {}
    for name, value in changes.items():
        if name == "outside.solution":
            membrane = attrs.evolve(membrane, outside=_solution(value))
        elif name == _WATER:
            membrane = _with_water_permeability(membrane, value)
        else:
            _refuse_what_follows(membrane, name)
            plain[name] = value
    if not plain:
        return membrane
    return membrane.evolve({name: _value(membrane, name, value) for name, value in plain.items()})


def _solution(value: object) -> Solution:
    return value if isinstance(value, Solution) else solution_named(str(value).strip())


def _with_water_permeability(membrane: Membrane, value: object) -> Membrane:
    compartments = membrane.compartments
    if compartments is None:
        raise CompositionError(f"{_WATER}: this membrane has no [steady]")
    given = _scaled(compartments.water_permeability, _WATER, value)
    return attrs.evolve(membrane, compartments=attrs.evolve(compartments, water_permeability=given))


def _refuse_what_follows(membrane: Membrane, name: str) -> None:
    """Refuse names of what is no parameter: what the membrane's own movement decides."""
    compartments = membrane.compartments
    head, _, rest = name.partition(".")
    if name == "V":
        raise CompositionError("V follows from the currents; an event changes parameters")
    if head == "steady":
        raise CompositionError(f"{name}: of [steady] only {_WATER} may change in time")
    if name == "inside.solution":
        raise CompositionError(f"{name}: the inside cannot be swapped; change what is held there")
    if head == "inside" and compartments is not None and rest in compartments.free:
        raise CompositionError(
            f"{name}: {rest} inside is free, so it follows from what crosses the membrane; start "
            f"from another value instead, with start={{{name!r}: ...}} or, on the command line, "
            f"--start {name}=..."
        )
    if name == "area" and compartments is not None and compartments.sets_area:
        raise CompositionError(f"area: it follows the volume of this {compartments.shape}")
    if not rest and name not in _WHOLE:
        labels = [mechanism.label for mechanism in membrane.mechanisms]
        known = [*membrane.values, *_WHOLE, "outside.solution", _WATER, *labels]
        raise CompositionError(f"this membrane has no parameter {name!r}{near_value(name, known)}")


def _value(membrane: Membrane, name: str, value: object) -> object:
    if name.partition(".")[2] in ("pH", "impermeant_valence") and isinstance(value, str):
        return quantity(value).value
    return _scaled(_current(membrane, name), name, value)


def _scaled(current: Quantity | None, name: str, value: object) -> object:
    """Return the value as `evolve` reads it: factors multiplied out, zero with its unit."""
    factor = _factor(value)
    if factor is not None:
        if current is None:
            raise CompositionError(f"{name}: there is no value yet to multiply")
        if current.dimension == TEMPERATURE:
            raise CompositionError(f"{name}: give the temperature itself, not a factor")
        return f"{factor * current.magnitude!r} {current.unit}".strip()
    if isinstance(value, str) and current is not None and current.unit:
        try:
            zero = float(value) == 0
        except ValueError:
            zero = False
        if zero and current.dimension != TEMPERATURE:
            return f"0 {current.unit}"  # none of it is none of it in any unit
    return value


def _factor(value: object) -> float | None:
    if not isinstance(value, str) or not value.lstrip().startswith("*"):
        return None
    return quantity(value.lstrip()[1:].strip(), NUMBER).value


def _current(membrane: Membrane, name: str) -> Quantity | None:
    """Return what a parameter is now; None if there is no such parameter yet."""
    head, _, rest = name.partition(".")
    if not rest:
        found: Any = getattr(membrane, head, None)
        return found if isinstance(found, Quantity) else None
    if head in ("inside", "outside"):
        solution: Solution = getattr(membrane, head)
        return solution.impermeant if rest == "impermeant" else solution.concentrations.get(rest)
    for mechanism in membrane.mechanisms:
        if mechanism.label == head:
            for info in mechanism.parameters():
                if info.path == rest:
                    return info.value
    return None
