"""Kernels: one voltage or many, exact slopes, and mechanisms that cannot be traced."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from building import (
    INSIDE,
    K2P,
    NALCN,
    OUTSIDE,
    SPECIES,
    LuoRudyPump,
    curve,
    membrane,
    reference_a2,
    voltages,
)

import pumpleak as pl
from pumpleak import Channel, Gate, Mechanism, Ohmic, Pool, Transporter
from pumpleak.equations import _lower
from pumpleak.equilibria._rest import problem

VOLTAGES = np.array([-180.0, -90.3, -65.0, -40.0, -35.0, -10.0, 0.0, 1e-9, 25.0, 140.0])


class Delayed(Channel):
    """A Hodgkin-Huxley potassium channel with its 0/0."""

    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        v = s.V / s.mV
        alpha = 0.01 * (v + 55.0) / (1.0 - s.xp.exp(-0.1 * (v + 55.0))) / s.ms
        return {"n": Gate(alpha=alpha, beta=0.125 * s.xp.exp(-(v + 65) / 80) / s.ms, power=4)}


class Sodium(Channel):
    """Two gates, one tied to another mechanism's."""

    permeation = Ohmic("Na")

    def gates(self, s: Any) -> dict[str, Gate]:
        v = s.V / s.mV
        rate = s.xp.exp(v / 20) / s.ms
        return {
            "m": Gate(steady=1 / (1 + s.xp.exp(-(v + 40) / 7)), power=3),
            "h": Gate(steady=0.8 - 0.5 * s.gates["kdr.n"]),
            "d": Gate(alpha=rate, beta=2 / s.ms),
        }


class Calcium(Mechanism):
    """A pool of its own that its current fills."""

    ions = ("Ca",)
    pools = {"Ca": ("1e-7 mM", "10 mM")}

    def influx(self, s: Any) -> Any:
        return 0.01 * s.pA * s.xp.exprelr(s.V / s.VT) * (1 + s.xp.tanh(s.V / (30 * s.mV)))

    def states(self, s: Any) -> dict[str, Pool]:
        leak = (s.own.Ca - 1e-4 * s.mM) / (100 * s.ms)
        return {"Ca": Pool(change=1e-4 * s.mM / (s.ms * s.pA) * self.influx(s) - leak)}

    def current(self, s: Any) -> dict[str, Any]:
        return {"Ca": -self.influx(s) * (s.own.Ca / s.mM) ** 0.3}


RICH = membrane(
    K2P(density="1e-6 cm/s"),
    NALCN(density="4e-8 cm/s"),
    Delayed(name="kdr", density="0.1 mS/cm^2"),
    Sodium(name="na", density="0.05 mS/cm^2"),
    Calcium(name="ca"),
    LuoRudyPump(density="1.5 uA/cm^2"),
    inside=pl.Solution(concentrations={**INSIDE, "Ca": "1e-4 mM"}),
    outside=pl.Solution(concentrations={**OUTSIDE, "Ca": "1.8 mM"}),
)
FORMULAS: dict[str, Callable[[Any, Any], Any]] = {
    "powers": lambda v, xp: (v + 201) ** 1.5 + (v / 50) ** 9 + (v / 50) ** 3 + 1 / (v + 300) ** 2,
    "roots": lambda v, xp: xp.sqrt(v + 201) + 1 / xp.sqrt(v + 202),
    "logarithms": lambda v, xp: xp.log(v + 201) * xp.tanh(v / 30),
    "exponentials": lambda v, xp: xp.exp(v / 30) / (1 + xp.exp(-v / 7)) + xp.expm1(v / 20),
    "exprelr": lambda v, xp: v * xp.exprelr(v / 25) + xp.exprelr(-v / 3),
    "choices": lambda v, xp: xp.where(v < 3, xp.minimum(v, -v * v), xp.maximum(2 * v, 7.5)),
    "sizes": lambda v, xp: xp.absolute(v - 3) * abs(v + 4),
    "towers": lambda v, xp: (1 + xp.exp(v / 40)) ** xp.tanh(v / 90),
    "quotients": lambda v, xp: (v / 9) / (v / 9 + xp.exp(v / 50) + 400) / (3 + v * v),
    "lets": lambda v, xp: xp.let(xp.let(v * v) + v) * xp.let(v * v) + xp.let(v * v) ** 2,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_one_voltage_and_many_agree(name: str) -> None:
    """To rounding, value and slope."""
    solved = problem(curve(FORMULAS[name]))
    current, slope = solved.total(VOLTAGES)
    single = np.array([solved.total_at(float(v)) for v in VOLTAGES])

    assert single[:, 0] == pytest.approx(current, rel=1e-13, abs=1e-13)
    assert single[:, 1] == pytest.approx(slope, rel=1e-13, abs=1e-13)


def complex_step(function: Callable[[Any, Any], Any], v: float) -> float:
    """Return a slope without cancellation: the imaginary part of f(v + i h)."""

    class Complex:
        exp, log, sqrt, tanh, expm1 = np.exp, np.log, np.sqrt, np.tanh, np.expm1

        @staticmethod
        def exprelr(x: Any) -> Any:
            return x / np.expm1(x) if abs(x) > 1e-5 else 1 - x / 2 + x * x / 12

        @staticmethod
        def where(test: Any, then: Any, otherwise: Any) -> Any:
            return then if test else otherwise

        @staticmethod
        def minimum(a: Any, b: Any) -> Any:
            return a if a.real <= b.real else b

        @staticmethod
        def maximum(a: Any, b: Any) -> Any:
            return a if a.real >= np.real(b) else b

        @staticmethod
        def absolute(x: Any) -> Any:
            return x if x.real >= 0 else -x

        @staticmethod
        def let(x: Any) -> Any:
            return x

    class Number(complex):
        """A complex number that compares by its real part."""

        def __lt__(self, other: float) -> bool:
            return self.real < other

    return float((function(Number(v, 1e-40), Complex) / 1e-40).imag)


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "sizes"])
def test_slopes_are_exact(name: str) -> None:
    """Forward differentiation agrees with the complex step, which cancels nothing."""
    solved = problem(curve(FORMULAS[name]))
    expected = [complex_step(FORMULAS[name], float(v)) for v in VOLTAGES]

    assert solved.total(VOLTAGES)[1] == pytest.approx(expected, rel=1e-11, abs=1e-13)


def differences(function: Callable[[Any], Any], x: np.ndarray[Any, Any]) -> Any:
    """Return a Jacobian by five-point central differences."""
    columns = []
    for i in range(len(x)):
        step = 1e-4 * max(abs(x[i]), 1e-3)
        ends = []
        for k in (1, -1, 2, -2):
            moved = x.copy()
            moved[i] += k * step
            ends.append(np.array(function(moved)))
        columns.append((8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step))
    return np.stack(columns, axis=1)


def jacobian_agrees() -> None:
    """Hold the Jacobian of everything in a rich membrane against differences."""
    solved = problem(RICH)
    names = [state.name for state in solved.kernel.states]
    assert names == ["kdr.n", "na.d", "ca.Ca"]
    for v in (-90.0, -65.0, -55.0, 20.0):
        x = np.array([v, 0.35, 0.2, 3e-4])
        values, matrix = solved.full(x[0], tuple(x[1:]))
        expected = differences(lambda y: solved.full(y[0], tuple(y[1:]))[0], x)
        assert values.shape == (4,)
        assert matrix == pytest.approx(expected, rel=1e-6, abs=1e-7)
        values, matrix = solved.with_pools(v, (3e-4,))
        expected = differences(lambda y: solved.with_pools(y[0], (y[1],))[0], np.array([v, 3e-4]))
        assert matrix == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_the_jacobian_is_that_of_the_values() -> None:
    """Voltage, gates and pools; with gates free, and with gates at rest."""
    jacobian_agrees()


@pytest.mark.parametrize(
    ("method", "mutant"),
    [
        ("times", lambda self, factors: self._plain_times(factors)),
        ("over", lambda self, above, below: self._emit(f"{above}/{below}", [above, below])),
    ],
)
def test_the_check_of_the_jacobian_catches_a_missing_rule(
    method: str, mutant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel writer that forgets to differentiate products, or quotients, is found out."""
    from pumpleak.equations import _equations, _kernel

    monkeypatch.setattr(
        _lower._Writer, "_plain_times", lambda self, factors: self._times(*factors), raising=False
    )
    monkeypatch.setattr(_lower._Writer, method, mutant)
    _kernel.kernel.cache_clear()
    _equations._traced.cache_clear()
    vars(RICH).pop("_problem", None)
    try:
        with pytest.raises(AssertionError):
            jacobian_agrees()
    finally:
        _kernel.kernel.cache_clear()
        _equations._traced.cache_clear()
        vars(RICH).pop("_problem", None)


def test_parts_add_up_to_the_total() -> None:
    """Currents by mechanism and ion, at one voltage and as curves."""
    solved = problem(reference_a2())
    curves = solved.curves(VOLTAGES)

    assert sum(curves.values()) == pytest.approx(solved.total(VOLTAGES)[0], rel=1e-12)
    assert solved.currents(-65.0) == pytest.approx({key: i[2] for key, i in curves.items()})
    assert solved.gross(-65.0) == pytest.approx(sum(abs(i[2]) for i in curves.values()))


def test_gates_at_rest_have_their_steady_values() -> None:
    """Also where one is tied to another mechanism's gate."""
    solved = problem(RICH)
    states = solved.states(-60.0, (3e-4,))
    v = -60.0
    alpha = 0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10))
    beta = 0.125 * math.exp(-(v + 65) / 80)

    assert states["kdr.n"] == pytest.approx(alpha / (alpha + beta), rel=1e-14)
    assert states["na.d"] == pytest.approx(math.exp(-3) / (math.exp(-3) + 2), rel=1e-14)
    assert states["ca.Ca"] == 3e-4


# --- opaque mechanisms ---------------------------------------------------------------------------


class OpaquePump(Transporter):
    """The reference pump, written with what cannot be traced."""

    stoichiometry = {"Na": 3, "K": -2}
    atp = 1
    opaque = True
    half = pl.parameter("10 mM", source="assumed")

    def activity(self, s: Any) -> Any:
        u = float(s.V) / s.VT
        sigma = math.expm1(s.outside.Na / 67.3) / 7
        if s.inside.Na <= 0:  # a Python 'if', which no symbol survives
            return 0.0
        held = s.outside.K / (s.outside.K + 1.5) / (1 + (self.half / s.inside.Na) ** 1.5)
        return held / (1 + 0.1245 * math.exp(-0.1 * u) + 0.0365 * sigma * math.exp(-u))


def with_opaque_pump(**given: Any) -> pl.Membrane:
    base = reference_a2()
    return membrane(*base.mechanisms[:3], OpaquePump(name="pump", density="1.5 uA/cm^2", **given))


def test_an_opaque_mechanism_is_slower_but_right() -> None:
    """States, stability, currents, slopes and ATP are those of the traced one."""
    traced, opaque = pl.rest(reference_a2()), pl.rest(with_opaque_pump())

    assert voltages(opaque) == pytest.approx(voltages(traced), abs=1e-10)
    for a, b in zip(opaque, traced, strict=True):
        assert a.kind == b.kind
        assert a.slope_nS == pytest.approx(b.slope_nS, rel=1e-8)
        assert a.ATP_per_s == pytest.approx(b.ATP_per_s, rel=1e-12)
        assert a.currents_pA == pytest.approx(b.currents_pA, rel=1e-8)
    assert "searched" in opaque.guarantee


def test_an_opaque_mechanism_sees_its_own_membrane() -> None:
    """Membranes of one structure share equations, not parameters, temperature or solutions."""
    changes = {"outside.K": "8 mM", "temperature": "30 degC", "area": "2000 um^2"}
    first = pl.rest(with_opaque_pump())
    moved = pl.rest(with_opaque_pump(half="20 mM").evolve(changes))
    plain = reference_a2().evolve(changes)

    assert voltages(first) != voltages(moved)
    assert voltages(pl.rest(with_opaque_pump().evolve(changes))) == pytest.approx(
        voltages(pl.rest(plain)), abs=1e-9
    )
    assert voltages(pl.rest(with_opaque_pump())) == voltages(first)


class OpaqueDelayed(Delayed):
    """An opaque open probability over traced gates."""

    opaque = True

    def open_probability(self, s: Any) -> Any:
        return float(s.own.n) ** 4


def test_an_opaque_channel_reads_its_gates() -> None:
    """The Jacobian has the slope by the gate, by differences."""
    leak = NALCN(density="4e-8 cm/s")
    traced = pl.rest(membrane(Delayed(name="kdr", density="0.1 mS/cm^2"), leak))
    opaque = pl.rest(membrane(OpaqueDelayed(name="kdr", density="0.1 mS/cm^2"), leak))

    assert voltages(opaque) == pytest.approx(voltages(traced), abs=1e-9)
    assert opaque[0].jacobian == pytest.approx(traced[0].jacobian, rel=1e-7)


def test_names_that_differ_in_a_hyphen_are_not_mixed_up() -> None:
    """Two opaque mechanisms, 'a-b' and 'a_b'."""
    twins = [
        OpaquePump(name=name, density=f"{size} uA/cm^2") for name, size in (("a-b", 1), ("a_b", 2))
    ]
    (state,) = pl.rest(membrane(K2P(density="1e-6 cm/s"), NALCN(density="4e-8 cm/s"), *twins))

    assert 2 * state.currents_pA["a-b", "Na"] == pytest.approx(state.currents_pA["a_b", "Na"])
    assert SPECIES["Na"].valence == 1


def test_an_opaque_mechanism_that_fails_is_named() -> None:
    """Its exception becomes a message."""

    class Failing(OpaquePump):
        def activity(self, s: Any) -> Any:
            raise RuntimeError("table not found")

    failing = membrane(K2P(density="1e-6 cm/s"), Failing(name="pump", density="1 uA/cm^2"))
    with pytest.raises(pl.PhysicsError, match=r"pump \(class .*Failing.*table not found"):
        pl.rest(failing)
