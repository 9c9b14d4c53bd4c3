"""Huebel and Dahlem's channels: one dynamic gate, and the gate that is tied to it."""

from __future__ import annotations

import math

import pytest

import pumpleak as pl
from pumpleak_gated.huebel_k import HuebelK
from pumpleak_gated.huebel_na import HuebelNa

SPECIES = {name: pl.IonSpecies(name=name, valence=1) for name in ("Na", "K")}


def membrane(*mechanisms):
    return pl.Membrane(
        mechanisms=mechanisms,
        inside=pl.Solution(concentrations={"Na": "25 mM", "K": "129 mM"}),
        outside=pl.Solution(concentrations={"Na": "125 mM", "K": "4 mM"}),
        temperature="309 K",
        area="922 um^2",
        species=SPECIES,
    )


def test_only_n_is_a_state():
    """m follows the voltage and h follows n, neither with a delay."""
    assert ["HuebelK.n"] == list(pl.ClampedProblem(membrane(HuebelNa(), HuebelK())).states(-60.0))


@pytest.mark.parametrize("V_mV", [-90.0, -67.0, -34.0, -30.0, 10.0])
def test_gates_are_the_published_formulas(V_mV):
    """n from its rates, m at its steady value, h = 1 - 1/(1 + exp(-6.5 (n - 0.35)))."""

    def ramp(u):
        return 1.0 if u == 0 else u / (1 - math.exp(-u))

    a_n, b_n = 0.1 * ramp((V_mV + 34) / 10), 0.125 * math.exp(-(V_mV + 44) / 80)
    a_m, b_m = ramp((V_mV + 30) / 10), 4 * math.exp(-(V_mV + 55) / 18)
    n, m = a_n / (a_n + b_n), a_m / (a_m + b_m)
    h = 1 - 1 / (1 + math.exp(-6.5 * (n - 0.35)))

    found = pl.ClampedProblem(membrane(HuebelNa(), HuebelK())).open_probabilities(V_mV)

    assert m**3 * h == pytest.approx(found["HuebelNa"], rel=1e-12)
    assert n**4 == pytest.approx(found["HuebelK"], rel=1e-12)


def test_phi_quickens_the_gate_and_moves_no_rest():
    """Three times the rates are three times the eigenvalue of n, at the same steady value."""
    slow, fast = HuebelK(phi=1.0), HuebelK()
    steady = [pl.ClampedProblem(membrane(HuebelNa(), k)).states(-50.0) for k in (slow, fast)]
    rates = [
        pl.ClampedProblem(membrane(HuebelNa(), k)).full(-50.0, [0.0])[0][1] for k in (slow, fast)
    ]

    assert steady[0] == steady[1]
    assert 3 * rates[0] == pytest.approx(rates[1], rel=1e-14)


def test_h_follows_the_channel_that_it_is_told_to():
    """With the potassium channel under another name, `potassium` gives the gate's."""
    tied = membrane(HuebelNa(potassium="delayed.n"), HuebelK(name="delayed"))
    named = membrane(HuebelNa(), HuebelK())

    found, expected = (pl.ClampedProblem(one).open_probabilities(-60.0) for one in (tied, named))

    assert found["HuebelNa"] == expected["HuebelNa"]


def test_a_gate_that_nobody_has_is_named():
    """Tied to a channel that is not there, the membrane says so and offers the near name."""
    with pytest.raises(pl.PhysicsError, match=r"'HuebelK\.n', which nobody has \(did you mean"):
        pl.rest(membrane(HuebelNa(), HuebelK(name="HuebelKdr")))
