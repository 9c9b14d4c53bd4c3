"""TREK-1."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, Warmed, opened_by_heat, opened_by_inside_acid, potassium_pore


class TREK1(K2P):
    """TREK-1 (K2P2.1, KCNK2), a background K channel opened by heat and by acid inside.

    Either stimulus opens the channels that the other has left closed. Not modelled: stretch,
    lipids, phosphorylation, and rectification beyond the constant field's.

    Args:
        T_threshold: temperature where heat begins to open it.
        enthalpy: of opening by heat.
        p_cold: share available in the cold.
        pH_half: inside pH of half activation.
        hill: Hill coefficient of protons.

    References:
        Goldstein et al. 2005, Pharmacol Rev 57:527; Maingret et al. 2000, EMBO J 19:2483 (heat);
        J Biol Chem 1999, 274:26691 (acid).
    """

    unitary = parameter(
        "90 pS",
        source="Goldstein et al. 2005, Pharmacol Rev 57:527, table of IUPHAR",
        measured=True,
        bounds=(0, 500),
        doc="one open channel",
    )
    T_threshold = parameter("25 degC", source="assumed, as TREK-2", bounds=(0, 60))
    enthalpy = parameter(
        "201 kJ/mol",
        source="assumed shape; 7-fold current for 10 K, Maingret et al. 2000, EMBO J 19:2483",
        bounds=(0, 1000),
        doc="of opening by heat",
    )
    p_cold = parameter(0.03, source="assumed", bounds=(0, 1), doc="available in the cold")
    pH_half = parameter(6.0, source="assumed", bounds=(3, 10), doc="half activation, inside")
    hill = parameter(2.0, source="assumed", bounds=(0.1, 8), doc="of protons")
    permeation = Warmed(pore=potassium_pore("assumed: P_Na/P_K at most 0.03"))

    def open_probability(self, s: LocalState) -> Any:
        """Return the product of flicker and of what heat or acid has made available."""
        heat = s.xp.let(opened_by_heat(s, self.T_threshold, self.enthalpy, self.p_cold), "heat")
        acid = opened_by_inside_acid(s, self.pH_half, self.hill)
        return self.flicker(s) * (heat + acid * (1 - heat))
