"""Mullins and Noda: how far an electrogenic pump in flux balance moves the resting voltage.

At flux balance the leaks' sodium comes back through the pump threefold and potassium twofold. The
clamped solver knows no flux balance; it is given a pump of constant rate, and the rate at which
the fluxes balance is then looked for, or taken from the closed form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import attrs
import pytest
from scipy.optimize import brentq

import pumpleak as pl
from pumpleak_atpase.constant import Constant


class Neutral(pl.Transporter):
    """A pump that moves three for three, and so no charge."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -3}
    atp: ClassVar[int] = 1

    def activity(self, s):
        return 1.0


@attrs.frozen
class Variant:
    """P_Na/P_K, concentrations in and out (mM), and the closed form's answers."""

    kelvin: float
    ratio: float
    K: tuple[float, float]
    Na: tuple[float, float]
    pump: type[pl.Transporter]
    V_mV: float
    without_mV: float
    bound_mV: float
    #: Cycles per time and area over P_K, mM.
    flux_mM: float


# Formula: Mullins & Noda 1963, J Gen Physiol 47:117; figures from it in 40-digit arithmetic,
# confirmed by the flux balance in V and q.
MAMMAL = (310.15, 0.03, (140, 4), (12, 145))
VARIANTS = {
    "mammal": Variant(
        *MAMMAL,
        Constant,
        -80.496256051569943,
        -75.4212692727534286,
        10.8367277264374,
        4.57444568059890266,
    ),
    "squid": Variant(
        291.15,
        0.04,
        (400, 10),
        (50, 460),
        Constant,
        -72.5509578341072471,
        -66.4883985620375662,
        10.1728624135169,
        18.6643416661045205,
    ),
    "frog muscle": Variant(
        293.15,
        0.01,
        (140, 2.5),
        (9.2, 120),
        Constant,
        -94.6848884668682121,
        -91.8002175625874413,
        10.2427429727717,
        1.53266629907211931,
    ),
    "electroneutral": Variant(
        *MAMMAL, Neutral, -75.4212692727534286, -75.4212692727534286, 0.0, 4.32922592137200001
    ),
}
#: P_K of 1e-6 cm/s times 1 mM, as a molar flux per area.
UNIT = 1e-6 * 1e-6
CONSTANTS = {"gas_constant": "8.31446261815324 J/(mol K)", "faraday": "96485.33212331 C/mol"}


def cell(variant: Variant, flux_mM: float) -> pl.Membrane:
    permeability = {"K": 1e-6, "Na": variant.ratio * 1e-6}
    return pl.Membrane(
        mechanisms=[
            *(
                pl.CustomChannel(
                    name=f"{ion}_leak", permeation=pl.GHK({ion: 1}), density=f"{value!r} cm/s"
                )
                for ion, value in permeability.items()
            ),
            variant.pump(name="pump", density=f"{flux_mM * UNIT!r} mol/s/cm^2"),
        ],
        inside=pl.Solution(concentrations={"K": f"{variant.K[0]} mM", "Na": f"{variant.Na[0]} mM"}),
        outside=pl.Solution(
            concentrations={"K": f"{variant.K[1]} mM", "Na": f"{variant.Na[1]} mM"}
        ),
        temperature=f"{variant.kelvin} K",
        area="1000 um^2",
        **CONSTANTS,
    )


def sodium_left_over_pA(variant: Variant, flux_mM: float) -> float:
    """Return the net sodium current at the clamped rest."""
    currents = pl.rest(cell(variant, flux_mM))[0].currents_pA
    return sum(value for (_, ion), value in currents.items() if ion == "Na")


@pytest.mark.parametrize("name", VARIANTS)
def test_with_the_pump_at_flux_balance_the_rest_is_mullins_and_nodas(name):
    """The clamped rest is the closed form's voltage, proved to be the only one."""
    variant = VARIANTS[name]

    found = pl.rest(cell(variant, variant.flux_mM), prove=True)

    assert 1 == len(found)
    assert found.guarantee.startswith("proved complete")
    assert variant.V_mV == pytest.approx(found[0].V_mV, rel=1e-13)


@pytest.mark.parametrize("name", VARIANTS)
def test_both_fluxes_balance_there(name):
    """What leaks in as sodium and out as potassium is what the pump moves back, to 1e-13."""
    variant = VARIANTS[name]

    state = pl.rest(cell(variant, variant.flux_mM))[0]

    currents = state.currents_pA
    for ion in ("Na", "K"):
        leak, pumped = currents[f"{ion}_leak", ion], currents["pump", ion]
        assert -leak == pytest.approx(pumped, rel=1e-13)
    if variant.pump is Constant:
        net = currents["pump", "Na"] + currents["pump", "K"]
        assert -3 * net == pytest.approx(currents["Na_leak", "Na"], rel=1e-13)
        assert 2 * net == pytest.approx(currents["K_leak", "K"], rel=1e-13)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_rate_of_flux_balance_is_found_without_knowing_it(name):
    """The pump rate that leaves no sodium over at rest is the closed form's, and so is the rest."""
    variant = VARIANTS[name]

    enough_mM = 1.0
    while sodium_left_over_pA(variant, enough_mM) < 0:
        enough_mM *= 2
    flux_mM = brentq(
        lambda rate: sodium_left_over_pA(variant, rate), 0.0, enough_mM, xtol=1e-14, rtol=1e-15
    )

    assert variant.flux_mM == pytest.approx(flux_mM, rel=1e-12)
    assert variant.V_mV == pytest.approx(pl.rest(cell(variant, flux_mM))[0].V_mV, rel=1e-12)


@pytest.mark.parametrize("name", VARIANTS)
def test_without_the_pump_the_rest_is_goldmans_and_the_step_has_a_bound(name):
    """The pump's step is never more than (RT/F) ln(3/2); an electroneutral pump makes none."""
    variant = VARIANTS[name]

    still = pl.rest(cell(variant, 0.0))[0].V_mV

    charge_ratio = 1.5 if variant.pump is Constant else 1.0
    thermal_mV = 8.31446261815324 * variant.kelvin / 96.48533212331
    assert variant.without_mV == pytest.approx(still, rel=1e-13)
    assert variant.bound_mV == pytest.approx(thermal_mV * math.log(charge_ratio), rel=1e-13)
    assert -1e-12 <= still - variant.V_mV <= variant.bound_mV + 1e-12


def test_with_conductances_the_pump_weighs_potassiums_vote_by_three_halves():
    """g_K 1, g_Na 0.1, E_K -100, E_Na 50 mV: -90.625 mV, with a net pump current of 4.6875."""
    leaks = [
        pl.CustomChannel(
            name=f"{ion}_leak", permeation=pl.Ohmic(ion, reversal=f"{at} mV"), density=f"{size} nS"
        )
        for ion, at, size in (("K", -100, 1), ("Na", 50, 0.1))
    ]

    state = pl.rest(
        pl.Membrane(
            mechanisms=[*leaks, Constant(name="pump", density="4.6875 pA")],
            inside=pl.Solution(concentrations={"K": "140 mM", "Na": "12 mM"}),
            outside=pl.Solution(concentrations={"K": "4 mM", "Na": "145 mM"}),
            temperature="310.15 K",
            area="1000 um^2",
        )
    )[0]

    assert -90.625 == pytest.approx(state.V_mV, rel=1e-15)
    assert -3 * 4.6875 == pytest.approx(state.currents_pA["Na_leak", "Na"], rel=1e-14)
    assert 2 * 4.6875 == pytest.approx(state.currents_pA["K_leak", "K"], rel=1e-14)
