"""Equations: what the mechanisms said, in an order that can be computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from building import K2P, NALCN, curve, membrane, reference_a

import pumpleak as pl
from pumpleak import Channel, Gate, Mechanism, Ohmic, PhysicsError, trace
from pumpleak.equations._equations import ordered, used


def test_a_membrane_is_traced_once_for_all_its_values() -> None:
    """Currents by mechanism and ion; every input a symbol of its own name."""
    equations = trace(reference_a())

    assert list(equations.currents) == [
        ("k2p", "K"),
        ("nalcn", "Na"),
        ("nalcn", "K"),
        ("clc2", "Cl"),
        ("pump", "Na"),
        ("pump", "K"),
    ]
    assert list(equations.cycles) == ["pump"]
    assert list(equations.open_fractions) == ["k2p", "nalcn", "clc2"]
    assert {"temperature", "outside.K", "pump.density", "k2p.gating.V_half"} <= set(
        equations.parameters
    )
    assert trace(reference_a(area="5 um^2")) is equations


def test_definitions_follow_what_they_use() -> None:
    """A gate may be tied to one that a later mechanism declares."""
    a, b, c = sympy.symbols("a b c")

    assert [name for name, _ in ordered([(a, b + 1), (b, c * 2), (c, sympy.Integer(3))])] == [
        c,
        b,
        a,
    ]
    with pytest.raises(PhysicsError, match="a: its steady value depends on itself"):
        ordered([(a, b), (b, a)])


def test_only_what_is_needed_is_computed() -> None:
    """Definitions that no output uses are left out."""
    a, b, c = sympy.symbols("a b c")
    tape = ((a, sympy.Integer(1)), (b, a + 1), (c, a + 2))

    assert used(tape, [b]) == tape[:2]


class First(Channel):
    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {"n": Gate(steady=1 - s.gates["second.m"])}


class Second(Channel):
    permeation = Ohmic("Na")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {"m": Gate(alpha=s.xp.exp(s.V / s.VT) / s.ms, beta=1 / s.ms)}


def test_gates_may_be_tied_across_mechanisms_in_any_order() -> None:
    """n = 1 - m, whichever comes first."""
    one, other = First(name="first", density="1 nS"), Second(name="second", density="1 nS")
    found = [pl.rest(membrane(*pair))[0] for pair in ((one, other), (other, one))]

    assert found[0].V_mV == pytest.approx(found[1].V_mV, abs=1e-11)
    assert found[0].open_probability["first"] == pytest.approx(
        1 - found[0].open_probability["second"]
    )


def test_a_name_for_two_things_is_refused() -> None:
    """A parameter and a gate called n would be one symbol."""

    class Both(Channel):
        permeation = Ohmic("K")
        n = pl.parameter(4, source="assumed")

        def gates(self, s: Any) -> dict[str, Gate]:
            return {"n": Gate(steady=0.5)}

    with pytest.raises(PhysicsError, match="name of a parameter and of a state"):
        trace(membrane(Both(density="1 nS")))


@pytest.mark.parametrize(
    "pools",
    [
        {"Ca": ("1 mM", "1e-6 mM")},
        {"Ca": ("0 mM", "1 mM")},
        {"Ca": ("1e-6 mM", "1 mV")},
        {"Ca": ("little", "much")},
    ],
)
def test_a_pool_needs_two_values_to_search_between(pools: dict[str, tuple[str, str]]) -> None:
    """The owner is named."""

    class Pooled(Mechanism):
        ions = ("K",)

    made = type("Pooled", (Pooled,), {"pools": pools, "current": lambda self, s: {"K": 0 * s.pA}})
    with pytest.raises(PhysicsError, match=r"^pooled \(class"):
        trace(membrane(K2P(density="1e-6 cm/s"), made(name="pooled"), NALCN(density="1e-6 cm/s")))


def test_a_choice_within_a_choice() -> None:
    """SymPy does not fold one into the other's condition."""

    def function(v: Any, xp: Any) -> Any:
        return xp.where(
            v < 0, xp.where(v < -50, v + 70, 20 + 0 * v), xp.where(v < 50, 20 - v, 5 * v)
        )

    solved = pl.rest(curve(function)).problem

    assert [solved.total_at(float(v))[0] for v in (-80, -20, 10, 80)] == [-10, 20, 10, 400]


@pytest.mark.parametrize("name", ["squid_axon", "cardiomyocyte_low_k", "neuron"])
def test_the_symbolic_jacobian_is_the_kernels(name: str) -> None:
    """SymPy's derivatives, put in by hand, give what the kernel's forward differentiation gives."""
    path = Path(__file__).parents[2] / "docs" / "examples" / f"{name}.toml"
    problem = pl.ClampedProblem(pl.load(path))
    states = [0.3 + 0.01 * i for i, _ in enumerate(problem.kernel.states)]
    states = [
        1e-4 if state.bounds else value
        for state, value in zip(problem.kernel.states, states, strict=True)
    ]
    tape, rows = problem.equations.jacobian()
    known = {sympy.Symbol(key): value for key, value in problem.membrane.values.items()}
    known[problem.equations.voltage] = -58.5
    known |= dict(zip((s.symbol for s in problem.equations.states), states, strict=True))
    for symbol, expr in tape:
        known[symbol] = number(expr, known)
    by_hand = np.array([[number(entry, known) for entry in row] for row in rows])

    _, by_kernel = problem.full(-58.5, states)
    scale = np.abs(by_kernel).max(axis=1, keepdims=True)
    assert np.abs((by_hand - by_kernel) / scale).max() < 1e-11


def number(expr: Any, known: dict[Any, float]) -> float:
    """Return an expression's value with its symbols known, exprelr and its derivatives included."""
    names = {
        "exprelr": lambda x: x / np.expm1(x),
        "exprelr_d1": lambda x: (np.expm1(x) - x * np.exp(x)) / np.expm1(x) ** 2,
    }
    symbols = sorted(expr.free_symbols, key=str)
    function = sympy.lambdify(symbols, expr, modules=[names, "numpy"])
    return float(function(*(known[symbol] for symbol in symbols)))
