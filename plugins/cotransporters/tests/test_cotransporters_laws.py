"""The rate laws: each against its formula, and all against the free energy of a cycle."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak_cotransporters.ae import AE, AEProduct, AESaturable
from pumpleak_cotransporters.kcc2 import KCC2, KCC2Product, KCC2Saturable
from pumpleak_cotransporters.ncc import NCC, NCCProduct, NCCSaturable
from pumpleak_cotransporters.ncx import NCX, NCXLogRatio
from pumpleak_cotransporters.nhe import NHE, NHEProduct, NHESaturable
from pumpleak_cotransporters.nkcc1 import NKCC1, NKCC1Product, NKCC1Saturable
from pumpleak_cotransporters.pmca import PMCA, PMCAReversible

VALENCE = {"Na": 1, "K": 1, "Cl": -1, "Ca": 2, "H": 1, "HCO3": -1}
SPECIES = {ion: pl.IonSpecies(name=ion, valence=valence) for ion, valence in VALENCE.items()}
R, F, T_K = 8.314462618, 96.48533212, 310.15
VT_MV = R * T_K / F
INSIDE = {"Na": 12.0, "K": 140.0, "Cl": 6.0, "HCO3": 12.0, "Ca": 1e-4, "H": 6.3e-5}
OUTSIDE = {"Na": 145.0, "K": 4.0, "Cl": 110.0, "HCO3": 24.0, "Ca": 1.2, "H": 4.0e-5}
FLUX = "1e-10 mol/s/cm^2"
FLUX_AMOL_PER_MS_UM2 = 1e-10 * 1e18 * 1e-3 * 1e-8
AREA_UM2 = 100.0

ELECTRONEUTRAL = [
    *(KCC2, KCC2Product, KCC2Saturable, NKCC1, NKCC1Product, NKCC1Saturable),
    *(NCC, NCCProduct, NCCSaturable, NHE, NHEProduct, NHESaturable, AE, AEProduct, AESaturable),
]
REVERSIBLE = [
    *(transporter(density=FLUX) for transporter in ELECTRONEUTRAL),
    *(law(density="20 uS/cm^2") for law in (KCC2, NKCC1, NCC, NHE, AE, NCXLogRatio)),
    NCX(),
    PMCAReversible(),
]


def cycles(transporter, inside=INSIDE, outside=OUTSIDE, V_mV=-70.0):
    """Return cycles per time and area in the direction counted as out, amol/ms/um2."""
    currents = pl.evaluate(
        transporter,
        V=f"{V_mV!r} mV",
        inside={ion: f"{value!r} mM" for ion, value in inside.items()},
        outside={ion: f"{value!r} mM" for ion, value in outside.items()},
        temperature=f"{T_K} K",
        area=f"{AREA_UM2} um^2",
        species=SPECIES,
    )
    found = [
        currents[ion] / (count * VALENCE[ion] * F * AREA_UM2)
        for ion, count in transporter.stoichiometry.items()
    ]
    assert found == pytest.approx([found[0]] * len(found), rel=1e-13, abs=1e-300)
    return found[0]


def affinity_over_RT(transporter, inside, outside, V_mV):
    """Return what a cycle sets free, ATP included, over RT."""
    ions = sum(
        count * (math.log(inside[ion] / outside[ion]) + VALENCE[ion] * V_mV / VT_MV)
        for ion, count in transporter.stoichiometry.items()
    )
    return ions + transporter.atp * 57e3 / (R * T_K)


def check_downhill(transporter, inside, outside, V_mV):
    affinity = affinity_over_RT(transporter, inside, outside, V_mV)
    rate = cycles(transporter, inside, outside, V_mV)

    assert rate != 0
    assert math.copysign(1, affinity) == math.copysign(1, rate)


def _millimolar(low, high):
    return st.floats(math.log(low), math.log(high)).map(math.exp)


RANGES = {"Na": (1, 200), "K": (1, 200), "Cl": (1, 200), "HCO3": (1, 50), "Ca": (1e-5, 5)}
SIDE = st.fixed_dictionaries(
    {**{ion: _millimolar(*ends) for ion, ends in RANGES.items()}, "H": _millimolar(1e-6, 1e-3)}
)


@pytest.mark.parametrize("transporter", REVERSIBLE, ids=repr)
@given(inside=SIDE, outside=SIDE, V_mV=st.floats(-150, 60))
def test_the_flux_has_the_sign_of_the_affinity(transporter, inside, outside, V_mV):
    """Whatever concentrations and voltage are, a cycle runs where it sets free energy free."""
    assume(abs(affinity_over_RT(transporter, inside, outside, V_mV)) > 1e-9)

    check_downhill(transporter, inside, outside, V_mV)


def test_the_check_of_signs_catches_a_law_with_its_sides_swapped():
    """What runs the other way round is uphill everywhere, and the check says so."""

    class Swapped(pl.Transporter):
        stoichiometry = KCC2Product.stoichiometry

        def activity(self, s):
            return (s.outside.K * s.outside.Cl - s.inside.K * s.inside.Cl) / s.mM**2

    with pytest.raises(AssertionError):
        check_downhill(Swapped(density=FLUX), INSIDE, OUTSIDE, -70.0)


@pytest.mark.parametrize("transporter", REVERSIBLE, ids=repr)
@given(inside=SIDE, outside=SIDE)
def test_the_flux_vanishes_where_the_affinity_does(transporter, inside, outside):
    """With the first ion's inside concentration brought to balance, only rounding is left."""
    first, count = next(iter(transporter.stoichiometry.items()))
    there = affinity_over_RT(transporter, inside, outside, -70.0)
    balanced = {**inside, first: inside[first] * math.exp(-there / count)}
    assume(1e-12 < balanced[first] < 3e3)
    off = {**balanced, first: balanced[first] * math.exp(1 / count)}

    rest, away = cycles(transporter, balanced, outside), cycles(transporter, off, outside)

    assert abs(rest) < 1e-9 * abs(away) + 1e-30


@pytest.mark.parametrize("transporter", ELECTRONEUTRAL)
def test_a_transporter_without_net_charge_ignores_the_voltage(transporter):
    """It moves as many charges one way as the other, carries no current, and costs no ATP."""
    rates = [cycles(transporter(density=FLUX), V_mV=V_mV) for V_mV in (-120.0, 0.0, 40.0)]

    assert 0 == transporter().charge_out(VALENCE)
    assert 0 == transporter.atp
    assert rates == pytest.approx([rates[0]] * 3, rel=1e-14)


def test_kcc2_is_a_conductance_between_the_two_nernst_potentials():
    """Its potassium current is g (E_Cl - E_K), outward in a neuron."""
    e_k = VT_MV * math.log(OUTSIDE["K"] / INSIDE["K"])
    e_cl = VT_MV * math.log(INSIDE["Cl"] / OUTSIDE["Cl"])
    current = cycles(KCC2(density="20 uS/cm^2")) * F * 100.0  # uA/cm2

    assert 20e-3 * (e_cl - e_k) == pytest.approx(current, rel=1e-13)


def test_kcc2_as_a_molar_flux_is_the_logarithm_of_the_products():
    """U ln(K_i Cl_i/(K_o Cl_o)), as the edPR model has it."""
    ratio = INSIDE["K"] * INSIDE["Cl"] / (OUTSIDE["K"] * OUTSIDE["Cl"])

    rate = cycles(KCC2(density="7.0e-7 mol/m^2/s"))

    assert 7.0e-4 * math.log(ratio) == pytest.approx(rate, rel=1e-13)


def test_a_conductance_and_the_molar_flux_it_stands_for_are_the_same():
    """g RT/F^2 is the flux at an affinity of RT."""
    conductance = 20e-5 * VT_MV / F  # amol/ms/um2 of 20 uS/cm2 = 20e-5 nS/um2

    as_flux = cycles(KCC2(density=f"{conductance!r} amol/ms/um^2"))

    assert as_flux == pytest.approx(cycles(KCC2()), rel=1e-13)


def test_kcc2_by_product_difference():
    """P (K_i Cl_i - K_o Cl_o), per square of the reference concentration."""
    difference = INSIDE["K"] * INSIDE["Cl"] - OUTSIDE["K"] * OUTSIDE["Cl"]

    rate = cycles(KCC2Product(density=FLUX, reference="2 mM"))

    assert FLUX_AMOL_PER_MS_UM2 * difference / 4 == pytest.approx(rate, rel=1e-13)


def test_nkcc1_counts_chloride_twice():
    """Its product difference has Na, K and the square of Cl."""
    taken = OUTSIDE["Na"] * OUTSIDE["K"] * OUTSIDE["Cl"] ** 2
    delivered = INSIDE["Na"] * INSIDE["K"] * INSIDE["Cl"] ** 2

    rate = cycles(NKCC1Product(density=FLUX, reference="10 mM"))

    assert FLUX_AMOL_PER_MS_UM2 * (taken - delivered) / 1e4 == pytest.approx(rate, rel=1e-13)


@pytest.mark.parametrize("potassium_mM", [4.0, 16.0, 40.0])
def test_nkcc1_is_switched_on_by_outside_potassium(potassium_mM):
    """U/(1 + exp(16 - K_o)) [ln(K_i Cl_i/(K_o Cl_o)) + ln(Na_i Cl_i/(Na_o Cl_o))], inward."""
    outside = {**OUTSIDE, "K": potassium_mM}
    ratio = math.prod(
        (INSIDE[ion] / outside[ion]) ** count for ion, count in (("Na", 1), ("K", 1), ("Cl", 2))
    )
    outward = 2.33e-4 / (1 + math.exp(16 - potassium_mM)) * math.log(ratio)

    assert -outward == pytest.approx(cycles(NKCC1(), outside=outside), rel=1e-12)


@pytest.mark.parametrize("transporter", [KCC2Saturable, NKCC1Saturable, NCCSaturable, AESaturable])
def test_a_carrier_with_full_sites_on_one_side_runs_at_its_density(transporter):
    """Where it takes from is far above any half saturation, where it delivers far below."""
    taken = {"inside": dict.fromkeys(VALENCE, 1e-5), "outside": dict.fromkeys(VALENCE, 1e-5)}
    for ion, count in transporter.stoichiometry.items():
        taken["inside" if count > 0 else "outside"][ion] = 9e3
    rate = cycles(transporter(density=FLUX), **taken)

    assert FLUX_AMOL_PER_MS_UM2 == pytest.approx(rate, rel=0.03)
    assert rate < FLUX_AMOL_PER_MS_UM2


def test_nhe_idles_at_alkaline_inside_ph():
    """From pH 6.5 to 7.5 inside it slows far more than its affinity falls."""
    exchanger = NHESaturable(density=FLUX)
    acid = cycles(exchanger, {**INSIDE, "H": 10**-3.5})
    alkaline = cycles(exchanger, {**INSIDE, "H": 10**-4.5})

    assert acid > 15 * alkaline > 0


def test_ncx_is_luo_and_rudys_formula():
    """With its usual numbers, in uA/cm2, at three voltages."""
    nai, nao, cai, cao = INSIDE["Na"], OUTSIDE["Na"], INSIDE["Ca"], OUTSIDE["Ca"]
    for V_mV in (-85.0, 0.0, 40.0):
        u = V_mV / VT_MV
        formula = (
            *(2000 / (87.5**3 + nao**3) / (1.38 + cao) / (1 + 0.1 * math.exp(-0.65 * u)),),
            *(math.exp(0.35 * u) * nai**3 * cao - math.exp(-0.65 * u) * nao**3 * cai,),
        )

        current = cycles(NCX(), V_mV=V_mV) * F * 100.0

        assert math.prod(formula) == pytest.approx(current, rel=1e-12)


def test_ncx_takes_calcium_out_at_rest_and_lets_it_in_at_depolarised_voltage():
    """It turns at 3 E_Na - 2 E_Ca, about -53 mV here; one charge goes with a cycle."""
    e_na = VT_MV * math.log(OUTSIDE["Na"] / INSIDE["Na"])
    e_ca = VT_MV / 2 * math.log(OUTSIDE["Ca"] / INSIDE["Ca"])
    turn = 3 * e_na - 2 * e_ca

    assert 1 == NCX().charge_out(VALENCE)
    for exchanger in (NCX(), NCXLogRatio(density="1 uS/cm^2")):
        assert cycles(exchanger, V_mV=turn - 5) < 0 < cycles(exchanger, V_mV=turn + 5)


def test_the_calcium_pump_exchanges_two_protons_and_moves_no_charge():
    """1 Ca out, 2 H in, 1 ATP; half its rate at half saturation."""
    half = cycles(PMCA(), {**INSIDE, "Ca": 5e-4})

    assert {"Ca": 1, "H": -2} == PMCA.stoichiometry
    assert 1 == PMCA.atp
    assert 0 == PMCA().charge_out(VALENCE)
    assert 6e-12 * 1e7 / 2 == pytest.approx(half, rel=1e-13)


def test_the_simple_calcium_pump_is_irreversible_and_says_so():
    """Where ATP cannot pay for the ions, it runs on; the reversible one turns round."""
    inside, outside = {**INSIDE, "Ca": 1e-5, "H": 1e-3}, {**OUTSIDE, "Ca": 5.0, "H": 1e-7}

    assert affinity_over_RT(PMCA, inside, outside, -70.0) < 0
    assert cycles(PMCA(), inside, outside) > 0 > cycles(PMCAReversible(), inside, outside)
    assert "irreversible" in PMCA.__doc__


def test_far_from_equilibrium_the_two_calcium_pumps_agree():
    """At rest ATP pays many times RT too much, so that going back is rare."""
    assert cycles(PMCA()) == pytest.approx(cycles(PMCAReversible()), rel=1e-3)


def test_an_exchanger_of_protons_asks_for_the_ph():
    """Without a pH the membrane says what is missing, and for whom."""
    without = {ion: value for ion, value in INSIDE.items() if ion != "H"}

    with pytest.raises(pl.CompositionError, match=r"inside\.H: NHE carries H"):
        cycles(NHE(density=FLUX), without)


def test_a_conductance_is_refused_by_a_law_without_a_driving_force():
    """Siemens mean nothing to a product difference."""
    with pytest.raises(pl.CompositionError, match="density cannot be a conductance"):
        cycles(KCC2Product(density="20 uS/cm^2"))
