"""Membranes with a pool of their own beside the voltage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import K2P, NALCN, membrane, voltages

import pumpleak as pl
from pumpleak import Channel, Mechanism, Ohmic, Pool


class Pooled(Mechanism):
    """A current that fills a pool, whose contents scale the current."""

    ions = ("Na",)
    pools = {"c": ("1e-6 mM", "100 mM")}
    size = pl.parameter("1 pA", source="assumed")

    def influx(self, s: Any) -> Any:
        return 0.5 + 0.5 * s.xp.tanh((s.V + 55 * s.mV) / (8 * s.mV))

    def states(self, s: Any) -> dict[str, Pool]:
        return {"c": Pool(change=(5 * s.mM * self.influx(s) + 0.1 * s.mM - s.own.c) / (50 * s.ms))}

    def current(self, s: Any) -> dict[str, Any]:
        return {"Na": -self.size * s.own.c / s.mM}


class Reduced(Pooled):
    """The same with the pool's balance put in by hand."""

    pools = {}

    def states(self, s: Any) -> dict[str, Pool]:
        return {}

    def current(self, s: Any) -> dict[str, Any]:
        return {"Na": -self.size * (5 * self.influx(s) + 0.1)}


LEAKS = (K2P(density="1e-7 cm/s"), NALCN(density="1e-9 cm/s"))


@pytest.mark.parametrize("size", [0.01, 0.2, 0.4, 0.7, 1.4, 9.0])
def test_the_states_are_those_with_the_pool_at_balance(size: float) -> None:
    """One or three of them, as the reduced curve has it; and the pool's contents."""
    full = pl.rest(membrane(*LEAKS, Pooled(name="p", size=f"{size} pA")))
    reduced = pl.rest(membrane(*LEAKS, Reduced(name="p", size=f"{size} pA")), prove=True)

    assert voltages(full) == pytest.approx(voltages(reduced), abs=1e-9)
    assert len(full) in (1, 3)
    for state, plain in zip(full, reduced, strict=True):
        expected = 5 * (0.5 + 0.5 * np.tanh((state.V_mV + 55) / 8)) + 0.1
        assert state.states == pytest.approx({"p.c": expected}, rel=1e-9)
        assert state.slope_nS == pytest.approx(plain.slope_nS, rel=1e-7)
        assert state.stable == plain.stable
        assert abs(state.residual_pA) < 1e-10


def test_some_size_has_three() -> None:
    """So that the above is not about single states alone."""
    counts = {len(pl.rest(membrane(*LEAKS, Pooled(size=f"{size} pA")))) for size in (0.2, 0.7, 9.0)}

    assert counts == {1, 3}


class Threefold(Mechanism):
    """A pool that balances at 1, 2 and 4 mM, at any voltage."""

    ions = ("Na",)
    pools = {"c": ("1e-3 mM", "100 mM")}

    def states(self, s: Any) -> dict[str, Pool]:
        c = s.own.c / s.mM
        return {"c": Pool(change=-(c - 1) * (c - 2) * (c - 4) * s.mM / s.ms)}

    def current(self, s: Any) -> dict[str, Any]:
        return {"Na": -s.pA * s.own.c / s.mM}


class Leak(Channel):
    permeation = Ohmic("K", reversal="-80 mV")


def test_every_balance_of_the_pool_is_followed() -> None:
    """Three states of one voltage each, the one in the middle a saddle."""
    found = pl.rest(membrane(Leak(density="0.1 nS"), Threefold(name="p")))

    assert voltages(found) == pytest.approx([-70, -60, -40], abs=1e-9)
    assert [state.states["p.c"] for state in found] == pytest.approx([1, 2, 4])
    assert [state.kind for state in found] == ["stable", "saddle", "stable"]


class Nowhere(Threefold):
    def states(self, s: Any) -> dict[str, Pool]:
        return {"c": Pool(change=s.mM / s.ms + 0 * s.own.c / s.ms)}


def test_a_pool_without_balance_is_a_result() -> None:
    """The message names the pool and says what to do."""
    found = pl.rest(membrane(Leak(density="0.1 nS"), Nowhere(name="p")))

    assert (found.status, len(found)) == ("none in range", 0)
    assert "pool p.c balances nowhere within its bounds; widen them" in found.message


def test_two_pools_are_refused_aloud() -> None:
    """One is what this solver takes."""
    found = pl.rest(membrane(Leak(density="0.1 nS"), Threefold(name="p"), Threefold(name="q")))

    assert (found.status, len(found)) == ("not converged", 0)
    assert "p.c, q.c" in found.message
