"""The sodium pump of models of spreading depression."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, parameter

from ._points import by_hand
from ._sodium_pump import SodiumPump

_HUEBEL = "Huebel & Dahlem 2014, PLoS Comput Biol 10:e1003941, public code (ModelDB 167714)"


class Switched(SodiumPump):
    """Two sigmoid switches, one of inside sodium, one of outside potassium; no voltage.

    The density is the net current with both switches on. The defaults are those of Huebel & Dahlem
    2014; the edPR model, after Wei et al. 2014, has the same form with `K_half` 3.5 mM.

    Args:
        Na_half, Na_step: inside sodium at half rate, and how far around it the switch turns.
        K_half, K_step: outside potassium at half rate, and how far around it the switch turns.

    References:
        Huebel & Dahlem 2014, PLoS Comput Biol 10:e1003941, doi 10.1371/journal.pcbi.1003941.
    """

    Na_half = parameter("25 mM", source=_HUEBEL, bounds=(0, 500))
    Na_step = parameter("3 mM", source=_HUEBEL, bounds=(1e-2, 500))
    K_half = parameter("5.5 mM", source=_HUEBEL, bounds=(0, 500))
    K_step = parameter("1 mM", source=_HUEBEL, bounds=(1e-2, 500))

    claims = Claims(
        irreversible=SodiumPump.claims.irreversible,
        references=[by_hand("-70 mV", "0.0236309053003 pA", values={"density": "1 uA/cm^2"})],
    )

    def activity(self, s: LocalState) -> Any:
        """Return the fraction of the rate with both switches on."""
        sodium = 1 + s.xp.exp((self.Na_half - s.inside.Na) / self.Na_step)
        potassium = 1 + s.xp.exp((self.K_half - s.outside.K) / self.K_step)
        return 1 / (sodium * potassium)
