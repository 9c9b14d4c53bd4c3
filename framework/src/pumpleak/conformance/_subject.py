"""What is checked: one object, its kind, its record, and what its author claims."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._errors import CompositionError, PumpleakError
from ..parts._channel import Channel
from ..parts._claims import Claims
from ..parts._filter import SelectivityFilter
from ..parts._mechanism import Mechanism
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ..parts._transporter import Transporter
from ._check import not_applicable

if TYPE_CHECKING:
    from ..host import LoadedRecord, Record
    from ._bench import Bench

_KINDS: dict[str, tuple[str, type | None]] = {
    "species": ("ion", IonSpecies),
    "solutions": ("solution", Solution),
    "filters": ("filter", SelectivityFilter),
    "solvers": ("solver", None),
}


class Subject:
    """One object to check.

    Args:
        name: what reports call it.
        kind: one of the kit's kinds.
        thing: the object; None where it could not be had.
        record: what its plugin says of it, if a plugin does.
        claims: of its author; by default those that it carries itself.
        trouble: why there is no object.
        versions: of the distribution it came from, by the distribution's name.

    Attributes:
        species: ions that its own plugin supplies, where that is not installed.
        failed: whether checks that others rest on have failed, by code, once they ran.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: str,
        thing: Any,
        record: Record | None = None,
        claims: Claims | None = None,
        trouble: str = "",
        versions: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.kind, self.thing, self.record = name, kind, thing, record
        self.trouble, self.versions = trouble, dict(versions or {})
        self.species: Mapping[str, IonSpecies] = {}
        self.failed: dict[str, bool] = {}
        own = getattr(thing, "claims", None) or Claims()
        if not isinstance(own, Claims):
            self.trouble = f"its claims are a {type(own).__name__}; give pumpleak.Claims(...)"
            own = Claims()
        self.claims: Claims = claims or own

    @property
    def is_card(self) -> bool:
        """Whether its author wrote equations as text and no Python."""
        cls = self.thing if isinstance(self.thing, type) else type(self.thing)
        return getattr(cls, "card", None) is not None

    @cached_property
    def bench(self) -> Bench:
        """The mechanism in its membrane; where there is none, no check can say anything."""
        return self.fresh()

    def fresh(self) -> Bench:
        """Return a bench made anew; where there is none, no check can say anything."""
        try:
            return self.made()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit() of a plugin is one
            not_applicable(f"C001 failed first: no membrane can be made with it: {error}")

    def made(self) -> Bench:
        """Return a bench made anew, or raise whatever is in the way."""
        from ._bench import Bench

        return Bench(self.thing, self.claims, self.species)

    def curve(self, points: int) -> tuple[Any, dict[str, Any]]:
        """Return a mechanism's currents in its membrane over the voltages that its author claims.

        Args:
            points: how many voltages, evenly apart.

        Returns:
            The voltages, mV, and by ion the currents, pA; each of shape (points,).

        Raises:
            NotApplicableError: no membrane can be made with it.
            PumpleakError: its law cannot be evaluated.

        >>> from pumpleak import Channel, Ohmic
        >>> class Leak(Channel):
        ...     permeation = Ohmic("K")
        >>> v_mV, currents_pA = subject_of(Leak).curve(5)
        >>> v_mV.shape, list(currents_pA)
        ((5,), ['K'])
        """
        import numpy as np

        bench = self.bench
        low, high = (end.value for end in self.claims.voltage)
        voltages = np.linspace(low, high, points)
        currents, _ = bench.parts(voltages, bench.standard())
        return voltages, currents


def subject_of(
    thing: Any, *, name: str | None = None, record: Record | None = None, **given: Any
) -> Subject:
    """Return the subject for an object.

    Args:
        thing: a mechanism's class or instance, an ion, a solution, a filter, a solver's function.
        name: what reports call it; by default its own name.
        record: what its plugin says of it; a solver's function needs one.
        given: as `Subject` takes it.

    Raises:
        CompositionError: nothing that the kit knows how to check.
    """
    given.setdefault("claims", _claims_beside(thing, record))
    kind = _kind(thing, record)
    if kind is None:
        raise CompositionError(
            f"{_titled(thing)} cannot be checked; give a Channel or Transporter, an IonSpecies, a "
            "Solution, a SelectivityFilter, a solver with its SolverRecord, or a registered name"
        )
    return Subject(name=name or _titled(thing), kind=kind, thing=thing, record=record, **given)


def registered(found: LoadedRecord, host: Any) -> Subject:
    """Return the subject for a record of a plugin; one that cannot be imported is one too."""
    from ..host._factory import make

    versions = {found.plugin.distribution: found.plugin.version}
    expected, _ = _KINDS.get(found.kind, ("", None))
    record: Any = found.record
    if not expected:
        expected = "channel" if record.kind == "channel" else "transporter"
    try:
        thing = make(found)
    except PumpleakError as error:
        return Subject(
            name=found.id,
            kind=expected,
            thing=None,
            record=record,
            trouble=str(error),
            versions=versions,
        )
    kind = _kind(thing, record)
    trouble = ""
    if kind != expected:
        trouble = (
            f"its record says that it is a {expected}, but {record.factory} is "
            f"{_titled(thing)}{f', a {kind}' if kind else ''}"
        )
    return Subject(
        name=found.id,
        kind=expected,
        thing=thing,
        record=record,
        trouble=trouble,
        claims=_claims_beside(thing, record),
        versions=versions,
    )


def _kind(thing: Any, record: Record | None) -> str | None:
    from ..host import MechanismRecord, SolverRecord

    if isinstance(record, SolverRecord) and callable(thing):
        return "solver"
    cls = thing if isinstance(thing, type) else type(thing)
    if issubclass(cls, Transporter):
        return "transporter"
    if issubclass(cls, Channel):
        return "channel"
    if issubclass(cls, Mechanism):
        active = isinstance(record, MechanismRecord) and record.kind != "channel"
        return "transporter" if active else "channel"
    for kind, base in _KINDS.values():
        if base is not None and isinstance(thing, base):
            return kind
    return None


def _claims_beside(thing: Any, record: Record | None) -> Claims | None:
    """Return what the module of an object that is no class claims of it, under its name there."""
    if record is None or isinstance(thing, type):
        return None
    module, _, name = record.factory.partition(":")
    found = getattr(sys.modules.get(module), "CLAIMS", {}).get(name)
    return found if isinstance(found, Claims) else None


def _titled(thing: Any) -> str:
    name = getattr(thing, "label", None) or getattr(thing, "name", None)
    if isinstance(thing, type) or not isinstance(name, str):
        name = getattr(thing, "__qualname__", None) or type(thing).__name__
    return str(name)
