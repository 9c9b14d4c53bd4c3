"""The background of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from typing import ClassVar

from pumpleak import Channel, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._fixed import FixedReversal

_LUO_RUDY = "Luo & Rudy 1991, Circ Res 68:1501"


class BackgroundReversal(FixedReversal):
    """Where the background reverses."""

    ion: ClassVar[str] = "nonspecific"
    reversal = parameter("-59.87 mV", source=_LUO_RUDY, bounds=(-150, 100))


class LuoRudyBackground(Channel):
    """A voltage-independent leak whose ions the model does not name.

    Args:
        density: conductance.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "0.03921 mS/cm^2",
        source=_LUO_RUDY,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="conductance",
    )
    permeation = BackgroundReversal()
