"""A sodium pump with two classes of sodium sites."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, parameter

from ._points import by_hand
from ._sodium_pump import SodiumPump

_SOURCE = "Hamada et al. 2003, as coded in a public neuron model (Dijkstra et al.)"


class TwoSite(SodiumPump):
    """Two cubic laws of inside sodium side by side; no potassium, no voltage.

    The second class keeps the pump responding where the first is saturated, as in a neuron loaded
    with sodium.

    Args:
        share: of the first class in the rate at saturation.
        K_high: inside sodium at which the first class runs at half rate.
        K_low: the same of the second.

    References:
        Hamada et al. 2003; coefficients as in public code of Dijkstra et al.
    """

    share = parameter(0.62, source=_SOURCE, bounds=(0, 1))
    K_high = parameter("6.7 mM", source=_SOURCE, bounds=(0.1, 200))
    K_low = parameter("67.6 mM", source=_SOURCE, bounds=(0.1, 1000))

    claims = Claims(
        irreversible=SodiumPump.claims.irreversible,
        references=[by_hand("-70 mV", "5.30199144492 pA", values={"density": "1 uA/cm^2"})],
    )

    def activity(self, s: LocalState) -> Any:
        """Return the fraction of the rate at saturation."""
        sodium = s.inside.Na
        first = self.share / (1 + (self.K_high / sodium) ** 3)
        return first + (1 - self.share) / (1 + (self.K_low / sodium) ** 3)
