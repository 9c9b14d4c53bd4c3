"""The sodium pump to take when no published model is to be reproduced."""

from __future__ import annotations

from typing import Any

from pumpleak import Claims, LocalState, parameter

from ._points import by_hand
from ._sodium_pump import SodiumPump, voltage_factor

_LUO_RUDY = "Luo & Rudy 1994, Circ Res 74:1071 (voltage dependence)"


class NaK(SodiumPump):
    """Hill laws in inside sodium and outside potassium, voltage, and temperature.

    The density is the rate at saturation and `T_ref`. For the alpha3 isoform of neurons, which
    idles at rest and answers to a sodium load, raise `K_Na` to about 30 mM.

    Args:
        turnover: cycles per time of one copy at saturation and `T_ref`; used with a count.
        K_Na, hill_Na: inside sodium at half rate, and Hill coefficient.
        K_K, hill_K: outside potassium at half rate, and Hill coefficient.
        q10, T_ref, T_step: the rate grows by `q10` per `T_step` above `T_ref`.

        shallow, steep: size of the two voltage-dependent terms that slow it.
        K_back: outside sodium, on an exponential scale, that binds back.

    References:
        Form and voltage dependence: Luo & Rudy 1994, Circ Res 74:1071.
    """

    turnover = parameter(
        "160 /s", source="assumed: alpha1 at saturation and 37 degC", bounds=(0, 1000)
    )
    K_Na = parameter(
        "10 mM",
        source="assumed, after Blanco & Mercer 1998 and Zahler 1997 (alpha1)",
        bounds=(0.1, 200),
    )
    hill_Na = parameter(3.0, source="assumed: three sites that bind together", bounds=(0.5, 4))
    K_K = parameter("1.5 mM", source="assumed, after Glitsch 2001", bounds=(0.01, 50))
    hill_K = parameter(1.0, source="assumed", bounds=(0.5, 4))
    q10 = parameter(
        2.7,
        source="PMC5050017, Fig 3 legend: 4-fold between 23 and 37 degC, hence 2.7 per 10 K",
        bounds=(1, 10),
    )
    shallow = parameter(0.1245, source=_LUO_RUDY, bounds=(0, 10))
    steep = parameter(0.0365, source=_LUO_RUDY, bounds=(0, 10))
    K_back = parameter("67.3 mM", source=_LUO_RUDY, bounds=(1, 1000))
    T_ref = parameter("37 degC", source="by definition of the density", bounds=(-20, 100))
    T_step = parameter("10 K", source="by definition of Q10", bounds=(10, 10))

    claims = Claims(
        irreversible=SodiumPump.claims.irreversible,
        references=[by_hand("-70 mV", "2.69823916958 pA", values={"density": "1 uA/cm^2"})],
    )

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation at `T_ref`."""
        sodium = 1 / (1 + (self.K_Na / s.inside.Na) ** self.hill_Na)
        potassium = 1 / (1 + (self.K_K / s.outside.K) ** self.hill_K)
        voltage = voltage_factor(s, self.shallow, self.steep, self.K_back)
        warmth = s.xp.exp(s.xp.log(self.q10) * (s.T - self.T_ref) / self.T_step)
        return sodium * potassium * voltage * warmth
