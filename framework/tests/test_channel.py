"""Channels: count x unitary conductance x gating x permeation."""

from __future__ import annotations

from typing import Any

import pytest
from building import membrane

import pumpleak as pl
from pumpleak import GHK, Channel, CompositionError, Gate, Ohmic, parameter


class Leak(Channel):
    unitary = parameter("20 pS", source="assumed")
    permeation = Ohmic("K")


def conductance(**given: Any) -> float:
    """Return the slope conductance at rest, nS, of 1000 um2."""
    return float(pl.rest(membrane(Leak(**given)))[0].slope_nS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"density": "500 channels"}, 10.0),
        ({"density": "0.5 / um^2"}, 10.0),
        ({"density": "10 nS"}, 10.0),
        ({"density": "1 mS/cm^2"}, 10.0),
        ({"density": "0.5 / um^2", "unitary": "40 pS"}, 20.0),
    ],
)
def test_a_density_per_cell_or_per_area(given: dict[str, str], expected: float) -> None:
    """Told apart by the dimension; the area does the rest."""
    assert conductance(**given) == pytest.approx(expected, rel=1e-12)


def test_a_count_of_permeabilities() -> None:
    """One channel's permeability makes a GHK channel of a count."""
    by_count = Leak(density="0.5/um^2", unitary="2e-5 fL/ms", permeation=GHK(K=1))
    by_density = Leak(density="1e-5 um/ms", permeation=GHK(K=1))
    held = pl.rest(membrane(by_count)), pl.rest(membrane(by_density))

    assert held[0][0].slope_nS == pytest.approx(held[1][0].slope_nS)


class Gated(Channel):
    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {
            "m": Gate(steady=0.5 + 0 * s.V / s.mV, tau=1 * s.ms, power=3),
            "h": Gate(steady=0.25, tau=10 * s.ms),
        }


class Combined(Gated):
    def open_probability(self, s: Any) -> Any:
        return 1 - (1 - s.own.m) * (1 - s.own.h)


def test_gates_multiply_with_their_powers() -> None:
    """m^3 h; unless the channel says how they combine."""
    plain = pl.rest(membrane(Gated(name="g", density="1 nS")))[0]
    combined = pl.rest(membrane(Combined(name="g", density="1 nS")))[0]

    assert plain.open_probability["g"] == pytest.approx(0.125 * 0.25)
    assert combined.open_probability["g"] == pytest.approx(1 - 0.5 * 0.75)


class NoUnitary(Channel):
    permeation = Ohmic("K")


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        (Leak(), r"Leak\.density: missing"),
        (NoUnitary(density="1 / um^2"), r"NoUnitary\.unitary: missing, but density is a count"),
        (Leak(density="-1 nS"), r"Leak\.density: cannot be negative"),
        (Leak(density="1/um^2", unitary="-1 pS"), r"Leak\.unitary: cannot be negative"),
    ],
)
def test_an_incomplete_channel_is_refused_before_anything_is_solved(
    channel: Channel, says: str
) -> None:
    """With the field to mend."""
    with pytest.raises(CompositionError, match=says):
        membrane(channel)
