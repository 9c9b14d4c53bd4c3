"""A sodium channel that does not inactivate."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, LocalState, Ohmic, parameter

from ._points import by_hand


class PersistentNa(Channel):
    """Persistent sodium current: a Boltzmann activation that follows the voltage without delay.

    Near rest it adds an inward current that grows with depolarisation, and with it a region of
    negative slope.

    Args:
        V_half: voltage of half activation.
        z_g: gating charge, elementary charges.
    """

    unitary = parameter("20 pS", source="assumed", bounds=(0, None))
    V_half = parameter("-50 mV", source="assumed", bounds=(-100, 20))
    z_g = parameter(5.0, source="assumed", bounds=(0, 20))
    permeation = Ohmic("Na")
    claims = Claims(
        references=[by_hand("-45 mV", "-1602.92678016 pA", values={"density": "1000 channels"})],
        monotone="rising",
    )

    def open_probability(self, s: LocalState) -> Any:
        """Return 1/(1 + exp(-z_g (V - V_half)/VT))."""
        return 1 / (1 + s.xp.exp(-self.z_g * (s.V - self.V_half) / s.VT))
