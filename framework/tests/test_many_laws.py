"""Laws that are hard on a kernel: whatever they are made of, members rest as they would alone."""

from __future__ import annotations

import numpy as np
import pytest
from building import membrane
from crowding import alone, reference

import pumpleak as pl
from pumpleak.many import KINDS, STATUSES

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")


class Leak(pl.Channel):
    permeation = pl.Ohmic("K")


class SodiumLeak(pl.Channel):
    permeation = pl.Ohmic("Na")


def agrees(cell, values):
    """Every state of every member, and the one that is returned, are those of it alone."""
    found = pl.solve_many(cell, values)
    every = pl.solve_many(cell, values, all_states=True)
    for member in range(found.members):
        expected = alone(cell, values, member)
        own = every.member == member
        assert expected.status == STATUSES[found.status[member]]
        assert expected.status == STATUSES[every.status[own][0]]
        if expected.status != "found":
            continue
        assert [s.V_mV for s in expected] == pytest.approx(every.V_mV[own], abs=1e-9)
        assert [s.kind for s in expected] == [KINDS[code] for code in every.kind[own]]
        assert min(abs(s.V_mV - found.V_mV[member]) for s in expected) < 1e-9
    return found


@pytest.mark.parametrize("name", ["outside.K", "temperature", "inside.Cl"])
def test_a_slope_that_is_the_same_for_all_members_is_no_obstacle(name):
    """Constant conductances: what makes the state stable is the same condition for everybody."""
    cell = membrane(Leak(name="k", density="1 nS"), SodiumLeak(name="na", density="0.2 nS"))

    found = agrees(cell, {name: cell.values[name] * np.linspace(0.97, 1.03, 3)})

    assert (found.kind == KINDS.index("stable")).all()


FORMULAS = {
    "a condition on what all share": lambda s: s.xp.where(
        s.outside.Na > 100 * s.mM, s.V / s.mV + 60, 2 * s.V / s.mV + s.outside.K / s.mM
    ),
    "a condition on what differs": lambda s: s.xp.where(
        s.outside.K > 4 * s.mM, s.V / s.mV + 60, 2 * s.V / s.mV + 60
    ),
    "tanh of what differs": lambda s: s.V / s.mV + s.xp.tanh(s.outside.K / (4 * s.mM)),
    "tanh of V": lambda s: s.xp.tanh(s.V / (40 * s.mV)) + 0.1 * s.outside.K / s.mM,
    "a power": lambda s: (
        (1 + s.xp.exp(s.V / (20 * s.mV))) ** 0.37 - 1.2 - 0.01 * s.outside.K / s.mM
    ),
    "a jump across zero": lambda s: s.xp.where(s.V > -30 * s.mV, 1.0, -1.0),
    "nothing": lambda s: 0 * s.V / s.mV,
    "never zero": lambda s: 1.0 + (s.V / s.mV) ** 2,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_whatever_a_formula_is_made_of(formula):
    """Conditions, functions and jumps end as with one membrane, and with its status."""

    class Formula(pl.Mechanism):
        ions = ("K",)

        def current(self, s):
            return {"K": s.pA * FORMULAS[formula](s)}

    agrees(membrane(Formula(name="m")), {"outside.K": np.linspace(2.0, 8.0, 4)})


class Two(pl.Channel):
    """Two gating charges, one of which may be none."""

    permeation = pl.Ohmic("K")
    first = pl.parameter(1.0, source="made up")
    second = pl.parameter(0.0, source="made up")
    half = pl.parameter("0 mV", source="made up")

    def open_probability(self, s):
        u = (s.V - self.half) / s.VT
        both = s.xp.exp(-(self.first + self.second) * u)
        return 1 / (1 + both + 0.01 * s.xp.exp(-self.first * u))


def test_a_value_that_is_zero_in_the_membrane_makes_no_powers():
    """Exponents that are alike only while a gating charge is zero are not folded into one."""
    cell = membrane(Two(name="k", density="3 nS"), SodiumLeak(name="na", density="0.2 nS"))

    agrees(cell, {"k.second": np.array([0.0, 0.3, 1.0, -0.5])})


def test_an_exponential_too_large_to_take_apart_is_not_made_smaller():
    """exp(a V + b) is not exp(a V) exp(b) where exp(b) has no room in a float."""
    cell = membrane(
        Two(name="k", density="3 nS", half="-50 mV"), SodiumLeak(name="na", density="0.2 nS")
    )

    agrees(cell, {"k.first": np.array([1.0, 100.0, 400.0, 450.0])})


def test_slopes_that_overflow_are_differences():
    """Far from a steep gate that is shut its slope is no number, and the state is stable still."""
    cell = reference(gating=pl.Boltzmann(V_half="-40 mV", z_g=20))

    agrees(cell, {"k2p.gating.V_half": np.array([-40.0, -1000.0, 700.0, 1000.0])})
