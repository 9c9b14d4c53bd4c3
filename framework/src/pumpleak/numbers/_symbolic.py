"""The number system of symbols, on SymPy: running a mechanism with it gives its equations."""

from __future__ import annotations

import math
import random
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import attrs
import sympy
from sympy.core.relational import Relational

from .._errors import PhysicsError
from ..units._quantity import Dimension
from ._numbers import no_number

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane
    from ..parts._mechanism import Mechanism

Expr = Any  # SymPy ships no types


class exprelr(sympy.Function):  # noqa: N801 - NMODL's and Arbor's name for it
    """x/(exp(x) - 1)."""

    nargs = (1,)

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Evaluate at zero."""
        return sympy.Float(1.0) if x == 0 else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative, a primitive too."""
        return exprelr_d1(self.args[0])


class exprelr_d1(sympy.Function):  # noqa: N801
    """First derivative of exprelr."""

    nargs = (1,)

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative."""
        return exprelr_d2(self.args[0])


class exprelr_d2(sympy.Function):  # noqa: N801
    """Second derivative of exprelr."""

    nargs = (1,)


@attrs.frozen(kw_only=True, eq=False)
class OpaqueSource:
    """Where the currents of a mechanism that cannot be traced come from.

    Args:
        membrane: the mechanism alone.
        names: of the arguments of its function, in order.
    """

    membrane: Membrane
    names: tuple[str, ...]


class Opaque(sympy.Function):
    """One ion's current of a mechanism that cannot be traced."""

    source: Any = None  # (mechanism label, ion)
    order: tuple[int, ...] = ()

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return a numerical derivative with respect to one argument."""
        return opaque_function(self.source, (*self.order, argindex - 1))(*self.args)


@lru_cache(maxsize=1024)
def opaque_function(source: tuple[str, str], order: tuple[int, ...] = ()) -> type[Opaque]:
    """Return the function class of one opaque current, or of a derivative of it."""
    name = "opaque_" + "_".join((*source, *map(str, order)))
    made = type(name, (Opaque,), {"source": source, "order": order, "nargs": None})
    return cast("type[Opaque]", made)


class _Functions:
    """The functions that a mechanism calls as ``s.xp``."""

    def __init__(self, owner: Symbols) -> None:
        self._owner = owner

    log = staticmethod(sympy.log)
    sqrt = staticmethod(sympy.sqrt)
    tanh = staticmethod(sympy.tanh)
    exprelr = exprelr

    @staticmethod
    def exp(x: Any) -> Expr:
        # SymPy takes exp(x + 2000.0) apart and evaluates exp(2000.0); a fraction it leaves alone.
        x = _sympified(x)
        if x.is_Add:
            x = sympy.Add(*(sympy.Rational(term) if term.is_Float else term for term in x.args))
        return sympy.exp(x)

    def expm1(self, x: Any) -> Expr:
        return self.exp(x) - 1

    @staticmethod
    def absolute(x: Any) -> Expr:
        return sympy.Piecewise((x, x >= 0), (-x, True))

    # Arguments stand on the tape: SymPy would fold one choice into another's condition.

    def where(self, condition: Any, then: Any, otherwise: Any) -> Expr:
        if isinstance(condition, Relational):
            condition = condition.func(*(self.let(side) for side in condition.args))
        return sympy.Piecewise((self.let(then), condition), (self.let(otherwise), True))

    def minimum(self, a: Any, b: Any) -> Expr:
        a, b = self.let(a), self.let(b)
        return sympy.Piecewise((a, a <= b), (b, True))

    def maximum(self, a: Any, b: Any) -> Expr:
        a, b = self.let(a), self.let(b)
        return sympy.Piecewise((a, a >= b), (b, True))

    def let(self, x: Any, name: str = "") -> Expr:
        return self._owner.let(x, name)


class Symbols:
    """Leaves are symbols; named intermediate results stand on a tape."""

    def __init__(self) -> None:
        self.xp = _Functions(self)
        self.tape: list[tuple[Expr, Expr]] = []
        self.names: dict[Expr, Expr] = {}
        self.leaves: dict[str, Expr] = {}
        self.opaques: dict[tuple[str, str], OpaqueSource] = {}

    def leaf(self, name: str, value: float, dimension: Dimension) -> Expr:
        """Return the input's symbol."""
        return self.leaves.setdefault(name, sympy.Symbol(name))

    def unit(self, name: str, dimension: Dimension) -> Any:
        """Units of pumpleak's own set are 1."""
        return 1

    def state(self, name: str, dimension: Dimension) -> Expr:
        """Return the state's symbol."""
        return sympy.Symbol(name)

    def define(self, name: str, value: Any) -> Expr:
        """Put a value that follows without delay on the tape under its own name."""
        symbol = sympy.Symbol(name)
        self.tape.append((symbol, _sympified(value)))
        return symbol

    def let(self, value: Any, name: str = "") -> Expr:
        """Put an intermediate result on the tape; the same expression keeps its first name."""
        expr = _sympified(value)
        if expr.is_Atom:
            return expr
        if expr not in self.names:
            symbol = sympy.Symbol(f"{name or 'x'}~{len(self.tape)}")
            self.tape.append((symbol, expr))
            self.names[expr] = symbol
        return self.names[expr]

    def check(self, value: Any, dimension: Dimension, what: str) -> Expr:
        """Return the value as an expression; refuse what is none, or is not a number."""
        try:
            expr = _sympified(value)
        except (sympy.SympifyError, TypeError, ValueError) as error:
            raise PhysicsError(f"{what} is no real number but {no_number(value)}") from error
        if expr.has(sympy.nan, sympy.zoo, sympy.oo):
            raise PhysicsError(f"{what} is not a number ({expr}); look for a division by zero")
        return expr

    def opaque(self, mechanism: Mechanism, world: Any) -> dict[str, Expr]:
        """Stand an opaque mechanism's currents in as functions of all that it may depend on."""
        own = f"{mechanism.label}."
        symbols = {
            name: symbol
            for name, symbol in self.leaves.items()
            if "." not in name or name.startswith(("inside.", "outside.", own))
        }
        symbols.update(world.states)
        alone = attrs.evolve(world.membrane, mechanisms=[mechanism])
        for ion in mechanism.carried():
            self.opaques[mechanism.label, ion] = OpaqueSource(membrane=alone, names=tuple(symbols))
        return {
            ion: opaque_function((mechanism.label, ion))(*symbols.values())
            for ion in mechanism.carried()
        }


def _sympified(value: Any) -> Expr:
    """Return a value as an expression that kernels can compute."""
    if isinstance(value, float):
        return sympy.Float(value)
    expr = sympy.sympify(value, strict=True)
    if not isinstance(expr, sympy.Expr):
        raise TypeError(f"{type(value).__name__} is no number")
    if expr.has(sympy.Abs):  # Python's own abs()
        expr = expr.replace(sympy.Abs, _Functions.absolute)
    for function in expr.atoms(sympy.Function):
        if not isinstance(function, _COMPUTED):
            raise PhysicsError(
                f"the function {type(function).__name__} is none of s.xp's (exp, log, sqrt, tanh, "
                "where, ...); write it with these, or declare the mechanism opaque"
            )
    return expr


_COMPUTED = (
    sympy.exp, sympy.log, sympy.tanh, sympy.Piecewise, exprelr, exprelr_d1, exprelr_d2, Opaque,
)  # fmt: skip


def without_removable_poles(expr: Expr) -> Expr:
    """Rewrite f/(exp(a) - 1) and (exp(a) - 1)/f, with f proportional to a, through exprelr.

    Authors write the GHK current and Hodgkin-Huxley rates as 0/0; this makes them exact there.
    """
    return _without_poles(expr, {})


def _without_poles(expr: Expr, done: dict[Expr, Expr]) -> Expr:
    # From the inside out: in a/(a + b) the pole of a stands above and below.
    if expr.is_Atom:
        return expr
    if expr not in done:
        arguments = [_without_poles(argument, done) for argument in expr.args]
        changed = any(new is not old for new, old in zip(arguments, expr.args, strict=True))
        made = expr.func(*arguments) if changed else expr
        better = _rewritten(made) if made.is_Mul else None
        done[expr] = made if better is None else better
    return done[expr]


def _rewritten(product: Expr) -> Expr | None:
    for factor in product.args:
        base, power = factor.as_base_exp()
        found = _exp_minus_one(base) if power.is_Integer and base.is_Add else None
        if found is None:
            continue
        scale, a = found
        others = [other for other in product.args if other is not factor]
        # What vanishes with a: one factor, or all that are not numbers together.
        whole = sympy.Mul(*[other for other in others if other.free_symbols])
        for other in (*others, whole):
            f, n = other.as_base_exp()
            if not n.is_Integer or n * power >= 0 or abs(n) < abs(power):
                continue
            ratio = _proportion(f, a)
            if ratio is None:
                continue
            rest = [item for item in others if item is not other]
            if other is whole:
                rest = [item for item in others if not item.free_symbols]
            share = ratio * exprelr(a) / scale  # f/(exp(a) - 1)
            return sympy.Mul(*rest, f ** (n + power), share**-power)
    return None


def _exp_minus_one(base: Expr) -> tuple[Expr, Expr] | None:
    """Return (c, a) if base is c (exp(a) - 1) with a number c."""
    if len(base.args) != 2:
        return None
    number, other = sorted(base.args, key=lambda item: not item.is_Number)
    coefficient, rest = other.as_coeff_Mul()
    if not number.is_Number or not isinstance(rest, sympy.exp) or coefficient * number >= 0:
        return None
    # SymPy takes exp(a + 3.5) apart into 33.1 exp(a), and holds 1.0 and 1 for different.
    apart = -float(coefficient) / float(number)
    a = rest.args[0] if apart == 1.0 else rest.args[0] + math.log(apart)
    return -number, a


def _proportion(f: Expr, a: Expr) -> Expr | None:
    """Return f/a where that does not depend on what makes a vanish, else None."""
    for x in sorted(f.free_symbols & a.free_symbols, key=str):
        slope_f, slope_a = sympy.diff(f, x), sympy.diff(a, x)
        if slope_f.has(x) or slope_a.has(x) or slope_a == 0:
            continue
        draw = random.Random(0)
        alike = True
        for _ in range(3):
            point = {symbol: draw.uniform(0.5, 2.0) for symbol in (f.free_symbols | a.free_symbols)}
            left = complex((f * slope_a).evalf(subs=point))
            right = complex((a * slope_f).evalf(subs=point))
            alike &= abs(left - right) <= 1e-12 * (abs(left) + abs(right))
        if alike:
            return slope_f / slope_a
    return None
