"""The potassium-chloride cotransporter of neurons (SLC12A5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, LocalState, Transporter, parameter

from ._laws import CONDUCTANCES, RATES, LogRatio, product_difference, saturable
from ._points import by_hand


class KCC2(LogRatio):
    """1 K and 1 Cl out per cycle, in proportion to ln(K_i Cl_i/(K_o Cl_o)).

    It pushes chloride towards E_Cl = E_K, where it stops.

    Args:
        density: a conductance g, so that its potassium current is g (E_Cl - E_K); or the molar flux
            at an affinity of RT, such as ``"7.0e-7 mol/m^2/s"``, which the edPR model uses.

    References:
        Duesterwald et al. 2018, eLife 7:e39575, doi 10.7554/eLife.39575.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"K": 1, "Cl": 1}

    density = parameter(
        "20 uS/cm^2",
        source="Duesterwald et al. 2018, eLife 7:e39575, public code",
        bounds=(0, None),
        dimensions=(*CONDUCTANCES, *RATES),
    )
    claims = Claims(references=[by_hand("-70 mV", {"K": "3.45643676203 pA"})])


class KCC2Product(Transporter):
    """1 K and 1 Cl out per cycle, in proportion to K_i Cl_i - K_o Cl_o.

    Args:
        density: molar flux at a difference of `reference` squared.
        reference: the concentration that the products are measured against.

    References:
        Form: the pump-leak models of Kay and of Aminzare, public code.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"K": 1, "Cl": 1}

    reference = parameter("1 mM", source="by definition of the density", bounds=(1e-6, 1e6))

    def activity(self, s: LocalState) -> Any:
        """Return (K_i Cl_i - K_o Cl_o)/reference^2."""
        return product_difference(self, s, self.reference)


class KCC2Saturable(Transporter):
    """1 K and 1 Cl out per cycle, with sites that fill.

    Args:
        density: molar flux, or count with a turnover, with all sites full inside and empty outside.
        K_K, K_Cl: concentrations that fill half of the sites, on either side.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"K": 1, "Cl": 1}

    K_K = parameter("5 mM", source="assumed", bounds=(1e-3, 1e4))
    K_Cl = parameter("5 mM", source="assumed", bounds=(1e-3, 1e4))

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        return saturable(self, s, {"K": self.K_K, "Cl": self.K_Cl})
