"""The gated potassium channel of Huebel and Dahlem's neuron."""

from __future__ import annotations

from pumpleak import Channel, Claims, Gate, LocalState, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._huebel import SOURCE
from ._points import by_hand


class HuebelK(Channel):
    """n to the fourth.

    Args:
        density: conductance of all channels open, or a count.
        unitary: one open channel's conductance, used with a count.
        phi: how much faster the gate is than its formulas.

    References:
        Huebel & Dahlem 2014, PLoS Comput Biol 10:e1003941, doi 10.1371/journal.pcbi.1003941.
    """

    density = parameter(
        "40 mS/cm^2",
        source=SOURCE,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="maximal conductance",
    )
    unitary = parameter("20 pS", source="assumed", bounds=(0, None))
    phi = parameter(3.0, source=SOURCE, bounds=(0.01, 100))
    permeation = Ohmic("K")
    claims = Claims(references=[by_hand("-40 mV", "460.570333912 pA")], monotone="rising")

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return n."""
        v = s.xp.let(s.V / s.mV, "v")
        return {
            "n": Gate(
                alpha=0.1 * s.xp.exprelr(-(v + 34) / 10) / s.ms,
                beta=0.125 * s.xp.exp(-(v + 44) / 80) / s.ms,
                power=4,
                scale=self.phi,
            )
        }
