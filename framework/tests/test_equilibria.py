"""What a solver returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import NALCN, curve, membrane, reference_a, reference_a2

import pumpleak as pl
from pumpleak import Channel, Gate, Ohmic


class Slow(Channel):
    """A channel that opens with depolarisation, at a rate of one's choice."""

    permeation = Ohmic("Na")
    rate = pl.parameter("1 /s", source="assumed")
    half = pl.parameter("-50 mV", source="assumed")

    def gates(self, s: Any) -> dict[str, Gate]:
        steady = 1 / (1 + s.xp.exp(-4 * (s.V - self.half) / s.VT))
        return {"n": Gate(steady=steady, tau=1 / self.rate)}


class Leak(Channel):
    permeation = Ohmic("K")


def cell(rate: str) -> pl.Membrane:
    return membrane(Leak(density="10 nS"), Slow(density="8 nS", rate=rate))


def test_it_is_a_sequence() -> None:
    """Of resting states in order of voltage."""
    found = pl.rest(reference_a2())

    assert len(found) == 3
    assert [state.V_mV for state in found] == sorted(state.V_mV for state in found)
    assert found[0] is next(iter(found))
    assert found.stable == (found[0], found[2])
    assert repr(found).startswith("Equilibria(found: -78.8910 mV stable, -61.5797 mV unstable")
    assert repr(found[0]) == "RestingState(V_mV=-78.891, stable)"


@pytest.mark.parametrize("rate", ["1e-3 /s", "1 /s", "1000 /s", "1e6 /s"])
def test_stability_takes_the_gates_into_account(rate: str) -> None:
    """Of three states the middle one is a saddle, however slow or fast the gate."""
    found = pl.rest(cell(rate))

    assert [state.kind for state in found] == ["stable", "saddle", "stable"]
    assert [state.unstable_directions for state in found] == [0, 1, 0]
    for state in found:
        assert (state.slope_nS > 0) == state.stable
        assert state.slope_frozen_nS > 0
        determinant = np.prod(state.eigenvalues_per_ms).real
        expected = state.slope_nS / state.problem.membrane.capacitance_pF
        assert determinant == pytest.approx(expected * pl.quantity(rate).value, rel=1e-6)


def test_an_oscillator_is_unstable_though_its_slope_is_positive() -> None:
    """A positive steady slope is not enough: the gate that restores it may come too late."""

    class Late(Channel):
        permeation = Ohmic("K")

        def gates(self, s: Any) -> dict[str, Gate]:
            steady = 1 / (1 + s.xp.exp(-6 * (s.V + 45 * s.mV) / s.VT))
            return {"n": Gate(steady=steady, tau=20 * s.ms)}

    class Early(Channel):
        permeation = Ohmic("Na")

        def open_probability(self, s: Any) -> Any:
            return 1 / (1 + s.xp.exp(-4 * (s.V + 40 * s.mV) / s.VT))

    found = pl.rest(
        membrane(
            Leak(density="1 nS"),
            NALCN(density="1e-7 cm/s"),
            Late(density="80 nS"),
            Early(density="40 nS"),
        )
    )
    late = [state for state in found if state.slope_nS > 0 and not state.stable]

    assert late
    assert late[0].kind == "unstable"
    assert late[0].unstable_directions == 2


def test_numbers_agree_with_each_other() -> None:
    """Residual, slope, resistance, time constant, currents and ATP of one state."""
    (state,) = pl.rest(reference_a())
    solved = state.problem

    assert state.residual_pA == pytest.approx(sum(state.currents_pA.values()), abs=1e-12)
    assert state.slope_nS == pytest.approx(solved.total_at(state.V_mV)[1], rel=1e-13)
    assert state.input_resistance_MOhm == pytest.approx(1e3 / state.slope_nS)
    assert state.time_constant_ms == pytest.approx(10 / state.slope_nS)
    assert state.ATP_per_s == pytest.approx(state.cycles["pump"] * 602214.076 * 1000)
    assert state.power_W == pytest.approx(state.ATP_per_s / 6.02214076e23 * 57e3)
    assert state.open_probability["nalcn"] == 1.0
    assert state.states == {}


def test_a_flat_curve_has_no_resistance_to_speak_of() -> None:
    """Infinite, not a division by zero; and marginal, not stable."""
    (state,) = pl.rest(curve(lambda v, xp: ((v + 60.1) / 10) ** 5))

    assert state.kind == "marginal"
    assert not state.stable


def test_slopes_stay_finite_where_their_exponentials_overflow() -> None:
    """1/(1 + exp(1400)) is nought, and so is its slope; stability is up to what else there is."""
    (state,) = pl.rest(curve(lambda v, xp: 0.1 * (v + 60) + 5 / (1 + xp.exp((v + 200) / 0.1))))

    assert state.V_mV == pytest.approx(-60)
    assert state.slope_nS == pytest.approx(0.1)
    assert state.kind == "stable"
