"""The pumps of published pump-leak models, against the formulas they were published with."""

from __future__ import annotations

import math

import pytest

import pumpleak as pl
from pumpleak_atpase.linear import Linear
from pumpleak_atpase.switched import Switched

SPECIES = {name: pl.IonSpecies(name=name, valence=1) for name in ("Na", "K")}


def net_current(pump, Na=(15.0, 145.0), K_out=4.0):
    """Return the outward net current, uA/cm2."""
    currents = pl.evaluate(
        pump,
        V="-70 mV",
        inside={"Na": f"{Na[0]} mM", "K": "140 mM"},
        outside={"Na": f"{Na[1]} mM", "K": f"{K_out} mM"},
        temperature="310.15 K",
        area="100 um^2",
        species=SPECIES,
    )
    assert {"Na": 3, "K": -2} == pump.stoichiometry
    assert -1.5 * currents["K"] == pytest.approx(currents["Na"], rel=1e-14)
    return sum(currents.values())


def test_the_linear_law_is_the_sodium_ratio():
    """At 14.5 mM inside and 145 mM outside, a tenth of its density."""
    assert 0.1 == pytest.approx(net_current(Linear(density="1 uA/cm^2"), (14.5, 145.0)), rel=1e-13)


def test_the_switched_law_is_huebel_and_dahlems_formula():
    """rho/[(1 + exp((25 - Na_i)/3)) (1 + exp(5.5 - K_o))], rho 6.8 uA/cm2."""
    for sodium, potassium in ((10.0, 3.0), (25.0, 5.5), (40.0, 12.0)):
        formula = 6.8 / (1 + math.exp((25 - sodium) / 3)) / (1 + math.exp(5.5 - potassium))
        pump = Switched(density="6.8 uA/cm^2")

        assert formula == pytest.approx(net_current(pump, (sodium, 145.0), potassium), rel=1e-13)


def test_the_potassium_switch_can_be_moved_to_that_of_the_edpr_model():
    """With half at 3.5 mM, an eighth of the rate at 21.7 mM sodium and 3.5 mM potassium."""
    pump = Switched(density="1 uA/cm^2", K_half="3.5 mM")
    sodium = 25 - 3 * math.log(3)

    assert 0.125 == pytest.approx(net_current(pump, (sodium, 145.0), 3.5), rel=1e-12)
