"""The sodium pump of heart models."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, ReferencePoint, parameter

from ._sodium_pump import SodiumPump, voltage_factor

_SOURCE = "Luo & Rudy 1994, Circ Res 74:1071, as in public code of the model"


class LuoRudy(SodiumPump):
    """Hill law in inside sodium, Michaelis law in outside potassium, and voltage.

    Args:
        K_Na: inside sodium at half rate.
        hill_Na: Hill coefficient of inside sodium.
        K_K: outside potassium at half rate.

    References:
        Luo & Rudy 1994, Circ Res 74:1071.
    """

    K_Na = parameter("10 mM", source=_SOURCE, bounds=(0.1, 200))
    hill_Na = parameter(1.5, source=_SOURCE, bounds=(0.5, 4))
    K_K = parameter("1.5 mM", source=_SOURCE, bounds=(0.01, 50))

    claims = Claims(
        irreversible=SodiumPump.claims.irreversible,
        references=[
            ReferencePoint(
                V="-65.4423779834206 mV",
                inside={"Na": "15 mM", "K": "140 mM"},
                outside={"Na": "145 mM", "K": "4 mM"},
                temperature="310.15 K",
                current="4.36300329509 pA",
                values={"density": "1.5 uA/cm^2"},
                tolerance=1e-9,
                source="its formula at 40 digits, at the rest of reference membrane A",
            )
        ],
    )

    def activity(self, s: LocalState) -> Any:
        """Return the fraction of the rate at saturation."""
        sodium = 1 / (1 + (self.K_Na / s.inside.Na) ** self.hill_Na)
        potassium = s.outside.K / (s.outside.K + self.K_K)
        return sodium * potassium * voltage_factor(s)
