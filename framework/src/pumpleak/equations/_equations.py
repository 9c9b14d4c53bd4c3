"""Equations of a membrane: what the mechanisms said, as symbols, with exact derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs
import sympy

from .._errors import PhysicsError
from ..numbers._dimensional import DimensionSystem
from ..numbers._symbolic import OpaqueSource, Symbols, without_removable_poles
from ._carried import Carried
from ._trace import run

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

Expr = Any  # SymPy ships no types
Tape = tuple[tuple[Expr, Expr], ...]


@attrs.frozen(kw_only=True, eq=False)
class StateEquation:
    """One dynamic state.

    Args:
        name: full name, ``"kdr.n"``.
        symbol: its symbol.
        rate: rate of change, per ms.
        steady: its steady value in terms of the other symbols; None for a pool whose balance is
            not linear in itself.
        bounds: where to search a pool.
    """

    name: str
    symbol: Expr
    rate: Expr
    steady: Expr | None
    bounds: tuple[float, float] | None


@attrs.frozen(kw_only=True, eq=False)
class Equations:
    """A membrane's equations, by structure: parameters are symbols.

    Args:
        voltage: V, mV.
        parameters: names of all inputs but V, in order; each name is its symbol's name.
        tape: named intermediate results, each in terms of earlier ones.
        states: dynamic states.
        currents: outward current by (mechanism, ion), pA.
        cycles: cycles per time by transporter, amol/ms.
        open_fractions: open probability by channel.
        opaques: what could not be traced, by (mechanism, ion).
    """

    voltage: Expr
    parameters: tuple[str, ...]
    tape: Tape
    states: tuple[StateEquation, ...]
    currents: Mapping[tuple[str, str], Expr]
    cycles: Mapping[str, Expr]
    open_fractions: Mapping[str, Expr]
    opaques: Mapping[tuple[str, str], OpaqueSource]

    @property
    def total(self) -> Expr:
        """Sum of all currents, pA."""
        return sympy.Add(*self.currents.values())

    def jacobian(self) -> tuple[Tape, list[list[Expr]]]:
        """Differentiate the total current and every rate by V and every state, as symbols.

        Returns:
            A tape, and the Jacobian in its terms: rows are the total current, then the rates;
            columns are V, then the states.
        """
        outputs = [self.total, *(state.rate for state in self.states)]
        return derivatives(
            self.tape, outputs, [self.voltage, *(state.symbol for state in self.states)]
        )

    def pools(self) -> tuple[StateEquation, ...]:
        """Return the states that have no steady value in closed form."""
        return tuple(state for state in self.states if state.steady is None)

    def at_rest(self) -> Tape:
        """Return the tape with every state that has one at its steady value."""
        steady = [(state.symbol, state.steady) for state in self.states if state.steady is not None]
        return ordered((*self.tape, *steady))


def derivatives(
    tape: Tape, outputs: Iterable[Expr], variables: Iterable[Expr]
) -> tuple[Tape, list[list[Expr]]]:
    """Differentiate through a tape by the chain rule.

    Args:
        tape: definitions, each in terms of earlier ones.
        outputs: expressions in terms of the tape's symbols.
        variables: what to differentiate by.

    Returns:
        The tape lengthened by the derivatives it needs, and the Jacobian, (outputs, variables).
    """
    variables = list(variables)
    longer: list[tuple[Expr, Expr]] = []
    slopes: dict[Expr, dict[Expr, Expr]] = {}
    for position, (symbol, expr) in enumerate(tape):
        longer.append((symbol, expr))
        for variable in variables:
            slope = _chained(expr, variable, slopes)
            if slope is not None:
                if not slope.is_Atom:
                    name = sympy.Symbol(f"d{position}~{variable}")
                    longer.append((name, slope))
                    slope = name
                slopes.setdefault(symbol, {})[variable] = slope
    rows = [
        [_chained(expr, variable, slopes) or sympy.S.Zero for variable in variables]
        for expr in outputs
    ]
    return tuple(longer), rows


def _chained(expr: Expr, variable: Expr, slopes: Mapping[Expr, Mapping[Expr, Expr]]) -> Expr | None:
    """Return d expr / d variable, with what the tape's symbols owe it; None if there is none."""
    total = None
    for symbol in sorted(expr.free_symbols, key=str):
        inner = sympy.S.One if symbol == variable else slopes.get(symbol, {}).get(variable)
        if inner is None:
            continue
        term = sympy.diff(expr, symbol) * inner
        if term != 0:
            total = term if total is None else total + term
    return total


def ordered(tape: Iterable[tuple[Expr, Expr]]) -> Tape:
    """Return definitions so that each follows those it uses; gates may be tied to later gates.

    Raises:
        PhysicsError: definitions that go round in a circle.
    """
    waiting = dict(tape)
    done: dict[Expr, Expr] = {}
    visiting: set[Expr] = set()

    def visit(symbol: Expr) -> None:
        if symbol in done or symbol not in waiting:
            return
        if symbol in visiting:
            raise PhysicsError(
                f"{symbol}: its steady value depends on itself; give it a rate and declare it a "
                "pool"
            )
        visiting.add(symbol)
        for needed in sorted(waiting[symbol].free_symbols, key=str):
            visit(needed)
        visiting.discard(symbol)
        done[symbol] = waiting[symbol]

    for symbol in list(waiting):
        visit(symbol)
    return tuple(done.items())


def used(tape: Tape, outputs: Iterable[Expr]) -> Tape:
    """Return only the definitions that the outputs need."""
    wanted = set().union(*(expr.free_symbols for expr in outputs), set())
    kept = []
    for symbol, expr in reversed(tape):
        if symbol in wanted:
            kept.append((symbol, expr))
            wanted |= expr.free_symbols
    return tuple(reversed(kept))


def trace(membrane: Membrane) -> Equations:
    """Trace a membrane: check every dimension, then collect its equations.

    Membranes of one structure share their equations, whatever their parameters' values.

    Raises:
        PhysicsError: a mechanism's function is impossible; the message names its owner.
        DimensionError: two terms that do not match.
    """
    return _traced(membrane.structure, Carried(membrane))


@lru_cache(maxsize=128)
def _traced(structure: object, keep: Carried[Membrane]) -> Equations:
    membrane = keep.item
    run(membrane, DimensionSystem())
    system = Symbols()
    found = run(membrane, system)
    states = tuple(
        StateEquation(
            name=state.name,
            symbol=state.value,
            rate=without_removable_poles(sympy.sympify(state.rate)),
            steady=None if state.steady is None else without_removable_poles(state.steady),
            bounds=state.bounds,
        )
        for state in found.states
    )
    tape = ordered((symbol, without_removable_poles(expr)) for symbol, expr in system.tape)
    currents = {key: without_removable_poles(expr) for key, expr in found.currents.items()}
    equations = Equations(
        voltage=found.voltage,
        parameters=tuple(name for name in system.leaves if name != "V"),
        tape=tape,
        states=states,
        currents=currents,
        cycles=dict(found.cycles),
        open_fractions=dict(found.open_fractions),
        opaques=dict(system.opaques),
    )
    try:
        equations.at_rest()
    except PhysicsError as error:
        mechanism = membrane.mechanism(str(error).partition(".")[0])
        raise PhysicsError(f"{membrane.owner_of(mechanism)}: {error}") from error
    return equations
