"""The delayed potassium channel of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, Gate, LocalState, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._points import by_hand
from ._root import LeakyRootOhmic


class LuoRudyK(Channel):
    """Time-dependent potassium channel: gate x, inward rectification xi.

    Args:
        density: conductance at 5.4 mM outside potassium with x and xi at 1.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "0.282 mS/cm^2",
        source="Luo & Rudy 1991, Circ Res 68:1501",
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="conductance at the reference outside potassium",
    )
    permeation = LeakyRootOhmic()
    claims = Claims(references=[by_hand("-60 mV", "1.25768199332 pA")])

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return x."""
        exp, v = s.xp.exp, s.V / s.mV
        return {
            "x": Gate(
                alpha=0.0005 * exp(0.083 * (v + 50)) / (1 + exp(0.057 * (v + 50))) / s.ms,
                beta=0.0013 * exp(-0.06 * (v + 20)) / (1 + exp(-0.04 * (v + 20))) / s.ms,
            )
        }

    def open_probability(self, s: LocalState) -> Any:
        """Return xi x; xi is 1 below -100 mV and continues past 1 above it, as published."""
        v = s.V / s.mV
        # 2.837 (exp(0.04 (v + 77)) - 1)/((v + 77) exp(0.04 (v + 35))), whole at -77 mV too.
        falling = 2.837 * 0.04 / s.xp.exprelr(0.04 * (v + 77)) * s.xp.exp(-0.04 * (v + 35))
        return s.xp.where(v < -100, 1.0, falling) * s.own.x
