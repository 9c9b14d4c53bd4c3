"""The grammar of equations: what it reads, what it refuses, and that it reads what it prints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from building import SPECIES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pumpleak import PhysicsError, PumpleakError
from pumpleak._errors import EquationError
from pumpleak.cards._evaluate import Evaluation, tame
from pumpleak.cards._limits import DEPTH, EXACT, NAME_CHARS
from pumpleak.cards._parse import parse
from pumpleak.cards._scope import GIVEN, Scope
from pumpleak.cards._tree import (
    FUNCTIONS,
    Call,
    Comparison,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Sum,
    size,
    text_of,
)
from pumpleak.numbers._numbers import Floats
from pumpleak.parts._local import LocalState, Names, Side

VALUES = {"a": 1.7, "b": -0.3, "c": 12.0}
NAMES = st.sampled_from([Name("V"), Name("VT"), Name("K", "inside"), *map(Name, VALUES)])
NUMBERS = st.one_of(
    st.integers(0, EXACT).map(Number),
    st.floats(0, allow_nan=False, allow_infinity=False).filter(lambda x: len(repr(x)) < 30).map(
        Number
    ),
)  # fmt: skip


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def chain(kind: type, signs: str) -> st.SearchStrategy[Any]:
        rest = st.lists(st.tuples(st.sampled_from(signs), inner), min_size=1, max_size=3)
        # a sum that opens a sum is one longer sum, and is never read otherwise
        first = inner.filter(lambda node: not isinstance(node, kind))
        return st.builds(kind, first, rest.map(tuple))

    def call(name: str) -> st.SearchStrategy[Any]:
        plain = st.tuples(*[inner] * FUNCTIONS[name])
        if name == "where":
            sign = st.sampled_from(["<", "<=", ">", ">="])
            condition = st.builds(Comparison, sign, inner, inner)
            plain = st.tuples(condition, inner, inner)
        if name == "present":
            place = st.sampled_from([Name("K", "outside"), Name("Ca", "outside")])
            plain = st.tuples(place, inner, inner)
        return st.builds(Call, st.just(name), plain)

    return st.one_of(
        chain(Sum, "+-"),
        chain(Product, "*/"),
        st.builds(Negative, inner),
        st.builds(Power, inner, inner),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(call),
    )


EQUATIONS = st.recursive(st.one_of(NAMES, NUMBERS), grown, max_leaves=12)


def here(xp: Any = None, V: Any = -55.0) -> LocalState:
    """Return a local state on plain floats, or in another number system."""

    def missing(name: str) -> Exception:
        return PhysicsError(f"no {name}")

    one = dict.fromkeys(("mV", "ms", "mM", "pA", "nS", "um", "fL", "kelvin", "per_amol"), 1.0)
    sides = [Side(ions, missing, Floats(), 1.0) for ions in ({"K": 140.0, "H": 1e-4}, {"K": 4.0})]
    return LocalState(
        xp=xp or Floats(), voltage=V, temperature=310.0, gas=8.314, faraday=96.485, thermal=26.7,
        area=1000.0, capacitance=10.0, inside=sides[0], outside=sides[1],
        nernst=Names({"K": -95.0}, missing), species=SPECIES, own=Names({"n": 0.4}, missing),
        gates=Names({"kdr.n": 0.6}, missing), units=one, owner="test",
    )  # fmt: skip


def value(text: str, **definitions: str) -> Any:
    """Return what an equation comes to on plain floats."""
    trees = {name: parse(one) for name, one in definitions.items()}
    evaluation = Evaluation(here(), definitions=trees, number=VALUES.__getitem__,
                            links={"other": "kdr.n"})  # fmt: skip
    return evaluation(parse(text))


@given(EQUATIONS)
@settings(deadline=None, max_examples=300)
def test_what_is_printed_is_read_as_the_same_tree(tree: Any) -> None:
    """For every tree that the grammar can write."""
    text = text_of(tree)
    assume(len(text) < 4000)

    assert tree == parse(text)
    assert text == text_of(parse(text))
    assert size(tree) >= 1


def python(text: str) -> Any:
    """Return what Python itself makes of an equation; where() and present() as functions."""
    s = here()
    functions = {name: getattr(Floats, name) for name in FUNCTIONS if name != "present"}
    inside, outside = ({"K": 140.0}, {"K": 4.0})

    class Group:
        def __init__(self, values: dict[str, float]) -> None:
            self.values = values

        def __getattr__(self, name: str) -> Any:
            return self.values.get(name)

    def present(place: Any, there: Any, missing: Any) -> Any:
        return missing if place is None else there

    space = {"V": s.V, "VT": s.VT, "inside": Group(inside), "outside": Group(outside), **VALUES}
    return eval(text, {"__builtins__": {}}, {**space, **functions, "present": present})  # noqa: S307


@given(EQUATIONS)
@settings(deadline=None, max_examples=300)
def test_an_equation_comes_to_what_python_makes_of_the_same_text(tree: Any) -> None:
    """Precedence, signs and powers are Python's, to rounding; Python is the referee."""
    text = text_of(tree)
    assume(len(text) < 500)
    # A whole-number power of a whole number is unbounded in Python, and bounded here.
    assume(not any(isinstance(node, Power) for node in _powers(tree)))
    try:
        expected = python(text)
    except (ArithmeticError, ValueError, TypeError):
        assume(False)
    try:
        got = value(text)
    except PhysicsError as error:
        assert "too high" in str(error)  # noqa: PT017
        return
    assume(not isinstance(expected, complex))

    assert got == pytest.approx(expected, rel=1e-9, nan_ok=True)


def _powers(tree: Any) -> list[Any]:
    """Return the powers whose exponent could grow huge where Python would work it out."""
    from pumpleak.cards._tree import walk

    return [
        node for node in walk(tree)
        if (isinstance(node, Power) and not isinstance(node.exponent, Number | Name))
        or (isinstance(node, Power) and isinstance(node.exponent, Number)
            and node.exponent.value > 20)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("2 * 3 - 4 / 2", 4),
        ("-2**2", -4),
        ("2**-1", 0.5),
        ("2**3**2", 512),
        ("(2**3)**2", 64),
        ("10 - 4 - 3", 3),
        ("16 / 4 / 2", 2),
        ("--2", 2),
        ("2 - -2", 4),
        ("1e3 + .5", 1000.5),
        ("5.", 5.0),
        ("\n  V\t+ 1\r\n", -54.0),
        ("a + c", 13.7),
        ("inside.K / outside.K", 35.0),
        ("inside.pH", 7.0),
        ("E.K + z.Ca", -93.0),
        ("own.n + links.other", 1.0),
        ("where(V > 0, 1, where(V <= -55.0, 2, 3))", 2),
        ("minimum(1, 2) + maximum(1, 2)", 3),
        ("absolute(V)", 55.0),
        ("present(outside.K, 1, 2)", 1),
        ("present(outside.Ca, outside.Ca, 2)", 2),
        ("present(inside.pH, 1, 2)", 1),
        ("exprelr(0)", 1.0),
        ("x", 12.0),
    ],
)
def test_known_values(text: str, expected: float) -> None:
    """As worked out by hand."""
    assert expected == pytest.approx(value(text, x="y * 3", y="4"), rel=1e-12)


class Arrays(Floats):
    """The functions on NumPy arrays."""

    exp, log, sqrt, tanh = (staticmethod(f) for f in (np.exp, np.log, np.sqrt, np.tanh))
    expm1, absolute, where = (staticmethod(f) for f in (np.expm1, np.abs, np.where))
    minimum, maximum = staticmethod(np.minimum), staticmethod(np.maximum)
    exprelr = staticmethod(np.vectorize(Floats.exprelr))


@pytest.mark.parametrize(
    "text",
    [
        "exp(V / VT) - expm1(V / 50) * exprelr(V / 10)",
        "where(V > -20, V**2, minimum(V, -30)) + maximum(V, 1) * 1001",
        "sqrt(absolute(V)) + tanh(V / 30)**3 - log(1 + V * V)",
        "x * x - present(outside.K, V, 1)",
    ],
)
def test_arrays_of_voltages_come_to_what_each_voltage_does(text: str) -> None:
    """One evaluation for many voltages; the arrays that go in are left as they are."""
    volts = np.array([-90.0, -55.0, 0.0, 3.5])
    trees = {"x": parse("V / 2")}
    many = Evaluation(here(Arrays(), volts), definitions=trees, number=VALUES.__getitem__)
    one = [
        Evaluation(here(None, float(v)), definitions=trees, number=VALUES.__getitem__)
        for v in volts
    ]

    assert many(parse(text)) == pytest.approx([each(parse(text)) for each in one], rel=1e-14)
    assert [-90.0, -55.0, 0.0, 3.5] == volts.tolist()


@given(st.text(alphabet="()+-*/<>=.,^ 019eVaK_inside.whrxp\n\tκ", max_size=60))
@settings(deadline=None, max_examples=500)
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """No other error comes out."""
    try:
        tree = parse(text)
    except EquationError as error:
        assert str(error)  # noqa: PT017
    else:
        assert tree == parse(text_of(tree))


@given(st.text(max_size=30))
@settings(deadline=None)
def test_what_is_not_ascii_is_never_read(text: str) -> None:
    """Not even in a name that looks right."""
    if not text.isascii():
        with pytest.raises(EquationError):
            parse(text)


def test_depth_is_bounded_at_its_limit() -> None:
    """As many brackets as the limit pass, one more does not."""
    assert Name("V") == parse("(" * DEPTH + "V" + ")" * DEPTH)
    with pytest.raises(EquationError, match=f"more than {DEPTH} brackets"):
        parse("(" * (DEPTH + 1) + "V" + ")" * (DEPTH + 1))


def test_names_are_bounded_at_their_limit() -> None:
    """As long as the limit passes, one more does not."""
    assert Name("a" * NAME_CHARS) == parse("a" * NAME_CHARS)
    with pytest.raises(EquationError, match="is no name"):
        parse("a" * (NAME_CHARS + 1))


def test_whole_numbers_are_exact_up_to_a_thousand() -> None:
    """Above, they are floats, so that no product of them can grow without bound."""
    assert int is type(value("1000"))
    assert float is type(value("1001"))
    assert float is type(value("500 + 501"))
    assert float is type(value("32**2"))
    assert tame(7) == 7


def test_messages_say_where_and_offer_near_names() -> None:
    """A misspelt name is one that is known nearby."""
    scope = Scope(parameters=["V_half"], definitions={}, own=["n"], links=[])
    for text, message in {
        "v_half": "did you mean 'V_half'",
        "own.m": "it has n",
        "links.x": "it has none",
        "V**65": "at most 64",
    }.items():
        with pytest.raises(EquationError, match=message):
            scope.check(parse(text))
    with pytest.raises(EquationError, match="did you mean 'expm1'"):
        parse("exp1(V)")
    with pytest.raises(EquationError, match="did you mean 'inside'"):
        parse("insid.K")
    with pytest.raises(EquationError, match=r"write \*\* for a power"):
        parse("V^2")


def test_given_names_are_those_of_a_local_state() -> None:
    """Every plain name that a card is given is one that a mechanism in Python is given."""
    s = here()

    assert all(hasattr(s, name) for name in GIVEN)


def test_overflow_and_division_by_zero_are_arithmetic_errors_for_the_membrane_to_tell() -> None:
    """As in a mechanism in Python, whose owner is then named."""
    for text in ("1 / (V - V)", "(V**60)**4"):
        with pytest.raises((ArithmeticError, PumpleakError)):
            value(text)
    assert math.isinf(value("exp(1000 * c)"))
