"""Goldman, Hodgkin and Katz's resting voltage, with anions and a divalent cation too."""

from __future__ import annotations

import attrs
import pytest

import pumpleak as pl

R, F = 8.31446261815324, 96485.33212331


@attrs.frozen
class Variant:
    """Permeabilities relative to potassium's and concentrations in and out (mM), by ion."""

    kelvin: float
    ions: dict[str, tuple[float, float, float]]
    V_mV: float
    currents: tuple[float, ...]
    reversals: tuple[float, ...]


# Closed form in 40-digit arithmetic. Squid ratios and concentrations: after Hodgkin & Katz 1949,
# J Physiol 108:37; the 40:1 mammal: after Bear, Connors & Paradiso.
VARIANTS = {
    "squid at rest in sea water": Variant(
        291.15,
        {"K": (1, 400, 10), "Na": (0.04, 50, 460), "Cl": (0.45, 52, 540)},
        -63.2718722212982834,
        (1.0, -0.824414856341976, -0.175585143658024),
        (-92.5516459895717, 55.6784079799692, -58.7172805609274),
    ),
    "squid at rest in blood": Variant(
        291.15,
        {"K": (1, 400, 20), "Na": (0.04, 50, 440), "Cl": (0.45, 52, 560)},
        -59.5178337082424586,
        (0.993993888518141, -1.0, 0.00600611148185873),
        (-75.1610228282998, 54.5631414486978, -59.6297216885505),
    ),
    "squid at the peak of its impulse": Variant(
        291.15,
        {"K": (1, 400, 10), "Na": (20, 50, 460), "Cl": (0.45, 52, 540)},
        43.3118601228005816,
        (0.625094352453164, -1.0, 0.374905647546836),
        (-92.5516459895717, 55.6784079799692, -58.7172805609274),
    ),
    "mammal, K to Na 40 to 1": Variant(
        310.15,
        {"K": (40, 100, 5), "Na": (1, 15, 150)},
        -65.2092923879117349,
        (1.0, -1.0),
        (-80.0659152677218, 61.5404068580756),
    ),
    "mammal with chloride": Variant(
        310.15,
        {"K": (1, 140, 3.5), "Na": (0.05, 12, 145), "Cl": (0.2, 7, 125)},
        -69.8166102888234282,
        (0.939739045176861, -1.0, 0.060260954823139),
        (-98.5914236773679, 66.5982132721906, -77.0370181278488),
    ),
    "cation leak": Variant(
        310.15,
        {"Na": (1.3, 12, 145), "K": (1.2, 140, 3.5)},
        1.29290473330739861,
        (-1.0, 1.0),
        (66.5982132721906, -98.5914236773679),
    ),
    "mammal with chloride and calcium": Variant(
        310.15,
        {
            "K": (1, 140, 3.5),
            "Na": (0.05, 12, 145),
            "Cl": (0.2, 7, 125),
            "Ca": (0.05, 1e-4, 1.3),
        },
        -69.289727713326946,
        (0.968236523150938, -1.0, 0.0653367076134472, -0.033573230764385),
        (-98.5914236773679, 66.5982132721906, -77.0370181278488, 126.586873846019),
    ),
}


def cell(variant: Variant, mechanisms: list[pl.Mechanism]) -> pl.Membrane:
    sides = {
        side: pl.Solution(
            concentrations={ion: f"{given[index]} mM" for ion, given in variant.ions.items()}
        )
        for side, index in (("inside", 1), ("outside", 2))
    }
    return pl.Membrane(
        mechanisms=mechanisms,
        temperature=f"{variant.kelvin} K",
        area="1000 um^2",
        gas_constant=f"{R!r} J/(mol K)",
        faraday=f"{F!r} C/mol",
        **sides,
    )


def one_channel(variant: Variant) -> list[pl.Mechanism]:
    ratios = {ion: given[0] for ion, given in variant.ions.items()}
    return [pl.CustomChannel(name="pore", permeation=pl.GHK(ratios), density="1e-6 cm/s")]


def one_channel_each(variant: Variant) -> list[pl.Mechanism]:
    return [
        pl.CustomChannel(
            name=ion.lower(), permeation=pl.GHK({ion: 1}), density=f"{given[0] * 1e-6!r} cm/s"
        )
        for ion, given in variant.ions.items()
    ]


@pytest.mark.parametrize("built", [one_channel, one_channel_each])
@pytest.mark.parametrize("name", VARIANTS)
def test_the_rest_is_the_closed_form(name, built):
    """One equilibrium, right to rounding, proved to be alone, however the pores are shared out."""
    variant = VARIANTS[name]

    found = pl.rest(cell(variant, built(variant)), prove=True)

    assert 1 == len(found)
    assert found.guarantee.startswith("proved complete")
    assert found[0].stable
    assert variant.V_mV == pytest.approx(found[0].V_mV, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", VARIANTS)
def test_each_ion_carries_its_share_of_the_current(name):
    """The ions' currents, relative to the largest, agree to 1e-12."""
    variant = VARIANTS[name]

    currents = pl.rest(cell(variant, one_channel(variant)))[0].currents_pA

    by_ion = [currents["pore", ion] for ion in variant.ions]
    largest = max(map(abs, by_ion))
    assert variant.currents == pytest.approx([value / largest for value in by_ion], abs=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_pore_for_one_ion_rests_at_its_nernst_potential(name):
    """Each ion alone holds the membrane at its Nernst potential, valence and sign included."""
    variant = VARIANTS[name]

    alone = [pl.rest(cell(variant, [mechanism]))[0].V_mV for mechanism in one_channel_each(variant)]

    assert variant.reversals == pytest.approx(alone, rel=1e-13)
