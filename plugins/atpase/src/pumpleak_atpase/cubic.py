"""The sodium pump of the Duesterwald 2018 pump-leak model."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState

from ._points import by_hand
from ._sodium_pump import SodiumPump


class Cubic(SodiumPump):
    """Runs in proportion to the cube of the sodium ratio; no saturation, no potassium, no voltage.

    The density is what it would do at equal sodium on both sides, far above what it does in a cell.

    References:
        Duesterwald et al. 2018, eLife 7:e39575, doi 10.7554/eLife.39575.
    """

    claims = Claims(
        irreversible=SodiumPump.claims.irreversible,
        references=[by_hand("-70 mV", "0.00566812907458 pA", values={"density": "1 uA/cm^2"})],
    )

    def activity(self, s: LocalState) -> Any:
        """Return (Na_in/Na_out)^3."""
        return (s.inside.Na / s.outside.Na) ** 3
