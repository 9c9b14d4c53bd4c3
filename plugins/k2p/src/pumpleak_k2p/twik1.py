"""TWIK-1, which forgets its selectivity when outside potassium is low."""

from __future__ import annotations

from typing import Any

from pumpleak import GHK, LocalState, Permeation, parameter

from ._shared import K2P, Warmed


class StarvedFilter(Permeation):
    """Constant-field permeation of K and Na with a P_Na/P_K that rises as outside K falls.

    P_Na/P_K = fed + (starved - fed)/(1 + (K_o/K_half)^hill): smooth, and monotonic in K_o. That it
    rises is measured; the shape and its four numbers are assumed. The real change takes minutes
    and shows hysteresis; here it is instantaneous.

    Args:
        pore: permeation with Na as permeant as K.
        fed: P_Na/P_K where outside K is plentiful.
        starved: P_Na/P_K without outside K.
        K_half: outside K halfway between the two.
        hill: steepness of the change.

    References:
        Ma et al. 2011, Sci Signal 4:ra37.
    """

    pore = GHK(
        K=1,
        Na=1,
        symmetric="150 mM",
        source="by definition: 'fed' and 'starved' give P_Na/P_K; symmetrical 150 mM assumed",
    )
    fed = parameter(0.03, source="assumed, as other K2P channels", bounds=(0, 1))
    starved = parameter(
        0.8, source="assumed, after Ma et al. 2011, Sci Signal 4:ra37", bounds=(0, 2)
    )
    K_half = parameter(
        "2 mM", source="assumed, after Ma et al. 2011, Sci Signal 4:ra37", bounds=(0.01, 50)
    )
    hill = parameter(6.0, source="assumed", bounds=(0.1, 12))

    def carried(self) -> tuple[str, ...]:
        """Return the ions of the pore."""
        return self.pore.carried()

    def ratio(self, s: LocalState) -> Any:
        """Return P_Na/P_K at the outside K of the moment."""
        starvation = 1 / (1 + (s.outside.K / self.K_half) ** self.hill)
        return self.fed + (self.starved - self.fed) * starvation

    def currents(self, s: LocalState, maximum: Any, dimension: Any) -> dict[str, Any]:
        """Return the currents of K and Na."""
        even = self.pore.currents(s, maximum, dimension)
        return {**even, "Na": s.xp.let(self.ratio(s), "P_Na_over_P_K") * even["Na"]}


class TWIK1(K2P):
    """TWIK-1 (K2P1.1, KCNK1), a background K channel that leaks Na in low outside K.

    With an inward rectifier beside it, a membrane in hypokalaemia can rest at two voltages.
    Not modelled: the like change in outside acid.

    References:
        Lesage et al. 1996, EMBO J 15:1004; Ma et al. 2011, Sci Signal 4:ra37; Zuo et al. 2017,
        PMC5538241 (two resting levels).
    """

    unitary = parameter(
        "34 pS",
        source="assumed, after Lesage et al. 1996, EMBO J 15:1004",
        bounds=(0, 500),
        doc="one open channel",
    )
    permeation = Warmed(pore=StarvedFilter())

    def open_probability(self, s: LocalState) -> Any:
        """Return the flicker's average."""
        return self.flicker(s)
