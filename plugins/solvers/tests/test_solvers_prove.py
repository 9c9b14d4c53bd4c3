"""`proved complete` is true: held against brute force on membranes at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import K2P, NALCN, LuoRudyPump, curve, membrane, reference_a2, voltages
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak import Boltzmann, Channel, Ohmic
from pumpleak.equilibria._rest import problem
from pumpleak.numbers import _interval
from pumpleak_solvers.prove import prove_complete


class Gated(Channel):
    """A conductance that opens with voltage."""

    permeation = Ohmic("Na")
    gating = Boltzmann(V_half="-40 mV", z_g=1)


class Inactivating(Channel):
    """A window current: opens and closes with voltage."""

    permeation = Ohmic("Na")
    half_off = pl.parameter("-50 mV", source="assumed")
    half_on = pl.parameter("-60 mV", source="assumed")
    z_g = pl.parameter(10.0, source="assumed")

    def open_probability(self, s: Any) -> Any:
        on = 1 / (1 + s.xp.exp(-self.z_g * (s.V - self.half_on) / s.VT))
        return on / (1 + s.xp.exp(self.z_g * (s.V - self.half_off) / s.VT))


BASE = membrane(
    K2P(name="a", density="1e-6 cm/s"),
    NALCN(name="b", density="4e-8 cm/s"),
    Gated(name="c", density="0.02 mS/cm^2"),
    Gated(name="d", density="0.02 mS/cm^2", permeation=Ohmic("Cl")),
    Inactivating(name="e", density="0.1 mS/cm^2"),
    LuoRudyPump(name="f", density="1.5 uA/cm^2"),
)
halves = st.floats(-130, 30)
charges = st.floats(-50, 50)
decades = st.floats(-4, 3)


@st.composite
def membranes(draw: st.DrawFn) -> pl.Membrane:
    """Draw densities over seven decades, gating charges up to 50 and windows down to nothing."""
    return BASE.evolve(
        {
            "a.density": f"{1e-6 * 10 ** draw(decades)!r} cm/s",
            "b.density": f"{4e-8 * 10 ** draw(decades)!r} cm/s",
            "c.density": f"{0.02 * 10 ** draw(decades)!r} mS/cm^2",
            "d.density": f"{0.02 * 10 ** draw(decades)!r} mS/cm^2",
            "e.density": f"{0.1 * 10 ** draw(decades)!r} mS/cm^2",
            "f.density": f"{1.5 * 10 ** draw(decades)!r} uA/cm^2",
            "a.gating.z_g": draw(charges),
            "a.gating.V_half": f"{draw(halves)!r} mV",
            "c.gating.z_g": draw(charges),
            "c.gating.V_half": f"{draw(halves)!r} mV",
            "d.gating.z_g": draw(charges),
            "d.gating.V_half": f"{draw(halves)!r} mV",
            "e.z_g": draw(st.floats(-50, 50)),
            "e.half_on": f"{draw(halves)!r} mV",
            "e.half_off": f"{draw(halves)!r} mV",
            "outside.K": f"{draw(st.floats(0.1, 200))!r} mM",
        }
    )


def brute(membrane: pl.Membrane) -> list[float]:
    """Return where a dense scan sees the current change sign, mV."""
    voltage = np.linspace(-200, 150, 70_001)
    current, _ = problem(membrane).total(voltage)
    assert np.isfinite(current).all()
    change = np.flatnonzero(np.sign(current[1:]) != np.sign(current[:-1]))
    return [float(v) for v in 0.5 * (voltage[change] + voltage[change + 1])]


@settings(max_examples=150, deadline=None)
@given(membranes())
def test_search_and_proof_agree_with_brute_force(given: pl.Membrane) -> None:
    """Every zero that a scan of 70 001 points sees is there; what is proved has no other."""
    searched, proved = pl.rest(given), pl.rest(given, prove=True)
    seen = brute(given)

    assert proved.guarantee.startswith("proved complete")
    assert voltages(searched) == pytest.approx(voltages(proved), abs=1e-9)
    # Two zeros between neighbouring points are invisible to the scan, never the other way round.
    assert len(proved) >= len(seen)
    assert (len(proved) - len(seen)) % 2 == 0
    for voltage in seen:
        assert min(abs(v - voltage) for v in voltages(proved)) < 0.005


def test_the_interval_current_holds_every_current() -> None:
    """On any piece of the range, current and slope lie in their bounds."""
    draw = np.random.default_rng(1)
    solved = problem(BASE)
    low = draw.uniform(-200, 150, 300)
    high = np.minimum(low + 10 ** draw.uniform(-9, 2, 300), 150.0)
    (least, most), (falling, rising) = solved.enclosure(low, high)
    for share in np.linspace(0, 1, 21):
        current, slope = solved.total(low + share * (high - low))
        assert np.all((least <= current) & (current <= most))
        assert np.all((falling <= slope) & (slope <= rising))


def test_a_state_that_the_search_missed_is_found_by_the_proof() -> None:
    """A bump of 0.01 mV that no sample meets."""

    def bump(v: Any, xp: Any) -> Any:
        return 1 - 2 * xp.exp(-(((v + 61.234) / 0.01) ** 2))

    assert len(pl.rest(curve(bump))) == 0
    found = pl.rest(curve(bump), prove=True)
    reach = 0.01 * np.sqrt(np.log(2))

    assert voltages(found) == pytest.approx([-61.234 - reach, -61.234 + reach], abs=1e-9)
    assert found.guarantee == "proved complete in [-200, 150] mV"


def test_the_proof_drops_what_is_no_state_and_adds_what_is() -> None:
    """Whatever list it is given, it returns the true one."""
    solved = problem(reference_a2())
    true = voltages(pl.rest(reference_a2()))
    for guess in ([], true[:1], [*true, -120.0, 30.0]):
        proof = prove_complete(solved, sorted(guess))

        assert proof.roots == pytest.approx(true, abs=1e-9)
        assert proof.guarantee == "proved complete in [-200, 150] mV"


def test_equal_slopes_on_both_sides_of_a_jump_prove_nothing() -> None:
    """A formula whose slope is 1 everywhere and that jumps down has two zeros, not one."""
    found = pl.rest(curve(lambda v, xp: xp.where(v < -65, v + 70, v + 60)), prove=True)

    assert len(found) == 2
    assert not found.guarantee.startswith("proved")


def test_what_cannot_be_traced_is_not_proved() -> None:
    """An opaque mechanism has no bounds."""

    class Untraced(Gated):
        opaque = True

    found = pl.rest(
        membrane(K2P(density="1e-6 cm/s"), Untraced(density="0.02 mS/cm^2")), prove=True
    )

    assert found.status == "found"
    assert "no proof, since a mechanism cannot be enclosed" in found.guarantee


def narrowed(x: Any) -> Any:
    """Return the exponential of an interval's middle, as if that were its image: a mutant."""
    if not isinstance(x, _interval.Interval):
        return np.exp(x)
    middle = np.exp(0.5 * (x.low + x.high))
    return _interval.Interval(middle, middle)


def test_the_checks_above_catch_a_wrong_enclosure(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an exponential enclosed too tightly the bounds are wrong, and the test sees it."""
    monkeypatch.setitem(_interval.NAMES, "exp", narrowed)
    with pytest.raises(AssertionError):
        test_the_interval_current_holds_every_current()
