"""TASK-3."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, ReferencePoint, parameter

from ._shared import K2P, closed_by_outside_acid, potassium_pore


class TASK3(K2P):
    """TASK-3 (K2P9.1, KCNK9), a background K channel closed by acid outside.

    Needs the pH of the outside solution. Its current hardly grows with temperature (Kang, Choe
    and Kim 2005, J Physiol 564:103), so no Q10 is applied. Not modelled: the slow rise of the
    current after a depolarising step, the loss of K selectivity in strong acid, transmitters.

    Args:
        pH_half: outside pH of half inhibition.
        hill: Hill coefficient of protons.

    References:
        Kang et al. 2004, J Physiol 554:64; Meadows and Randall 2001, Neuropharmacology 40:551.
    """

    unitary = parameter(
        "37.8 pS",
        source="Kang et al. 2004, J Physiol 554:64: 37.8 +- 0.7 pS at -60 mV",
        measured=True,
        bounds=(0, 500),
        doc="one open channel",
    )
    pH_half = parameter(
        6.4,
        source="Meadows and Randall 2001, Neuropharmacology 40:551",
        measured=True,
        bounds=(3, 10),
        doc="half inhibition",
    )
    hill = parameter(1.0, source="assumed", bounds=(0.1, 8), doc="of protons")
    permeation = potassium_pore("assumed, as TASK-1")
    claims = Claims(
        monotone="rising",
        references=[
            ReferencePoint(
                V="-60 mV",
                inside={"K": "140 mM", "Na": "12 mM"},
                outside={"K": "4 mM", "Na": "145 mM", "pH": 7.4},
                temperature="37 degC",
                current="44.5086068464 pA",
                values={"density": "1000 channels"},
                tolerance=1e-9,
                source="constant field, Boltzmann and Hill, by hand",
            )
        ],
    )

    def open_probability(self, s: LocalState) -> Any:
        """Return the product of flicker and of what outside acid leaves open."""
        return self.flicker(s) * closed_by_outside_acid(s, self.pH_half, self.hill)
