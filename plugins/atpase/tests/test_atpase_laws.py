"""The rate laws: each against the formula it was published with, and against what it means."""

from __future__ import annotations

import math

import pytest

import pumpleak as pl
from pumpleak_atpase.constant import Constant
from pumpleak_atpase.cubic import Cubic
from pumpleak_atpase.luo_rudy import LuoRudy
from pumpleak_atpase.nak import NaK
from pumpleak_atpase.two_site import TwoSite

SPECIES = {name: pl.IonSpecies(name=name, valence=1) for name in ("Na", "K")}
VT_MV = 8.314462618 * 310.15 / 96.48533212


def net_current(pump, V_mV=-70.0, Na=(15.0, 145.0), K=(140.0, 4.0), temperature="310.15 K"):
    """Return the outward net current, uA/cm2, of a pump with a density of 1 uA/cm2."""
    cell = pl.Membrane(
        mechanisms=[pump],
        inside=pl.Solution(concentrations={"Na": f"{Na[0]} mM", "K": f"{K[0]} mM"}),
        outside=pl.Solution(concentrations={"Na": f"{Na[1]} mM", "K": f"{K[1]} mM"}),
        temperature=temperature,
        area="100 um^2",
        species=SPECIES,
    )
    return sum(pl.ClampedProblem(cell).currents(V_mV).values())


ONE = "1 uA/cm^2"


@pytest.mark.parametrize("pump", [Constant, Cubic, LuoRudy, NaK, TwoSite])
def test_three_sodium_go_out_for_two_potassium_in(pump):
    """Sodium carries three, potassium minus two elementary charges of each net one."""
    cell = pl.Membrane(
        mechanisms=[pump(name="pump", density=ONE)],
        inside=pl.Solution(concentrations={"Na": "15 mM", "K": "140 mM"}),
        outside=pl.Solution(concentrations={"Na": "145 mM", "K": "4 mM"}),
        temperature="310.15 K",
        area="100 um^2",
        species=SPECIES,
    )

    currents = pl.ClampedProblem(cell).currents(-70.0)

    net = sum(currents.values())
    assert net > 0
    assert 3 * net == pytest.approx(currents["pump", "Na"], rel=1e-14)
    assert -2 * net == pytest.approx(currents["pump", "K"], rel=1e-14)


def test_nothing_modulates_a_constant_pump():
    """Its net current is its density at any voltage and any concentrations."""
    rates = [
        net_current(Constant(density=ONE), V_mV, Na, K)
        for V_mV in (-120.0, 40.0)
        for Na in ((5.0, 145.0), (50.0, 20.0))
        for K in ((140.0, 4.0), (90.0, 30.0))
    ]

    assert [1.0] * 8 == pytest.approx(rates, rel=1e-14)


def test_the_cubic_law_is_the_cube_of_the_sodium_ratio():
    """At 14.5 mM inside and 145 mM outside, a thousandth of its density."""
    assert 1e-3 == pytest.approx(net_current(Cubic(density=ONE), Na=(14.5, 145.0)), rel=1e-13)


def test_luo_and_rudys_pump_is_the_published_formula():
    """0.4363 uA/cm2 at -65.44 mV with 1.5 uA/cm2, Na 15/145 and K 140/4 mM."""
    current = net_current(LuoRudy(density="1.5 uA/cm^2"), -65.4423779834206)

    assert 0.436300329509 == pytest.approx(current, rel=1e-11)


def test_hyperpolarisation_slows_luo_and_rudys_pump_through_outside_sodium():
    """From 0 to -120 mV the rate falls, and falls less where outside sodium is low."""
    pump = LuoRudy(density=ONE)

    plain = net_current(pump, -120.0) / net_current(pump, 0.0)
    low = net_current(pump, -120.0, (15.0, 30.0)) / net_current(pump, 0.0, (15.0, 30.0))

    assert plain < low < 1


@pytest.mark.parametrize("sodium_mM", [1.0, 6.7, 20.0, 67.6, 150.0])
def test_the_two_site_law_is_the_published_formula(sodium_mM):
    """0.62/(1 + (6.7/Na)^3) + 0.38/(1 + (67.6/Na)^3), whatever voltage and potassium are."""
    expected = 0.62 / (1 + (6.7 / sodium_mM) ** 3) + 0.38 / (1 + (67.6 / sodium_mM) ** 3)

    rates = [
        net_current(TwoSite(density=ONE), V_mV, (sodium_mM, 145.0), K)
        for V_mV in (-120.0, 20.0)
        for K in ((140.0, 4.0), (100.0, 50.0))
    ]

    assert [expected] * 4 == pytest.approx(rates, rel=1e-14)


def test_the_default_pump_is_at_half_rate_at_its_half_saturations():
    """At K_Na inside and K_K outside it runs at a quarter of what voltage allows."""
    sodium = (math.exp(145 / 67.3) - 1) / 7
    u = -70.0 / VT_MV
    voltage = 1 / (1 + 0.1245 * math.exp(-0.1 * u) + 0.0365 * sodium * math.exp(-u))

    current = net_current(NaK(density=ONE), -70.0, (10.0, 145.0), (140.0, 1.5))

    assert voltage / 4 == pytest.approx(current, rel=1e-13)


def test_cooling_from_37_to_23_degrees_slows_the_default_pump_fourfold():
    """Its Q10 of 2.7 is what a fourfold change over 14 degrees makes."""
    pump = NaK(density=ONE)
    # The voltage factor depends on RT/F too; a high voltage takes it out.
    warm = net_current(pump, 700.0)
    cool = net_current(pump, 700.0, temperature="23 degC")

    assert 4.0 == pytest.approx(warm / cool, rel=0.01)


def test_a_count_of_pumps_stands_for_its_turnover():
    """1000 pumps per um2 at 160 cycles per second make 0.0256 pA/um2 at full rate."""
    counted = net_current(NaK(density="1000 /um^2"))
    elementary_pC = 1.602176634e-7

    as_current = net_current(NaK(density=f"{1000 * 160 * elementary_pC!r} pA/um^2"))

    assert as_current == pytest.approx(counted, rel=1e-9)
