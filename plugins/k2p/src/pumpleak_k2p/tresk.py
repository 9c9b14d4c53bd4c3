"""TRESK."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, potassium_pore


class TRESK(K2P):
    """TRESK (K2P18.1, KCNK18), a background K channel of sensory neurons.

    Its current hardly grows with temperature (Kang, Choe and Kim 2005, J Physiol 564:103), so no
    Q10 is applied. Not modelled: activation by calcineurin, that is by inside Ca.

    References:
        Sano et al. 2003; Kang and Kim 2006.
    """

    unitary = parameter(
        "14 pS",
        source="assumed, after Sano et al. 2003 and Kang and Kim 2006",
        bounds=(0, 500),
        doc="one open channel",
    )
    permeation = potassium_pore("assumed, as other K2P channels")

    def open_probability(self, s: LocalState) -> Any:
        """Return the flicker's average."""
        return self.flicker(s)
