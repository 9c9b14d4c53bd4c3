"""The ventricular channels where their formulas are delicate."""

from __future__ import annotations

import math

import numpy as np
import pytest

import pumpleak as pl
from pumpleak_gated.luo_rudy_ca import LuoRudyCa
from pumpleak_gated.luo_rudy_k import LuoRudyK
from pumpleak_gated.luo_rudy_k1 import LuoRudyK1
from pumpleak_gated.luo_rudy_kp import LuoRudyKp
from pumpleak_gated.luo_rudy_na import LuoRudyNa

SPECIES = {
    name: pl.IonSpecies(name=name, valence=z) for name, z in (("Na", 1), ("K", 1), ("Ca", 2))
}


def problem(channel, K_out=5.4):
    return pl.ClampedProblem(
        pl.Membrane(
            mechanisms=[channel],
            inside=pl.Solution(concentrations={"Na": "10 mM", "K": "145 mM"}),
            outside=pl.Solution(
                concentrations={"Na": "140 mM", "K": f"{K_out} mM", "Ca": "1.8 mM"}
            ),
            temperature="310 K",
            area="100 um^2",
            species=SPECIES,
        )
    )


def current(channel, V_mV, K_out=5.4):
    """Return the current, uA/cm2."""
    (value,) = problem(channel, K_out).currents(V_mV).values()
    return value


def test_sodium_inactivation_follows_one_formula_on_each_side_of_the_switch():
    """3 mV and more from -40 mV, h and j are those of the published branch to 1e-4."""
    states = problem(LuoRudyNa(name="na")).states

    h = 0.135 * math.exp(-(80 - 60) / 6.8)
    h_beta = 3.56 * math.exp(0.079 * -60) + 3.1e5 * math.exp(0.35 * -60)
    assert h / (h + h_beta) == pytest.approx(states(-60.0)["na.h"], rel=1e-12)
    assert 0 == pytest.approx(states(-37.0)["na.h"], abs=1e-4)
    assert 0 == pytest.approx(states(-37.0)["na.j"], abs=1e-4)


def test_the_switch_has_a_slope_far_from_it_too():
    """From -200 to 150 mV current and slope are finite, though exp(800) is not."""
    value, slope = problem(LuoRudyNa()).total(np.linspace(-200.0, 150.0, 701))

    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("V_mV", [-77.0, -47.13])
def test_removable_poles_are_whole(V_mV):
    """At -77 mV (xi) and -47.13 mV (alpha_m) the current is the mean of its neighbours."""
    channel = LuoRudyK() if V_mV == -77.0 else LuoRudyNa()

    here = current(channel, V_mV)
    around = 0.5 * (current(channel, V_mV - 1e-4) + current(channel, V_mV + 1e-4))

    assert here == pytest.approx(around, rel=1e-8)


def test_xi_is_one_below_minus_100():
    """The delayed rectifier's chord conductance there is its gate times its density."""
    made = problem(LuoRudyK(name="k"))

    V_mV = -110.0
    gate = made.states(V_mV)["k.x"]
    reversal = (
        8.314462618 * 310 / 96.48533212 * math.log((5.4 + 0.01833 * 140) / (145 + 0.01833 * 10))
    )

    assert 0.282 * gate * (V_mV - reversal) == pytest.approx(current(LuoRudyK(), V_mV), rel=1e-12)


def test_calcium_rests_where_removal_matches_the_current():
    """At every voltage the pool holds 0.1 uM plus what the inward current fills in."""
    made = problem(LuoRudyCa(name="ca"))
    voltage = np.linspace(-120.0, 40.0, 9)

    (branch,) = made.pool_branches(voltage)
    for V_mV, pool in zip(voltage.tolist(), branch[0].tolist(), strict=True):
        (inward,) = made.currents(V_mV, (pool,)).values()  # 1 uF/cm2: uA/cm2 is uA/uF
        assert 1e-4 - 1e-4 * inward / 0.07 == pytest.approx(pool, rel=1e-12)


def test_calcium_outside_is_asked_for():
    """Without it the message names the channel and the ion."""
    cell = pl.Membrane(
        mechanisms=[LuoRudyCa()],
        inside=pl.Solution(),
        outside=pl.Solution(),
        temperature="310 K",
        area="100 um^2",
        species=SPECIES,
    )

    with pytest.raises(pl.PhysicsError, match=r"LuoRudyCa.*outside concentration of 'Ca'"):
        pl.ClampedProblem(cell)


@pytest.mark.parametrize("channel", [LuoRudyK1, LuoRudyK])
def test_the_ventricles_rectifiers_conduct_with_the_root_of_outside_potassium(channel):
    """A conductance given at 5.4 mM is halved at a quarter of that, at the same gate."""
    far_mV = -140.0

    quarter = problem(channel(), 1.35)
    whole = problem(channel())

    def conductance(made, reversal):
        (value,) = made.currents(far_mV).values()
        return value / (far_mV - reversal)

    if channel is LuoRudyK1:
        reversals = [made.membrane.nernst_mV("K") for made in (quarter, whole)]
    else:
        thermal = 8.314462618 * 310 / 96.48533212
        reversals = [
            thermal * math.log((K_out + 0.01833 * 140) / (145 + 0.01833 * 10))
            for K_out in (1.35, 5.4)
        ]
    ratio = conductance(quarter, reversals[0]) / conductance(whole, reversals[1])

    # K1 is fully open here in both solutions only to a percent.
    assert 0.5 == pytest.approx(ratio, rel=0.02 if channel is LuoRudyK1 else 1e-12)


def test_the_plateau_channel_can_follow_potassium():
    """Its fixed reversal stays at 10 mM outside potassium; a Nernst potential does not."""
    fixed = LuoRudyKp()
    following = LuoRudyKp(permeation=pl.Ohmic("K"))

    assert current(fixed, 0.0, 5.4) == current(fixed, 0.0, 10.0)
    assert current(following, 0.0, 10.0) < current(following, 0.0, 5.4)
