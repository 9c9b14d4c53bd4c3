"""Ohmic permeation whose conductance grows with the square root of outside potassium."""

from __future__ import annotations

from typing import Any

from pumpleak import CompositionError, LocalState, Permeation, parameter, quantity

_CONDUCTANCE = quantity("1 nS").dimension
_LUO_RUDY = "Luo & Rudy 1991, Circ Res 68:1501"


class RootOhmic(Permeation):
    """A straight line through E_K; the conductance given holds at one outside potassium.

    Args:
        reference: outside potassium at which the conductance is the density's.

    References:
        Luo & Rudy 1991, Circ Res 68:1501. PMC6028490 (abstract): in Kir2.1 the square root comes
        from block by outside sodium.
    """

    reference = parameter("5.4 mM", source=_LUO_RUDY, bounds=(1e-3, None))

    def carried(self) -> tuple[str, ...]:
        """Return potassium."""
        return ("K",)

    def currents(self, s: LocalState, maximum: Any, dimension: Any) -> dict[str, Any]:
        """Return maximum sqrt(K_o/reference) (V - E_K)."""
        return {"K": _conductance(self, s, maximum, dimension) * (s.V - s.E["K"])}


class LeakyRootOhmic(Permeation):
    """As `RootOhmic`, through the reversal potential of a pore that sodium passes a little.

    The model books the whole current as potassium, and so does this.

    Args:
        reference: outside potassium at which the conductance is the density's.
        sodium: P_Na/P_K in the reversal potential.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    reference = parameter("5.4 mM", source=_LUO_RUDY, bounds=(1e-3, None))
    sodium = parameter(0.01833, source=_LUO_RUDY, bounds=(0, 1), doc="P_Na/P_K")

    def carried(self) -> tuple[str, ...]:
        """Return potassium."""
        return ("K",)

    def currents(self, s: LocalState, maximum: Any, dimension: Any) -> dict[str, Any]:
        """Return maximum sqrt(K_o/reference) (V - E_x)."""
        outside = s.outside.K + self.sodium * s.outside.Na
        inside = s.inside.K + self.sodium * s.inside.Na
        reversal = s.xp.let(s.VT * s.xp.log(outside / inside), "reversal")
        return {"K": _conductance(self, s, maximum, dimension) * (s.V - reversal)}


def _conductance(
    self: RootOhmic | LeakyRootOhmic, s: LocalState, maximum: Any, dimension: Any
) -> Any:
    if dimension != _CONDUCTANCE:
        raise CompositionError(
            f"{s.owner}: its permeation needs a conductance (such as '0.3 mS/cm^2'), got "
            f"{dimension.words}"
        )
    return maximum * s.xp.sqrt(s.outside.K / self.reference)
