"""The number system of symbols, and what it makes of 0/0."""

from __future__ import annotations

import pytest
import sympy

from pumpleak import PhysicsError
from pumpleak.numbers._symbolic import Symbols, exprelr, without_removable_poles
from pumpleak.units._quantity import CURRENT

V, P, A = sympy.symbols("V P A")
EXP = Symbols().xp.exp
EXPM1 = Symbols().xp.expm1

#: Formulas that are 0/0 at V = pole, as authors write them.
POLES = {
    "GHK": (V * (5 - 7 * EXP(-V / 25)) / (1 - EXP(-V / 25)), 0),
    "GHK by parameter": (P * V * (5 - 7 * EXP(-V / A)) / (1 - EXP(-V / A)), 0),
    "GHK with decimals": (2.5 * V * (5.0 - 7.0 * EXP(-0.04 * V)) / (1.0 - EXP(-0.04 * V)), 0),
    "a rate": (0.1 * (V + 35) / (1 - EXP(-(V + 35) / 10)), -35),
    "a rate with decimals": (0.1 * (V + 35.0) / (1.0 - EXP(-0.1 * (V + 35.0))), -35),
    "a rate the other way": ((V + 35) / (EXP((V + 35) / 10) - 1), -35),
    "a rate by expm1": ((V + 35) / EXPM1((V + 35) / 10), -35),
    "a rate by parameters": ((V - P) / (1 - EXP(-(V - P) / A)), None),
    "a rate in its steady value": (
        (V + 35) / (1 - EXP(-(V + 35) / 10)) / ((V + 35) / (1 - EXP(-(V + 35) / 10)) + EXP(V / 80)),
        -35,
    ),
    "a power of a rate": (((V + 35) / (1 - EXP(-(V + 35) / 10))) ** 3, -35),
    "a square": (V**2 / (EXP(V / 25) - 1), 0),
    "the inverse": ((EXP(V / 25) - 1) / V, 0),
    "a scaled one": (V / (3 * EXP(V / 25) - 3), 0),
}


@pytest.mark.parametrize("name", POLES)
def test_a_removable_pole_is_removed(name: str) -> None:
    """The new formula has exprelr in it, and equals the old one: elsewhere, and in the limit."""
    old, pole = POLES[name]
    new = without_removable_poles(old)
    given = {P: 1.7, A: 11.3}

    assert new.has(exprelr)

    def value(formula: sympy.Expr, v: object) -> complex:
        here = formula.subs(given).replace(exprelr, lambda x: x / (sympy.exp(x) - 1))
        return complex(here.evalf(30, subs={V: v}))

    for v in (-71.3, 12.9):
        assert value(new, v) == pytest.approx(value(old, v), rel=1e-12)
    if pole is not None:
        at_pole = new.subs(given).subs(V, pole).evalf()
        near = value(old, pole + 1e-7)

        assert complex(at_pole).real == pytest.approx(near.real, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize(
    "formula",
    [
        V / (EXP(V / 25) + 1),
        (V + 1) / (EXP(V / 25) - 1),
        V / (2 * EXP(V / 25) - 1),
        P / (EXP(V) - 1),
    ],
)
def test_a_true_pole_stays(formula: sympy.Expr) -> None:
    """Nothing is rewritten that does not vanish above and below together."""
    assert without_removable_poles(formula) == formula


def test_an_exponential_is_not_taken_apart() -> None:
    """exp(V/0.1 + 2000) stays one exponential; SymPy would make it infinity times another."""
    (offset,) = [term for term in EXP((V + 200) / 0.1).args[0].args if term.is_number]

    assert offset == 2000


def test_let_names_an_expression_once() -> None:
    """The same expression keeps its first name; atoms need none."""
    system = Symbols()
    first = system.let(V * P, "product")

    assert system.let(V * P) is first
    assert system.let(V) is V
    assert system.tape == [(first, V * P)]


@pytest.mark.parametrize("value", [sympy.nan, sympy.zoo, sympy.oo, V / sympy.S.Zero])
def test_a_division_by_zero_is_refused(value: object) -> None:
    """It would run through every later formula."""
    with pytest.raises(PhysicsError, match="division by zero"):
        Symbols().check(value, CURRENT, "current of K")


@pytest.mark.parametrize("value", [None, "V", [V], {"K": V}])
def test_what_is_no_expression_is_refused(value: object) -> None:
    """The message says what came instead."""
    with pytest.raises(PhysicsError, match="is no real number but"):
        Symbols().check(value, CURRENT, "current of K")


@pytest.mark.parametrize("function", [sympy.sin, sympy.erf, sympy.gamma])
def test_a_function_that_kernels_lack_is_refused_by_name(function: type[sympy.Function]) -> None:
    """At the author's own line, where the owner is known."""
    with pytest.raises(PhysicsError, match=f"the function {function.__name__}"):
        Symbols().let(function(V))
