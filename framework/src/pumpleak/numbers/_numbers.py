"""Number systems: what a mechanism's physics is computed with.

A mechanism is a pure function that does not care what its numbers are. Plain floats make it
ordinary Python to step through, symbols make it equations, dimensions make it a units check.
Each system offers the same functions under the names of the standard `math` module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from .._errors import PhysicsError
from ..units._quantity import NUMBER, Dimension
from ._bernoulli import exprelr_float


class NumberSystem(Protocol):
    """What a physics function may call as ``s.xp``."""

    def exp(self, x: Any, /) -> Any:
        """Exponential."""

    def expm1(self, x: Any, /) -> Any:
        """exp(x) - 1."""

    def exprelr(self, x: Any, /) -> Any:
        """x/(exp(x) - 1), which is 1 at x = 0."""

    def log(self, x: Any, /) -> Any:
        """Natural logarithm."""

    def sqrt(self, x: Any, /) -> Any:
        """Square root."""

    def tanh(self, x: Any, /) -> Any:
        """Hyperbolic tangent."""

    def absolute(self, x: Any, /) -> Any:
        """Absolute value."""

    def where(self, condition: Any, then: Any, otherwise: Any, /) -> Any:
        """`then` where the condition holds, else `otherwise`; both are evaluated."""

    def minimum(self, a: Any, b: Any, /) -> Any:
        """The smaller."""

    def maximum(self, a: Any, b: Any, /) -> Any:
        """The larger."""

    def let(self, x: Any, /, name: str = "") -> Any:
        """Name an intermediate result that is used more than once."""


class Floats:
    """Plain floats: ordinary Python.

    >>> Floats().exprelr(0.0)
    1.0
    """

    log = staticmethod(math.log)
    sqrt = staticmethod(math.sqrt)
    tanh = staticmethod(math.tanh)
    absolute = staticmethod(abs)
    minimum = staticmethod(min)
    maximum = staticmethod(max)
    exprelr = staticmethod(exprelr_float)

    @staticmethod
    def exp(x: float) -> float:
        """Exponential; infinite where a double overflows, as in NumPy."""
        try:
            return math.exp(x)
        except OverflowError:
            return math.inf

    @staticmethod
    def expm1(x: float) -> float:
        """exp(x) - 1; infinite where a double overflows, as in NumPy."""
        try:
            return math.expm1(x)
        except OverflowError:
            return math.inf

    @staticmethod
    def where(condition: bool, then: Any, otherwise: Any) -> Any:
        """`then` where the condition holds, else `otherwise`."""
        return then if condition else otherwise

    @staticmethod
    def let(x: Any, name: str = "") -> Any:
        """Return x."""
        return x


class FloatSystem:
    """Leaves are the inputs' own values: a mechanism runs as ordinary Python.

    Args:
        values: inputs and states by name, in pumpleak's unit set; an input that is not there has
            the membrane's value, a state that is not there `unknown`.
        unknown: what stands for such a state; None refuses it.
    """

    def __init__(self, values: Mapping[str, float], unknown: float | None = None) -> None:
        self.xp = Floats()
        self.values, self.unknown = values, unknown
        self.defined: dict[str, float] = {}

    def leaf(self, name: str, value: float, dimension: Dimension) -> float:
        """Return the input."""
        return self.values.get(name, value)

    def unit(self, name: str, dimension: Dimension) -> float:
        """Units of pumpleak's own set are 1."""
        return 1.0

    def state(self, name: str, dimension: Dimension) -> float:
        """Return the state."""
        found = self.values.get(name, self.unknown)
        if found is None:
            raise PhysicsError(
                f"the gate or pool {name!r} is not known here; a mechanism that is declared opaque "
                "can read its own and those of mechanisms listed before it"
            )
        return found

    def define(self, name: str, value: Any) -> float:
        """Return a state that follows without delay: the value it is held at, or its own."""
        self.defined[name] = self.check(value, NUMBER, name)
        return self.values.get(name, self.defined[name])

    @staticmethod
    def check(value: Any, dimension: Dimension, what: str) -> float:
        """Refuse what is no real number.

        Raises:
            PhysicsError: naming what it is.
        """
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise PhysicsError(f"{what} is no real number but {no_number(value)}") from error


def no_number(value: Any) -> str:
    """Return how messages show what should have been a number, and what is likely amiss."""
    if value is None:
        return "None; is there a 'return' at the end of its function?"
    shown = f"{type(value).__name__} {value!r:.60}"
    if isinstance(value, list | tuple) or getattr(value, "shape", None):
        shown += "; return one number, for it is called with one voltage at a time"
    return shown
