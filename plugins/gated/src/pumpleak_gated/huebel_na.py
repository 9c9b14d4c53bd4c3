"""The gated sodium channel of Huebel and Dahlem's neuron."""

from __future__ import annotations

import attrs

from pumpleak import Channel, Claims, Gate, LocalState, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._huebel import SOURCE
from ._points import by_hand
from .huebel_k import HuebelK


class HuebelNa(Channel):
    """m cubed h, where m follows V without delay and h follows a potassium gate.

    Tying h to n leaves the membrane one dynamic gate.

    Args:
        density: conductance of all channels open, or a count.
        unitary: one open channel's conductance, used with a count.
        potassium: full name of the gate that h is tied to: the potassium channel's name and n.

    References:
        Huebel & Dahlem 2014, PLoS Comput Biol 10:e1003941, doi 10.1371/journal.pcbi.1003941.
    """

    density = parameter(
        "100 mS/cm^2",
        source=SOURCE,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="maximal conductance",
    )
    unitary = parameter("20 pS", source="assumed", bounds=(0, None))
    potassium: str = attrs.field(default="HuebelK.n")
    permeation = Ohmic("Na")
    claims = Claims(
        references=[by_hand("-40 mV", "-705.477930072 pA", states={"HuebelK.n": "0.4"})],
        beside=[HuebelK],
    )

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return m and h."""
        v = s.xp.let(s.V / s.mV, "v")
        opening = s.xp.let(s.xp.exprelr(-(v + 30) / 10), "opening")
        closing = 4 * s.xp.exp(-(v + 55) / 18)
        n = s.gates[self.potassium]
        return {
            "m": Gate(steady=opening / (opening + closing), power=3),
            "h": Gate(steady=1 / (1 + s.xp.exp(6.5 * (n - 0.35)))),
        }
