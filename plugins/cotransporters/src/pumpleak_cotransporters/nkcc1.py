"""The sodium-potassium-chloride cotransporter (SLC12A2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, LocalState, Transporter, parameter

from ._laws import CONDUCTANCES, RATES, affinity_voltage, product_difference, saturable
from ._points import by_hand

_SWITCH = "public code of the edPR model, after Wei et al. 2014"


class NKCC1(Transporter):
    """1 Na, 1 K and 2 Cl in per cycle, in proportion to the affinity, once outside K has risen.

    A switch keeps it all but silent at the outside potassium of rest: with the published numbers it
    is half on at 16 mM and lets through some 6 parts in a million at 4 mM.

    Args:
        density: molar flux at an affinity of RT with the switch on; or a conductance g, which
            stands for cycles of g/F per volt of affinity over F.
        K_on: outside potassium at which the switch is half on.
        K_step: how far around it the switch turns, an e-fold on either side.

    References:
        Form and numbers: public code of the edPR model, after Wei et al. 2014.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "K": -1, "Cl": -2}

    density = parameter(
        "2.33e-7 mol/m^2/s",
        source=_SWITCH,
        bounds=(0, None),
        dimensions=(*RATES, *CONDUCTANCES),
    )
    K_on = parameter("16 mM", source=_SWITCH, bounds=(0, 1000))
    K_step = parameter("1 mM", source=_SWITCH, bounds=(1e-3, 1000))
    claims = Claims(
        references=[
            by_hand(
                "-70 mV",
                {"Na": "-0.0410656304012 pA"},
                outside={"Na": "145 mM", "K": "8 mM", "Cl": "110 mM"},
            )
        ]
    )

    def driving_force(self, s: LocalState) -> Any:
        """Return the affinity over F as far as the switch lets it act, a voltage."""
        switch = 1 / (1 + s.xp.exp((self.K_on - s.outside.K) / self.K_step))
        return switch * affinity_voltage(self, s)

    def activity(self, s: LocalState) -> Any:
        """Return the affinity over RT as far as the switch lets it act."""
        return self.driving_force(s) / s.VT


class NKCC1Product(Transporter):
    """1 Na, 1 K and 2 Cl in per cycle, in proportion to Na_o K_o Cl_o^2 - Na_i K_i Cl_i^2.

    Args:
        density: molar flux at a difference of `reference` to the fourth.
        reference: the concentration that the products are measured against.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "K": -1, "Cl": -2}

    reference = parameter("10 mM", source="by definition of the density", bounds=(1e-6, 1e6))

    def activity(self, s: LocalState) -> Any:
        """Return the difference of the products over reference^4."""
        return product_difference(self, s, self.reference)


class NKCC1Saturable(Transporter):
    """1 Na, 1 K and 2 Cl in per cycle, with sites that fill; no switch.

    Args:
        density: molar flux, or count with a turnover, with all sites full outside and empty inside.
        K_Na, K_K, K_Cl: concentrations that fill half of the sites, on either side.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "K": -1, "Cl": -2}

    K_Na = parameter("15 mM", source="assumed", bounds=(1e-3, 1e4))
    K_K = parameter("5 mM", source="assumed", bounds=(1e-3, 1e4))
    K_Cl = parameter("30 mM", source="assumed", bounds=(1e-3, 1e4))

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        return saturable(self, s, {"Na": self.K_Na, "K": self.K_K, "Cl": self.K_Cl})
