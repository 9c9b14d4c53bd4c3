"""Lower equations to straight-line Python source that runs in any number system.

The same source computes one membrane with `math`, arrays with NumPy, and enclosures with
intervals: only the functions it is given differ. What depends on parameters alone is hoisted into
a preparation that runs once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
import sympy
from sympy.core.relational import Relational

from .._errors import PhysicsError
from ..numbers._symbolic import Opaque, exprelr, exprelr_d1, exprelr_d2, opaque_function

Expr = Any  # SymPy ships no types
_FUNCTIONS = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    exprelr: "exprelr",
    exprelr_d1: "exprelr_d1",
    exprelr_d2: "exprelr_d2",
}
_NEXT = {"exprelr": "exprelr_d1", "exprelr_d1": "exprelr_d2"}
_COMPARISONS = {
    sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal",
    sympy.StrictGreaterThan: "greater",
    sympy.GreaterThan: "greater_equal",
}


@attrs.frozen(kw_only=True, eq=False)
class Source:
    """Two functions in one source.

    Args:
        text: defines ``prepare(p)`` and ``compute(<inputs>, c)``.
        outputs: how many values `compute` returns.
        opaques: callables it needs, by name.
        steep: of each exponent that is linear in the first input, where its slope stands among
            the prepared values, and where it stands itself among the outputs.
    """

    text: str
    outputs: int
    opaques: Mapping[str, type[Opaque]]
    steep: tuple[tuple[int, int], ...] = ()

    def functions(self, names: Mapping[str, Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return (prepare, compute) with the functions of one number system.

        Args:
            names: exp, log, tanh, sqrt, power, exprelr and its derivatives, where, comparisons.
        """
        space = dict(names)
        exec(compile(self.text, "<pumpleak kernel>", "exec"), space)  # noqa: S102 - our own source
        return space["prepare"], space["compute"]


class _Writer:
    """Writes each distinct operation once, in the part where its inputs are known.

    With `by`, every operation is followed by its derivatives (forward differentiation, exact).
    """

    def __init__(
        self, inputs: Sequence[Expr], parameters: Sequence[str], by: Sequence[Expr]
    ) -> None:
        self.names: dict[Expr, str] = {}
        self.varies: set[str] = set()
        self.slopes: dict[str, dict[int, str]] = {}
        self.lines: dict[bool, list[str]] = {False: [], True: []}
        self.written: dict[str, str] = {}
        self.opaques: dict[str, type[Opaque]] = {}
        self.exponents: list[str] = []
        for position, symbol in enumerate(inputs):
            self.names[symbol] = name = f"v{position}"
            self.varies.add(name)
            if symbol in by:
                self.slopes[name] = {list(by).index(symbol): "1.0"}
        for position, parameter in enumerate(parameters):
            self.names[sympy.Symbol(parameter)] = f"p[{position}]"

    def alias(self, symbol: Expr, expr: Expr) -> None:
        self.names[symbol] = self.write(expr)

    def write(self, expr: Expr) -> str:
        found = self.names.get(expr)
        if found is None:
            found = self.names[expr] = self._new(expr)
        return found

    def hoisted(self, name: str) -> str:
        """Return a constant under a name of its own, so that preparation hands it on."""
        return name if name in self.written.values() else self._emit(f"+{name}", [])

    def slope(self, name: str, position: int) -> str:
        return self.slopes.get(name, {}).get(position, "0.0")

    def _emit(self, text: str, arguments: Iterable[str]) -> str:
        found = self.written.get(text)
        if found is None:
            varies = not self.varies.isdisjoint(arguments)
            found = f"{'t' if varies else 'k'}{len(self.written)}"
            if varies:
                self.varies.add(found)
            self.written[text] = found
            self.lines[varies].append(f"{found} = {text}")
        return found

    def _new(self, expr: Expr) -> str:
        if expr.is_Number or expr.is_NumberSymbol:
            return repr(float(expr)).replace("inf", "1e400")  # so written it is Python's infinity
        if expr.is_Symbol:
            raise PhysicsError(f"the equations use {expr}, which nothing defines")
        if expr.is_Add:
            return self.plus([self.write(argument) for argument in expr.args])
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sympy.Piecewise):
            return self._choice(expr)
        if isinstance(expr, Opaque):
            return self._call(type(expr), [self.write(argument) for argument in expr.args])
        function = _FUNCTIONS.get(expr.func)
        if function is None:
            raise PhysicsError(
                f"the function {expr.func.__name__} cannot be lowered; use the functions of s.xp, "
                "or declare the mechanism opaque"
            )
        (argument,) = expr.args
        written = self.write(argument)
        if function in ("exp", "exprelr", "tanh") and written in self.varies:
            self.exponents.append(written)
        return self.apply(function, written)

    # --- operations, each with its derivative ----------------------------------------------------

    def _chain(self, name: str, arguments: Iterable[str], partial: Any) -> str:
        """Give `name` its slopes: the sum of partial(argument) times the argument's slope."""
        if name in self.slopes:
            return name
        terms: dict[int, list[str]] = {}
        for argument in dict.fromkeys(arguments):
            inner = self.slopes.get(argument)
            if inner:
                outer = partial(argument)
                for position, slope in inner.items():
                    terms.setdefault(position, []).append(self._times(outer, slope))
        if terms:
            self.slopes[name] = {
                position: kept
                for position, parts in terms.items()
                if (kept := self._plain_sum(parts)) != "0.0"
            }
        return name

    def _times(self, *factors: str) -> str:
        """Return a product without slopes."""
        if "0.0" in factors:
            return "0.0"
        kept = [factor for factor in factors if factor != "1.0"]
        if len(kept) < 2:
            return kept[0] if kept else "1.0"
        if kept[0] == "-1.0":
            return self._emit(
                f"-{kept[1]}" if len(kept) == 2 else f"-{'*'.join(kept[1:])}", kept[1:]
            )
        return self._emit("*".join(kept), kept)

    def _plain_sum(self, terms: Iterable[str]) -> str:
        """Return a sum without slopes; constant terms are hoisted as one."""
        kept = [term for term in terms if term != "0.0"]
        fixed = [term for term in kept if term not in self.varies]
        moving = [term for term in kept if term in self.varies]
        if fixed and moving and len(fixed) > 1:
            fixed = [self._emit(" + ".join(fixed), fixed)]
        joined = [*fixed, *moving]
        if len(joined) < 2:
            return joined[0] if joined else "0.0"
        return self._emit(" + ".join(joined), joined)

    def plus(self, terms: list[str]) -> str:
        return self._chain_sum(self._plain_sum(terms), terms)

    def _chain_sum(self, name: str, terms: list[str]) -> str:
        if name in terms:
            return name
        return self._chain(name, terms, lambda term: repr(float(terms.count(term))))

    def times(self, factors: list[str]) -> str:
        """Return a product; its constant factors are hoisted as one."""
        fixed = [factor for factor in factors if factor not in self.varies]
        moving = [factor for factor in factors if factor in self.varies]
        head = self._times(*fixed) if fixed else "1.0"
        name = self._times(head, *moving)
        if name in moving:
            return name

        def partial(argument: str) -> str:
            others = list(moving)
            others.remove(argument)
            count = moving.count(argument)
            scale = [] if count == 1 else [repr(float(count))]
            return self._times(*scale, head, *others)

        return self._chain(name, moving, partial)

    def over(self, above: str, below: str) -> str:
        if below == "1.0":
            return above
        name = self._emit(f"{above}/{below}", [above, below])

        def partial(argument: str) -> str:
            inverse = self._emit(f"1.0/{below}", [below])
            own = inverse if argument == above else "0.0"
            if argument != below:
                return own
            minus = self._emit(f"-{name}/{below}", [name, below])
            return minus if own == "0.0" else self._plain_sum([own, minus])

        return self._chain(name, [above, below], partial)

    def apply(self, function: str, x: str) -> str:
        name = self._emit(f"{function}({x})", [x])

        def partial(_: str) -> str:
            if function == "exp":
                return name
            if function == "log":
                return self._emit(f"1.0/{x}", [x])
            if function == "sqrt":
                return self._emit(f"0.5/{name}", [name])
            if function == "tanh":
                return self._emit(f"1.0 - {name}*{name}", [name])
            following = _NEXT.get(function)
            if following is None:
                raise PhysicsError(f"the derivative of {function} cannot be lowered")
            return self._emit(f"{following}({x})", [x])

        return self._chain(name, [x], partial)

    def power(self, base: str, exponent: float) -> str:
        if exponent == 1.0:
            return base
        if exponent in (0.5, -0.5):
            root = self.apply("sqrt", base)
            return root if exponent > 0 else self.over("1.0", root)
        whole = exponent == int(exponent) and 2 <= abs(exponent) <= 8
        if exponent < 0 and (whole or exponent == -1.0):
            return self.over("1.0", self.power(base, -exponent))
        if whole:
            return self.times([base] * int(exponent))
        name = self._emit(f"power({base}, {exponent!r})", [base])
        lower = f"power({base}, {exponent - 1.0!r})"
        return self._chain(
            name, [base], lambda _: self._times(repr(exponent), self._emit(lower, [base]))
        )

    # --- expressions -----------------------------------------------------------------------------

    def _product(self, expr: Expr) -> str:
        above: list[str] = []
        below: list[str] = []
        for argument in expr.args:
            if argument.is_Pow and argument.exp.is_Number and argument.exp < 0:
                below.append(self.write(sympy.Pow(argument.base, -argument.exp)))
            else:
                above.append(self.write(argument))
        fixed_above = [name for name in above if name not in self.varies]
        fixed_below = [name for name in below if name not in self.varies]
        head = self.over(self.times(fixed_above or ["1.0"]), self.times(fixed_below or ["1.0"]))
        top = self.times([head, *(name for name in above if name in self.varies)])
        return self.over(
            top, self.times([name for name in below if name in self.varies] or ["1.0"])
        )

    def _power(self, expr: Expr) -> str:
        base, exponent = expr.base, expr.exp
        if isinstance(base, sympy.exp):
            return self.write(sympy.exp(base.args[0] * exponent))
        written = self.write(base)
        if exponent.is_Number:
            return self.power(written, float(exponent))
        # A base above zero: whatever is raised to a parameter's power is a ratio of physical sizes.
        second = self.write(exponent)
        name = self._emit(f"power({written}, {second})", [written, second])

        def partial(argument: str) -> str:
            terms = []
            if argument == written:
                lower = self._emit(f"power({written}, {second} - 1.0)", [written, second])
                terms.append(self._times(second, lower))
            if argument == second:
                terms.append(self._times(name, self._emit(f"log({written})", [written])))
            return self._plain_sum(terms)

        return self._chain(name, [written, second], partial)

    def _choice(self, expr: Expr) -> str:
        *choices, (last, _) = expr.args
        result = self.write(last)
        for value, condition in reversed(choices):
            chosen, test, otherwise = self.write(value), self._test(condition), result
            result = self._emit(f"where({test}, {chosen}, {otherwise})", [test, chosen, otherwise])
            for position in {**self.slopes.get(chosen, {}), **self.slopes.get(otherwise, {})}:
                pair = [test, self.slope(chosen, position), self.slope(otherwise, position)]
                self.slopes.setdefault(result, {})[position] = self._emit(
                    f"where({', '.join(pair)})", pair
                )
        return result

    def _test(self, condition: Expr) -> str:
        if not isinstance(condition, Relational) or type(condition) not in _COMPARISONS:
            raise PhysicsError(
                f"the condition {condition} cannot be lowered; compare with <, <=, >, >="
            )
        sides = [self.write(side) for side in condition.args]
        return self._emit(f"{_COMPARISONS[type(condition)]}({', '.join(sides)})", sides)

    def _call(self, function: type[Opaque], arguments: list[str]) -> str:
        plain = self._name_opaque(function)
        name = self._emit(f"{plain}({', '.join(arguments)})", arguments)

        def partial(argument: str) -> str:
            position = arguments.index(argument)
            slope = opaque_function(function.source, (*function.order, position))
            return self._emit(f"{self._name_opaque(slope)}({', '.join(arguments)})", arguments)

        return self._chain(name, arguments, partial)

    def _name_opaque(self, function: type[Opaque]) -> str:
        for name, known in self.opaques.items():
            if known is function:
                return name
        name = f"opaque{len(self.opaques)}"
        self.opaques[name] = function
        return name


def lower(
    tape: Iterable[tuple[Expr, Expr]],
    outputs: Sequence[Expr],
    inputs: Sequence[Expr],
    parameters: Sequence[str],
    *,
    by: Sequence[Expr] = (),
    find_steep: bool = False,
) -> Source:
    """Write the source that computes `outputs` and, with `by`, their Jacobian.

    Args:
        tape: definitions, each in terms of earlier ones.
        outputs: expressions to return, in order.
        inputs: symbols that vary from call to call.
        parameters: names of the entries of ``p``.
        by: inputs to differentiate by; the Jacobian follows the outputs, row by row.
        find_steep: whether to return, behind everything else, the exponents that are linear in the
            first input, which must be the first of `by`.

    Raises:
        PhysicsError: something that no kernel can compute.
    """
    writer = _Writer(inputs, parameters, by)
    for symbol, expr in tape:
        writer.alias(symbol, expr)
    written = [writer.write(expr) for expr in outputs]
    written += [writer.slope(name, i) for name in list(written) for i in range(len(by))]
    steep = []
    if find_steep:
        for name in dict.fromkeys(writer.exponents):
            slope = writer.slopes.get(name, {})
            if list(slope) == [0] and slope[0] not in writer.varies:
                constant = writer.hoisted(slope[0])
                steep.append((constant, len(written)))
                written.append(name)
    kept = [line.split(" = ")[0] for line in writer.lines[False]]
    used = " ".join([*writer.lines[True], *written])
    # Parameters enter through locals: indexing p for every use would cost more than the work.
    direct = [f"p[{i}]" for i in range(len(parameters)) if f"p[{i}]" in used]
    renamed = {name: f"q{name[2:-1]}" for name in direct}
    carried = [*kept, *direct]
    body = [*writer.lines[True], f"return ({''.join(f'{name}, ' for name in written)})"]
    for name, short in renamed.items():
        body = [line.replace(name, short) for line in body]
    unpack = ", ".join([*kept, *renamed.values()])
    arguments = ", ".join([*(f"v{i}" for i in range(len(inputs))), "c"])
    lines = ["def prepare(p):"]
    lines += [f"    {line}" for line in writer.lines[False]]
    lines += [f"    return ({', '.join(carried)}{',' if carried else ''})"]
    lines += [f"def compute({arguments}):"]
    if unpack:
        lines += [f"    ({unpack},) = c"]
    lines += [f"    {line}" for line in body]
    return Source(
        text="\n".join(lines),
        outputs=len(written),
        opaques=writer.opaques,
        steep=tuple((kept.index(constant), position) for constant, position in steep),
    )
