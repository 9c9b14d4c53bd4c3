"""ClC-1."""

from __future__ import annotations

from typing import Any

from pumpleak import Channel, Claims, Gate, LocalState, ReferencePoint, parameter

from .pore import anions

_STEADY = "Nature Communications 2013, doi 10.1038/ncomms3507, table 1, wild type"
_KINETIC = "Accardi and Pusch 2000, J Gen Physiol"


class ClC1(Channel):
    """ClC-1 (CLCN1), the resting chloride conductance of skeletal muscle.

    Two pores side by side, each with a fast gate, and a common gate for both; neither gate ever
    closes completely. `density` counts pores, two to a channel. Steady values are Boltzmann
    functions above an offset. Time constants were measured at positive voltages, where they fall
    exponentially; below, they are extrapolated, which does not touch any resting state, only how
    fast it is reached. Not modelled: gating by outside Cl and pH.

    Args:
        V_fast, V_common: voltage of half activation above the offset.
        z_fast, z_common: gating charge of the steady value, elementary charges.
        p_fast, p_common: what stays open at very negative voltages.
        tau_fast, tau_common: time constant at `V_tau`.
        q_fast, q_common: valence of the time constant.
        V_tau: where the time constants hold.

    References:
        Molecular determinants of common gating of a ClC chloride channel, doi 10.1038/ncomms3507
        (steady values); Accardi and Pusch 2000, J Gen Physiol (time constants, offsets); Saviane et
        al. 1999 (conductance).
    """

    unitary = parameter(
        "1.2 pS",
        source="assumed, after Saviane et al. 1999: 1-1.5 pS",
        bounds=(0, 20),
        doc="one open pore",
    )
    V_fast = parameter("-81.6 mV", source=_STEADY, measured=True, bounds=(-250, 150))
    z_fast = parameter(1.26, source=_STEADY, measured=True, bounds=(0, 10))
    p_fast = parameter(0.17, source=_STEADY, measured=True, bounds=(0, 1))
    V_common = parameter("-51.6 mV", source=_STEADY, measured=True, bounds=(-250, 150))
    z_common = parameter(1.05, source=_STEADY, measured=True, bounds=(0, 10))
    p_common = parameter(0.21, source=_STEADY, measured=True, bounds=(0, 1))
    tau_fast = parameter("16 us", source=_KINETIC, measured=True, bounds=(1e-3, 1e9))
    tau_common = parameter("1 ms", source=_KINETIC, measured=True, bounds=(1e-6, 1e6))
    q_fast = parameter(0.79, source=_KINETIC, measured=True, bounds=(0, 10))
    q_common = parameter(0.42, source=_KINETIC, measured=True, bounds=(0, 10))
    V_tau = parameter("200 mV", source=_KINETIC, measured=True, bounds=(-250, 250))
    permeation = anions("Cl")
    claims = Claims(
        monotone="rising",
        references=[
            ReferencePoint(
                V="-60 mV",
                inside={"Cl": "6 mM"},
                outside={"Cl": "110 mM"},
                temperature="37 degC",
                current="1.27879377286 pA",
                values={"density": "1000 channels"},
                tolerance=1e-9,
                source="constant field and Boltzmann, by hand",
            )
        ],
    )

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return the fast gate of a pore and the common gate."""

        def gate(half: Any, z: Any, offset: Any, tau: Any, q: Any) -> Gate:
            steady = offset + (1 - offset) / (1 + s.xp.exp(-z * (s.V - half) / s.VT))
            return Gate(steady=steady, tau=tau * s.xp.exp(-q * (s.V - self.V_tau) / s.VT))

        return {
            "fast": gate(self.V_fast, self.z_fast, self.p_fast, self.tau_fast, self.q_fast),
            "common": gate(
                self.V_common, self.z_common, self.p_common, self.tau_common, self.q_common
            ),
        }
