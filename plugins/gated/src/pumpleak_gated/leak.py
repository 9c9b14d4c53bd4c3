"""A leak whose ions nobody names."""

from __future__ import annotations

from typing import ClassVar

from pumpleak import Channel, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._fixed import FixedReversal
from ._squid import SOURCE


class LeakReversal(FixedReversal):
    """The reversal potential of the squid's leak."""

    ion: ClassVar[str] = "nonspecific"
    reversal = parameter(
        "-54.387 mV",
        source=f"{SOURCE}: 10.613 mV above rest, rest taken at -65 mV",
        bounds=(-150, 100),
    )


class Leak(Channel):
    """A voltage-independent ohmic leak through a fixed reversal potential.

    The defaults are the squid axon's. A leak of named ions is better made of channels that carry
    them: this one keeps no account of sodium and potassium.

    Args:
        density: conductance.

    References:
        Hodgkin & Huxley 1952, J Physiol 117:500.
    """

    density = parameter(
        "0.3 mS/cm^2",
        source=SOURCE,
        measured=True,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="conductance",
    )
    permeation = LeakReversal()
