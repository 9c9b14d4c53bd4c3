"""Steady ions: the search for every state, and what following in time says where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import pumpleak as pl
from pumpleak_solvers import newton, rescue

SPECIES = {
    name: pl.IonSpecies(name=name, valence=valence)
    for name, valence in (("Na", 1), ("K", 1), ("Cl", -1))
}


class Pump(pl.Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s):
        return (s.inside.Na / s.outside.Na) ** 3


def cell(*, potassium="0.35 mS/cm^2", outside_impermeant="29.5 mM", extra=(), **steady):
    leaks = {"Na": "0.02 mS/cm^2", "K": potassium, "Cl": "0.2 mS/cm^2"}
    return pl.Membrane(
        mechanisms=[
            *(
                pl.CustomChannel(name=ion.lower(), density=g, permeation=pl.Ohmic(ion))
                for ion, g in leaks.items()
            ),
            Pump(name="pump", density="1000 uA/cm^2"),
            *extra,
        ],
        inside=pl.Solution(
            concentrations={"Na": "14 mM", "K": "123 mM", "Cl": "5 mM"},
            impermeant="155 mM",
            impermeant_valence=-0.85,
        ),
        outside=pl.Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"},
            impermeant=outside_impermeant,
        ),
        temperature="310.15 K",
        area="785 um^2",
        species=SPECIES,
        compartments=pl.Compartments(free=["Na", "K", "Cl"], volume="1963 fL", **steady),
    )


def test_no_step_takes_more_of_an_ion_inside_than_there_is():
    """In a closed space a step that would leave the outside empty is shortened."""
    problem = pl.SteadyProblem(cell(outside_volume="500 fL"))
    y = np.tile(problem.start, (3, 1))
    step = np.zeros_like(y)
    step[:, 1] = [0.1, 1.0, 50.0]

    moved = newton._stepped(problem, y, step)

    assert (problem.room(moved) > 0).all()
    assert step[0] == pytest.approx(moved[0] - y[0])
    assert moved[2, 1] > y[2, 1]


def test_a_bath_has_room_for_everything():
    """Where the outside is endless nothing runs out."""
    problem = pl.SteadyProblem(cell())

    assert np.inf == problem.room(problem.start)
    assert [np.inf] * 2 == list(problem.room(np.tile(problem.start, (2, 1))))


def test_random_starts_in_a_closed_space_hold_no_more_than_there_is():
    """What is drawn too large is lowered to just below all there is."""
    problem = pl.SteadyProblem(cell(outside_volume="300 fL"))
    y = np.tile(problem.start, (4, 1))
    y[1:, 1] += [1.0, 3.0, 6.0]

    kept = newton._with_room(problem, y)

    assert len(kept) == 4
    assert (problem.room(kept) > 0).all()
    assert kept[0] == pytest.approx(y[0])


def test_a_closed_space_finds_the_same_state_from_starts_far_off():
    """Ten starts all over the place, one state, outside and inside adding up to what was given."""
    membrane = cell(outside_volume="1000 fL")
    (state,) = pl.steady(membrane)
    draw = np.random.default_rng(4)
    for _ in range(10):
        start = {"V": float(draw.uniform(-100, 20))}
        start |= {f"inside.{ion}": float(draw.uniform(1, 150)) for ion in ("Na", "K", "Cl")}

        (found,) = pl.steady(membrane, start=start)

        assert state.V_mV == pytest.approx(found.V_mV, rel=1e-10)
        total = 1963 * found.inside_mM["K"] + 1000 * found.outside_mM["K"]
        assert 1963 * 123 + 1000 * 3.5 == pytest.approx(total, rel=1e-13)


def test_a_start_is_charged_to_its_voltage_before_it_is_followed_in_time():
    """Cations times and anions over one factor, so that no ion is swept out by kilovolts."""
    problem = pl.SteadyProblem(cell(swells=True), {"V": -60.0, "inside.Cl": 60.0})
    start = problem.unscaled(problem.start)

    charged = rescue._charged(problem, start)

    assert abs(problem.excess_charge(start)) > 1e6
    assert 0 == pytest.approx(problem.excess_charge(charged), abs=1e-5)
    factor = charged["inside.Na"] / start["inside.Na"]
    assert factor == pytest.approx(charged["inside.K"] / start["inside.K"])
    assert factor == pytest.approx(start["inside.Cl"] / charged["inside.Cl"])
    assert factor > 1
    assert charged["V"] == start["V"]


def test_a_cell_that_potassium_cannot_leave_swells_and_is_said_to():
    """Nearly without potassium channels the pump fills the cell; no state, and volume is named."""
    found = pl.steady(cell(potassium="1e-4 mS/cm^2", outside_impermeant="0 mM", swells=True))

    assert "runs away" == found.status
    assert 0 == len(found)
    assert found.message.startswith("volume runs away: the cell swells without bound")
    assert "days" in found.message


def test_a_start_out_of_charge_swells_all_the_same():
    """What runs away is the volume, however wrong the start's charge is."""
    membrane = cell(potassium="1e-4 mS/cm^2", outside_impermeant="0 mM", swells=True)

    found = pl.steady(membrane, start={"inside.Cl": 60.0})

    assert any("charge does not fit" in note for note in found.problem.notes)
    assert found.message.startswith("volume runs away")


def test_deflation_leads_from_one_start_to_every_state():
    """With each root found deflated away, the same start leads to the next, and then to none."""
    problem = pl.SteadyProblem(bistable())
    roots = [newton._newton(problem, problem.start)]

    newton._deflated(problem, roots)

    found = sorted(root[0] * problem.thermal for root in roots)
    assert found == pytest.approx([state.V_mV for state in pl.steady(bistable())], abs=1e-9)
    assert 3 == len(found)


def bistable():
    """A cell with two stable states: an inward rectifier that lets go when it is depolarised."""

    def channel(name, ion, density, **more):
        return pl.CustomChannel(name=name, density=density, permeation=pl.Ohmic(ion), **more)

    return pl.Membrane(
        mechanisms=[
            channel("na", "Na", "0.02 mS/cm^2"),
            channel("k", "K", "0.01 mS/cm^2"),
            channel("kir", "K", "1 mS/cm^2", gating=pl.Boltzmann(V_half="-75 mV", z_g=-8)),
            Pump(density="1000 uA/cm^2"),
        ],
        inside=pl.Solution(concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"}),
        outside=pl.Solution(concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "148.5 mM"}),
        temperature="310.15 K",
        area="785.4 um^2",
        species=SPECIES,
        compartments=pl.Compartments(free=["Na", "K"], volume="1963.5 fL", infer_impermeant=True),
    )
