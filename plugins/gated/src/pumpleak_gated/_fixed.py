"""Ohmic permeation through a reversal potential that is a published number."""

from __future__ import annotations

from typing import Any, ClassVar

from pumpleak import CompositionError, LocalState, Permeation, quantity

_CONDUCTANCE = quantity("1 nS").dimension


class FixedReversal(Permeation):
    """Base: a subclass names the `ion` and declares `reversal` as a parameter with its source.

    `Ohmic` takes a reversal potential too, but one that the user answers for.
    """

    ion: ClassVar[str] = ""

    def carried(self) -> tuple[str, ...]:
        """Return the ion."""
        return (self.ion,)

    def currents(self, s: LocalState, maximum: Any, dimension: Any) -> dict[str, Any]:
        """Return maximum (V - reversal)."""
        if dimension != _CONDUCTANCE:
            raise CompositionError(
                f"{s.owner}: its permeation needs a conductance (such as '0.3 mS/cm^2'), got "
                f"{dimension.words}"
            )
        reversal = self.reversal  # type: ignore[attr-defined]
        return {self.ion: maximum * (s.V - reversal)}
