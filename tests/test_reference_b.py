"""Reference membrane B: five unknowns, one steady state, known to 40 digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pumpleak as pl

FILE = Path(__file__).parents[1] / "docs" / "examples" / "reference_b.toml"
V_MV = -89.5020897245741
INSIDE_MM = {"Na": 14.5316450128964, "K": 122.258488464853, "Cl": 4.10305073861312}
VOLUME_FL = 1963.39921778179
#: Of the amounts and the volume, by 50-digit arithmetic from the equations written out by hand.
EIGENVALUES_PER_S = [
    -0.02733272897594539,
    -0.03864455720442282,
    -0.3236789768996212,
    -570.0212564437059,
]


def check(found):
    assert "found" == found.status
    (state,) = found
    assert V_MV == pytest.approx(state.V_mV, rel=1e-13)
    for ion, expected in INSIDE_MM.items():
        assert expected == pytest.approx(state.inside_mM[ion], rel=1e-13)
    assert VOLUME_FL == pytest.approx(state.volume_fL, rel=1e-13)
    assert state.residual < 1e-14
    return state


def test_the_file_rests_at_the_known_digits():
    """Voltage, concentrations and volume right to 1e-13, and no other state is found."""
    state = check(pl.steady(FILE))

    assert 297.0 == pytest.approx(state.osmolarity_mM, rel=1e-14)
    assert state.residual_pA < 1e-11 * abs(state.currents_pA["pump", "Na"])


def test_eigenvalues_are_those_of_the_equations_written_out():
    """From 1.75 ms, the membrane's charging, to 36.6 s, right to 1e-10."""
    state = check(pl.steady(FILE))
    found = [1e3 * value.real for value in state.eigenvalues_per_ms]

    assert EIGENVALUES_PER_S == pytest.approx(found, rel=1e-10)
    assert "stable" == state.kind
    assert state.time_constants_s == pytest.approx([-1 / value for value in EIGENVALUES_PER_S])


@pytest.mark.parametrize("starts", [0, 64])
def test_a_start_far_off_is_told_and_makes_no_difference(starts):
    """From Na 60, K 80, Cl 60 mM and 0 mV: 53 mM of charge too few, and the same state."""
    start = {"V": 0.0, "inside.Na": 60.0, "inside.K": 80.0, "inside.Cl": 60.0}

    found = pl.steady(FILE, start=start, starts=starts)

    (note,) = found.problem.notes
    assert "the start's charge does not fit its voltage: -52.6" in note
    assert "mM of charge too few" in note
    check(found)


@pytest.mark.parametrize("ion", ["Na", "K", "Cl"])
@pytest.mark.parametrize("off_mM", [-2.0, 2.0])
def test_two_millimolar_too_many_are_told_and_make_no_difference(ion, off_mM):
    """At the rest itself but for 2 mM of one ion, which stand for 48 V on the capacitance."""
    start = {f"inside.{name}": value for name, value in INSIDE_MM.items()}
    start |= {"V": V_MV, "volume": VOLUME_FL, f"inside.{ion}": INSIDE_MM[ion] + off_mM}
    too_many = off_mM * (-1 if ion == "Cl" else 1) > 0

    found = pl.steady(FILE, start=start)

    (note,) = found.problem.notes
    assert f"({'+' if too_many else '-'}2 mM of charge too {'many' if too_many else 'few'})" in note
    check(found)


def test_a_start_at_the_rest_is_not_complained_about():
    """Where charge and voltage agree there is nothing to tell."""
    start = {"V": V_MV, "volume": VOLUME_FL}
    start |= {f"inside.{name}": value for name, value in INSIDE_MM.items()}

    found = pl.steady(FILE, start=start)

    # 13 digits of concentration leave the voltage on the capacitance open by some nanovolts.
    assert [] == found.problem.notes
    check(found)


def test_two_thousand_random_starts_find_no_other_state():
    """As the yardstick itself was searched."""
    check(pl.steady(FILE, starts=2000, seed=1))


def test_the_file_survives_being_written_and_read():
    """`dumps` and `loads` give a membrane that rests at the same digits."""
    written = pl.dumps(pl.load(FILE))

    again = pl.loads(written)

    assert written == pl.dumps(again)
    assert check(pl.steady(again)).V_mV == check(pl.steady(FILE)).V_mV


def test_a_disturbance_dies_out_at_the_rate_of_its_eigenvector():
    """Along each eigenvector the exact Jacobian and differences of the rates agree."""
    state = check(pl.steady(FILE))
    movement = state.problem.movement
    x = np.array(state.variables)
    exact = movement.jacobian(x)
    for column in range(len(x)):
        step = np.zeros(len(x))
        step[column] = 1e-6 * x[column]
        slope = (movement.rates(x + step) - movement.rates(x - step)) / (2 * step[column])

        assert slope == pytest.approx(exact[:, column], rel=1e-5, abs=1e-5 * abs(slope).max())
