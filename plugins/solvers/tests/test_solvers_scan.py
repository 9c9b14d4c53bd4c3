"""The search for resting states, where others fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from building import K2P, NALCN, SPECIES, curve, membrane, reference_a, voltages

import pumpleak as pl
from pumpleak import GHK, Boltzmann, Channel, Mechanism, Ohmic

Curve = Callable[[Any, Any], Any]


def zeros(*at: float, scale: float = 1.0) -> Curve:
    """Return a polynomial with these zeros."""

    def function(v: Any, xp: Any) -> Any:
        product = scale
        for zero in at:
            product = product * (v - zero)
        return product

    return function


def boltzmann(v: Any, xp: Any, half: float, width: float) -> Any:
    return 1 / (1 + xp.exp(-(v - half) / width))


#: Name: (curve, its zeros between -200 and 150 mV).
FOUND: dict[str, tuple[Curve, list[float]]] = {
    "one at V = 0": (zeros(0), [0]),
    "a steep one at V = 0": (lambda v, xp: xp.exp(v / 5) - xp.exp(-v / 5), [0]),
    "three": (zeros(-80, -60, -20.5, scale=1e-4), [-80, -60, -20.5]),
    "nine": (zeros(*range(-150, 91, 30), scale=1e-14), list(range(-150, 91, 30))),
    "eleven": (zeros(*range(-150, 70, 20), scale=1e-16), list(range(-150, 70, 20))),
    "two 1e-3 mV apart": (zeros(-60, -59.999), [-60, -59.999]),
    "two 1e-6 mV apart": (zeros(-60, -59.999999), [-60, -59.999999]),
    "two pairs": (
        lambda v, xp: 1e-6 * ((v + 60) ** 2 - 25) * ((v + 60) ** 2 - 25.0001),
        [-65.00000999999, -65, -55, -54.99999000001],
    ),
    "at the low edge": (zeros(-200), [-200]),
    "at the high edge": (zeros(150), [150]),
    "at both edges": (zeros(-200, -60, 150, scale=1e-3), [-200, -60, 150]),
    "GHK as 0/0, zero at the pole": (lambda v, xp: v * v / (xp.exp(v / 25) - 1), [0]),
    "GHK as 0/0, zero beside it": (
        lambda v, xp: v * (5 - 7 * xp.exp(-v / 25)) / (1 - xp.exp(-v / 25)),
        [25 * np.log(7 / 5)],
    ),
    "an HH rate, zero at the pole": (
        lambda v, xp: (v + 35) / (1 - xp.exp(-(v + 35) / 10)) - 10,
        [-35],
    ),
    "an HH rate with decimals": (
        lambda v, xp: 0.1 * (v + 35.0) / (1.0 - xp.exp(-0.1 * (v + 35.0))) - 1.0,
        [-35],
    ),
    "an HH rate on the grid": (
        lambda v, xp: (v + 25) / (1 - xp.exp(-(v + 25) / 10)) - 5,
        [-37.5643120862],
    ),
    "the inverse of a rate": (lambda v, xp: (xp.exp((v + 25) / 25) - 1) / (v + 25) - 0.04, [-25]),
    "a pole that is not rewritten": (lambda v, xp: (v * v + v) / (xp.exp(v / 25) - 1) - 25, [0]),
    "a gate of charge 50": (
        lambda v, xp: 1 / (1 + xp.exp(-50 * (v + 61.234) / 26.7)) - 0.5,
        [-61.234],
    ),
    "a window narrower than the grid": (
        lambda v, xp: 1 - 40 * boltzmann(v, xp, -61.3, 0.1) * boltzmann(-v, xp, 61.0, 0.1),
        [-61.6662251420631, -60.6337748579369],
    ),
    "a switch of 0.24 mV": (lambda v, xp: 2 * boltzmann(v, xp, -40.07, 0.06) - 1 + 0 * v, [-40.07]),
    "where the slope's exponentials overflow": (
        lambda v, xp: (v + 60) / (1 + xp.exp((v + 200) / 0.1)) + 1e-3 * (v + 60.5),
        [-60.5],
    ),
    "a step of 1e-3 mV": (lambda v, xp: 5 * xp.tanh((v + 60) / 1e-3), [-60]),
    "flat": (lambda v, xp: 1e-12 * (v + 60.7), [-60.7]),
    "huge": (lambda v, xp: 1e9 * (v + 60.3), [-60.3]),
    "saturating": (lambda v, xp: 1 - xp.exp(-(v + 100)), [-100]),
    "ends that differ by 1e30": (lambda v, xp: xp.exp(v / 5) - xp.exp(-14.0), [-70]),
    "an absolute value": (lambda v, xp: xp.absolute(v + 50) - 10, [-60, -40]),
    "Python's absolute value": (lambda v, xp: abs(v + 50) - 10, [-60, -40]),
    "the smaller of two": (lambda v, xp: xp.minimum(v + 50, 20 - v), [-50, 20]),
    "a ninth power": (lambda v, xp: (v / 100) ** 9 + 1e-9, [-10]),
    "a broken power": (lambda v, xp: (v + 201) ** 1.5 - 1000, [-101]),
    "branches that jump above zero": (
        lambda v, xp: xp.where(v < -40, v + 70, v + 170),
        [-70],
    ),
}


@pytest.mark.parametrize("prove", [False, True])
@pytest.mark.parametrize("name", FOUND)
def test_every_zero_is_found(name: str, prove: bool) -> None:
    """Number and place, whether proved or not."""
    function, expected = FOUND[name]
    found = pl.rest(curve(function), prove=prove)

    assert found.status == "found"
    assert voltages(found) == pytest.approx(expected, abs=2e-8 if "not rewritten" in name else 1e-9)


def held(function: Curve, by: float) -> pl.Membrane:
    """Return a membrane with this total current, a small difference of two large ones."""

    class Outward(Mechanism):
        ions = ("K",)
        size = pl.parameter(1.0, source="assumed")

        def current(self, s: Any) -> dict[str, Any]:
            return {"K": s.pA * (function(s.V / s.mV, s.xp) + self.size)}

    class Inward(Mechanism):
        ions = ("Na",)
        size = pl.parameter(1.0, source="assumed")

        def current(self, s: Any) -> dict[str, Any]:
            return {"Na": -s.pA * self.size * (1 + 0 * s.V / s.mV)}

    return membrane(Outward(size=by), Inward(size=by))


@pytest.mark.parametrize("prove", [False, True])
@pytest.mark.parametrize("large", [1.0, 100.0, 1e6])
@pytest.mark.parametrize("gap", [1e-6, 1e-9])
def test_curves_that_nearly_touch(prove: bool, large: float, gap: float) -> None:
    """Below zero by a hair are two states, above it none; if doubles cannot tell, no proof."""
    for sign, expected in ((-1, 2), (1, 0)):
        moved = sign * gap
        found = pl.rest(
            held(lambda v, xp, moved=moved: 0.01 * (v + 60.1) ** 2 + moved, large), prove=prove
        )
        certain = gap > 1e-13 * large
        if certain or "proved" in found.guarantee.partition("no proof")[0]:
            assert len(found) == expected
        else:
            assert "no proof" in found.guarantee or not prove


def test_a_curve_that_just_touches_is_marginal() -> None:
    """Rounding hides whether there are two states, one or none; it is said so."""
    found = pl.rest(held(lambda v, xp: 0.01 * (v + 60.123456789) ** 2, 100.0), prove=True)

    assert [state.kind for state in found] == ["marginal"]
    assert found[0].V_mV == pytest.approx(-60.123456789, abs=1e-4)
    assert "no proof" in found.guarantee


@pytest.mark.parametrize("prove", [False, True])
def test_two_1e9_apart_are_never_counted_wrongly_as_proved(prove: bool) -> None:
    """They are found; whether they are all is not claimed."""
    found = pl.rest(curve(zeros(-60, -59.999999999, scale=0.01)), prove=prove)

    assert voltages(found) == pytest.approx([-60, -59.999999999], abs=1e-8)
    assert not found.guarantee.startswith("proved")


NONE: dict[str, Curve] = {
    "parabola": lambda v, xp: v * v + 1,
    "constant": lambda v, xp: 1 + 0 * v,
    "inward": lambda v, xp: -xp.exp(v / 25),
    "beyond the range": zeros(-200.001),
}


@pytest.mark.parametrize("prove", [False, True])
@pytest.mark.parametrize("name", NONE)
def test_no_state_in_range_is_a_result(name: str, prove: bool) -> None:
    """The message says which way the current flows and what to do."""
    found = pl.rest(curve(NONE[name]), prove=prove)

    assert (found.status, len(found)) == ("none in range", 0)
    assert "ward throughout [-200, 150] mV" in found.message
    assert "widen the range" in found.message


def test_without_any_current_nothing_holds_the_voltage() -> None:
    """All densities zero is said, not solved."""
    quiet = reference_a().evolve(
        {
            "k2p.density": "0 cm/s",
            "nalcn.density": "0 cm/s",
            "clc2.density": "0 mS/cm^2",
            "pump.density": "0 uA/cm^2",
        }
    )
    found = pl.rest(quiet, prove=True)

    assert (found.status, len(found)) == ("unphysical", 0)
    assert "every density is zero" in found.message


@pytest.mark.parametrize("prove", [False, True])
def test_a_jump_across_zero_is_no_rest(prove: bool) -> None:
    """Nothing balances where a formula jumps; its owner is named, and true states still found."""
    found = pl.rest(curve(lambda v, xp: xp.where(v < -65, v + 70, v + 60)), prove=prove)

    assert voltages(found) == pytest.approx([-70, -60])
    assert "Curve" in found.message
    assert "jumps at -65 mV" in found.message

    alone = pl.rest(curve(lambda v, xp: xp.where(v < -65, 0 * v - 1, 0 * v + 1)), prove=prove)

    assert (alone.status, len(alone)) == ("unphysical", 0)
    assert not alone.guarantee.startswith("proved")


@pytest.mark.parametrize("function", [lambda v, xp: xp.sqrt(v), lambda v, xp: xp.log(v) + 0 * v])
def test_what_is_no_number_is_unphysical_by_name(function: Curve) -> None:
    """The square root of a negative voltage is not silently left out."""
    found = pl.rest(curve(function))

    assert (found.status, len(found)) == ("unphysical", 0)
    assert "Curve" in found.message
    assert "not a finite number" in found.message


class Trivalent(Channel):
    permeation = GHK(La=1)
    gating = Boltzmann(V_half="-30 mV", z_g=4)


@pytest.mark.parametrize("valence", [-20, -3, 3, 20, 90])
def test_ions_of_any_valence(valence: int) -> None:
    """exp(z V/VT) overflows at the ends of the range; the zero is at Nernst all the same."""
    found = pl.rest(
        membrane(
            Trivalent(density="1e-6 cm/s", gating=Boltzmann(z_g=0.1)),
            inside=pl.Solution(concentrations={"La": "1 mM"}),
            outside=pl.Solution(concentrations={"La": "10 mM"}),
            species={"La": pl.IonSpecies(name="La", valence=valence)},
            range=("-150 mV", "150 mV"),
        ),
        prove=True,
    )
    nernst = 26.726659112967564 / valence * np.log(10)

    assert voltages(found) == pytest.approx([nernst], abs=1e-9)


class Steep(Channel):
    permeation = Ohmic("Na")
    gating = Boltzmann(V_half="-55 mV", z_g=50)


def test_a_steep_real_channel() -> None:
    """A sodium conductance of gating charge 50 beside leaks: three states, all proved."""
    found = pl.rest(
        membrane(
            K2P(density="1e-6 cm/s"), NALCN(density="2e-8 cm/s"), Steep(density="0.1 mS/cm^2")
        ),
        prove=True,
    )

    assert [state.kind for state in found] == ["stable", "unstable", "stable"]
    assert found.guarantee.startswith("proved complete")
    assert SPECIES["Na"].valence == 1
