"""The chloride-bicarbonate exchanger (SLC4A1-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import LocalState, Transporter, parameter

from ._laws import LogRatio, product_difference, saturable


class AE(LogRatio):
    """1 Cl in for 1 HCO3 out per cycle, in proportion to ln(Cl_o HCO3_i/(Cl_i HCO3_o)).

    Args:
        density: a conductance, or the molar flux at an affinity of RT.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Cl": -1, "HCO3": 1}


class AEProduct(Transporter):
    """1 Cl in for 1 HCO3 out per cycle, in proportion to Cl_o HCO3_i - Cl_i HCO3_o.

    Args:
        density: molar flux at a difference of `reference` squared.
        reference: the concentration that the products are measured against.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Cl": -1, "HCO3": 1}

    reference = parameter("10 mM", source="by definition of the density", bounds=(1e-6, 1e6))

    def activity(self, s: LocalState) -> Any:
        """Return (Cl_o HCO3_i - Cl_i HCO3_o)/reference^2."""
        return product_difference(self, s, self.reference)


class AESaturable(Transporter):
    """1 Cl in for 1 HCO3 out per cycle, with sites that fill.

    Args:
        density: molar flux, or count with a turnover, at saturation.
        K_Cl, K_HCO3: concentrations that fill half of the sites, on either side.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Cl": -1, "HCO3": 1}

    K_Cl = parameter("50 mM", source="assumed", bounds=(1e-3, 1e4))
    K_HCO3 = parameter("20 mM", source="assumed", bounds=(1e-3, 1e4))

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        return saturable(self, s, {"Cl": self.K_Cl, "HCO3": self.K_HCO3})
