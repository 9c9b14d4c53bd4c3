"""ClC-2."""

from __future__ import annotations

from pumpleak import Channel, Claims, Gate, LocalState, ReferencePoint, parameter

from .pore import anions

_DIRECTION = "assumed, after Niemeyer et al. 2003: half activation -90 to -130 mV, by inside Cl"


class ClC2(Channel):
    """ClC-2 (CLCN2), a chloride channel that opens on hyperpolarisation and by inside chloride.

    It lets chloride out of cells that hold too much. Half activation shifts with the logarithm of
    inside chloride: that more chloride opens it is known, the size of the shift is assumed.
    `density` counts pores, two to a channel. Not modelled: outside pH, GlialCAM, swelling.

    Args:
        V_half: half activation at `Cl_reference`.
        z_g: gating charge, elementary charges; negative: hyperpolarisation opens.
        Cl_shift: shift of half activation for each e-fold of inside chloride.
        Cl_reference: inside chloride where `V_half` holds.
        tau: time constant of the gate.

    References:
        Nobile et al. 2000, FEBS Lett 479:10; Thiemann et al. 1992; Niemeyer et al. 2003; De
        Jesus-Perez et al. 2016, J Gen Physiol 147:25 (inside anions open it).
    """

    unitary = parameter(
        "3 pS",
        source=(
            "Nobile et al. 2000, FEBS Lett 479:10: ClC-2-like astrocyte channel, levels of 3 and "
            "6 pS in 144 mM Cl"
        ),
        measured=True,
        bounds=(0, 50),
        doc="one open pore",
    )
    V_half = parameter("-110 mV", source=_DIRECTION, bounds=(-250, 100), doc="half activation")
    z_g = parameter(-1.0, source="assumed", bounds=(-10, 0), doc="gating charge")
    Cl_shift = parameter("20 mV", source=_DIRECTION, bounds=(0, 100), doc="per e-fold inside Cl")
    Cl_reference = parameter("15 mM", source="assumed", bounds=(0.1, 1000), doc="of V_half")
    tau = parameter("300 ms", source="assumed", bounds=(1e-3, 1e6), doc="of the gate")
    permeation = anions("Cl", symmetric="144 mM")
    claims = Claims(
        monotone="falling",
        references=[
            ReferencePoint(
                V="-60 mV",
                inside={"Cl": "6 mM"},
                outside={"Cl": "110 mM"},
                temperature="37 degC",
                current="0.568959390188 pA",
                values={"density": "1000 channels"},
                tolerance=1e-9,
                source="constant field and Boltzmann, by hand",
            )
        ],
    )

    def gates(self, s: LocalState) -> dict[str, Gate]:
        """Return the one gate."""
        half = self.V_half + self.Cl_shift * s.xp.log(s.inside.Cl / self.Cl_reference)
        steady = 1 / (1 + s.xp.exp(-self.z_g * (s.V - half) / s.VT))
        return {"open": Gate(steady=steady, tau=self.tau)}
