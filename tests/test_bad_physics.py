"""A physics function that is wrong is told in one paragraph: whose it is, and what to do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from building import K2P, NALCN, membrane, reference_a

import pumpleak as pl
from pumpleak import GHK, Channel, Gate, MarkovScheme, Mechanism, Ohmic, Transporter


class Current(Mechanism):
    """A custom mechanism; each mutant replaces its formula."""

    ions = ("K",)

    def current(self, s: Any) -> Any:
        return {"K": s.nS * (s.V - s.E["K"])}


class Opening(Channel):
    permeation = Ohmic("K")


def current(function: Any) -> Mechanism:
    """Return a mechanism with this `current`."""
    made: Mechanism = type("Bad", (Current,), {"current": function})(name="bad")
    return made


def opening(function: Any, density: str = "1 nS", **body: Any) -> Mechanism:
    """Return a channel with this `open_probability`."""
    made: Mechanism = type("Bad", (Opening,), {"open_probability": function, **body})(
        name="bad", density=density
    )
    return made


def gated(function: Any) -> Mechanism:
    """Return a channel with these `gates`."""
    made: Mechanism = type("Bad", (Opening,), {"gates": function})(name="bad", density="1 nS")
    return made


class Pump(Transporter):
    stoichiometry = {"Na": 3, "K": -2}


def pump(function: Any, **given: Any) -> Mechanism:
    """Return a pump with this `activity`."""
    made: Mechanism = type("Bad", (Pump,), {"activity": function})(
        name="bad", **{"density": "30 pA", **given}
    )
    return made


def branch(self: Any, s: Any) -> Any:
    return 1.0 if s.V > -40 * s.mV else 0.5


def raising(self: Any, s: Any) -> Any:
    raise RuntimeError("table not found")


def circular(self: Any, s: Any) -> Any:
    a, b = s.own.b, s.own.a
    return {
        "a": Gate(steady=0.5 + 0.1 * a, tau=1 * s.ms),
        "b": Gate(steady=0.5 + 0.1 * b, tau=1 * s.ms),
    }


class DeadEnd(MarkovScheme):
    """A scheme with a state that nothing leaves."""

    conducting = {"O": 1}

    def rates(self, s: Any) -> Any:
        return {("C", "O"): 1 / s.ms}


class NoState(MarkovScheme):
    """A scheme whose conducting state does not exist."""

    conducting = {"Open": 1}

    def rates(self, s: Any) -> Any:
        return {("C", "O"): 1 / s.ms, ("O", "C"): 1 / s.ms}


#: What is wrong: (mechanism, what the message must say).
BAD: dict[str, tuple[Any, str]] = {
    "an ion it does not declare": (
        lambda: current(lambda self, s: {"Na": s.nS * s.V}),
        "return exactly the declared ions",
    ),
    "a misspelt ion": (
        lambda: current(lambda self, s: {"k": s.nS * s.V}),
        "did you mean 'K'",
    ),
    "one ion too many": (
        lambda: current(lambda self, s: {"K": s.nS * s.V, "Na": 0}),
        "return exactly the declared ions",
    ),
    "no ions": (lambda: current(lambda self, s: {}), "returns nothing"),
    "None": (lambda: current(lambda self, s: None), "must return {ion: pA}"),
    "a number, no mapping": (lambda: current(lambda self, s: s.nS * s.V), "must return {ion: pA}"),
    "None for a current": (lambda: current(lambda self, s: {"K": None}), "is no real number but"),
    "text for a current": (lambda: current(lambda self, s: {"K": "5"}), "is no real number but"),
    "a missing factor": (
        lambda: current(lambda self, s: {"K": s.V - s.E["K"]}),
        "must be a current",
    ),
    "a density for a current": (
        lambda: current(lambda self, s: {"K": s.pA / s.area}),
        "must be a current",
    ),
    "two terms that do not match": (
        lambda: current(lambda self, s: {"K": s.nS * (s.V + 90)}),
        "do not match",
    ),
    "a concentration the membrane lacks": (
        lambda: current(lambda self, s: {"K": s.pA * s.inside.Ca / s.mM}),
        "needs the inside concentration of 'Ca'",
    ),
    "an ion that is unknown": (
        lambda: current(lambda self, s: {"K": s.pA * s.z["Kk"]}),
        "needs ion 'Kk'",
    ),
    "a misspelt name": (lambda: current(lambda self, s: {"K": s.nS * s.Vm}), "has no 'Vm'"),
    "a gate nobody has": (
        lambda: current(lambda self, s: {"K": s.pA * s.own.n}),
        "asks for the gate or pool 'bad.n'",
    ),
    "another's gate nobody has": (
        lambda: current(lambda self, s: {"K": s.pA * s.gates["kdr.n"]}),
        "asks for the gate or pool 'kdr.n'",
    ),
    "nan": (lambda: current(lambda self, s: {"K": math.nan * s.pA}), "is not a number"),
    "infinity": (lambda: current(lambda self, s: {"K": math.inf * s.pA}), "is not a number"),
    "a division by zero": (lambda: current(lambda self, s: {"K": s.nS * s.V / 0}), "zero"),
    "a complex number": (
        lambda: current(lambda self, s: {"K": 1j * s.pA}),
        "expected a number",
    ),
    "an array": (
        lambda: current(lambda self, s: {"K": np.array([1.0, 2.0]) * s.pA}),
        "is no real number but",
    ),
    "a Python if": (lambda: opening(branch), "s.xp.where"),
    "Python's max": (lambda: opening(lambda self, s: max(s.V / s.mV, 0)), "s.xp.where"),
    "and of two conditions": (
        lambda: opening(lambda self, s: s.xp.where((s.V > 0) & (s.V < s.mV), 1, 0)),
        "use the functions of s.xp",
    ),
    "numpy on symbols": (
        lambda: opening(lambda self, s: np.exp(s.V / s.VT)),
        "use the functions of s.xp",
    ),
    "math on symbols": (
        lambda: opening(lambda self, s: math.exp(s.V / s.VT)),
        "use the functions of s.xp",
    ),
    "float of a symbol": (lambda: opening(lambda self, s: float(s.V)), "use the functions of s.xp"),
    "an integer division": (
        lambda: opening(lambda self, s: (s.V / s.mV) // 2),
        "use the functions of s.xp",
    ),
    "an exception": (lambda: opening(raising), "raised RuntimeError: table not found"),
    "an open probability in mV": (
        lambda: opening(lambda self, s: s.V),
        "open probability must be a pure number",
    ),
    "a conductance for a permeability": (
        lambda: opening(lambda self, s: 1, density="1 nS", permeation=GHK(K=1)),
        "needs a permeability",
    ),
    "a permeability for a conductance": (
        lambda: opening(lambda self, s: 1, density="1e-6 cm/s"),
        "needs a conductance",
    ),
    "a write to the local state": (
        lambda: opening(lambda self, s: setattr(self, "seen", s.V) or 1),
        "keeps a value between calls",
    ),
    "no gates": (lambda: gated(lambda self, s: None), "must return {name: Gate}, got NoneType"),
    "a number for a gate": (lambda: gated(lambda self, s: {"n": 0.5}), "give a Gate"),
    "a gate with half its rates": (
        lambda: gated(lambda self, s: {"n": Gate(alpha=1 / s.ms)}),
        "alpha and beta, or steady",
    ),
    "a rate without time": (
        lambda: gated(lambda self, s: {"n": Gate(alpha=1, beta=2)}),
        "rate of gate 'n'",
    ),
    "gates in a circle": (lambda: gated(circular), "depends on itself"),
    "a scheme with a dead end": (
        lambda: Opening(name="bad", density="1 nS", gating=DeadEnd()),
        "cannot be left",
    ),
    "a scheme without its open state": (
        lambda: Opening(name="bad", density="1 nS", gating=NoState()),
        "conducting names",
    ),
    "an activity with a unit": (lambda: pump(lambda self, s: s.V), "must be a molar flux"),
    "an activity of None": (lambda: pump(lambda self, s: None), "expected a number, got None"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_told_by_name_in_one_paragraph(name: str) -> None:
    """Mechanism, class and module; what is wrong; and what else is fine still works."""
    make, says = BAD[name]
    with pytest.raises(pl.PumpleakError) as caught:
        pl.rest(membrane(K2P(density="1e-6 cm/s"), make(), NALCN(density="4e-8 cm/s")))
    message = str(caught.value)

    assert says in message
    assert message.startswith("bad (class ")
    assert "\n" not in message
    assert len(message) < 600
    assert pl.rest(reference_a())[0].V_mV == pytest.approx(-65.4423779834206, abs=1e-9)


def test_the_line_of_the_author_is_told() -> None:
    """File and line of what raised; advice on s.xp only where an expression met a number."""
    line = raising.__code__.co_firstlineno
    with pytest.raises(pl.PhysicsError) as caught:
        pl.rest(membrane(opening(raising)))

    assert f"table not found (test_bad_physics.py, line {line + 1})" in str(caught.value)
    assert "s.xp" not in str(caught.value)
    with pytest.raises(pl.PhysicsError, match=r"s\.xp.*\(test_bad_physics\.py, line \d+\)$"):
        pl.rest(membrane(opening(lambda self, s: math.exp(s.V / s.VT))))


def test_two_stateful_calls_give_one_membrane() -> None:
    """A mechanism is called as a pure function: what it remembers changes nothing."""
    calls: list[Any] = []

    def remembering(self: Any, s: Any) -> Any:
        calls.append(s.V)
        return {"K": s.nS * (s.V - s.E["K"])}

    made = membrane(current(remembering))
    first, second = (
        pl.rest(made),
        pl.rest(membrane(current(remembering)).evolve({"outside.K": "8 mM"})),
    )

    assert first[0].V_mV == pytest.approx(made.nernst_mV("K"))
    assert second[0].V_mV == pytest.approx(made.evolve({"outside.K": "8 mM"}).nernst_mV("K"))
    assert len(calls) < 20


def test_a_formula_that_is_no_number_at_some_voltage_is_a_result() -> None:
    """Nothing is raised and nothing is silently nan: the status says whose it is."""
    found = pl.rest(
        membrane(
            K2P(density="1e-6 cm/s"),
            current(lambda self, s: {"K": s.pA * s.xp.log(s.V / s.mV)}),
        )
    )

    assert found.status == "unphysical"
    assert found.message.startswith("bad (class Bad of ")
    assert "not a finite number" in found.message


def no_permeation() -> Mechanism:
    return type("Bad", (Channel,), {})(name="bad", density="1 nS")


def no_physics() -> Mechanism:
    return type("Bad", (Mechanism,), {"ions": ("K",)})(name="bad")


def no_ions() -> Mechanism:
    return type("Bad", (Mechanism,), {"current": Current.current})(name="bad")


def no_rate() -> Mechanism:
    return type("Bad", (Pump,), {})(name="bad", density="30 pA")


def no_stoichiometry() -> Mechanism:
    return type("Bad", (Transporter,), {"activity": lambda self, s: 1})(name="bad", density="30 pA")


def no_charge() -> Mechanism:
    body = {"stoichiometry": {"Na": 1, "K": -1}, "activity": lambda self, s: 1}
    return type("Bad", (Transporter,), body)(name="bad", density="30 pA")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_permeation, "set permeation ="),
        (no_physics, "write current(self, s)"),
        (no_ions, "set ions ="),
        (no_rate, "density must be a count"),
        (no_stoichiometry, "set stoichiometry ="),
        (no_charge, "give a molar flux"),
    ],
)
def test_a_class_that_lacks_something_says_what_to_write(make: Any, says: str) -> None:
    """Before anything is solved."""
    with pytest.raises(pl.PumpleakError) as caught:
        pl.rest(membrane(K2P(density="1e-6 cm/s"), make()))

    assert says in str(caught.value)
    assert "Bad" in str(caught.value)
