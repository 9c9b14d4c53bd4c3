"""Plain floats as a number system."""

from __future__ import annotations

import math

import pytest

from pumpleak import PhysicsError
from pumpleak.numbers._numbers import Floats, FloatSystem
from pumpleak.units._quantity import CURRENT, NUMBER, VOLTAGE

XP = Floats()


def test_the_functions_are_those_of_math() -> None:
    """A mechanism run with floats is ordinary Python."""
    assert XP.exp(1.0) == math.e
    assert XP.exp(1000.0) == math.inf
    assert XP.expm1(1000.0) == math.inf
    assert XP.log(math.e) == 1.0
    assert XP.sqrt(4.0) == 2.0
    assert XP.tanh(0.0) == 0.0
    assert XP.absolute(-2.0) == 2.0
    assert XP.where(True, 1.0, 2.0) == 1.0
    assert XP.where(False, 1.0, 2.0) == 2.0
    assert XP.minimum(1.0, 2.0) == 1.0
    assert XP.maximum(1.0, 2.0) == 2.0
    assert XP.exprelr(0.0) == 1.0
    assert XP.let(3.0, "x") == 3.0


def test_an_input_has_its_value() -> None:
    """What is given beats what the membrane has."""
    system = FloatSystem({"V": -65.0}, unknown=0.5)

    assert system.leaf("V", -70.0, VOLTAGE) == -65.0
    assert system.leaf("temperature", 310.0, NUMBER) == 310.0
    assert system.state("kdr.n", NUMBER) == 0.5
    assert system.unit("mV", VOLTAGE) == 1.0


def test_an_unknown_state_is_refused_unless_something_stands_for_it() -> None:
    """The message names it."""
    with pytest.raises(PhysicsError, match=r"'kdr\.n' is not known here"):
        FloatSystem({}).state("kdr.n", NUMBER)


@pytest.mark.parametrize("value", [None, "text", 1j, [1.0, 2.0]])
def test_what_is_no_real_number_is_refused(value: object) -> None:
    """A complex power of a negative number among them."""
    with pytest.raises(PhysicsError, match="no real number"):
        FloatSystem.check(value, CURRENT, "current of K")
