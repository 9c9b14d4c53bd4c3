"""A membrane in time: what happens after the pump stops, the bath changes, a drug comes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError, PumpleakError, SolverError
from ..membranes._given import membrane_of
from ..membranes._membrane import Membrane
from ..units._constants import MS_PER_S
from ._events import Event, duration_s, events_in_order
from ._integrate import follow
from ._timecourse_end import Ending, ending, gone
from ._timecourse_start import beginning

if TYPE_CHECKING:
    import xarray

    from ..equilibria._equilibria import RestingState
    from ..equilibria._steady_state import SteadyState
    from ._moving import Moving

#: After the start and after every event: from this time on, so many points more.
_SOON_S, _CLOSE = 1e-4, 60


@attrs.frozen(kw_only=True, eq=False)
class Leg:
    """What was seen between two events.

    Args:
        moving: the membrane as it was then.
        times_s: shape (k,).
        x: variables, shape (n, k).
    """

    moving: Moving
    times_s: Any
    x: Any


@attrs.frozen(kw_only=True, eq=False)
class Course:
    """A whole time course.

    Args:
        membrane: as it was at the start.
        until_s: when it was to end.
        legs: in order of time.
        events: that took place.
        start: what the start was, in words.
        ending: what the end is.
        notes: what the user should know.
    """

    membrane: Membrane
    until_s: float
    legs: tuple[Leg, ...]
    events: tuple[Event, ...]
    start: str
    ending: Ending
    notes: tuple[str, ...]


def relax(
    membrane: Membrane | str | os.PathLike[str],
    until: str = "30 min",
    events: Iterable[Event | str] = (),
    *,
    start: str | SteadyState | RestingState | Mapping[str, object] | None = None,
    points: int = 600,
    times: Sequence[object] | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> xarray.Dataset:
    """Follow a membrane in time.

    With [steady], amounts, volume, gates and voltage move; without, voltage and gates do and all
    concentrations are held. At an event parameters change; what moves goes on without a jump.

    Args:
        membrane: a membrane, or the path of a membrane file.
        until: how long, such as ``"30 min"``.
        events: what changes when, such as ``"60 s: pump.density = 0 uA/cm^2"``.
        start: ``"rest"`` (the default): the stable state nearest the membrane's own values;
            ``"given"``: those values themselves; a state; or values by name in place of the
            membrane's own, in mV, mM and fL or with their units.
        points: how many instants, evenly spaced; more follow the start and every event closely, and
            one stands just before every event.
        times: the instants wanted instead, such as ``["0 s", "90 s"]`` or numbers in s.
        progress: called with how much is done and of how much, s of simulated time.

    Returns:
        V, concentrations, volume, currents and more by time, with units; what the end is, events,
        notes and versions stand in its attributes.

    Raises:
        CompositionError: an event or a start that does not fit the membrane, or no xarray.
        FileError: the file is not a membrane.
        SolverError: no stable state to start from, or charge that no membrane stands.
        UnitError: a value of the wrong dimension.
    """
    from ._timecourse_record import as_dataset, needs_xarray

    needs_xarray()
    membrane = membrane_of(membrane)
    until_s = duration_s(until, "until")
    if not until_s > 0:
        raise CompositionError("until: a time course needs some time, got 0")
    order = events_in_order(events, until_s)
    wanted = _instants(order, until_s, points, times)
    return as_dataset(_course(membrane, until_s, order, wanted, start, progress))


def _course(
    membrane: Membrane,
    until_s: float,
    events: tuple[Event, ...],
    wanted: Any,
    start: object,
    progress: Callable[[float, float], None] | None,
) -> Course:
    membranes = [membrane]
    for event in events:
        membranes.append(event.applied(membranes[-1]))
    begun = beginning(membrane, start)
    moving, x = begun.moving, begun.x
    _try_events(events, membranes, moving, x)
    legs: list[Leg] = []
    end: Ending | None = None
    now, done = 0.0, 0
    for position, mark in enumerate([*(event.time_s for event in events), until_s]):
        last = position == len(events)
        if mark > now:
            # an instant at an event is the one after it; the one just before is its own number
            chosen = wanted[(wanted >= now) & ((wanted <= mark) if last else (wanted < mark))]
            leg, x, end = _leg(moving, x, chosen, now, mark, _from(now, until_s, progress))
            legs.append(leg)
            now = mark
            if end is not None:
                break
        if not last:
            moving, x = moving.after(membranes[position + 1], events[position].changes, x)
            done += 1
    return Course(
        membrane=membrane,
        until_s=until_s,
        legs=tuple(leg for leg in legs if leg.times_s.size),
        events=events[:done],
        start=begun.words,
        ending=end or ending(moving, x),
        notes=begun.notes,
    )


def _try_events(
    events: Sequence[Event], membranes: Sequence[Membrane], moving: Moving, x: Any
) -> None:
    """Refuse now what would be refused after a long run."""
    for event, following in zip(events, membranes[1:], strict=True):
        try:
            moving, x = moving.after(following, event.changes, x)
        except PumpleakError as error:
            raise SolverError(f"event {event.text!r}: {error}") from error


def _leg(
    moving: Moving,
    x: Any,
    wanted: Any,
    begin_s: float,
    end_s: float,
    progress: Callable[[float], None] | None,
) -> tuple[Leg, Any, Ending | None]:
    """Return what was seen until the next event, the variables there, and an early ending."""
    found = follow(moving, x, (wanted - begin_s) * MS_PER_S, (end_s - begin_s) * MS_PER_S, progress)
    times, seen = wanted[: found.times_ms.size], found.x
    if found.trouble is None:
        return Leg(moving=moving, times_s=times, x=seen), found.last, None
    reached = begin_s + found.end_ms / MS_PER_S
    if not times.size or reached > times[-1]:
        times, seen = np.append(times, reached), np.column_stack([seen, found.last])
    early = gone(found.trouble, reached, failed=found.failed)
    return Leg(moving=moving, times_s=times, x=seen), found.last, early


def _from(
    begin_s: float, until_s: float, progress: Callable[[float, float], None] | None
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda since_ms: progress(begin_s + since_ms / MS_PER_S, until_s)


def _instants(
    events: Sequence[Event], until_s: float, points: int, times: Sequence[object] | None
) -> Any:
    """Return the instants to look at, rising, s."""
    if times is not None:
        read = [
            float(item)
            if isinstance(item, int | float) and not isinstance(item, bool)
            else duration_s(item, "times")
            for item in times
        ]
        found = np.unique(np.array(read, dtype=float))
        if not found.size or not np.isfinite(found).all() or found[0] < 0 or found[-1] > until_s:
            raise CompositionError(
                f"times: expected instants from 0 to {until_s:g} s, got {times!r}"
            )
        return found
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= 10_000_000:
        raise CompositionError(f"points: expected a number from 2 on, got {points!r}")
    marks = [0.0, *(event.time_s for event in events), until_s]
    parts = [np.linspace(0.0, until_s, points)]
    for here, following in itertools.pairwise(marks):
        parts.append(np.array([here]))
        if following < until_s:
            parts.append(np.array([np.nextafter(following, 0.0)]))
        if following - here > 2 * _SOON_S:
            close = here + np.geomspace(_SOON_S, following - here, _CLOSE)
            parts.append(close[close < following])
    return np.unique(np.concatenate(parts))
