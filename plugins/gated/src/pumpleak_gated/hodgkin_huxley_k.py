"""The potassium channel of the squid giant axon."""

from __future__ import annotations

from pumpleak import Channel, Claims, Gate, LocalState, Ohmic, parameter

from ._densities import CONDUCTANCE_OR_COUNT
from ._squid import SOURCE, in_squid, q10, reference, resting_voltage, speed, ten_kelvin


class HodgkinHuxleyK(Channel):
    """Squid delayed rectifier: n to the fourth.

    It reverses at E_K of the solutions; give ``permeation=Ohmic("K", reversal="-77 mV")`` for a
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
        "36 mS/cm^2",
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
    permeation = Ohmic("K")
    claims = Claims(
        monotone="rising",
        references=[in_squid("-65 mV", "26.1807668720 pA"), in_squid("-50 mV", "733.691648709 pA")],
    )

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return n."""
        u = s.xp.let((s.V - self.V_rest) / s.mV, "u")
        return {
            "n": Gate(
                alpha=0.1 * s.xp.exprelr((10 - u) / 10) / s.ms,
                beta=0.125 * s.xp.exp(-u / 80) / s.ms,
                power=4,
                scale=speed(s, self.q10, self.T_ref, self.T_step),
            )
        }
