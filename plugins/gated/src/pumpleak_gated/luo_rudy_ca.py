"""The slow inward (calcium) channel of the Luo-Rudy 1991 ventricular cell, with its pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, Gate, LocalState, Mechanism, Pool, parameter, quantity

from ._points import by_hand

_LUO_RUDY = "Luo & Rudy 1991, Circ Res 68:1501"


class LuoRudyCa(Mechanism):
    """Slow inward channel: d, f, and the calcium just inside that it fills.

    The reversal potential follows the pool, not the membrane's inside calcium. As in the public
    code of the model it depends on inside over outside calcium; the paper prints inside calcium
    alone, which is 7.7 mV lower at 1.8 mM.

    Args:
        density: conductance of all channels open.
        filling: how much the pool gains from inward current per capacitance.
        removal: rate at which the pool returns to `resting`.
        resting: what the pool holds without current.

    References:
        Luo & Rudy 1991, Circ Res 68:1501; as coded in Myokit's lr-1991.mmt.
    """

    ions = ("Ca",)
    pools: ClassVar[Mapping[str, tuple[str, str]]] = {"Ca": ("1e-7 mM", "1 mM")}

    density = parameter(
        "0.09 mS/cm^2",
        source=_LUO_RUDY,
        bounds=(0, None),
        dimensions=(quantity("1 mS/cm^2").dimension,),
        doc="maximal conductance",
    )
    filling = parameter(
        "1e-4 mM/mV",
        source=_LUO_RUDY,
        bounds=(0, None),
        doc="pool gained per current and capacitance (1 uA/uF is 1 mV/ms)",
    )
    removal = parameter("0.07 /ms", source=_LUO_RUDY, bounds=(1e-6, None))
    resting = parameter("1e-4 mM", source=_LUO_RUDY, bounds=(1e-7, 1))

    claims = Claims(
        references=[
            by_hand(
                "-20 mV", "-30.7840559787 pA", outside={"Ca": "1.8 mM"}, states={"Ca": "1e-4 mM"}
            )
        ],
        expected_failures={
            "C020": (
                "as published it reverses at 7.7 - 13.0287 ln(Ca/Ca_o) mV: 7.7 mV above E_Ca, "
                "and at one temperature"
            )
        },
    )

    def needed(self) -> tuple[str, ...]:
        """Return nothing: inside calcium is the pool's, and outside is asked for where used."""
        return ()

    def states(self, s: LocalState) -> dict[str, Gate | Pool]:
        """Return d, f and the pool."""
        exp, v = s.xp.exp, s.V / s.mV
        inward = -self._current(s) / s.capacitance
        return {
            "d": Gate(
                alpha=0.095 * exp(-0.01 * (v - 5)) / (1 + exp(-0.072 * (v - 5))) / s.ms,
                beta=0.07 * exp(-0.017 * (v + 44)) / (1 + exp(0.05 * (v + 44))) / s.ms,
            ),
            "f": Gate(
                alpha=0.012 * exp(-0.008 * (v + 28)) / (1 + exp(0.15 * (v + 28))) / s.ms,
                beta=0.0065 * exp(-0.02 * (v + 30)) / (1 + exp(-0.2 * (v + 30))) / s.ms,
            ),
            "Ca": Pool(change=self.filling * inward + self.removal * (self.resting - s.own.Ca)),
        }

    def current(self, s: LocalState) -> dict[str, Any]:
        """Return the calcium current, pA."""
        return {"Ca": self._current(s)}

    def _current(self, s: LocalState) -> Any:
        reversal = (7.7 - 13.0287 * s.xp.log(s.own.Ca / s.outside.Ca)) * s.mV
        return s.xp.let(
            self.density * s.area * s.own.d * s.own.f * (s.V - reversal), "calcium_current"
        )
