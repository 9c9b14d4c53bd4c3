"""The problem that a solver is given."""

from __future__ import annotations

import numpy as np
import pytest
from building import curve, reference_a, reference_a2

from pumpleak import Boltzmann
from pumpleak.equilibria._rest import problem


def test_landmarks_say_where_it_is_steep() -> None:
    """Centre and width of every exponential in V, whatever the parameters' values."""
    cell = reference_a2().evolve({"k2p.gating.V_half": "-77 mV", "k2p.gating.z_g": -40})
    found = problem(cell).landmarks()

    assert any(
        centre == pytest.approx(-77) and width == pytest.approx(26.726659112967564 / 40)
        for centre, width in found
    )
    assert isinstance(Boltzmann().z_g.value, float)


def test_a_curve_that_does_not_depend_on_voltage_has_the_shape_of_its_voltages() -> None:
    """Kernels return a number there."""
    current, slope = problem(curve(lambda v, xp: 1 + 0 * v)).total(np.zeros(5))

    assert current.shape == slope.shape == (5,)


def test_bounds_shrink_to_the_value() -> None:
    """On a point the enclosure is as tight as rounding allows."""
    solved = problem(reference_a())
    v = np.linspace(-150, 100, 50)
    (least, most), (falling, rising) = solved.enclosure(v, v)
    current, slope = solved.total(v)

    assert np.all((least <= current) & (current <= most))
    assert np.all((falling <= slope) & (slope <= rising))
    assert np.all(most - least < 1e-11 * (1 + np.abs(current)))


def test_bounds_say_nothing_of_the_slope_across_a_jump() -> None:
    """Between the branches of a choice the slope may be anything; beside it, it is known."""
    solved = problem(curve(lambda v, xp: xp.where(v < -65, v + 70, v + 60)))
    low, high = np.array([-70.0, -66.0, -60.0]), np.array([-66.0, -64.0, -50.0])
    _, (falling, rising) = solved.enclosure(low, high)

    assert np.isfinite(falling).tolist() == [True, False, True]
    assert np.isfinite(rising).tolist() == [True, False, True]


def test_the_smaller_of_two_does_not_jump() -> None:
    """Its branches meet where they change over."""
    solved = problem(curve(lambda v, xp: xp.minimum(v, 2 * v) + xp.absolute(v) + xp.maximum(v, 0)))
    _, (falling, rising) = solved.enclosure(np.array([-10.0]), np.array([10.0]))

    assert falling[0] <= 0.0
    assert 3.0 <= rising[0] <= 4.5
