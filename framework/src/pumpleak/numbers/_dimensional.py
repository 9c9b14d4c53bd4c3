"""The number system of dimensions: running a mechanism with it checks every term.

A value here has a dimension and the text of how it came about, no magnitude. Adding a conductance
to a permeability, or taking the exponential of a voltage, raises at the author's own line.
"""

from __future__ import annotations

from typing import Any

from .._errors import DimensionError, PhysicsError
from ..units._quantity import NUMBER, Dimension
from ._numbers import no_number

_LONGEST = 60


class Term:
    """A value known only by its dimension.

    Args:
        dimension: what it is; None for a literal zero, which fits everything.
        text: how it was written.
    """

    __slots__ = ("dimension", "exact", "text")

    def __init__(self, dimension: Dimension | None, text: str, exact: float | None = None) -> None:
        self.dimension = dimension
        self.text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        self.exact = exact

    def __repr__(self) -> str:
        return f"{self.text} [{'any' if self.dimension is None else self.dimension.unit}]"

    def __bool__(self) -> bool:
        raise DimensionError(
            f"'{self.text}' decides a Python 'if'; use s.xp.where(condition, then, otherwise)"
        )

    def __add__(self, other: Any) -> Term:
        return _sum(self, other, "+")

    def __radd__(self, other: Any) -> Term:
        return _sum(term(other), self, "+")

    def __sub__(self, other: Any) -> Term:
        return _sum(self, other, "-")

    def __rsub__(self, other: Any) -> Term:
        return _sum(term(other), self, "-")

    def __neg__(self) -> Term:
        return Term(self.dimension, f"-{self.text}")

    def __pos__(self) -> Term:
        return self

    def __abs__(self) -> Term:
        return self

    def __mul__(self, other: Any) -> Term:
        return _product(self, term(other), 1)

    def __rmul__(self, other: Any) -> Term:
        return _product(term(other), self, 1)

    def __truediv__(self, other: Any) -> Term:
        return _product(self, term(other), -1)

    def __rtruediv__(self, other: Any) -> Term:
        return _product(term(other), self, -1)

    def __pow__(self, power: Any) -> Term:
        exponent = term(power)
        if exponent.dimension not in (NUMBER, None):
            raise DimensionError(
                f"the exponent '{exponent.text}' is {_words(exponent)}; it must be a number"
            )
        base = self.dimension or NUMBER
        if base == NUMBER:
            return Term(NUMBER, f"{self.text}**{exponent.text}")
        if exponent.exact is None:
            raise DimensionError(
                f"'{self.text}' is {_words(self)} and its exponent '{exponent.text}' is not a "
                "literal; "
                "divide by a reference value first"
            )
        return Term(NUMBER.times(base, exponent.exact), f"{self.text}**{exponent.text}")

    def __rpow__(self, base: Any) -> Term:
        return term(base) ** self

    def __lt__(self, other: Any) -> Term:
        return _sum(self, other, "<")

    def __le__(self, other: Any) -> Term:
        return _sum(self, other, "<=")

    def __gt__(self, other: Any) -> Term:
        return _sum(self, other, ">")

    def __ge__(self, other: Any) -> Term:
        return _sum(self, other, ">=")


def term(value: Any, what: str = "") -> Term:
    """Return `value` as a Term; a Python number is a pure number.

    Args:
        value: a term or a number.
        what: it is, for messages.

    Raises:
        PhysicsError: anything that is not a number.
    """
    if isinstance(value, Term):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Term(None if value == 0 else NUMBER, f"{value:g}", float(value))
    try:
        if isinstance(value, str | bytes):
            raise TypeError("text")
        plain = float(value)
    except (TypeError, ValueError) as error:
        wrong = f"{what} is no real number but" if what else "expected a number, got"
        raise PhysicsError(f"{wrong} {no_number(value)}") from error
    return Term(None if plain == 0 else NUMBER, f"{plain:g}", plain)


def _words(value: Term) -> str:
    return "any" if value.dimension is None else f"{value.dimension.words} ({value.dimension.unit})"


def _sum(left: Term, right: Any, sign: str) -> Term:
    right = term(right)
    text = f"{left.text} {sign} {right.text}"
    if left.dimension is None:
        return Term(right.dimension, right.text if sign == "+" else text)
    if right.dimension is None or left.dimension == right.dimension:
        return Term(left.dimension, text)
    raise DimensionError(
        f"the terms of '{text}' do not match: '{left.text}' is {_words(left)}, "
        f"'{right.text}' is {_words(right)}"
    )


def _product(left: Term, right: Term, power: int) -> Term:
    sign = "*" if power > 0 else "/"
    text = f"{_wrapped(left)}{sign}{_wrapped(right)}"
    if left.dimension is None or (right.dimension is None and power > 0):
        return Term(None, "0")
    exact = None
    if left.exact is not None and right.exact:
        exact = left.exact * right.exact**power
    return Term(left.dimension.times(right.dimension or NUMBER, power), text, exact)


def _wrapped(value: Term) -> str:
    return f"({value.text})" if " " in value.text else value.text


class Dimensions:
    """The functions of the number system."""

    @staticmethod
    def _pure(name: str, x: Any) -> Term:
        argument = term(x)
        if argument.dimension not in (NUMBER, None):
            raise DimensionError(
                f"{name}({argument.text}): the argument must be a pure number, got "
                f"{_words(argument)}"
            )
        return Term(NUMBER, f"{name}({argument.text})")

    def exp(self, x: Any) -> Term:
        """Exponential of a pure number."""
        return self._pure("exp", x)

    def expm1(self, x: Any) -> Term:
        """exp(x) - 1 of a pure number."""
        return self._pure("expm1", x)

    def exprelr(self, x: Any) -> Term:
        """x/(exp(x) - 1) of a pure number."""
        return self._pure("exprelr", x)

    def log(self, x: Any) -> Term:
        """Logarithm of a pure number."""
        return self._pure("log", x)

    def tanh(self, x: Any) -> Term:
        """Hyperbolic tangent of a pure number."""
        return self._pure("tanh", x)

    def sqrt(self, x: Any) -> Term:
        """Square root; halves the dimension."""
        return term(x) ** 0.5

    def absolute(self, x: Any) -> Term:
        """Absolute value."""
        return term(x)

    def where(self, condition: Any, then: Any, otherwise: Any) -> Term:
        """Both branches must have one dimension."""
        return _sum(term(then), otherwise, "or")

    def minimum(self, a: Any, b: Any) -> Term:
        """Both must have one dimension."""
        return _sum(term(a), b, "or")

    def maximum(self, a: Any, b: Any) -> Term:
        """Both must have one dimension."""
        return _sum(term(a), b, "or")

    def let(self, x: Any, name: str = "") -> Term:
        """Give the term a short name."""
        value = term(x)
        return Term(value.dimension, name or value.text, value.exact)


class DimensionSystem:
    """Leaves are terms of known dimension; every result is held against what it must be."""

    def __init__(self) -> None:
        self.xp = Dimensions()

    def leaf(self, name: str, value: float, dimension: Dimension) -> Term:
        """Return the input as a term."""
        return Term(dimension, name)

    def unit(self, name: str, dimension: Dimension) -> Term:
        """Return the unit as a term."""
        return Term(dimension, name)

    def state(self, name: str, dimension: Dimension) -> Term:
        """Return the state as a term."""
        return Term(dimension, name)

    def define(self, name: str, value: Any) -> Term:
        """Return a state that follows without delay under its own name."""
        return Term(term(value).dimension, name)

    def check(self, value: Any, dimension: Dimension, what: str) -> Term:
        """Refuse a result of the wrong dimension.

        Raises:
            DimensionError: naming the term.
            PhysicsError: it is no number at all.
        """
        found = term(value, what)
        if found.dimension not in (dimension, None):
            raise DimensionError(
                f"{what} must be {dimension.words} ({dimension.unit}), but '{found.text}' is "
                f"{_words(found)}"
            )
        return found

    def opaque(self, mechanism: Any, world: Any) -> dict[str, Term]:
        """Take an opaque mechanism at its word: what is not traced cannot be checked."""
        return {ion: Term(None, ion) for ion in mechanism.carried()}
