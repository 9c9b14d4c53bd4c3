"""The sodium-calcium exchanger (SLC8A)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, LocalState, Transporter, parameter, quantity

from ._laws import LogRatio
from ._points import by_hand

_LUO_RUDY = "Luo & Rudy 1994, Circ Res 74:1071, as in public code of the model"
_CURRENTS = tuple(quantity(example).dimension for example in ("1 uA/cm^2", "1 pA"))


class NCX(Transporter):
    """3 Na out for 1 Ca in per cycle; at rest it runs backwards and takes calcium out.

    Counted so that a cycle carries one charge out, the sign of its current is the published one:
    negative where calcium leaves. It stops where exp(V/VT) Na_i^3 Ca_o = Na_o^3 Ca_i.

    Args:
        density: outward current at saturation and strong depolarisation.
        K_Na, K_Ca: outside concentrations at half rate.
        k_sat: how strongly it saturates at negative voltages.
        eta: where in the field the barrier stands, counted from outside.

    References:
        Luo & Rudy 1994, Circ Res 74:1071.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "Ca": -1}

    density = parameter(
        "2000 uA/cm^2",
        source=f"{_LUO_RUDY} (2000 uA/uF)",
        bounds=(0, None),
        dimensions=_CURRENTS,
    )
    K_Na = parameter("87.5 mM", source=_LUO_RUDY, bounds=(0.1, 1e4))
    K_Ca = parameter("1.38 mM", source=_LUO_RUDY, bounds=(1e-3, 1e3))
    k_sat = parameter(0.1, source=_LUO_RUDY, bounds=(0, 10))
    eta = parameter(0.35, source=_LUO_RUDY, bounds=(0, 1))
    claims = Claims(
        references=[
            by_hand(
                "-80 mV",
                "-1.39689003329 pA",
                inside={"Na": "10 mM", "Ca": "1e-4 mM"},
                outside={"Na": "140 mM", "Ca": "1.8 mM"},
            )
        ]
    )

    def activity(self, s: LocalState) -> Any:
        """Return the current relative to its density."""
        u = s.xp.let(s.V / s.VT, "u")
        back = s.xp.let(s.xp.exp((self.eta - 1) * u), "back")
        out = s.xp.exp(self.eta * u) * (s.inside.Na / self.K_Na) ** 3 * s.outside.Ca / self.K_Ca
        into = back * (s.outside.Na / self.K_Na) ** 3 * s.inside.Ca / self.K_Ca
        sites = (1 + (s.outside.Na / self.K_Na) ** 3) * (1 + s.outside.Ca / self.K_Ca)
        return (out - into) / (sites * (1 + self.k_sat * back))


class NCXLogRatio(LogRatio):
    """3 Na out for 1 Ca in per cycle, in proportion to V - (3 E_Na - 2 E_Ca).

    Args:
        density: a conductance.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "Ca": -1}
