"""TREK-2."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, Warmed, opened_by_heat, opened_by_inside_acid, potassium_pore


class TREK2(K2P):
    """TREK-2 (K2P10.1, KCNK10), a background K channel opened by heat and by acid inside.

    Two isoforms differ in conductance, 52 and 220 pS; set `unitary` for the smaller. Not modelled:
    stretch, lipids, phosphorylation, and rectification beyond the constant field's.

    Args:
        T_threshold: temperature where heat begins to open it.
        enthalpy: of opening by heat.
        p_cold: share available in the cold.
        pH_half: inside pH of half activation.
        hill: Hill coefficient of protons.

    References:
        Simkin et al. 2008, J Physiol 586:5651; Kang, Choe and Kim 2005, J Physiol 564:103 (heat).
    """

    unitary = parameter(
        "220 pS",
        source="Simkin et al. 2008, J Physiol 586:5651: the larger of two levels, 52 and 220 pS",
        measured=True,
        bounds=(0, 500),
        doc="one open channel",
    )
    T_threshold = parameter(
        "25 degC",
        source="Kang, Choe and Kim 2005, J Physiol 564:103",
        measured=True,
        bounds=(0, 60),
    )
    enthalpy = parameter(
        "192 kJ/mol",
        source=(
            "assumed shape; 20-fold current from 24 to 42 degC, Kang, Choe and Kim 2005, "
            "J Physiol 564:103"
        ),
        bounds=(0, 1000),
        doc="of opening by heat",
    )
    p_cold = parameter(0.03, source="assumed", bounds=(0, 1), doc="available in the cold")
    pH_half = parameter(
        6.0, source="assumed, as TREK-1", bounds=(3, 10), doc="half activation, inside"
    )
    hill = parameter(2.0, source="assumed, as TREK-1", bounds=(0.1, 8), doc="of protons")
    permeation = Warmed(
        pore=potassium_pore(
            "Simkin et al. 2008, J Physiol 586:5651: P_Na/P_K 0.02-0.03", Na=0.025, measured=True
        )
    )

    def open_probability(self, s: LocalState) -> Any:
        """Return the product of flicker and of what heat or acid has made available."""
        heat = s.xp.let(opened_by_heat(s, self.T_threshold, self.enthalpy, self.p_cold), "heat")
        acid = opened_by_inside_acid(s, self.pH_half, self.hill)
        return self.flicker(s) * (heat + acid * (1 - heat))
