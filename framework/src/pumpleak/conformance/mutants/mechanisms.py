"""Sound mechanisms, and what is wrong with others, whatever they carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..._channel import Channel
from ..._claims import Claims, ReferencePoint
from ..._gating import Boltzmann
from ..._local import LocalState
from ..._part import parameter
from ..._permeation import GHK, Ohmic
from ..._state import Gate
from ._mutant import Mutant, Specimen


class Background(Channel):
    """A sound background channel: constant field, gating charge, a reference point."""

    unitary = parameter("50 pS", source="assumed", bounds=(0, 500))
    permeation = GHK(K=1, Na=0.03, symmetric="150 mM")
    gating = Boltzmann(V_half="-20 mV", z_g=0.3)
    claims = Claims(
        monotone="rising",
        references=[
            ReferencePoint(
                V="0 mV",
                inside={"K": "150 mM", "Na": "1 mM"},
                outside={"K": "5 mM", "Na": "1 mM"},
                temperature="25 degC",
                current="0.69308 pA",
                values={"density": "1 channel"},
                tolerance=1e-4,
                source="by hand: 50 pS x 25.693 mV x 145/150 x 0.55812",
            ),
        ],
    )


class Delayed(Channel):
    """A sound delayed rectifier of gates with rates."""

    unitary = parameter("20 pS", source="assumed", bounds=(0, 500))
    permeation = Ohmic("K")

    def gates(self, s: LocalState) -> Mapping[str, Gate]:
        """Return n and a gate that a time constant describes."""
        u = s.xp.let(s.V / s.mV)
        steady = 0.2 + 0.8 / (1 + s.xp.exp((u + 30) / 9))
        return {
            "n": Gate(
                alpha=0.1 * s.xp.exprelr(-(u + 55) / 10) / s.ms,
                beta=0.125 * s.xp.exp(-(u + 65) / 80) / s.ms,
                power=4,
            ),
            "l": Gate(steady=steady, tau=100 * s.ms),
        }


SOUND: Final = (Specimen(thing=Background), Specimen(thing=Delayed))
MUTANTS: Final[tuple[Mutant, ...]] = ()
