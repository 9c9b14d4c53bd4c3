"""The sodium-chloride cotransporter (SLC12A3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import LocalState, Transporter, parameter

from ._laws import LogRatio, product_difference, saturable


class NCC(LogRatio):
    """1 Na and 1 Cl in per cycle, in proportion to ln(Na_o Cl_o/(Na_i Cl_i)).

    Args:
        density: a conductance, or the molar flux at an affinity of RT.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "Cl": -1}


class NCCProduct(Transporter):
    """1 Na and 1 Cl in per cycle, in proportion to Na_o Cl_o - Na_i Cl_i.

    Args:
        density: molar flux at a difference of `reference` squared.
        reference: the concentration that the products are measured against.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "Cl": -1}

    reference = parameter("10 mM", source="by definition of the density", bounds=(1e-6, 1e6))

    def activity(self, s: LocalState) -> Any:
        """Return (Na_o Cl_o - Na_i Cl_i)/reference^2."""
        return product_difference(self, s, self.reference)


class NCCSaturable(Transporter):
    """1 Na and 1 Cl in per cycle, with sites that fill.

    Args:
        density: molar flux, or count with a turnover, with all sites full outside and empty inside.
        K_Na, K_Cl: concentrations that fill half of the sites, on either side.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "Cl": -1}

    K_Na = parameter("10 mM", source="assumed", bounds=(1e-3, 1e4))
    K_Cl = parameter("10 mM", source="assumed", bounds=(1e-3, 1e4))

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        return saturable(self, s, {"Na": self.K_Na, "Cl": self.K_Cl})
