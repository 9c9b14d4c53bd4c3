"""Draws: pure functions of definition, seed and index, in every design."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from building import reference_a2
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

import pumpleak as pl
from pumpleak.population import (
    Correlation,
    LogNormal,
    LogUniform,
    Normal,
    Population,
    Uniform,
)
from pumpleak.population._draws import BLOCK, DESIGNS

SIZE = 2 * BLOCK + 1234
VARY = {
    "outside.K": LogUniform(low="2 mM", high="20 mM"),
    "inside.Na": Normal(mean="15 mM", sd="2 mM", low="8 mM"),
    "pump.density": LogNormal(median="1.5 uA/cm^2", cv=0.4),
}


def population(design: str = "random", members: int = SIZE, **more: Any) -> Population:
    given = {"seed": 3, **more}
    return Population(
        reference_a2(), given.pop("vary", VARY), members=members, sampling=design, **given
    )


WHOLE = {design: population(design) for design in DESIGNS}
DRAWN = {design: found.values() for design, found in WHOLE.items()}


@pytest.mark.parametrize("design", DESIGNS)
@settings(max_examples=15, deadline=None)
@given(ends=st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)))
def test_a_member_does_not_depend_on_who_else_is_asked_for(
    design: str, ends: tuple[int, int]
) -> None:
    """Any stretch of members is a stretch of all of them, to the last bit."""
    start, stop = sorted(ends)
    for name, values in WHOLE[design].values(start, stop).items():
        assert np.array_equal(values, DRAWN[design][name][start:stop])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_seed_gives_the_same_members_and_another_gives_others(design: str) -> None:
    """Twice the same, and nothing in common with the next seed."""
    again, other = population(design).values(), population(design, seed=4).values()

    for name, values in DRAWN[design].items():
        assert np.array_equal(values, again[name])
        assert not np.isin(values[:1000], other[name][:1000]).any()


def test_varying_one_thing_more_leaves_the_draws_of_the_others() -> None:
    """Random numbers belong to a name: effects can be compared member by member."""
    few = population(vary={"outside.K": VARY["outside.K"]}).values()

    assert np.array_equal(few["outside.K"], DRAWN["random"]["outside.K"])


@pytest.mark.parametrize("design", DESIGNS)
def test_draws_follow_their_distributions(design: str) -> None:
    """Against SciPy's own distributions, by Kolmogorov and Smirnov's distance."""
    sigma = math.sqrt(math.log(1 + 0.4**2))
    cut = stats.truncnorm((8 - 15) / 2, math.inf, loc=15, scale=2)
    laws = {
        "outside.K": stats.loguniform(2, 20),
        "inside.Na": cut,
        "pump.density": stats.lognorm(sigma, scale=0.015),
    }
    for name, law in laws.items():
        distance = stats.kstest(DRAWN[design][name], law.cdf).statistic

        assert distance < 2.0 / math.sqrt(SIZE), name


def test_a_cut_far_out_in_a_tail_keeps_its_digits() -> None:
    """Six standard deviations out, draws still differ; where next to none is left, it says so."""
    for mean, low, high, says in (
        ("15 mM", "24 mM", None, "nothing is left"),
        ("33 mM", None, "24 mM", "nothing is left"),
        ("15 mM", "22.5 mM", None, "less than 1e-12 of the distribution"),
        ("33 mM", None, "25.5 mM", "less than 1e-12 of the distribution"),
    ):
        law = Normal(mean=mean, sd="1 mM", low=low, high=high)
        with pytest.raises(pl.CompositionError, match=says):
            population(vary={"inside.Na": law})
    found = population(vary={"inside.Na": Normal(mean="15 mM", sd="1 mM", low="21 mM")}).values()
    excess = found["inside.Na"] - 21.0

    assert excess.min() >= 0
    assert len(np.unique(excess)) > 0.99 * SIZE
    assert excess.mean() == pytest.approx(stats.truncnorm(6, math.inf).mean() - 6, rel=0.01)


def test_a_latin_hypercube_has_one_member_in_every_stratum() -> None:
    """Of 1000 members, each thousandth of the distribution holds one."""
    found = population("latin hypercube", 1000, vary={"outside.K": VARY["outside.K"]}).values()
    strata = np.floor(np.log(found["outside.K"] / 2) / math.log(10) * 1000)

    assert np.array_equal(np.sort(strata), np.arange(1000))


def test_the_sobol_sequence_is_scipys() -> None:
    """Blocks by exclusive or are the same points as going through all of them."""
    found = WHOLE["sobol"]
    (draws,) = found.axes
    from pumpleak.population._draws import _stream

    engine = qmc.Sobol(3, bits=32, rng=_stream(3, "sobol", 0))
    points = engine.random(2 * BLOCK)
    engine.fast_forward(100)
    later = engine.random(1000)

    for want, start in ((points, 0), (later, 2 * BLOCK + 100)):
        got = np.concatenate([draws._sobol(block) for block in range(3)])  # type: ignore[attr-defined]
        assert np.array_equal(got[start : start + len(want)], want + 2.0**-33)


@pytest.mark.parametrize("design", DESIGNS)
def test_correlated_draws_have_the_correlations_asked_for(design: str) -> None:
    """Of the normal deviates under each distribution; what is apart stays apart."""
    correlation = Correlation(of=["inside.Na", "pump.density"], matrix=[[1, 0.7], [0.7, 1]])
    free = {**VARY, "inside.Na": Normal(mean="15 mM", sd="1 mM")}
    found = population(design, vary=free, correlation=correlation).values()
    deviates = np.array(
        [
            (found["inside.Na"] - 15.0),
            np.log(found["pump.density"]),
            np.log(found["outside.K"]),
        ]
    )
    got = np.corrcoef(deviates)

    assert got[0, 1] == pytest.approx(0.7, abs=0.01)
    assert got[0, 2] == pytest.approx(0.0, abs=0.01)
    alone = population(design, vary=free).values()
    assert np.array_equal(found["outside.K"], alone["outside.K"])


@pytest.mark.parametrize("design", DESIGNS)
def test_correlated_members_do_not_depend_on_who_else_is_asked_for(design: str) -> None:
    """Adding up is in a fixed order whatever the shape."""
    matrix = [[1, 0.3, -0.2], [0.3, 1, 0.5], [-0.2, 0.5, 1]]
    correlation = Correlation(of=list(VARY), matrix=matrix)
    found = population(design, correlation=correlation)
    whole = found.values()

    for start, stop in ((0, 1), (7, 8), (BLOCK - 3, BLOCK + 5), (SIZE - 1, SIZE)):
        for name, values in found.values(start, stop).items():
            assert np.array_equal(values, whole[name][start:stop])


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([[1, 0.5]], "2 names need a matrix of 2x2, got 1x2"),
        ([[1, 1.5], [1.5, 1]], "between -1 and 1"),
        ([[1, 0.5], [0.4, 1]], "is 0.5, but the other way round 0.4"),
        ([[0.9, 0.5], [0.5, 1]], "the diagonal"),
        ([[1, 1], [1, 1]], "not positive definite"),
        ([["a", 1], [1, 1]], "must hold numbers"),
    ],
)
def test_a_matrix_that_no_variables_have_is_refused(matrix: Any, says: str) -> None:
    """With what is wrong with it."""
    correlation = Correlation(of=["outside.K", "inside.Na"], matrix=matrix)
    with pytest.raises(pl.CompositionError, match=says):
        population(correlation=correlation)


def test_three_correlations_that_contradict_each_other_are_refused() -> None:
    """A goes with B, B with C, so C cannot go against A."""
    correlation = Correlation(of=list(VARY), matrix=[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    with pytest.raises(pl.CompositionError, match=r"smallest eigenvalue is -0\.8"):
        population(correlation=correlation)


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (Normal(mean="4 mM", sd="1 mM"), r"can draw -4\.2 mM.*low = \"\.\.\.\""),
        (Normal(mean="4 mM"), "needs sd = .* or cv"),
        (Normal(mean="4 mM", sd="1 mM", cv=0.2, low="1 mM"), "one of the two"),
        (Normal(mean=4, sd="1 mM"), "bare number 4; give its unit"),
        (Normal(mean="4 mV", sd="1 mM"), "expected a concentration"),
        (Normal(mean="4 mM", sd="-1 mM"), "sd must be above zero"),
        (Normal(mean="4 mM", sd="1 mM", low="5 mM", high="5 mM"), "low must be below high"),
        (LogNormal(median="4 mM"), "needs cv = .* or sigma"),
        (LogNormal(median="-4 mM", cv=0.1), "median must be above zero"),
        (LogNormal(median="4 mM", cv="3 mM"), "cv: expected a pure number"),
        (Uniform(low="0 mM", high="4 mM"), "above 0 where the ion is carried"),
        (Uniform(low="-1 mM", high="4 mM"), "a concentration lies between 0"),
        (LogUniform(low="0.1 mM", high="4 M M"), "unknown unit|expected a concentration"),
        (Uniform(low="5 mM", high="4 mM"), "low must be below high"),
    ],
)
def test_a_distribution_that_cannot_be_is_refused_before_anything_is_drawn(
    law: Any, says: str
) -> None:
    """Negative concentrations, bare numbers, wrong units, nothing between the ends."""
    with pytest.raises((pl.CompositionError, pl.UnitError), match=says):
        population(vary={"outside.K": law})


def test_a_temperature_spreads_in_degrees_of_either_scale() -> None:
    """A standard deviation of 1 degC is 1 K, not 274."""
    found = [
        population(vary={"temperature": Normal(mean="37 degC", sd=sd)}).values()["temperature"]
        for sd in ("1 degC", "1 K")
    ]

    assert np.array_equal(*found)
    assert found[0].std() == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"members": 0}, "members: expected a whole number above zero"),
        ({"seed": -1}, "seed: expected a whole number from 0"),
        ({"design": "sobl"}, r"did you mean 'sobol'\?"),
        ({"design": "sobol", "members": 2**33}, r"has 2\^32 members"),
        ({"members": 10**12}, "too many"),
    ],
)
def test_what_cannot_be_drawn_is_refused(more: dict[str, Any], says: str) -> None:
    """Numbers of members, seeds and designs."""
    with pytest.raises(pl.CompositionError, match=says):
        population(**more)
