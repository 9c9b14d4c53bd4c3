"""The sodium channel of the squid giant axon."""

from __future__ import annotations

from pumpleak import Channel, Claims, Gate, LocalState, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._squid import SOURCE, in_squid, q10, reference, resting_voltage, speed, ten_kelvin


class HodgkinHuxleyNa(Channel):
    """Squid sodium channel: m cubed h.

    It reverses at E_Na of the solutions; give ``permeation=Ohmic("Na", reversal="50 mV")`` for a
    published number.

    Args:
        density: conductance of all channels open, or a count.
        unitary: one open channel's conductance, used with a count.
        V_rest: voltage that the paper's formulas count from.
        q10, T_ref, T_step: rates grow by `q10` per `T_step` above `T_ref`.

    References:
        Hodgkin & Huxley 1952, J Physiol 117:500.
    """

    density = parameter(
        "120 mS/cm^2",
        source=SOURCE,
        measured=True,
        bounds=(0, None),
        dimensions=CONDUCTANCE_OR_COUNT,
        doc="maximal conductance",
    )
    unitary = parameter("20 pS", source="assumed", bounds=(0, None))
    V_rest = resting_voltage()
    q10 = q10()
    T_ref = reference()
    T_step = ten_kelvin()
    permeation = Ohmic("Na")
    claims = Claims(
        references=[
            in_squid("-65 mV", "-12.4520622448 pA"),
            in_squid("-50 mV", "-297.405549283 pA"),
        ],
    )

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return m and h."""
        exp, u = s.xp.exp, s.xp.let((s.V - self.V_rest) / s.mV, "u")
        scale = speed(s, self.q10, self.T_ref, self.T_step)
        return {
            "m": Gate(
                alpha=s.xp.exprelr((25 - u) / 10) / s.ms,
                beta=4 * exp(-u / 18) / s.ms,
                power=3,
                scale=scale,
            ),
            "h": Gate(
                alpha=0.07 * exp(-u / 20) / s.ms,
                beta=1 / (exp((30 - u) / 10) + 1) / s.ms,
                scale=scale,
            ),
        }
