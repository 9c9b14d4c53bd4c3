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

from ._errors import PhysicsError
from ._symbolic import Opaque, exprelr, exprelr_d1, exprelr_d2

Expr = Any  # SymPy ships no types
_FUNCTIONS = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    exprelr: "exprelr",
    exprelr_d1: "exprelr_d1",
    exprelr_d2: "exprelr_d2",
}
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
        steep: pairs of positions among the prepared values: slope and offset of an exponent that
            is linear in the first input.
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
    """Writes each distinct subexpression once, in the part where its inputs are known."""

    def __init__(self, inputs: Sequence[Expr], parameters: Sequence[str]) -> None:
        self.names: dict[Expr, str] = {}
        self.varies: dict[str, bool] = {}
        self.lines: dict[bool, list[str]] = {False: [], True: []}
        self.count = 0
        self.opaques: dict[str, type[Opaque]] = {}
        self.exponents: list[Expr] = []
        for position, symbol in enumerate(inputs):
            self.names[symbol] = name = f"v{position}"
            self.varies[name] = True
        for position, parameter in enumerate(parameters):
            self.names[sympy.Symbol(parameter)] = name = f"p[{position}]"
            self.varies[name] = False

    def alias(self, symbol: Expr, expr: Expr) -> None:
        self.names[symbol] = self.write(expr)

    def write(self, expr: Expr) -> str:
        found = self.names.get(expr)
        if found is None:
            found = self.names[expr] = self._new(expr)
        return found

    def _emit(self, text: str, arguments: Iterable[str]) -> str:
        varies = any(self.varies.get(argument, False) for argument in arguments)
        self.count += 1
        name = f"t{self.count}" if varies else f"k{self.count}"
        self.varies[name] = varies
        self.lines[varies].append(f"{name} = {text}")
        return name

    def _new(self, expr: Expr) -> str:
        if expr.is_Number or expr.is_NumberSymbol:
            return repr(float(expr))
        if expr.is_Symbol:
            raise PhysicsError(f"the equations use {expr}, which nothing defines")
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sympy.Piecewise):
            return self._choice(expr)
        if isinstance(expr, Opaque):
            arguments = [self.write(argument) for argument in expr.args]
            function = type(expr).__name__
            name = "".join(c if c.isalnum() else "_" for c in function)
            self.opaques[name] = type(expr)
            return self._emit(f"{name}({', '.join(arguments)})", arguments)
        function = _FUNCTIONS.get(expr.func)
        if function is None:
            raise PhysicsError(
                f"the function {expr.func.__name__} cannot be lowered; use the functions of s.xp, "
                "or declare the mechanism opaque"
            )
        (argument,) = expr.args
        written = self.write(argument)
        if function in ("exp", "exprelr", "tanh") and self.varies.get(written, False):
            self.exponents.append(argument)
        return self._emit(f"{function}({written})", [written])

    def _split(self, arguments: Iterable[Expr]) -> tuple[list[str], list[str]]:
        """Return what is constant and what varies: the constant part is then hoisted as one."""
        fixed: list[str] = []
        moving: list[str] = []
        for argument in arguments:
            written = self.write(argument)
            (moving if self.varies.get(written, False) else fixed).append(written)
        return fixed, moving

    def _sum(self, expr: Expr) -> str:
        fixed, moving = self._split(expr.args)
        if fixed and moving:
            head = fixed[0] if len(fixed) == 1 else self._emit(" + ".join(fixed), fixed)
            return self._emit(" + ".join([head, *moving]), moving)
        terms = fixed or moving
        return self._emit(" + ".join(terms), terms)

    def _product(self, expr: Expr) -> str:
        above: list[Expr] = []
        below: list[Expr] = []
        for argument in expr.args:
            if argument.is_Pow and argument.exp.is_Number and argument.exp < 0:
                below.append(sympy.Pow(argument.base, -argument.exp))
            else:
                above.append(argument)
        fixed_above, moving_above = self._split(above)
        fixed_below, moving_below = self._split(below)
        head = self._quotient(fixed_above, fixed_below)
        over = [*([head] if head else []), *moving_above]
        if len(over) == 1 and over[0] == "-1.0" and not moving_below:
            return over[0]
        return self._quotient(over, moving_below) or "1.0"

    def _quotient(self, above: list[str], below: list[str]) -> str:
        if not above and not below:
            return ""
        if len(above) == 1 and not below:
            return above[0]
        text = "*".join(above) or "1.0"
        if text.startswith("-1.0*"):
            text = "-" + text[5:]
        if below:
            text += "/" + (below[0] if len(below) == 1 else f"({'*'.join(below)})")
        return self._emit(text, [*above, *below])

    def _power(self, expr: Expr) -> str:
        base, exponent = expr.base, expr.exp
        if isinstance(base, sympy.exp):
            return self.write(sympy.exp(base.args[0] * exponent))
        written = self.write(base)
        if exponent.is_Number:
            value = float(exponent)
            if value == int(value) and 2 <= abs(value) <= 8:
                product = "*".join([written] * abs(int(value)))
                return self._emit(product if value > 0 else f"1.0/({product})", [written])
            if value == 1.0:
                return written
            if value == -1.0:
                return self._emit(f"1.0/{written}", [written])
            if value in (0.5, -0.5):
                root = self._emit(f"sqrt({written})", [written])
                return root if value > 0 else self._emit(f"1.0/{root}", [root])
            return self._emit(f"power({written}, {value!r})", [written])
        second = self.write(exponent)
        return self._emit(f"power({written}, {second})", [written, second])

    def _choice(self, expr: Expr) -> str:
        *choices, (last, _) = expr.args
        result = self.write(last)
        for value, condition in reversed(choices):
            chosen, test = self.write(value), self._test(condition)
            result = self._emit(f"where({test}, {chosen}, {result})", [test, chosen, result])
        return result

    def _test(self, condition: Expr) -> str:
        if not isinstance(condition, Relational) or type(condition) not in _COMPARISONS:
            raise PhysicsError(f"the condition {condition} cannot be lowered; compare with <, <=, >, >=")
        sides = [self.write(side) for side in condition.args]
        return self._emit(f"{_COMPARISONS[type(condition)]}({', '.join(sides)})", sides)


def lower(
    tape: Iterable[tuple[Expr, Expr]],
    outputs: Sequence[Expr],
    inputs: Sequence[Expr],
    parameters: Sequence[str],
    *,
    find_steep: bool = False,
) -> Source:
    """Write the source that computes `outputs`.

    Args:
        tape: definitions, each in terms of earlier ones.
        outputs: expressions to return, in order.
        inputs: symbols that vary from call to call.
        parameters: names of the entries of ``p``.
        find_steep: whether to report exponents that are linear in the first input.

    Raises:
        PhysicsError: something that no kernel can compute.
    """
    writer = _Writer(inputs, parameters)
    for symbol, expr in tape:
        writer.alias(symbol, expr)
    written = [writer.write(expr) for expr in outputs]
    steep = []
    if find_steep:
        for slope, offset in _linear(writer.exponents, inputs[0], tape):
            pair = [writer.write(slope), writer.write(offset)]
            if not any(writer.varies.get(name, False) for name in pair):
                steep.append(pair)
    hoisted = [line.split(" = ")[0] for line in writer.lines[False]]
    literals = [name for pair in steep for name in pair if name not in hoisted]
    kept = [*hoisted, *dict.fromkeys(literals)]
    used = " ".join([*writer.lines[True], *written])
    # Parameters enter through locals: indexing p for every use would cost more than the work.
    direct = [f"p[{i}]" for i in range(len(parameters)) if f"p[{i}]" in used]
    renamed = {name: f"q{name[2:-1]}" for name in direct}
    carried = [*kept, *direct]
    body = [*writer.lines[True], f"return ({''.join(f'{name}, ' for name in written)})"]
    for name, short in renamed.items():
        body = [line.replace(name, short) for line in body]
    unpack = ", ".join([name for name in hoisted] + [f"_{i}" for i in range(len(kept) - len(hoisted))] + list(renamed.values()))
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
        outputs=len(outputs),
        opaques=writer.opaques,
        steep=tuple((kept.index(a), kept.index(b)) for a, b in steep),
    )


def _linear(
    exponents: Iterable[Expr], variable: Expr, tape: Iterable[tuple[Expr, Expr]]
) -> list[tuple[Expr, Expr]]:
    """Return slope and offset of the exponents that are linear in `variable`."""
    lines: dict[Expr, tuple[Expr, Expr]] = {variable: (sympy.S.One, sympy.S.Zero)}
    fixed: set[Expr] = set()

    def line(expr: Expr) -> tuple[Expr, Expr] | None:
        slope: Expr = sympy.S.Zero
        offset = expr
        for symbol in expr.free_symbols:
            if symbol in lines:
                factor = sympy.diff(expr, symbol)
                if factor.free_symbols & set(lines):
                    return None
                slope += factor * lines[symbol][0]
                offset = offset.subs(symbol, lines[symbol][1])
            elif symbol in fixed:
                return None
        return slope, offset

    for symbol, expr in tape:
        found = line(expr)
        if found is None:
            fixed.add(symbol)
        elif found[0] != 0:
            lines[symbol] = found
    result = []
    for expr in dict.fromkeys(exponents):
        found = line(expr)
        if found is not None and found[0] != 0:
            result.append(found)
    return result
