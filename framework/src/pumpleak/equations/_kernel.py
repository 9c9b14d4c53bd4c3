"""Kernels: a membrane's equations lowered to functions, for one voltage or for many at once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import attrs
import numpy as np
import sympy

from ..numbers._bernoulli import (
    exprelr_array,
    exprelr_derivative_array,
    exprelr_derivative_float,
    exprelr_float,
)
from ..numbers._numbers import Floats, FloatSystem
from ..numbers._symbolic import OpaqueSource
from ._equations import Equations, used
from ._lower import Source, lower
from ._trace import run

SCALAR: dict[str, Any] = {
    "exp": Floats.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sqrt": math.sqrt,
    "power": math.pow,
    "exprelr": exprelr_float,
    "exprelr_d1": lambda x: exprelr_derivative_float(1, x),
    "exprelr_d2": lambda x: exprelr_derivative_float(2, x),
    "where": Floats.where,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
ARRAY: dict[str, Any] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "power": np.power,
    "exprelr": exprelr_array,
    "exprelr_d1": lambda x: exprelr_derivative_array(1, x),
    "exprelr_d2": lambda x: exprelr_derivative_array(2, x),
    "where": np.where,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}


@attrs.frozen(kw_only=True, eq=False)
class Compiled:
    """One lowered set of outputs.

    Args:
        prepare: parameters to the constants that `scalar` and `array` need.
        prepare_many: the same for parameters of which some are arrays.
        scalar: inputs as floats, constants; returns a tuple of floats.
        array: inputs as arrays, constants; returns a tuple of arrays or floats.
        source: the text both came from.
    """

    prepare: Callable[[Sequence[float]], tuple[float, ...]]
    prepare_many: Callable[[Sequence[Any]], tuple[Any, ...]]
    scalar: Callable[..., tuple[float, ...]]
    array: Callable[..., tuple[Any, ...]]
    source: Source

    def at(self, inputs: Sequence[float], constants: tuple[float, ...]) -> tuple[float, ...]:
        """Return the outputs at one point; where floats raise, as NumPy has them (inf, nan)."""
        try:
            return self.scalar(*map(float, inputs), constants)
        except (ArithmeticError, ValueError):
            with np.errstate(all="ignore"):
                found = self.array(*(np.float64(value) for value in inputs), constants)
            return tuple(float(value) for value in found)


def compiled(source: Source, extra: Mapping[str, Any]) -> Compiled:
    """Turn source into functions."""
    prepare, scalar = source.functions({**SCALAR, **extra})
    careful, array = source.functions({**ARRAY, **extra})

    def prepared_many(p: Sequence[Any]) -> tuple[Any, ...]:
        with np.errstate(all="ignore"):
            found: tuple[Any, ...] = careful([np.asarray(value, dtype=float)[()] for value in p])
        return found

    def prepared(p: Sequence[float]) -> tuple[float, ...]:
        try:
            found: tuple[float, ...] = prepare(p)
        except (ArithmeticError, ValueError):
            found = prepared_many(p)
        return found

    return Compiled(
        prepare=prepared,
        prepare_many=prepared_many,
        scalar=scalar,
        array=array,
        source=source,
    )


class Kernel:
    """Everything that is computed from one structure of equations, made when first needed."""

    def __init__(self, equations: Equations) -> None:
        self.equations = equations
        self.states = equations.states
        self.pools = equations.pools()

    def _lowered(
        self, tape: Any, outputs: Any, inputs: Any, *, by: Any = (), find_steep: bool = False
    ) -> Compiled:
        source = lower(
            used(tape, outputs),
            outputs,
            inputs,
            self.equations.parameters,
            by=by,
            find_steep=find_steep,
        )
        return compiled(source, self._opaque(source))

    @cached_property
    def rest(self) -> Compiled:
        """Gates at rest: (V, pools) -> total current, pool changes, and their Jacobian by rows."""
        inputs = [self.equations.voltage, *(pool.symbol for pool in self.pools)]
        outputs = [self.equations.total, *(pool.rate for pool in self.pools)]
        return self._lowered(self.equations.at_rest(), outputs, inputs, by=inputs, find_steep=True)

    @cached_property
    def jumps(self) -> Compiled:
        """(V, pools) -> for every formula with branches, what vanishes where it changes over."""
        inputs = [self.equations.voltage, *(pool.symbol for pool in self.pools)]
        outputs = [self.equations.total, *(pool.rate for pool in self.pools)]
        tape = used(self.equations.at_rest(), outputs)
        choices = {
            choice: None
            for expr in (*(expr for _, expr in tape), *outputs)
            for choice in sorted(expr.atoms(sympy.Piecewise), key=str)
        }
        return self._lowered(tape, _changeovers(choices), inputs)

    @cached_property
    def full(self) -> Compiled:
        """(V, states) -> total current, rates, and their Jacobian by rows."""
        inputs = [self.equations.voltage, *(state.symbol for state in self.states)]
        outputs = [self.equations.total, *(state.rate for state in self.states)]
        return self._lowered(self.equations.tape, outputs, inputs, by=inputs)

    @cached_property
    def steady(self) -> Compiled:
        """(V, pools) -> every state at rest."""
        inputs = [self.equations.voltage, *(pool.symbol for pool in self.pools)]
        return self._lowered(
            self.equations.at_rest(), [state.symbol for state in self.states], inputs
        )

    @cached_property
    def parts(self) -> Compiled:
        """(V, pools) -> each (mechanism, ion) current, each cycle rate, each open probability."""
        inputs = [self.equations.voltage, *(pool.symbol for pool in self.pools)]
        outputs = [
            *self.equations.currents.values(),
            *self.equations.cycles.values(),
            *self.equations.open_fractions.values(),
        ]
        return self._lowered(self.equations.at_rest(), outputs, inputs)

    @cached_property
    def moving(self) -> Compiled:
        """(V, states) -> each (mechanism, ion) current, each cycle rate, each open probability."""
        inputs = [self.equations.voltage, *(state.symbol for state in self.states)]
        outputs = [
            *self.equations.currents.values(),
            *self.equations.cycles.values(),
            *self.equations.open_fractions.values(),
        ]
        return self._lowered(self.equations.tape, outputs, inputs)

    def _opaque(self, source: Source) -> dict[str, Any]:
        return {
            name: _opaque_call(
                self.equations.opaques[function.source], function.source[1], function.order
            )
            for name, function in source.opaques.items()
        }


def _changeovers(choices: Iterable[Any]) -> list[Any]:
    """Return left minus right side of every condition at which a choice may jump."""
    return [
        test.lhs - test.rhs
        for choice in choices
        if not _meets(choice)
        for _, test in choice.args
        if test != sympy.true
    ]


def _meets(choice: Any) -> bool:
    """Whether the branches are equal where they change over, as for s.xp.minimum and its kin."""
    (then, test), *others = choice.args
    if len(others) != 1:
        return False
    gap, distance = then - others[0][0], test.lhs - test.rhs
    return any(sympy.expand(gap - factor * distance) == 0 for factor in (1, -1, 2, -2))


def _opaque_call(source: OpaqueSource, ion: str, order: tuple[int, ...]) -> Callable[..., Any]:
    """Return a function of arrays that calls an untraceable mechanism point by point."""
    (mechanism,) = source.membrane.mechanisms

    def one(*values: float) -> float:
        inputs = dict(zip(source.names, map(float, values), strict=True))
        currents = run(source.membrane, FloatSystem(inputs)).currents
        return float(currents[mechanism.label, ion])

    function: Callable[..., float] = one
    for argument in order:
        function = _central(function, argument, 1.0 if source.names[argument] == "V" else 0.0)
    many = np.vectorize(function, otypes=[float])

    def call(*values: Any) -> Any:
        if all(isinstance(value, float) for value in values):
            return function(*values)
        return many(*values)

    return call


def _central(function: Callable[..., float], argument: int, least: float) -> Callable[..., float]:
    """Return the five-point central derivative by one argument; error about 1e-11 relative."""

    def slope(*values: float) -> float:
        step = 1e-3 * (max(least, abs(values[argument])) or 1.0)

        def at(k: float) -> float:
            moved = list(values)
            moved[argument] += k * step
            return function(*moved)

        return (8.0 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12.0 * step)

    return slope


@lru_cache(maxsize=64)
def kernel(equations: Equations) -> Kernel:
    """Return the kernel of a structure; made once."""
    return Kernel(equations)
