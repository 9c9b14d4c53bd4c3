"""The dimension checker: what it lets pass, and the mutants that it must kill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from building import membrane

from pumpleak import (
    GHK,
    Channel,
    DimensionError,
    Gate,
    Mechanism,
    Ohmic,
    PhysicsError,
    Pool,
    Transporter,
    trace,
)
from pumpleak.numbers._dimensional import Dimensions, Term
from pumpleak.units._quantity import CONDUCTANCE, CURRENT, NUMBER, VOLTAGE

V = Term(VOLTAGE, "V")
G = Term(CONDUCTANCE, "g")
XP = Dimensions()


def test_a_product_has_the_product_of_the_dimensions() -> None:
    """nS times mV is pA."""
    assert CURRENT == (G * V).dimension
    assert NUMBER == (V / V).dimension
    assert VOLTAGE == (V * 2 - V).dimension
    assert VOLTAGE == XP.sqrt(V * V).dimension
    assert VOLTAGE == ((V**3) ** (1 / 3)).dimension


def test_nought_fits_everything() -> None:
    """A literal zero may stand beside any quantity, and start a sum."""
    assert VOLTAGE == sum([V, V]).dimension
    assert VOLTAGE == XP.maximum(0, V).dimension
    assert VOLTAGE == XP.where(V > 0, V, 0).dimension


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: V + G, "do not match"),
        (lambda: V + 1, "do not match"),
        (lambda: 1 - V, "do not match"),
        (lambda: V > 3, "do not match"),
        (lambda: XP.exp(V), "must be a pure number"),
        (lambda: XP.log(G), "must be a pure number"),
        (lambda: XP.exprelr(V), "must be a pure number"),
        (lambda: XP.tanh(V), "must be a pure number"),
        (lambda: XP.expm1(V), "must be a pure number"),
        (lambda: XP.where(V > 0, V, G), "do not match"),
        (lambda: XP.minimum(V, 1), "do not match"),
        (lambda: V ** (V / V), "not a literal"),
        (lambda: 2**V, "must be a number"),
        (lambda: bool(V > 0), "s.xp.where"),
        (lambda: max(V, 0), "s.xp.where"),
        (lambda: V + "1", "expected a number"),
        (lambda: V + 1j, "expected a number"),
        (lambda: V + None, "expected a number"),
    ],
)
def test_two_that_do_not_match_are_refused(wrong: Callable[[], Any], says: str) -> None:
    """The message shows the terms; what is no number at all is another error."""
    kind = PhysicsError if says == "expected a number" else DimensionError
    with pytest.raises(kind, match=says) as caught:
        wrong()

    assert kind is caught.type


class Leak(Mechanism):
    """A custom mechanism whose formula each mutant changes in one place."""

    ions = ("K",)

    def formula(self, s: Any) -> Any:
        return 2 * s.nS * (s.V - s.E["K"]) / (1 + s.xp.exp(-s.V / s.VT))

    def current(self, s: Any) -> Any:
        return {"K": self.formula(s)}


MUTANTS: dict[str, Callable[[Any, Any], Any]] = {
    "a missing conductance": lambda _, s: (s.V - s.E["K"]) / (1 + s.xp.exp(-s.V / s.VT)),
    "a missing division by VT": lambda _, s: 2 * s.nS * (s.V - s.E["K"]) / (1 + s.xp.exp(-s.V)),
    "a millivolt for a number": lambda _, s: 2 * s.nS * (s.V + 90),
    "F for VT": lambda _, s: 2 * s.nS * (s.V - s.E["K"]) / (1 + s.xp.exp(-s.V / s.F)),
    "a permeability for a conductance": lambda _, s: s.fL / s.ms * (s.V - s.E["K"]),
    "a current density": lambda _, s: 2 * s.nS / s.area * (s.V - s.E["K"]),
    "a concentration beside a number": lambda _, s: (1 + s.inside.K) * s.nS * s.V,
    "a logarithm of a concentration": lambda _, s: s.nS * s.VT * s.xp.log(s.inside.K),
    "volts per time": lambda _, s: s.capacitance * s.V,
}


def test_the_formula_that_the_mutants_start_from_is_right() -> None:
    """Otherwise their refusal would mean nothing."""
    assert trace(membrane(Leak())).total.free_symbols


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_killed_and_its_owner_named(mutant: str) -> None:
    """One wrong factor anywhere is refused before anything is solved, by the name of its owner."""
    mutated = type("Mutated", (Leak,), {"formula": MUTANTS[mutant]})
    with pytest.raises(DimensionError) as caught:
        trace(membrane(mutated(name="leak")))

    assert str(caught.value).startswith(f"leak (class Mutated of {__name__})")
    assert "\n" not in str(caught.value)


class WrongGate(Channel):
    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {"n": Gate(alpha=s.xp.exp(s.V / s.VT), beta=1 / s.ms)}


class WrongOpen(Channel):
    permeation = GHK(K=1)

    def open_probability(self, s: Any) -> Any:
        return s.V / s.nS


class WrongPool(Mechanism):
    ions = ("Ca",)
    pools = {"Ca": ("1e-6 mM", "1 mM")}

    def states(self, s: Any) -> dict[str, Pool]:
        return {"Ca": Pool(change=s.own.Ca)}

    def current(self, s: Any) -> dict[str, Any]:
        return {"Ca": 0 * s.pA}


class WrongPump(Transporter):
    stoichiometry = {"Na": 3, "K": -2}

    def activity(self, s: Any) -> Any:
        return s.inside.Na


@pytest.mark.parametrize(
    "mechanism",
    [
        WrongGate(density="1 nS"),
        WrongOpen(density="1e-6 cm/s"),
        WrongPool(),
        WrongPump(density="30 pA"),
    ],
    ids=lambda mechanism: mechanism.label,
)
def test_every_result_is_held_against_what_it_must_be(mechanism: Mechanism) -> None:
    """Rates, open probabilities, pools and cycle rates are checked as currents are."""
    from building import INSIDE, OUTSIDE

    from pumpleak import Solution

    calcium = {
        "inside": Solution(concentrations={**INSIDE, "Ca": "1e-4 mM"}),
        "outside": Solution(concentrations={**OUTSIDE, "Ca": "1 mM"}),
    }
    with pytest.raises(DimensionError, match=mechanism.label):
        trace(membrane(mechanism, **calcium))
