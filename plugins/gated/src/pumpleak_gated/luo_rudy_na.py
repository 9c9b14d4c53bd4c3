"""The fast sodium channel of the Luo-Rudy 1991 ventricular cell."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, Gate, LocalState, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._points import by_hand

_LUO_RUDY = "Luo & Rudy 1991, Circ Res 68:1501"
#: Beyond this the switch is 0 or 1 to 130 digits, and its derivative would overflow a double.
_SATURATED = 300.0


class LuoRudyNa(Channel):
    """Fast sodium channel: m cubed, h and a slow j.

    The published inactivation rates change formula at -40 mV; here a steep logistic joins them,
    as in public code of the model, so that the curve has a slope everywhere.

    Args:
        density: conductance of all channels open.
        switch_width: how steeply the two formulas are joined.

    References:
        Luo & Rudy 1991, Circ Res 68:1501.
    """

    density = parameter(
        "16 mS/cm^2",
        source=_LUO_RUDY,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="maximal conductance",
    )
    switch_width = parameter(
        "0.24 mV",
        source="assumed: width of the join in public code of the model (Myokit, lr-1991.mmt)",
        bounds=(1e-3, 10),
        doc="width of the join at -40 mV",
    )
    permeation = Ohmic("Na")
    claims = Claims(references=[by_hand("-60 mV", "-0.316859613113 pA")])

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return m, h and j."""
        exp, v = s.xp.exp, s.V / s.mV
        offset = s.xp.let((s.V + 40 * s.mV) / self.switch_width, "offset")
        offset = s.xp.let(s.xp.maximum(offset, -_SATURATED), "offset")
        offset = s.xp.let(s.xp.minimum(offset, _SATURATED), "offset")
        # Each its own logistic: 1 - above would lose the digits that h and j live on.
        above = s.xp.let(1 / (1 + exp(-offset)), "above")
        below = s.xp.let(1 / (1 + exp(offset)), "below")
        return {
            "m": Gate(
                alpha=3.2 * s.xp.exprelr(-0.1 * (v + 47.13)) / s.ms,
                beta=0.08 * exp(-v / 11) / s.ms,
                power=3,
            ),
            "h": Gate(
                alpha=below * 0.135 * exp(-(80 + v) / 6.8) / s.ms,
                beta=(
                    below * (3.56 * exp(0.079 * v) + 3.1e5 * exp(0.35 * v))
                    + above / (0.13 * (1 + exp(-(v + 10.66) / 11.1)))
                )
                / s.ms,
            ),
            "j": Gate(
                alpha=below * _alpha_j(exp, v) / s.ms, beta=_beta_j(exp, v, below, above) / s.ms
            ),
        }


def _alpha_j(exp: Any, v: Any) -> Any:
    grown = -127140 * exp(0.2444 * v) - 3.474e-5 * exp(-0.04391 * v)
    return grown * (v + 37.78) / (1 + exp(0.311 * (v + 79.23)))


def _beta_j(exp: Any, v: Any, below: Any, above: Any) -> Any:
    low = 0.1212 * exp(-0.01052 * v) / (1 + exp(-0.1378 * (v + 40.14)))
    high = 0.3 * exp(-2.535e-7 * v) / (1 + exp(-0.1 * (v + 32)))
    return below * low + above * high
