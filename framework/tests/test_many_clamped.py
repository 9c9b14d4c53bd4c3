"""Many membranes with their ions clamped agree with each solved alone."""

from __future__ import annotations

import numpy as np
import pytest
from building import K2P, NALCN, LuoRudyPump, membrane
from crowding import DENSITIES, alone, bistable, reference, spread
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak.many import KINDS, STATUSES
from pumpleak.many._arrays import ClampedArrays
from pumpleak.many._many_clamped import ManyClamped
from pumpleak.many._members import leaves

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")


def test_members_rest_where_each_would_alone():
    """Voltage to 1e-9 mV, slope, residual and kind are those of `pumpleak.rest`."""
    cell = reference()
    values = spread(cell, 60, *DENSITIES) | {"outside.K": np.linspace(2.0, 12.0, 60)}

    found = pl.solve_many(cell, values)

    for member in range(60):
        (state,) = alone(cell, values, member)
        assert state.V_mV == pytest.approx(found.V_mV[member], abs=1e-10)
        assert state.slope_nS == pytest.approx(found.slope_nS[member], rel=1e-11)
        assert state.kind == KINDS[found.kind[member]]
        assert STATUSES[found.status[member]] == "found"
        assert abs(found.residual[member]) < 1e-12 * state.problem.gross(state.V_mV)


def test_the_reference_membrane_is_exact():
    """Member A rests at -65.4423779834206 mV (40-digit arithmetic)."""
    cell = reference()

    found = pl.solve_many(cell, {"k2p.density": np.array([cell.values["k2p.density"]])})

    assert pytest.approx(-65.4423779834206, abs=1e-12) == found.V_mV[0]


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("temperature", 1.01),
        ("area", 2.0),
        ("capacitance", 0.5),
        ("inside.K", 0.8),
        ("k2p.gating.V_half", 1.5),
        ("k2p.gating.z_g", 3.0),
        ("nalcn.permeation.K", 1.2),
        ("pump.density", 0.0),
    ],
)
def test_every_kind_of_value_may_differ(name, factor):
    """Temperature, sizes, concentrations, gating, permeability ratios and amounts."""
    cell = reference()
    own = cell.capacitance.value if name == "capacitance" else cell.values[name]
    values = {name: np.array([own, factor * own])}

    found = pl.solve_many(cell, values)

    for member in range(2):
        (state,) = alone(cell, values, member)
        assert state.V_mV == pytest.approx(found.V_mV[member], abs=1e-10)


def test_capacitance_per_area_follows_an_area_that_differs():
    """A cell twice as large has twice the capacitance, as with `evolve`."""
    cell = reference()
    own = cell.values["area"]

    given_ = leaves(cell, {"area": np.array([own, 2.0 * own])})

    assert [cell.capacitance_pF, 2.0 * cell.capacitance_pF] == pytest.approx(given_["capacitance"])


def test_pH_differs_as_protons():
    """pH 7 is 1e-4 mM of protons."""
    cell = membrane(
        K2P(name="k2p", density="1e-6 cm/s"),
        outside=pl.Solution(concentrations={"K": "4 mM", "Na": "145 mM", "Cl": "110 mM"}, pH=7.4),
    )

    given_ = leaves(cell, {"outside.pH": np.array([7.0])})

    assert pytest.approx(1e-4) == given_["outside.H"][0]


def test_nobody_depends_on_neighbours_or_threads():
    """Members solved in other company, order, number or threads give the same bits."""
    cell = reference()
    values = spread(cell, 9001, *DENSITIES)
    whole = pl.solve_many(cell, values, threads=1)

    order = np.random.default_rng(1).permutation(9001)
    shuffled = pl.solve_many(cell, {n: v[order] for n, v in values.items()}, threads=2)
    few = pl.solve_many(cell, {n: v[5000:5003] for n, v in values.items()})

    assert np.array_equal(whole.V_mV[order], shuffled.V_mV)
    assert np.array_equal(whole.slope_nS[order], shuffled.slope_nS)
    assert np.array_equal(whole.V_mV[5000:5003], few.V_mV)


def test_all_states_of_bistable_members_are_found():
    """Stable, unstable, stable, in order of voltage, each as alone."""
    cell = bistable()
    values = spread(cell, 40, *DENSITIES, sigma=0.1)

    found = pl.solve_many(cell, values, all_states=True)

    assert len(found.V_mV) >= 80  # half of them have three
    for member in range(40):
        own = found.member == member
        states = alone(cell, values, member)
        assert [s.V_mV for s in states] == pytest.approx(found.V_mV[own], abs=1e-9)
        assert [s.kind for s in states] == [KINDS[k] for k in found.kind[own]]


def test_one_state_of_a_bistable_member_is_a_stable_one():
    """Where Newton's method would return the unstable state, a stable one is looked for."""
    cell = bistable()
    values = spread(cell, 400, *DENSITIES)

    found = pl.solve_many(cell, values)

    assert (found.kind == KINDS.index("stable")).all()
    assert found.retried.any()


def test_the_reference_bistable_membrane_is_exact():
    """A2's three states (40-digit arithmetic)."""
    cell = bistable()

    found = pl.solve_many(
        cell, {"outside.K": np.array([cell.values["outside.K"]])}, all_states=True
    )

    assert [-78.8909617037568, -61.5796747521194, -33.3284076778746] == pytest.approx(
        found.V_mV, abs=1e-10
    )


def test_a_member_without_a_rest_says_so():
    """Only outward current: no state in the range, nan, and a status."""
    cell = membrane(
        K2P(name="k2p", density="1e-6 cm/s"),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
        range=("-60 mV", "50 mV"),
    )

    found = pl.solve_many(cell, {"k2p.density": np.full(3, cell.values["k2p.density"])})

    assert ["none in range"] * 3 == [STATUSES[code] for code in found.status]
    assert np.isnan(found.V_mV).all()
    assert (found.kind == KINDS.index("none")).all()
    assert found.counts == {"none in range": 3, "retried": 3}


def test_a_member_without_any_current_is_unphysical():
    """Every density zero: nothing holds the voltage."""
    cell = membrane(K2P(name="k2p", density="1e-6 cm/s"))

    found = pl.solve_many(cell, {"k2p.density": np.array([0.0, 1e-7])})

    assert "unphysical" == STATUSES[found.status[0]]
    assert "found" == STATUSES[found.status[1]]


def test_outputs_are_those_of_each_state():
    """ATP, currents, cycle rates and open probabilities of every member."""
    cell = reference()
    values = spread(cell, 5, *DENSITIES)
    names = ("ATP_per_s", "current.k2p.K", "cycles.pump", "open.clc2")

    found = pl.solve_many(cell, values, outputs=names)

    for member in range(5):
        (state,) = alone(cell, values, member)
        expected = (
            state.ATP_per_s,
            state.currents_pA["k2p", "K"],
            state.cycles["pump"],
            state.open_probability["clc2"],
        )
        assert expected == pytest.approx([found.outputs[n][member] for n in names], rel=1e-9)


def test_membranes_of_one_structure_share_a_kernel():
    """Other values of the same parameters need no new kernel; other powers do."""
    first, second, third = (
        reference(),
        reference(density="2e-6 cm/s"),
        reference(gating=pl.Boltzmann(V_half="-40 mV", z_g=0.31)),
    )

    machines = [ManyClamped(cell, ("outside.K",), ()).machine for cell in (first, second, third)]

    assert machines[0] is machines[1]
    assert machines[0] is not machines[2]


class Staircase(pl.Channel):
    """Opens in a way that only floats can follow."""

    permeation = pl.Ohmic("K")
    opaque = True

    def open_probability(self, s):
        return 0.5 + 0.4 * float(np.tanh(float(s.V) / 40.0))


def test_an_opaque_mechanism_takes_the_slower_path():
    """What cannot be traced cannot be compiled, and is solved all the same."""
    cell = membrane(
        Staircase(name="k", density="0.1 mS/cm^2"), NALCN(name="nalcn", density="4e-8 cm/s")
    )
    values = {"outside.K": np.array([3.0, 6.0])}

    found = pl.solve_many(cell, values)

    for member in range(2):
        (state,) = alone(cell, values, member)
        assert state.V_mV == pytest.approx(found.V_mV[member], abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-3.0, 3.0), min_size=5, max_size=5))
def test_far_members_rest_where_each_would_alone(logs):
    """Members twentyfold away in any direction still rest where the NumPy path has no current."""
    cell = reference()
    names = (*DENSITIES, "outside.K")
    values = {n: np.array([cell.values[n] * np.exp(x)]) for n, x in zip(names, logs, strict=True)}

    found = pl.solve_many(cell, values)

    arrays = ClampedArrays(ManyClamped.of(cell, names, ()).problem, leaves(cell, values))
    current, slope = arrays.total(found.V_mV, np.array([0]))
    assert "found" == STATUSES[found.status[0]]
    assert abs(current[0] / slope[0]) < 1e-9


def test_retried_members_do_not_depend_on_neighbours_either():
    """All states, and one state, of members that took the robust path: the same bits."""
    cell = bistable()
    values = spread(cell, 500, *DENSITIES)
    order = np.random.default_rng(1).permutation(500)
    shuffled = {name: array[order] for name, array in values.items()}

    whole, again = (pl.solve_many(cell, v, outputs=("ATP_per_s",)) for v in (values, shuffled))

    assert whole.retried.any()
    for name in ("V_mV", "slope_nS", "residual", "kind", "status", "retried"):
        assert np.array_equal(getattr(whole, name)[order], getattr(again, name))
    assert np.array_equal(whole.outputs["ATP_per_s"][order], again.outputs["ATP_per_s"])


def test_a_fold_is_one_state_or_two():
    """Where two states meet the current is rounding over a while, and its zeros are no states."""
    cell = bistable()
    own = cell.values["k2p.density"]
    low, high = 0.3 * own, own  # one state, three states

    for _ in range(60):
        middle = 0.5 * (low + high)
        few = len(alone(cell, {"k2p.density": np.array([middle])}, 0)) < 3
        low, high = (middle, high) if few else (low, middle)
    shares = 1.0 + np.array([0.0, 1e-15, 1e-14, 1e-13, -1e-15, -1e-14, -1e-13])

    found = pl.solve_many(cell, {"k2p.density": high * shares}, all_states=True)

    assert np.bincount(found.member).max() <= 3
