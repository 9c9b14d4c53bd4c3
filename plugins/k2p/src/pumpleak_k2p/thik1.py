"""THIK-1."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, Warmed, potassium_pore


class THIK1(K2P):
    """THIK-1 (K2P13.1, KCNK13), a background K channel of small conductance.

    Not modelled: halothane, transmitters.

    References:
        Kang et al. 2014.
    """

    unitary = parameter(
        "5 pS", source="assumed, after Kang et al. 2014", bounds=(0, 500), doc="one open channel"
    )
    permeation = Warmed(pore=potassium_pore("assumed, as other K2P channels"))

    def open_probability(self, s: LocalState) -> Any:
        """Return the flicker's average."""
        return self.flicker(s)
