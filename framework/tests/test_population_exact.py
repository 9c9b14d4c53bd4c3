"""Exact sums, bins and tallies: the same bits in whatever order and grouping."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak.population._bins import bins_around, even_bins, given_bins
from pumpleak.population._exact import exact_sums, totals
from pumpleak.population._tally import (
    ADD,
    MAX,
    MIN,
    from_bytes,
    merged,
    sums_of,
    to_bytes,
    with_sums,
)

FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e250, max_value=1e250).filter(
    lambda x: x == 0 or abs(x) > 1e-250
)


@settings(deadline=None)
@given(values=st.lists(FLOATS, max_size=60))
def test_a_sum_is_the_exact_one(values: list[float]) -> None:
    """However far apart the values are; checked in rational numbers."""
    found = sum(totals(exact_sums(np.array(values))), Fraction(0))

    assert sum(map(Fraction, values), Fraction(0)) == found


@settings(deadline=None)
@given(
    values=st.lists(
        st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-250), min_size=1, max_size=50
    ),
    cells=st.lists(st.integers(0, 3), min_size=50, max_size=50),
    cut=st.integers(0, 50),
)
def test_sums_by_cell_merge_in_any_order(values: list[float], cells: list[int], cut: int) -> None:
    """Two parts, either way round, are the whole."""
    array, index = np.array(values), np.array(cells[: len(values)])

    def tally(rows: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with_sums(found, "x", exact_sums(array[rows], index[rows], 4))
        return found

    whole = sums_of(tally(slice(None)), "x")
    one, other = tally(slice(None, cut)), tally(slice(cut, None))
    exact = [sum((Fraction(v) for v, c in zip(values, index, strict=True) if c == k), Fraction(0))
             for k in range(4)]  # fmt: skip

    for both in (merged(one, other), merged(other, one)):
        assert (totals(sums_of(both, "x")) or [Fraction(0)] * 4) == exact
    assert (totals(whole) or [Fraction(0)] * 4) == exact


def test_a_plain_sum_would_not_do() -> None:
    """The check above can fail: floats added up depend on their order."""
    values = [1.0, 1e16, -1e16]

    assert sum(values) != sum(reversed(values))
    assert totals(exact_sums(np.array(values))) == [Fraction(1)]


@settings(deadline=None)
@given(
    values=st.lists(st.floats(-10, 10), min_size=1, max_size=100),
    count=st.integers(1, 40),
    low=st.floats(-5, 0),
    width=st.floats(0.01, 8),
)
def test_bins_count_as_numpys_do(values: list[float], count: int, low: float, width: float) -> None:
    """Each value where the edges say, those on an edge among them."""
    bins = even_bins(low, low + width, count)
    array = np.concatenate([np.array(values), bins.edges])
    found = bins.index(array)
    inside = (found >= 0) & (found < bins.count)

    counts = np.bincount(found[inside], minlength=count)
    assert np.array_equal(np.histogram(array, bins.edges)[0], counts)
    assert (array[found == -1] < bins.edges[0]).all()
    assert (array[found == bins.count] > bins.edges[-1]).all()


def test_log_bins_and_given_bins_agree_with_their_edges() -> None:
    """Zero and negative values lie below all of log bins."""
    log = even_bins(0.1, 1000.0, 8, "log")
    values = np.array([-1.0, 0.0, 0.1, 0.99, 1000.0, 1001.0, *log.edges])
    expected = np.searchsorted(log.edges, values, side="right") - 1
    expected[values == 1000.0] = 7

    assert np.array_equal(expected, log.index(values))
    assert np.array_equal(expected, given_bins(log.edges).index(values))
    assert bins_around(np.array([1.0, 2.0, 4.0])).index(np.array([0.5, 1.6, 9.0])).tolist() == [
        0,
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((0.0, 0.0, 3), "low: it must be below high"),
        ((0.0, 1.0, 0), "bins: expected a whole number"),
        ((0.0, 1.0, 2.5), "bins: expected a whole number"),
        ((0.0, 1.0, 3, "log"), "log bins begin above zero"),
        ((1.0, 2.0, 3, "lin"), r"did you mean 'linear'\?"),
        ((1.0, 1.0 + 1e-15, 1000), "too fine"),
    ],
)
def test_bins_that_are_none_are_refused(given: tuple[Any, ...], says: str) -> None:
    """With what is wrong."""
    with pytest.raises(pl.CompositionError, match=says):
        even_bins(*given)


def test_tallies_keep_least_and_largest_and_travel_as_bytes() -> None:
    """Same tally, same bytes."""
    one = {f"n{ADD}": np.array([3]), f"low{MIN}": np.array([1.0]), f"high{MAX}": np.array([2.0])}
    other = {
        f"n{ADD}": np.array([4]),
        f"low{MIN}": np.array([-1.0]),
        f"high{MAX}": np.array([math.inf]),
    }
    both = merged(one, other)

    assert [7, -1.0, math.inf] == [
        both[key].item() for key in (f"n{ADD}", f"low{MIN}", f"high{MAX}")
    ]
    assert to_bytes(both) == to_bytes(merged(other, one))
    assert from_bytes(to_bytes(both)).keys() == both.keys()
