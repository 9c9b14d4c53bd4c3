"""What many membranes are given: refused in words, or taken whatever array it is."""

from __future__ import annotations

import numpy as np
import pytest
from building import K2P, membrane
from crowding import reference

import pumpleak as pl

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"k2p.densty": [1.0]}, "did you mean 'k2p.density'"),
        ({"k2p.density": [1.0, -1.0]}, "member 1 has -1.0"),
        ({"outside.K": [4.0, float("nan")]}, "member 1 has nan"),
        ({"outside.K": [0.0]}, "outside.K: member 0 has 0.0"),
        ({"temperature": [37.0]}, "temperature: member 0 has 37.0"),
        ({"outside.K": [4.0], "inside.K": [140.0, 141.0]}, "arrays of one length"),
        ({"outside.K": []}, "arrays of one length"),
        ({"outside.K": [[4.0]]}, "one value a member"),
        ({}, "arrays of one length"),
    ],
)
def test_values_that_cannot_be_are_refused(values, words):
    """The message names the value, the member and what would do."""
    with pytest.raises(pl.CompositionError, match=words.replace(".", r"\.")):
        pl.solve_many(reference(), values)


def test_unknown_outputs_and_modes_are_refused():
    """Near names are offered."""
    values = {"outside.K": [4.0]}

    with pytest.raises(pl.CompositionError, match="did you mean 'ATP_per_s'"):
        pl.solve_many(reference(), values, outputs=("ATP_per_ms",))
    with pytest.raises(pl.CompositionError, match="'clamped' or 'steady'"):
        pl.solve_many(reference(), values, mode="held")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"outside.K": "4 mM"}, "outside.K: expected numbers .* got '4 mM'"),
        ({"outside.K": [None]}, "outside.K: expected numbers"),
        ({"outside.K": np.array([4.0 + 1.0j])}, "outside.K: expected numbers"),
        ({"outside.K": [[1.0], [2.0, 3.0]]}, "lists of different lengths"),
        ({"k2p.density": [np.inf]}, "k2p.density: member 0 has inf"),
        ({"k2p.gating.V_half": [-np.inf]}, "member 0 has -inf"),
        ([4.0], "expected arrays by name"),
    ],
)
def test_what_is_no_number_is_refused(values, words):
    """Text, units, complex numbers and infinity, in words."""
    with pytest.raises(pl.CompositionError, match=words):
        pl.solve_many(reference(), values)


def test_protons_are_given_once():
    """pH and concentration of protons together would leave one of them out."""
    cell = membrane(
        K2P(name="k2p", density="1e-6 cm/s"),
        outside=pl.Solution(concentrations={"K": "4 mM", "Na": "145 mM", "Cl": "110 mM"}, pH=7.4),
    )

    with pytest.raises(pl.CompositionError, match=r"outside\.pH and outside\.H are the same"):
        pl.solve_many(cell, {"outside.pH": [7.4], "outside.H": [4e-5]})


@pytest.mark.parametrize("threads", [0, -1, "2", 1.5])
def test_threads_are_counted_from_one(threads):
    """Nothing else is a number of threads."""
    with pytest.raises(pl.CompositionError, match="threads: expected a whole number"):
        pl.solve_many(reference(), {"outside.K": [4.0]}, threads=threads)


def test_one_output_by_itself_is_no_list():
    """A name is not a sequence of letters."""
    with pytest.raises(pl.CompositionError, match="outputs: expected a list"):
        pl.solve_many(reference(), {"outside.K": [4.0]}, outputs="ATP_per_s")


@pytest.mark.parametrize("dtype", [np.float32, np.int64, ">f8", bool])
def test_arrays_of_any_make_are_taken(dtype):
    """Strided, read-only, of other types: the same as plain floats."""
    cell = reference()
    given_ = np.repeat(np.array([1, 2, 4, 8]), 2).astype(dtype)[::2]
    given_.setflags(write=False)

    found = pl.solve_many(cell, {"outside.K": given_})

    expected = pl.solve_many(cell, {"outside.K": given_.astype(float).tolist()})
    assert np.array_equal(expected.V_mV, found.V_mV)
