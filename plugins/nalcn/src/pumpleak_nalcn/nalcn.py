"""NALCN, the leak that lets sodium in."""

from __future__ import annotations

from typing import Any

from pumpleak import (
    GHK,
    Channel,
    Claims,
    CompositionError,
    LocalState,
    ReferencePoint,
    parameter,
)

#: P_Na:P_K:P_Cs:P_Ca of the whole-cell current.
RATIOS = {"Na": 1.3, "K": 1.2, "Cs": 1.0, "Ca": 0.5}


def pore(*ions: str) -> GHK:
    """Return NALCN's permeation for some of the ions it can carry.

    Args:
        ions: those that the membrane holds, sodium first.

    Raises:
        CompositionError: an ion without a ratio, or another ion first.

    >>> pore("Na", "K", "Cs").carried()
    ('Na', 'K', 'Cs')
    """
    unknown = [ion for ion in ions if ion not in RATIOS]
    if unknown or ions[:1] != ("Na",):
        raise CompositionError(
            f"NALCN's pore takes 'Na' first, then any of {', '.join(RATIOS)} (got "
            f"{', '.join(ions) or 'none'}); for other ions give GHK(...) with their ratios"
        )
    return GHK(
        {ion: RATIOS[ion] / RATIOS["Na"] for ion in ions},
        symmetric="150 mM",
        source=(
            "assumed, after Lu et al. 2007, Cell 129:371: P_Na:P_K:P_Cs:P_Ca 1.3:1.2:1:0.5; "
            "symmetrical 150 mM assumed"
        ),
    )


class NALCN(Channel):
    """The sodium leak channel: always partly open, Na hardly better than K.

    It carries Na and K, so that a membrane need not hold caesium; ``permeation=pore("Na", "K",
    "Cs")`` adds it, and `NALCNCa` carries Ca. Outside Ca and Mg compete for a site that blocks.
    A solution contains what it lists: without Ca and Mg outside, nothing blocks. A permeability or
    conductance given as density is therefore that of unblocked channels, half of them open.

    Not modelled: the G protein-coupled part of the calcium effect (Lu et al. 2010), peptides.

    Args:
        V_half: voltage of half opening.
        z_g: gating charge, elementary charges.
        Ca_half: outside Ca that blocks half of the channels if there is no Mg.
        Mg_half: outside Mg that blocks half of the channels if there is no Ca.
        hill: Hill coefficient of both.

    References:
        Lu et al. 2007, Cell 129:371; Chua et al. 2020, Sci Adv 6:eaaz3154 (block by outside
        divalents, modulation by voltage).
    """

    unitary = parameter(
        "27 pS",
        source="assumed, after Kschonsak et al. 2020: divalent-free, heterologous; uncertain",
        bounds=(0, 200),
        doc="one open channel",
    )
    V_half = parameter("-60 mV", source="assumed", bounds=(-200, 200), doc="half opening")
    z_g = parameter(0.1, source="assumed: small", bounds=(-2, 2), doc="gating charge")
    Ca_half = parameter(
        "0.3 mM",
        source="assumed, after Chua et al. 2020: blocked at physiological concentrations",
        bounds=(1e-3, 1e3),
        doc="half block by outside Ca",
    )
    Mg_half = parameter(
        "1 mM",
        source="assumed, after Chua et al. 2020: blocked at physiological concentrations",
        bounds=(1e-3, 1e3),
        doc="half block by outside Mg",
    )
    hill = parameter(1.0, source="assumed", bounds=(0.1, 4), doc="of block")
    permeation = pore("Na", "K")
    claims = Claims(
        monotone="rising",
        references=[
            ReferencePoint(
                V="-60 mV",
                inside={"K": "140 mM", "Na": "12 mM"},
                outside={"K": "4 mM", "Na": "145 mM", "Ca": "1.2 mM", "Mg": "1 mM"},
                temperature="37 degC",
                current={"Na": "-144.682567256 pA", "K": "10.0638228818 pA"},
                values={"density": "1000 channels"},
                tolerance=1e-9,
                source="constant field, Boltzmann and block, by hand",
            )
        ],
    )

    def open_probability(self, s: LocalState) -> Any:
        """Return the share of channels open and not blocked, 0..1."""
        bound: Any = 1.0
        if "Ca" in s.outside:
            bound = bound + (s.outside.Ca / self.Ca_half) ** self.hill
        if "Mg" in s.outside:
            bound = bound + (s.outside.Mg / self.Mg_half) ** self.hill
        return 1 / ((1 + s.xp.exp(-self.z_g * (s.V - self.V_half) / s.VT)) * bound)


class NALCNCa(NALCN):
    """NALCN that also carries calcium, for membranes that hold Ca on both sides.

    P_Ca is that of the constant field for a divalent; the same Ca blocks from outside.

    References:
        Lu et al. 2007, Cell 129:371.
    """

    permeation = pore("Na", "K", "Ca")
    claims = Claims(monotone="rising")
