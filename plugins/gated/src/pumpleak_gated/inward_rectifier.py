"""An inwardly rectifying potassium channel."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, LocalState, parameter

from ._points import by_hand
from ._root import RootOhmic


class InwardRectifier(Channel):
    """Kir: open where V is below E_K, shut above; more potassium outside makes it conduct more.

    That it follows V - E_K and not V alone is what lets a cell lose it when outside potassium
    falls: E_K and the gate move away together while the conductance shrinks.

    Args:
        offset: where half the channels are open, counted from E_K.
        z_g: gating charge, elementary charges; hyperpolarisation opens.

    References:
        Conductance with the square root of outside potassium: PMC6028490 (abstract), Kir2.1.
    """

    unitary = parameter("20 pS", source="assumed", bounds=(0, None))
    offset = parameter("-10 mV", source="assumed", bounds=(-60, 60), doc="V_half - E_K")
    z_g = parameter(2.0, source="assumed", bounds=(0, 20), doc="opens on hyperpolarisation")
    permeation = RootOhmic()
    claims = Claims(
        references=[by_hand("-100 mV", "-34.8818564933 pA", values={"density": "1000 channels"})],
        monotone="falling",
    )

    def open_probability(self, s: LocalState) -> Any:
        """Return 1/(1 + exp(z_g (V - E_K - offset)/VT))."""
        return 1 / (1 + s.xp.exp(self.z_g * (s.V - s.E["K"] - self.offset) / s.VT))
