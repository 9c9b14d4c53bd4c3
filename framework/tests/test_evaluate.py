"""One mechanism with plain numbers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from building import INSIDE, K2P, OUTSIDE, SPECIES, LuoRudyPump, membrane, reference_a

import pumpleak as pl
from pumpleak import Channel, Gate, Mechanism, Ohmic, PhysicsError, Pool, evaluate

HERE: dict[str, Any] = {
    "inside": INSIDE,
    "outside": OUTSIDE,
    "temperature": "310.15 K",
    "species": SPECIES,
}


@pytest.mark.parametrize("label", ["k2p", "nalcn", "clc2", "pump"])
@pytest.mark.parametrize("v", [-120.0, -65.0, 0.0, 40.0])
def test_it_gives_what_the_kernels_give(label: str, v: float) -> None:
    """The same function, run as ordinary Python."""
    cell = reference_a()
    currents = pl.rest(cell).problem.currents(v)
    expected = {ion: i for (name, ion), i in currents.items() if name == label}

    assert evaluate(cell.mechanism(label), V=f"{v!r} mV", **HERE) == pytest.approx(expected)


class Tied(Channel):
    """Three gates, each tied to the next; the last is set by the voltage."""

    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {
            "a": Gate(steady=1 - s.own.b, tau=1 * s.ms),
            "b": Gate(steady=s.own.c / 2),
            "c": Gate(alpha=s.xp.exp(s.V / (10 * s.mV)) / s.ms, beta=1 / s.ms),
        }


def test_gates_are_at_their_steady_values() -> None:
    """In whatever order they are tied."""
    e_k = 26.726659112967564 * math.log(4 / 140)

    assert evaluate(Tied(density="1 nS"), V="0 mV", **HERE) == pytest.approx(
        {"K": 0.75 * 0.25 * 0.5 * -e_k}
    )
    held = evaluate(Tied(density="1 nS"), V="0 mV", states={"c": 1.0}, **HERE)
    assert held == pytest.approx({"K": 0.5 * 0.5 * 1.0 * -e_k})


def test_gates_in_a_circle_are_refused() -> None:
    """Unless one of them is held."""

    class Circle(Channel):
        permeation = Ohmic("K")

        def gates(self, s: Any) -> dict[str, Gate]:
            return {
                "a": Gate(steady=3.9 * s.own.b * (1 - s.own.b), tau=1 * s.ms),
                "b": Gate(steady=s.own.a, tau=1 * s.ms),
            }

    with pytest.raises(PhysicsError, match="in a circle"):
        evaluate(Circle(density="1 nS"), V="0 mV", states={}, **{**HERE, "area": "7 um^2"})
    assert evaluate(Circle(density="1 nS"), V="0 mV", states={"b": 0.3}, **HERE)["K"] > 0


class Pooled(Mechanism):
    ions = ("K",)
    pools = {"Ca": ("1e-6 mM", "1 mM")}

    def states(self, s: Any) -> dict[str, Pool]:
        return {"Ca": Pool(change=-s.own.Ca / s.ms)}

    def current(self, s: Any) -> dict[str, Any]:
        return {"K": s.pA * s.own.Ca / s.mM}


def test_a_pool_has_to_be_held() -> None:
    """It has no steady value of its own."""
    with pytest.raises(PhysicsError, match=r"hold it with states=\{'Ca'"):
        evaluate(Pooled(), V="0 mV", **HERE)
    assert evaluate(Pooled(), V="0 mV", states={"Ca": "2 uM"}, **HERE) == {"K": 0.002}


def test_plain_python_sees_plain_floats() -> None:
    """An author can print, branch and stop in a debugger."""
    seen: list[type] = []

    class Watched(LuoRudyPump):
        def activity(self, s: Any) -> Any:
            seen.append(type(s.V))
            if s.V > 1000:
                raise AssertionError
            return 1.0

    evaluate(Watched(density="1 pA"), V="-65 mV", **HERE)

    assert set(seen) == {float}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"V": -65}, "bare number"),
        ({"V": "-65 nS"}, "expected a voltage"),
        ({"inside": {}}, r"inside\.K"),
        ({"temperature": "0 K"}, "temperature"),
    ],
)
def test_what_is_refused(given: dict[str, Any], says: str) -> None:
    """As for a membrane."""
    with pytest.raises(pl.PumpleakError, match=says):
        evaluate(K2P(density="1e-6 cm/s"), **{"V": "-65 mV", **HERE, **given})


def test_what_its_physics_does_wrong_is_told_with_its_owner() -> None:
    """As when it is traced."""

    class Complex(LuoRudyPump):
        def activity(self, s: Any) -> Any:
            return (s.V / s.mV) ** 0.5

    with pytest.raises(PhysicsError, match=r"^Complex \(class .*no real number"):
        evaluate(Complex(density="1 pA"), V="-65 mV", **HERE)
    assert membrane(K2P(density="1e-6 cm/s")).species == SPECIES
