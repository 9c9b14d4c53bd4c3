"""The inward rectifier of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, LocalState, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._points import by_hand
from ._root import RootOhmic


class LuoRudyK1(Channel):
    """Time-independent inward rectifier; its gate follows V - E_K without delay.

    Args:
        density: conductance at 5.4 mM outside potassium with the gate open.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "0.6047 mS/cm^2",
        source="Luo & Rudy 1991, Circ Res 68:1501",
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="conductance at the reference outside potassium",
    )
    permeation = RootOhmic()
    claims = Claims(references=[by_hand("-60 mV", "13.5065800311 pA")], monotone="falling")

    def open_probability(self, s: LocalState) -> Any:
        """Return alpha/(alpha + beta)."""
        exp, driving = s.xp.exp, s.xp.let((s.V - s.E["K"]) / s.mV, "driving")
        alpha = s.xp.let(1.02 / (1 + exp(0.2385 * (driving - 59.215))), "alpha")
        beta = (0.49124 * exp(0.08032 * (driving + 5.476)) + exp(0.06175 * (driving - 594.31))) / (
            1 + exp(-0.5143 * (driving + 4.753))
        )
        return alpha / (alpha + beta)
