"""Channels: count x unitary conductance or permeability x gating x permeation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import CompositionError
from ..units._quantity import CONDUCTANCE, NUMBER, PERMEABILITY, Dimension, per_area
from ._gating import Constant, Gating
from ._local import LocalState
from ._mechanism import Mechanism
from ._part import parameter
from ._permeation import Permeation
from ._state import Gate, State

_DENSITIES = (
    NUMBER,
    per_area(NUMBER),
    CONDUCTANCE,
    per_area(CONDUCTANCE),
    PERMEABILITY,
    per_area(PERMEABILITY),
)


class Channel(Mechanism):
    """A population of one channel type.

    A subclass sets `permeation`, and one of: a `gating`; ``open_probability(self, s)``; or
    ``gates(self, s) -> {name: Gate}``, whose product with powers is then the open probability.
    With ``gates`` and ``open_probability`` both, the latter says how the gates combine.

    Args:
        density: how many, or how much: a count (``"1000 channels"``), a count per area, a
            conductance or permeability, of the cell or per area. Per cell or per area is told
            by the dimension.
        unitary: one open channel's conductance or permeability; needed with a count.

    Example:
        >>> from pumpleak import Channel, GHK, parameter
        >>> class TREK(Channel):
        ...     unitary = parameter("90 pS", source="Goldstein 2005, table", measured=True)
        ...     V_half = parameter("-20 mV", source="assumed")
        ...     z_g = parameter(0.3, source="assumed", bounds=(0, 2))
        ...     permeation = GHK(K=1, Na=0.03, symmetric="150 mM")
        ...
        ...     def open_probability(self, s):
        ...         return 1 / (1 + s.xp.exp(-self.z_g * (s.V - self.V_half) / s.VT))
        >>> TREK(density="0.8/um^2")
        TREK(density='0.8 /um^2')
    """

    density = parameter(None, source="given by the user", dimensions=_DENSITIES)
    unitary = parameter(
        None,
        source="given by the user",
        dimensions=(CONDUCTANCE, PERMEABILITY),
        bounds=(0, None),
    )
    gating: Gating = Constant()

    @classmethod
    def unused_fields(cls) -> tuple[str, ...]:
        """Return the gating where the open probability is written out."""
        written = hasattr(cls, "gates") or hasattr(cls, "open_probability")
        return ("gating",) if written else ()

    def carried(self) -> tuple[str, ...]:
        """Return the ions its permeation lets through."""
        permeation = getattr(self, "permeation", None)
        if not isinstance(permeation, Permeation):
            raise CompositionError(
                f"{type(self).__name__} has no permeation; set permeation = Ohmic('K') or GHK(K=1)"
            )
        return permeation.carried()

    def needed(self) -> tuple[str, ...]:
        """Return the ions whose concentrations it needs; none if a reversal potential is fixed."""
        if self.fixed_reversals():
            return ()
        return super().needed()

    def fixed_reversals(self) -> dict[str, float]:
        """Return the reversal potential of an ohmic channel that fixes it, mV."""
        reversal = getattr(getattr(self, "permeation", None), "reversal", None)
        if reversal is None:
            return {}
        return {self.carried()[0]: getattr(reversal, "value", reversal)}

    def incomplete(self) -> Iterator[str]:
        """Yield what it lacks to carry a current, each beginning with the field's name."""
        counted = self.dimension_of("density") in (NUMBER, per_area(NUMBER))
        if self.dimension_of("density") is None:
            yield "density: missing; give a count, a conductance or a permeability"
        elif counted and self.dimension_of("unitary") is None:
            yield (
                "unitary: missing, but density is a count; give one open channel's conductance or "
                "permeability, unitary = '20 pS', or a density such as '0.3 mS/cm^2'"
            )

    def own_states(self, s: LocalState) -> Mapping[str, State]:
        """Return its gates by name."""
        gates = getattr(self, "gates", None)
        if gates is not None:
            found: Mapping[str, State] = gates(s)
            return found
        return {**super().own_states(s), **self.gating.own_states(s)}

    def open_fraction(self, s: LocalState) -> Any:
        """Return the open probability, 0..1."""
        written = getattr(self, "open_probability", None)
        if written is not None:
            return s.xp.let(written(s), "p_open")
        if hasattr(self, "gates"):
            product: Any = 1.0
            for name, gate in self.own_states(s).items():
                if isinstance(gate, Gate):
                    product = product * s.own[name] ** gate.power
            return s.xp.let(product, "p_open")
        return self.gating.open_fraction(s)

    def all_open(self, s: LocalState) -> tuple[Any, Dimension]:
        """Return conductance (nS) or permeability (fL/ms) of all channels open, and which it is."""
        dimension = self.dimension_of("density")
        if dimension is None:
            raise CompositionError(
                f"{s.owner} has no density; give a count, conductance or permeability"
            )
        amount = self.density
        if dimension in (per_area(NUMBER), per_area(CONDUCTANCE), per_area(PERMEABILITY)):
            amount = amount * s.area
            dimension = dimension.times(per_area(NUMBER), -1)
        if dimension == NUMBER:
            unitary = self.dimension_of("unitary")
            if unitary is None:
                raise CompositionError(
                    f"{s.owner}: density is a count, so its unitary conductance or permeability is "
                    "needed; give unitary = '20 pS', or a density such as '0.3 mS/cm^2'"
                )
            return amount * self.unitary, unitary
        return amount, dimension

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return each ion's outward current, pA."""
        amount, dimension = self.all_open(s)
        maximum = s.xp.let(amount * self.open_fraction(s))
        result: Mapping[str, Any] = self.permeation.currents(s, maximum, dimension)  # type: ignore[attr-defined]
        return result
