"""The calcium pump of the plasma membrane (ATP2B)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, LocalState, Transporter, parameter

from ._laws import RATES, affinity_voltage
from ._points import by_hand

_THOMAS = "Thomas 2009, J Physiol 587:315 (PMC2670047)"
_LUO_RUDY = "Luo & Rudy 1994, Circ Res 74:1071, as in public code of the model"
_AT_SATURATION = (
    f"assumed, after {_LUO_RUDY}: 1.15 uA/cm^2 of calcium current, here two charges a cycle"
)


class PMCA(Transporter):
    """1 Ca out for 2 H in per cycle and ATP; a Michaelis law of inside calcium.

    Two protons for one calcium, so no net charge and no voltage: measured in neurons; other work
    has found one proton. The law is irreversible by design: it runs forward whatever the ions
    would gain, so that its flux need not have the sign of its affinity. Both solutions need a pH.

    Args:
        density: molar flux at saturation, or a count with a turnover.
        K_Ca: inside calcium at half rate.
        hill: Hill coefficient.

    References:
        Stoichiometry: Thomas 2009, J Physiol 587:315.
        Law: Luo & Rudy 1994, Circ Res 74:1071.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Ca": 1, "H": -2}
    atp: ClassVar[int] = 1

    density = parameter(
        "6e-12 mol/s/cm^2", source=_AT_SATURATION, bounds=(0, None), dimensions=RATES
    )
    K_Ca = parameter("5e-4 mM", source=_LUO_RUDY, bounds=(1e-6, 1))
    hill = parameter(1.0, source=_LUO_RUDY, bounds=(0.5, 4))
    claims = Claims(
        irreversible="a Michaelis law of inside calcium, as published",
        references=[
            by_hand(
                "-70 mV",
                {"Ca": "3.30806852983 pA"},
                inside={"Ca": "2e-4 mM", "pH": 7.2},
                outside={"Ca": "1.2 mM", "pH": 7.4},
            )
        ],
    )

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        return 1 / (1 + (self.K_Ca / s.inside.Ca) ** self.hill)


class PMCAReversible(Transporter):
    """1 Ca out for 2 H in per cycle and ATP; it stops where ATP no longer pays for the ions.

    The rate is that of `PMCA` times 1 - exp(-A/RT), A being what a cycle sets free.

    Args:
        density: molar flux at saturation, or a count with a turnover.
        K_Ca: inside calcium at half rate.
        hill: Hill coefficient.
        dG_ATP: free energy of hydrolysis that drives it; give it the membrane's own.

    References:
        Stoichiometry: Thomas 2009, J Physiol 587:315.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Ca": 1, "H": -2}
    atp: ClassVar[int] = 1

    density = parameter(
        "6e-12 mol/s/cm^2", source=_AT_SATURATION, bounds=(0, None), dimensions=RATES
    )
    K_Ca = parameter("5e-4 mM", source=_LUO_RUDY, bounds=(1e-6, 1))
    hill = parameter(1.0, source=_LUO_RUDY, bounds=(0.5, 4))
    dG_ATP = parameter(
        "-57 kJ/mol", source="assumed, a textbook value for brain and heart", bounds=(-80, 0)
    )

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        affinity = s.F * affinity_voltage(self, s) - self.dG_ATP
        forward = 1 / (1 + (self.K_Ca / s.inside.Ca) ** self.hill)
        return -forward * s.xp.expm1(-affinity / (s.R * s.T))
