"""The plateau potassium channel of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from typing import Any, ClassVar

from pumpleak import Channel, Claims, LocalState, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._fixed import FixedReversal
from ._points import by_hand

_LUO_RUDY = "Luo & Rudy 1991, Circ Res 68:1501"


class PlateauReversal(FixedReversal):
    """The model's E_K at 5.4 mM outside potassium, kept whatever the solutions are."""

    ion: ClassVar[str] = "K"
    reversal = parameter(
        "-87.8789 mV",
        source=f"{_LUO_RUDY}, as a number in public code (Myokit, lr-1991.mmt)",
        bounds=(-150, 0),
    )


class LuoRudyKp(Channel):
    """Plateau potassium channel, opened by depolarisation without delay.

    Its reversal potential is the fixed number of public code of the model, E_K at 5.4 mM; give
    ``permeation=Ohmic("K")`` to let it follow the concentrations.

    Args:
        density: conductance of all channels open.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "0.0183 mS/cm^2",
        source=_LUO_RUDY,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="maximal conductance",
    )
    permeation = PlateauReversal()
    claims = Claims(references=[by_hand("0 mV", "3.57537952626 pA")], monotone="rising")

    def open_probability(self, s: LocalState) -> Any:
        """Return 1/(1 + exp((7.488 - V)/5.98))."""
        return 1 / (1 + s.xp.exp((7.488 - s.V / s.mV) / 5.98))
