"""The sodium-proton exchanger (SLC9A)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import LocalState, Transporter, parameter

from ._laws import LogRatio, product_difference, saturable


class NHE(LogRatio):
    """1 Na in for 1 H out per cycle, in proportion to ln(Na_o H_i/(Na_i H_o)).

    Both solutions need a pH.

    Args:
        density: a conductance, or the molar flux at an affinity of RT.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "H": 1}


class NHEProduct(Transporter):
    """1 Na in for 1 H out per cycle, in proportion to Na_o H_i - Na_i H_o.

    Args:
        density: molar flux at a difference of `reference` squared.
        reference: the concentration that the products are measured against: near the geometric mean
            of sodium and protons.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "H": 1}

    reference = parameter("0.1 mM", source="by definition of the density", bounds=(1e-6, 1e6))

    def activity(self, s: LocalState) -> Any:
        """Return (Na_o H_i - Na_i H_o)/reference^2."""
        return product_difference(self, s, self.reference)


class NHESaturable(Transporter):
    """1 Na in for 1 H out per cycle, with sites that fill, and a second site for inside protons.

    The second site is not one of transport: unless protons hold it the exchanger idles, so that it
    has a set point in inside pH far from its equilibrium.

    Args:
        density: molar flux, or count with a turnover, at saturation with the second site held.
        K_Na, K_H: concentrations that fill half of the transport sites, on either side.
        K_set, hill_set: inside protons that hold half of the second sites, and Hill coefficient.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": -1, "H": 1}

    K_Na = parameter("20 mM", source="assumed", bounds=(1e-3, 1e4))
    K_H = parameter("1e-4 mM", source="assumed: pH 7.0", bounds=(1e-9, 1))
    K_set = parameter("1.6e-4 mM", source="assumed: pH 6.8", bounds=(1e-9, 1))
    hill_set = parameter(2.0, source="assumed", bounds=(0.5, 4))

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        held = 1 / (1 + (self.K_set / s.inside.H) ** self.hill_set)
        return held * saturable(self, s, {"Na": self.K_Na, "H": self.K_H})
