"""The background of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from pumpleak import Channel, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT


class LuoRudyBackground(Channel):
    """A voltage-independent leak whose ions the model does not name.

    Args:
        density: conductance.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "0.03921 mS/cm^2",
        source="Luo & Rudy 1991, Circ Res 68:1501",
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="conductance",
    )
    permeation = Ohmic("nonspecific", reversal="-59.87 mV")
