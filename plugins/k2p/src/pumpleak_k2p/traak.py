"""TRAAK."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, Warmed, opened_by_heat, potassium_pore


class TRAAK(K2P):
    """TRAAK (K2P4.1, KCNK4), a background K channel that heat opens above about 31 degC.

    Not modelled: stretch, lipids, inside pH.

    Args:
        T_threshold: temperature where heat begins to open it.
        enthalpy: of opening by heat.
        p_cold: share available in the cold.

    References:
        Goldstein et al. 2005, Pharmacol Rev 57:527; Kang, Choe and Kim 2005, J Physiol 564:103.
    """

    unitary = parameter(
        "46 pS",
        source="Goldstein et al. 2005, Pharmacol Rev 57:527, table of IUPHAR",
        measured=True,
        bounds=(0, 500),
        doc="one open channel",
    )
    T_threshold = parameter(
        "31 degC",
        source="Goldstein et al. 2005, Pharmacol Rev 57:527, table of IUPHAR",
        measured=True,
        bounds=(0, 60),
    )
    enthalpy = parameter(
        "238 kJ/mol",
        source=(
            "assumed shape; 20-fold current from 24 to 42 degC, Kang, Choe and Kim 2005, "
            "J Physiol 564:103"
        ),
        bounds=(0, 1000),
        doc="of opening by heat",
    )
    p_cold = parameter(0.05, source="assumed", bounds=(0, 1), doc="available in the cold")
    permeation = Warmed(pore=potassium_pore("assumed, as TREK-1"))

    def open_probability(self, s: LocalState) -> Any:
        """Return the product of flicker and of what heat has made available."""
        heat = opened_by_heat(s, self.T_threshold, self.enthalpy, self.p_cold)
        return self.flicker(s) * heat
