"""Permeation: ohmic and constant-field currents."""

from __future__ import annotations

import math
from typing import Any

import pytest
from building import SPECIES, membrane
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak import GHK, Channel, CompositionError, Ohmic, Permeation, UnitError

VT = 26.726659112967564
F = 96.48533212


class Custom(Channel):
    permeation = Ohmic("K")


def currents(permeation: Permeation, density: str, v: float, **changes: Any) -> dict[str, float]:
    cell = membrane(Custom(name="c", density=density, permeation=permeation), **changes)
    found = pl.rest(cell).problem.currents(v)
    return {ion: current for (_, ion), current in found.items()}


def test_ohm() -> None:
    """g (V - E), with the Nernst potential or a fixed one."""
    e_k = VT * math.log(4 / 140)

    assert currents(Ohmic("K"), "2 nS", -65.0) == pytest.approx({"K": 2 * (-65 - e_k)})
    assert currents(Ohmic("K", reversal="-54 mV"), "2 nS", -65.0) == pytest.approx({"K": -22})


@settings(max_examples=60, deadline=None)
@given(st.floats(-150, 150).filter(lambda v: abs(v) > 1e-3), st.sampled_from(["K", "Na", "Cl"]))
def test_goldman_hodgkin_katz(v: float, ion: str) -> None:
    """P z F u (c_in - c_out exp(-u))/(1 - exp(-u)) of every ion, whatever its sign."""
    c_in, c_out = {"K": (140, 4), "Na": (15, 145), "Cl": (8, 110)}[ion]
    z = SPECIES[ion].valence
    u = z * v / VT
    expected = 0.1 * z * F * u * (c_in - c_out * math.exp(-u)) / (1 - math.exp(-u))

    assert currents(GHK({ion: 1}), "0.1 fL/ms", v)[ion] == pytest.approx(expected, rel=1e-9)


def test_the_constant_field_at_zero() -> None:
    """P z F (c_in - c_out), exactly where the formula is 0/0."""
    assert currents(GHK(K=1), "0.1 fL/ms", 0.0)["K"] == pytest.approx(0.1 * F * 136, rel=1e-15)


def test_ratios_share_one_permeability() -> None:
    """The first ion is the reference; densities scale all."""
    both = currents(GHK(K=1, Na=0.25), "0.1 fL/ms", -40.0)

    assert both["K"] == pytest.approx(currents(GHK(K=1), "0.1 fL/ms", -40.0)["K"])
    assert both["Na"] == pytest.approx(currents(GHK(Na=1), "0.025 fL/ms", -40.0)["Na"])
    doubled = currents(GHK(K=2, Na=0.5), "0.05 fL/ms", -40.0)
    assert doubled == pytest.approx(both)


def test_the_voltage_of_goldman_hodgkin_and_katz() -> None:
    """Zero current is where their voltage equation has it."""
    cell = membrane(Custom(name="c", density="1e-6 cm/s", permeation=GHK(K=1, Na=0.05, Cl=0.45)))
    expected = VT * math.log((4 + 0.05 * 145 + 0.45 * 8) / (140 + 0.05 * 15 + 0.45 * 110))

    assert pl.rest(cell)[0].V_mV == pytest.approx(expected, abs=1e-11)


def test_a_conductance_holds_where_it_was_measured() -> None:
    """A conductance at symmetric 150 mM gives that slope there, for a divalent too."""
    for ion in ("K", "Ca"):
        solution = pl.Solution(concentrations={ion: "150 mM"})
        cell = membrane(
            Custom(name="c", density="3 nS", permeation=GHK({ion: 1}, symmetric="150 mM")),
            inside=solution,
            outside=solution,
        )
        (state,) = pl.rest(cell)

        assert state.V_mV == pytest.approx(0, abs=1e-12)
        assert state.slope_nS == pytest.approx(3, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: GHK(), "at least one ion"),
        (lambda: GHK(K=-1), "must not be negative"),
        (lambda: GHK(K=0, Na=1), "must have a ratio above 0"),
        (lambda: GHK(K="1 mM"), "K: permeability ratio"),
        (lambda: GHK(K=math.nan), "K: permeability ratio"),
        (lambda: GHK(K=1, symmetric=150), "symmetric: expected a concentration"),
        (lambda: GHK(K=1, symmetric="0 mM"), "above zero"),
        (lambda: GHK(K=1, source=5), "source: expected a reference"),
        (lambda: Ohmic("K", reversal=-54), "reversal: expected a voltage"),
        (lambda: Ohmic("K", reversal="-54 nS"), "reversal: expected a voltage"),
    ],
)
def test_what_is_refused(make: Any, says: str) -> None:
    """With the field's name."""
    with pytest.raises((CompositionError, UnitError), match=says):
        make()


@pytest.mark.parametrize(
    ("permeation", "density", "says"),
    [
        (Ohmic("K"), "1e-6 cm/s", "needs a conductance"),
        (GHK(K=1), "1 nS", "needs a permeability"),
        (GHK(K=1), "0.3 mS/cm^2", "needs a permeability"),
        (Ohmic("nonspecific"), "1 nS", "nonspecific"),
    ],
)
def test_a_density_of_the_other_kind(permeation: Permeation, density: str, says: str) -> None:
    """Conductances and permeabilities are not mixed up; the owner is named."""
    with pytest.raises(pl.PumpleakError, match=says) as caught:
        currents(permeation, density, 0.0)

    assert str(caught.value).startswith("c (")


def test_a_permeation_without_its_currents_cannot_be_made() -> None:
    """What is missing is named when the part is made, not when a membrane is solved."""

    class Half(pl.Permeation):
        def carried(self) -> tuple[str, ...]:
            return ("K",)

    with pytest.raises(TypeError, match="currents"):
        Half()  # type: ignore[abstract]
