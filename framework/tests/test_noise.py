"""Channel-number noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pumpleak import CompositionError, relative_conductance_noise


def test_it_is_the_spread_of_a_binomial_number() -> None:
    """Held against a draw of a hundred thousand cells."""
    open_ = np.random.default_rng(0).binomial(400, 0.2, 100_000)

    assert relative_conductance_noise(400, 0.2) == pytest.approx(
        open_.std() / open_.mean(), rel=0.01
    )


def test_rare_openings_are_poisson() -> None:
    """About 1/sqrt(N p) where p is small; none where every channel is open."""
    assert relative_conductance_noise(1e6, 1e-4) == pytest.approx(0.1, rel=1e-4)
    assert relative_conductance_noise(10, 1) == 0.0


@pytest.mark.parametrize(
    ("count", "p"), [(0, 0.5), (-1, 0.5), (10, 0), (10, 1.1), (math.nan, 0.5), (10, math.nan)]
)
def test_no_such_population(count: float, p: float) -> None:
    """Refused, not nan."""
    with pytest.raises(CompositionError):
        relative_conductance_noise(count, p)
