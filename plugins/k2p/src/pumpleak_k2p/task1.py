"""TASK-1."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState, parameter

from ._shared import K2P, Warmed, closed_by_outside_acid, potassium_pore

_DUPRAT = "Duprat et al. 1997, EMBO J 16:5464: 90 % of the current at pH 7.7, 10 % at pH 6.7"


class TASK1(K2P):
    """TASK-1 (K2P3.1, KCNK3), a background K channel closed by acid outside.

    Needs the pH of the outside solution. Not modelled: the loss of K selectivity in strong acid,
    transmitters, oxygen.

    Args:
        pH_half: outside pH of half inhibition.
        hill: Hill coefficient of protons.

    References:
        Kang et al. 2004, J Physiol 554:64; Duprat et al. 1997, EMBO J 16:5464.
    """

    unitary = parameter(
        "14.2 pS",
        source="Kang et al. 2004, J Physiol 554:64: 14.2 +- 0.4 pS at -60 mV",
        measured=True,
        bounds=(0, 500),
        doc="one open channel",
    )
    pH_half = parameter(7.2, source=_DUPRAT, measured=True, bounds=(3, 10), doc="half inhibition")
    hill = parameter(1.91, source=_DUPRAT, measured=True, bounds=(0.1, 8), doc="of protons")
    permeation = Warmed(pore=potassium_pore("assumed: P_Na/P_K at most 0.03"))

    def open_probability(self, s: LocalState) -> Any:
        """Return the product of flicker and of what outside acid leaves open."""
        return self.flicker(s) * closed_by_outside_acid(s, self.pH_half, self.hill)
