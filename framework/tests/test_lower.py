"""Straight-line source that any number system runs."""

from __future__ import annotations

import math

import pytest
import sympy

from pumpleak import PhysicsError
from pumpleak.equations._kernel import ARRAY, SCALAR
from pumpleak.equations._lower import lower

V, W, A, B = sympy.symbols("V W a b")


def computed(expr: sympy.Expr, *inputs: float, a: float = 3.0, b: float = 0.5) -> tuple[float, ...]:
    """Return an expression's value and its derivative by V."""
    source = lower((), [expr], [V, W], ["a", "b"], by=[V])
    prepare, compute = source.functions(SCALAR)
    result: tuple[float, ...] = compute(*inputs, prepare([a, b]))
    return result


@pytest.mark.parametrize(
    "expr",
    [
        V * W + A,
        V**2 * W**3 / (A + V),
        sympy.exp(A * V + B) / (1 + sympy.exp(-V)) ** 3,
        sympy.sqrt(V) ** 3 + V ** sympy.Rational(-1, 2) + V**-4 + V**10,
        sympy.log(V * A) * sympy.tanh(W * V),
        V**B + B**V,
        -V,
        V - W,
        sympy.Integer(5),
        A * B,
        sympy.pi * V / 3,
        (V + A) / (V + A),
        sympy.Float(1e300) * V * V,
    ],
)
def test_value_and_derivative_are_those_of_sympy(expr: sympy.Expr) -> None:
    """Whatever the shape of the expression."""
    at = {V: 1.7, W: -0.3, A: 3.0, B: 0.5}
    expected = [float(item.evalf(subs=at)) for item in (expr, sympy.diff(expr, V))]

    assert list(computed(expr, 1.7, -0.3)) == pytest.approx(expected, rel=1e-13)


def test_what_depends_on_parameters_alone_is_computed_once() -> None:
    """It stands in `prepare`."""
    source = lower((), [sympy.exp(A) * sympy.log(B) * V], [V], ["a", "b"])
    prepare, compute = source.text.split("def compute")

    assert "exp" in prepare
    assert "log" in prepare
    assert "exp" not in compute
    assert "log" not in compute


def test_nothing_to_compute_is_no_error() -> None:
    """A source without outputs returns nothing."""
    source = lower((), [], [V], ["a"])
    prepare, compute = source.functions(ARRAY)

    assert compute(1.0, prepare([2.0])) == ()


def test_infinity_is_written_so_that_python_reads_it() -> None:
    """A literal beyond every double."""
    assert computed(sympy.Float("1e500") * V, 1.0, 0.0)[0] == math.inf
    assert computed(-sympy.Float("1e500") * V, 1.0, 0.0)[0] == -math.inf


@pytest.mark.parametrize(
    "expr",
    [
        sympy.sin(V),
        sympy.Symbol("unknown") * V,
        sympy.Piecewise((V, sympy.And(V > 0, W > 0)), (W, True)),
        sympy.Piecewise((V, sympy.Eq(V, 0)), (W, True)),
    ],
)
def test_what_no_kernel_computes_is_refused(expr: sympy.Expr) -> None:
    """With what to use instead."""
    with pytest.raises(PhysicsError):
        computed(expr, 1.0, 1.0)
