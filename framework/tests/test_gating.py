"""Gating: how the open probability follows from voltage."""

from __future__ import annotations

import math
from typing import Any

import pytest
from building import NALCN, membrane, voltages
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak import Boltzmann, Channel, Constant, Gating, MarkovScheme, Ohmic, TwoState

VT = 26.726659112967564


class Leak(Channel):
    permeation = Ohmic("K")


def open_probability(gating: Gating, v: float) -> float:
    solved = pl.rest(membrane(Leak(name="leak", density="1 nS", gating=gating))).problem
    return float(solved.open_probabilities(v)["leak"])


def test_a_small_gating_charge_is_nearly_constant() -> None:
    """With 0.1 charges p changes by less than 5 points over any 50 mV; with 4 by nearly all."""
    weak, strong = Boltzmann(V_half="-40 mV", z_g=0.1), Boltzmann(V_half="-40 mV", z_g=4)
    for v in range(-150, 101, 10):
        assert abs(open_probability(weak, v + 50) - open_probability(weak, v)) < 0.05
    assert open_probability(strong, -15) - open_probability(strong, -65) > 0.95


@settings(max_examples=40, deadline=None)
@given(st.floats(-150, 100), st.floats(-5, 5), st.floats(-80, 20), st.floats(0, 1))
def test_two_states_are_the_boltzmann_law_that_flickers(
    v: float, z_g: float, half: float, delta: float
) -> None:
    """Whatever the split of the charge between the rates."""
    law = 1 / (1 + math.exp(-z_g * (v - half) / VT))
    given_half = f"{half!r} mV"

    assert open_probability(Boltzmann(V_half=given_half, z_g=z_g), v) == pytest.approx(
        law, rel=1e-12
    )
    assert open_probability(TwoState(V_half=given_half, z_g=z_g, delta=delta), v) == pytest.approx(
        law, rel=1e-12
    )


def test_two_states_relax_with_the_sum_of_their_rates() -> None:
    """One eigenvalue is -(alpha + beta) where the gate does not move the voltage."""
    gating = TwoState(V_half="-60 mV", z_g=2, rate="100 /s", delta=0.3)
    cell = membrane(
        Leak(name="leak", density="1e-9 nS", gating=gating),
        Leak(name="held", density="100 nS"),
    )
    (state,) = pl.rest(cell)
    u = 2 * (state.V_mV + 60) / VT
    total = 0.1 * math.exp(0.3 * u) + 0.1 * math.exp(-0.7 * u)

    assert min(abs(value.real + total) for value in state.eigenvalues_per_ms) < 1e-9 * total


class ThreeStates(MarkovScheme):
    """Closed, open, inactivated in a row; half a conductance when inactivated."""

    conducting = {"O": 1, "I": 0.5}

    def rates(self, s: Any) -> dict[tuple[str, str], Any]:
        opening = s.xp.exp(s.V / s.VT) / s.ms
        return {
            ("C", "O"): opening,
            ("O", "C"): 2 / s.ms,
            ("O", "I"): 0.5 / s.ms,
            ("I", "O"): 0.25 / s.ms,
        }


def test_a_markov_scheme_is_a_gating_like_another() -> None:
    """Open probability, occupancies as states, and their eigenvalues."""
    cell = membrane(
        Leak(name="leak", density="2 nS", gating=ThreeStates()), NALCN(density="4e-8 cm/s")
    )
    (state,) = pl.rest(cell)
    rate = math.exp(state.V_mV / VT)
    o = 1 / (1 + 2 / rate + 2)

    assert state.open_probability["leak"] == pytest.approx(o + 0.5 * 2 * o, rel=1e-12)
    assert state.states == pytest.approx({"leak.C": 2 / rate * o, "leak.O": o}, rel=1e-12)
    assert len(state.eigenvalues_per_ms) == 3
    assert state.stable


def test_a_scheme_of_two_is_two_states() -> None:
    """The same resting voltage as the gate with the same rates."""

    class Two(MarkovScheme):
        conducting = {"O": 1}

        def rates(self, s: Any) -> dict[tuple[str, str], Any]:
            u = (s.V + 50 * s.mV) / s.VT
            return {("C", "O"): s.xp.exp(u / 2) / s.ms, ("O", "C"): s.xp.exp(-u / 2) / s.ms}

    gating = TwoState(V_half="-50 mV", z_g=1, rate="1000 /s")
    found = [
        pl.rest(membrane(Leak(density="2 nS", gating=made), NALCN(density="4e-8 cm/s")))
        for made in (Two(), gating)
    ]

    assert voltages(found[0]) == pytest.approx(voltages(found[1]), abs=1e-11)
    assert found[0][0].eigenvalues_per_ms == pytest.approx(found[1][0].eigenvalues_per_ms)


def test_constant_is_its_p() -> None:
    """And a probability above 1 is refused."""
    assert open_probability(Constant(p=0.25), -50.0) == 0.25
    with pytest.raises(pl.CompositionError, match="outside its bounds"):
        open_probability(Constant(p=1.5), -50.0)
