"""The parts of compiled kernels: functions, folding, elimination, certificates, cache."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import weakref
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpleak.many import _compile, _machine
from pumpleak.many._elimination import solved
from pumpleak.many._fold import Unknown, folded
from pumpleak.many._machine import Machine
from pumpleak.many._nodes import ITERATION, MEMBER, UNIFORM, Graph, evaluate
from pumpleak.many._program import Program, written
from pumpleak.many._stability import basis, certainly_stable

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    """Kernels of tests go to a folder of their own."""
    monkeypatch.setenv("PUMPLEAK_CACHE", str(tmp_path / "kernels"))
    _compile.load.cache_clear()
    yield
    _compile.load.cache_clear()


def function_of(name, x):
    """A function of nodes, computed by a kernel."""
    graph = Graph()
    made = graph.call(name, graph.leaf("x", MEMBER))
    machine = Machine(Program(graph=graph, columns=("x",), outputs=(made,)))
    numbers, _ = machine.run([np.asarray(x, dtype=float)], machine.uniforms({}), threads=1)
    return numbers[0]


def ulps(found, name, x):
    """Largest error in units of the last place, against 40 digits."""
    with mpmath.workdps(40):
        exact = [getattr(mpmath, name)(mpmath.mpf(float(value))) for value in x]
        return max(
            abs(float((mpmath.mpf(float(f)) - e) / mpmath.mpf(float(np.spacing(abs(float(e)))))))
            for f, e in zip(found, exact, strict=True)
        )


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("exp", -600.0, 600.0), ("expm1", -40.0, 600.0), ("log", 1e-300, 1e300)],
)
def test_functions_are_exact_to_three_units_in_the_last_place(name, low, high):
    """exp, expm1 and log over their ranges, and near where they cancel."""
    draw = np.random.default_rng(0)
    if name == "log":
        x = np.exp(draw.uniform(np.log(low), np.log(high), 300))
        x = np.concatenate([x, 1.0 + draw.normal(0.0, 1e-3, 100), [1.0 + 1e-15]])
    else:
        x = np.concatenate([draw.uniform(low, high, 300), draw.normal(0.0, 1e-3, 100)])

    found = function_of(name, x)

    assert ulps(found, name, x) < 3.0


def test_functions_keep_what_is_no_number():
    """nan stays nan; logarithms of zero and below are -inf and nan."""
    assert np.isnan(function_of("exp", [np.nan])[0])
    assert np.isnan(function_of("log", [np.nan, -1.0])).all()
    assert -np.inf == function_of("log", [0.0])[0]
    assert np.isfinite(function_of("exp", [1e6, -1e6])).all()


def test_an_approximate_reciprocal_is_exact_to_two_units_in_the_last_place():
    """Newton's steps from 14 bits."""
    graph = Graph()
    made = 1.0 / graph.leaf("x", MEMBER)
    machine = Machine(Program(graph=graph, columns=("x",), outputs=(made,)))
    x = np.random.default_rng(0).lognormal(0.0, 30.0, 1000) * np.tile([1.0, -1.0], 500)

    (found,), _ = machine.run([x], machine.uniforms({}), threads=1)

    assert np.max(np.abs(found * x - 1.0)) < 5e-16


def test_a_processor_without_long_vectors_computes_the_same():
    """The text for four doubles without approximate reciprocals runs too, to rounding."""
    graph = Graph()
    x = graph.leaf("x", MEMBER)
    outputs = (graph.call("exp", x) / (1.0 + x * x), graph.call("log", 2.0 + x))
    program = Program(graph=graph, columns=("x",), outputs=outputs)
    values = np.linspace(-1.0, 1.0, 40)
    plain = written(program, 4)
    results = [np.empty(40), np.empty(40)]
    pointers = [
        (ctypes.c_void_p * len(a))(*(i.ctypes.data for i in a)) for a in ([values], results)
    ]

    _compile.load(plain.module).call(0, 40, pointers[0], None, pointers[1])

    assert np.exp(values) / (1.0 + values**2) == pytest.approx(results[0], rel=1e-14)
    assert np.log(2.0 + values) == pytest.approx(results[1], rel=1e-13)


# --- nodes --------------------------------------------------------------------------------------


def test_what_cancels_is_gone():
    """c d(log c)/dc is 1; x - x is 0; both before any code is written."""
    graph = Graph()
    c = graph.leaf("c", ITERATION)

    assert (c * (1.0 / c)) is graph.one
    assert (c - c) is graph.zero
    assert (2.0 * c + 3.0 * c) is (c * 5.0)


_LEAVES = ("a", "b", "c")


def expressions():
    leaf = st.sampled_from(_LEAVES).map(lambda name: ("leaf", name))
    number = st.floats(-3.0, 3.0).map(lambda value: ("number", value))
    return st.recursive(
        leaf | number,
        lambda inner: st.tuples(st.sampled_from(["+", "-", "*", "/", "exp", "neg"]), inner, inner),
        max_leaves=12,
    )


def built(tree, leaves, exp):
    kind = tree[0]
    if kind == "leaf":
        return leaves[tree[1]]
    if kind == "number":
        return tree[1]
    left, right = (built(part, leaves, exp) for part in tree[1:])
    if kind == "exp":
        return exp(0.1 * left)
    if kind == "neg":
        return -left
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}.get(
        kind, lambda: left / (1.5 + right * right)
    )()


@settings(max_examples=200, deadline=None)
@given(expressions(), st.lists(st.floats(0.1, 3.0), min_size=3, max_size=3))
def test_nodes_compute_what_floats_do(tree, values):
    """Whatever sums, products, quotients and exponentials are made of."""
    graph = Graph()
    leaves = {name: graph.leaf(name, MEMBER) for name in _LEAVES}
    numbers = dict(zip(_LEAVES, values, strict=True))
    with np.errstate(all="ignore"):
        expected = built(tree, {n: np.float64(v) for n, v in numbers.items()}, np.exp)

    node = graph.node(built(tree, leaves, lambda x: graph.call("exp", graph.node(x))))

    if np.isfinite(expected) and abs(expected) < 1e200:
        assert float(evaluate([node], numbers)[0]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- folding ------------------------------------------------------------------------------------


def voltage(graph):
    v = graph.leaf("V", ITERATION)
    return Unknown(symbol=v, value=v, low=-200.0, high=150.0, size=30.0)


def count(outputs, op):
    from pumpleak.many._nodes import needed

    return sum(node.op == op and node.level == ITERATION for node in needed(outputs))


def test_powers_of_one_exponential_are_products():
    """exp(-u), exp(u), exp(u/5) and both exprelr need one exponential."""
    graph = Graph()
    unknown = voltage(graph)
    u = unknown.symbol * graph.leaf("k", UNIFORM)
    outputs = [
        graph.call("exp", -u) + graph.call("exp", u) * graph.call("exp", 0.2 * u + 3.0),
        graph.call("exprelr", u) + graph.call("exprelr", -u) + graph.call("exprelr_d1", u),
    ]
    values = {"k": 0.037, "V": -65.0}
    before = evaluate(outputs, values)

    after, powers = folded(graph, outputs, [unknown], values, ())

    assert 1 == count(after, "exp")
    assert powers.hold(values)
    assert evaluate(after, values) == pytest.approx(before, rel=1e-13)


def test_powers_hold_only_where_slopes_stay_multiples():
    """Other ratios of gating charges ask for another kernel."""
    graph = Graph()
    unknown = voltage(graph)
    outputs = [
        graph.call("exp", unknown.symbol * graph.leaf("a", UNIFORM))
        + graph.call("exp", unknown.symbol * graph.leaf("b", UNIFORM))
    ]

    _, powers = folded(graph, outputs, [unknown], {"a": 0.01, "b": 0.05}, ())

    assert powers.hold({"a": 0.02, "b": 0.1})
    assert not powers.hold({"a": 0.02, "b": 0.11})


def test_a_slope_that_differs_from_member_to_member_is_no_power():
    """What a member's own gating charge sets is computed for itself."""
    graph = Graph()
    unknown = voltage(graph)
    outputs = [
        graph.call("exp", unknown.symbol * graph.leaf("a", UNIFORM))
        + graph.call("exp", unknown.symbol * graph.leaf("b", MEMBER))
    ]

    after, _ = folded(graph, outputs, [unknown], {"a": 0.01, "b": 0.05}, ("b",))

    assert 2 == count(after, "exp")


def test_logarithms_of_logarithmic_unknowns_vanish():
    """log(c_out/c_in) is a constant minus the unknown itself."""
    graph = Graph()
    symbol = graph.leaf("log.c", ITERATION)
    unknown = Unknown(symbol=symbol, value=graph.call("exp", symbol), low=-20.0, high=9.0, size=1.0)
    outputs = [graph.call("log", graph.leaf("out", MEMBER) / unknown.value)]
    values = {"out": 4.0, "log.c": 4.9}

    after, _ = folded(graph, outputs, [voltage(graph), unknown], values, ())

    assert 0 == count(after, "log") == count(after, "exp")
    assert evaluate(after, values)[0] == pytest.approx(np.log(4.0) - 4.9)


@pytest.mark.parametrize("x", [0.0, 1e-12, 1e-3, 0.0499, 0.0501, 1.0, 30.0])
def test_exprelr_is_exact_through_zero(x):
    """x/(exp(x) - 1) and its derivative, both signs, on both sides of the series' end."""
    graph = Graph()
    unknown = voltage(graph)
    leaf = unknown.symbol * 1.0
    for name in ("exprelr", "exprelr_d1"):
        for sign in (1.0, -1.0):
            outputs = [graph.call(name, sign * leaf)]
            after, _ = folded(graph, outputs, [unknown], {"V": 1.0}, ())
            with mpmath.workdps(40):

                def exact(y):
                    return y / mpmath.expm1(y) if y else mpmath.mpf(1)

                at = mpmath.mpf(sign * x)
                expected = exact(at) if name == "exprelr" else mpmath.diff(exact, at, h=1e-12)
            assert float(evaluate(after, {"V": x})[0]) == pytest.approx(
                float(expected), rel=1e-12, abs=1e-13
            )


# --- elimination and certificates ---------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10_000), st.floats(0.2, 1.0))
def test_elimination_solves_what_is_known_to_be_sparse(n, seed, density):
    """Along any pattern of zeros, with pivots off the diagonal too."""
    draw = np.random.default_rng(seed)
    matrix = np.where(draw.random((n, n)) < density, draw.normal(size=(n, n)), 0.0)
    matrix += np.eye(n)[draw.permutation(n)] * 3.0
    right = draw.normal(size=n)
    if abs(np.linalg.det(matrix)) < 1e-2 or np.linalg.cond(matrix) > 1e4:
        return
    graph = Graph()
    values, rows = {}, []
    for i in range(n):
        row = []
        for j in range(n):
            values[f"{i}.{j}"] = float(matrix[i, j])
            row.append(graph.leaf(f"{i}.{j}", ITERATION) if matrix[i, j] else graph.zero)
        rows.append(row)

    found = evaluate(solved(graph, rows, [graph.const(x) for x in right], values), values)

    assert np.linalg.solve(matrix, right) == pytest.approx(
        [float(x) for x in found], rel=1e-6, abs=1e-9
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 5), st.integers(0, 100_000), st.floats(0.0, 1.5))
def test_nothing_unstable_is_certified(n, seed, away):
    """Whatever the Jacobian, and however far from the membrane's own."""
    draw = np.random.default_rng(seed)
    own = draw.normal(size=(n, n)) * 10.0 ** draw.uniform(-3, 0, (n, 1)) - np.eye(n)
    member = own * np.exp(away * draw.normal(size=(n, n))) + away * draw.normal(size=(n, n)) * 0.1
    graph = Graph()
    rows = [[graph.leaf(f"{i}.{j}", ITERATION) for j in range(n)] for i in range(n)]
    values = {f"{i}.{j}": float(member[i, j]) for i in range(n) for j in range(n)}

    certain = bool(evaluate([certainly_stable(graph, rows)], values | basis(own))[0])

    if certain:
        assert np.linalg.eigvals(member).real.max() < 0.0


def test_the_certificate_is_given_where_eigenvalues_are_clear():
    """A stable Jacobian like the membrane's own has it; an unstable one has not."""
    own = np.array([[-5.0, 2.0, 1.0], [3.0, -4.0, 0.5], [0.1, 0.2, -0.05]])
    graph = Graph()
    rows = [[graph.leaf(f"{i}.{j}", ITERATION) for j in range(3)] for i in range(3)]
    condition = certainly_stable(graph, rows)

    def certain(matrix):
        values = {f"{i}.{j}": float(matrix[i, j]) for i in range(3) for j in range(3)}
        return bool(evaluate([condition], values | basis(own - 0.2 * np.eye(3)))[0])

    assert certain(own - 0.2 * np.eye(3))
    assert not certain(own + 0.2 * np.eye(3))


# --- machine code on disk -----------------------------------------------------------------------


def entry(folder):
    (path,) = folder.glob("*.kernel")
    return path


def test_a_damaged_entry_is_made_again(tmp_path):
    """A kernel cut short, or with a bit turned over, does no harm."""
    folder = tmp_path / "kernels"
    expected = function_of("exp", [1.0])[0]
    whole = entry(folder).read_bytes()
    for damaged in (b"", whole[:100], whole[:-1] + bytes([whole[-1] ^ 1])):
        entry(folder).write_bytes(damaged)
        _compile.load.cache_clear()

        assert expected == function_of("exp", [1.0])[0]
        assert whole == entry(folder).read_bytes()


def test_an_entry_of_another_processor_or_compiler_is_not_used(tmp_path, monkeypatch):
    """Its key is another, so that it is made beside the old one."""
    function_of("exp", [1.0])
    monkeypatch.setattr(_compile, "processor", lambda: "another")
    _compile.load.cache_clear()

    function_of("exp", [1.0])

    assert 2 == len(list((tmp_path / "kernels").glob("*.kernel")))


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    """The kernel is compiled for this process alone."""
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("PUMPLEAK_CACHE", str(blocked))

    assert function_of("exp", [0.0])[0] == 1.0


def test_a_later_process_finds_what_an_earlier_one_compiled(tmp_path):
    """The same text has the same key in every process."""
    code = (
        "import numpy as np, pumpleak as pl\n"
        "from pumpleak.many import _compile\n"
        "seen = []\n"
        "real = _compile.compiled\n"
        "_compile.compiled = lambda text: seen.append(1) or real(text)\n"
        "pl.solve_many(pl.load(pl.bundled()), {'outside.K': np.array([4.0])})\n"
        "print(len(seen))\n"
    )
    environment = {**os.environ, "PUMPLEAK_CACHE": str(tmp_path / "shared")}

    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for _ in range(2)
    ]

    assert ["1", "0"] == found


def test_a_kernel_lives_as_long_as_it_runs(monkeypatch):
    """Another thread may push it out of those remembered; its memory stays until it is done."""
    real = _compile.load
    kept = []

    def forgetful(text):
        real.cache_clear()
        loaded = real(text)
        real.cache_clear()
        kept.append(weakref.ref(loaded))
        return loaded

    def watching(*arguments):
        gc.collect()
        alive.append(kept[0]() is not None)
        return submitted(*arguments)

    alive = []
    graph = Graph()
    x = graph.leaf("x", MEMBER)
    machine = Machine(Program(graph=graph, columns=("x",), outputs=(x + 1.0,)))
    submitted = _machine._parts
    monkeypatch.setattr(_machine, "_compile", SimpleNamespace(load=forgetful))
    monkeypatch.setattr(_machine, "_parts", watching)

    (found,), _ = machine.run([np.arange(20.0)], machine.uniforms({}), threads=1)

    assert [True] == alive
    assert np.array_equal(np.arange(1.0, 21.0), found)
