"""A mechanism: anything that carries ions across the membrane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from .._errors import CompositionError
from ._claims import Claims
from ._local import LocalState
from ._part import Part
from ._state import State

#: The carrier of a current whose ions a published model does not name.
NONSPECIFIC = "nonspecific"


class Mechanism(Part):
    """Base of channels and transporters; subclass it directly for physics that is neither.

    A direct subclass sets `ions` and writes ``current(self, s)``, which returns the outward
    current of each of them, pA for the whole membrane. It may write ``states(self, s)``.

    Args:
        name: what files, sweeps and reports call it; by default the class's name.
    """

    #: The ions it carries.
    ions: ClassVar[tuple[str, ...]] = ()
    #: True for numerics that cannot be traced: slower, and refused by exporters.
    opaque: ClassVar[bool] = False

    #: What its author claims, for the conformance kit to check; subclasses inherit it.
    claims: ClassVar[Claims] = Claims()

    #: Pools it owns: smallest and largest value to search, with their unit.
    pools: ClassVar[Mapping[str, tuple[str, str]]] = {}

    name: str | None = attrs.field(default=None)

    @property
    def label(self) -> str:
        """Its name in the membrane."""
        return self.name or type(self).__name__

    def carried(self) -> tuple[str, ...]:
        """Return the ions it carries."""
        if not self.ions:
            raise CompositionError(
                f"{type(self).__name__} does not say which ions it carries; set ions = ('K',)"
            )
        return self.ions

    def needed(self) -> tuple[str, ...]:
        """Return the ions whose concentrations it cannot do without."""
        return tuple(ion for ion in self.carried() if ion != NONSPECIFIC)

    def incomplete(self) -> Iterator[str]:
        """Yield what it lacks to carry a current, each beginning with the field's name."""
        yield from ()

    def own_states(self, s: LocalState) -> Mapping[str, State]:
        """Return its gates and pools by name."""
        states = getattr(self, "states", None)
        return states(s) if states is not None else {}

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return the outward current of each ion, pA for the whole membrane."""
        current = getattr(self, "current", None)
        if current is None:
            raise CompositionError(
                f"{type(self).__name__} has no physics; write current(self, s) -> {{ion: pA}}"
            )
        result: Mapping[str, Any] = current(s)
        return result

    def fixed_reversals(self) -> dict[str, float]:
        """Return reversal potentials that are numbers rather than Nernst potentials, mV."""
        return {}
