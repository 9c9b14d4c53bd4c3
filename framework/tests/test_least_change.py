"""Linear demands on quantities that cannot be negative: met to rounding, or refused by proof."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpleak.budgets._least_change import Demands, least_change


@settings(deadline=None, max_examples=150)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 6)),
    seed=st.integers(0, 2**32 - 1),
    decades=st.integers(0, 6),
)
def test_demands_with_a_known_answer_are_met_to_rounding(
    shape: tuple[int, int], seed: int, decades: int
) -> None:
    """Whatever the sizes, demands that some values meet are met, by a change no larger."""
    draw = np.random.default_rng(seed)
    k, m = shape
    matrix = draw.normal(size=shape) * 10.0 ** draw.uniform(-decades, decades, size=m)
    answer = draw.uniform(0.1, 3, size=m) / np.abs(matrix).max(axis=0)
    start = answer * draw.uniform(0.2, 5, size=m)
    held = -(matrix @ answer)
    demands = Demands(
        matrix=matrix,
        held=held,
        gross=np.abs(matrix) @ np.maximum(start, answer) + np.abs(held),
        weight=np.ones(k),
        start=start,
        size=start,
        low=np.zeros(m),
        high=np.full(m, np.inf),
    )
    found = least_change(demands)

    assert found.met
    assert np.all(found.values >= 0)
    assert np.all(np.abs(demands.left(found.values)) <= 1e-11 * demands.gross)
    moved, known = (np.sum(np.abs(v - start) / start) for v in (found.values, answer))
    assert moved <= known * (1 + 1e-6)


@settings(deadline=None, max_examples=100)
@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 5)), seed=st.integers(0, 2**32 - 1))
def test_what_is_refused_comes_with_a_proof(shape: tuple[int, int], seed: int) -> None:
    """The witness is a combination that no value moves towards zero, though something is held."""
    draw = np.random.default_rng(seed)
    k, m = shape
    demands = Demands(
        matrix=draw.normal(size=shape),
        held=draw.normal(size=k),
        gross=np.full(k, 10.0),
        weight=np.ones(k),
        start=np.ones(m),
        size=np.ones(m),
        low=np.zeros(m),
        high=np.full(m, np.inf),
    )
    found = least_change(demands)

    if found.met:
        assert demands.meets(found.values)
    else:
        assert np.all(found.witness @ demands.matrix >= -1e-9 * np.abs(found.witness).max())
        assert found.witness @ demands.held > 0
