"""Time courses: starts, events, what is conserved, what is recorded, and how they are stored."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from building import SPECIES, curve, membrane, reference_a, reference_a2
from swelling import MECHANISMS, STOP, Na, Steady, bistable_cell, cell, known_cell

import pumpleak as pl
from pumpleak import (
    Boltzmann,
    Channel,
    CompositionError,
    Event,
    Gate,
    Ohmic,
    Solution,
    SolverError,
    UnitError,
)

F = 96.48533212


class Leak(Channel):
    permeation = Ohmic("K")


class Slow(Channel):
    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {"n": Gate(alpha=0.02 / s.ms, beta=0.08 / s.ms)}


def at(dataset: Any, time_s: float) -> Any:
    """Return what holds at an instant that was recorded."""
    return dataset.sel(time=time_s)


def before(dataset: Any, time_s: float) -> Any:
    """Return what held just before an event."""
    return dataset.isel(time=int(np.searchsorted(dataset["time"].values, time_s)) - 1)


# --- right ----------------------------------------------------------------------------------------


def test_a_leak_charges_its_capacitor_exponentially() -> None:
    """V of a passive membrane follows E + (V0 - E) exp(-g t/C), to 1e-6 mV."""
    leaky = membrane(Leak(density="10 nS"))
    found = pl.relax(leaky, "20 ms", start={"V": "0 mV"})
    reversal = leaky.nernst_mV("K")
    expected = reversal * (1 - np.exp(-10.0 * found["time"].values * 1e3 / leaky.capacitance_pF))

    assert expected == pytest.approx(found["V"].values, abs=1e-6)


def test_a_gate_relaxes_with_its_own_rates() -> None:
    """A gate started away follows n + (n0 - n) exp(-(alpha + beta) t)."""
    gated = membrane(Slow(density="1 nS"), Leak(density="10 nS"))
    found = pl.relax(gated, "100 ms", start={"V": "-80 mV", "Slow.n": 1.0})
    expected = 0.2 + 0.8 * np.exp(-0.1 * found["time"].values * 1e3)

    assert expected == pytest.approx(found["state"].sel(gate="Slow.n").values, abs=1e-7)


def test_free_ions_move_as_another_integrator_has_it() -> None:
    """After 30 min of run-down V agrees to 1e-6 mV with Radau at a tolerance of 1e-10."""
    from scipy.integrate import solve_ivp

    found = pl.relax(cell(), "30 min", ["0 s: pump.density = 0"])
    (rest,) = pl.steady(cell(), starts=0)
    stopped = cell().evolve({"pump.density": "0 uA/cm^2"})
    moving = pl.SteadyProblem(stopped, kept=rest.problem.kept).movement
    first = np.array(moving.variables(rest.found, {}))
    size = np.abs(first)
    other = solve_ivp(
        lambda _, y: moving.rates(first + y * size) / size,
        (0.0, 1.8e6),
        0.0 * first,
        method="Radau",
        jac=lambda _, y: moving.jacobian(first + y * size) * size / size[:, None],
        rtol=1e-10,
        atol=1e-13,
    )

    assert moving.voltage(first + other.y[:, -1] * size) == pytest.approx(
        float(found["V"][-1]), abs=1e-6
    )


# --- rest -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("charge", ["capacitance", "electroneutral"])
def test_a_balanced_cell_stays_put_for_an_hour(charge: str) -> None:
    """Started at rest nothing moves: V within 1e-6 mV, amounts and volume within 1e-9."""
    found = pl.relax(cell(charge=charge), "1 h")

    assert float(np.ptp(found["V"].values)) < 1e-6
    for name in ("inside", "volume"):
        assert found[name].values == pytest.approx(
            np.broadcast_to(found[name].values[0], found[name].shape), rel=1e-9
        )
    assert "at rest" == found.attrs["status"]


@pytest.mark.parametrize("charge", ["capacitance", "electroneutral"])
def test_relaxation_ends_at_the_state_that_the_solver_finds(charge: str) -> None:
    """From the file's own values, amounts and volume end at the steady state, to 1e-5."""
    own = cell(charge=charge)
    (rest,) = pl.steady(own)
    found = pl.relax(own, "2 h", start="given")

    assert rest.V_mV == pytest.approx(float(found["V"][-1]), abs=1e-5)
    assert rest.volume_fL == pytest.approx(float(found["volume"][-1]), rel=1e-6)
    assert list(rest.inside_mM.values()) == pytest.approx(found["inside"].values[-1], rel=1e-6)
    assert "at rest" == found.attrs["status"]
    assert f"stable state at {rest.V_mV:.2f} mV" == found.attrs["message"]


@pytest.mark.parametrize(("push", "reached"), [(-1e-6, 0), (1e-6, 2)])
def test_an_unstable_resting_state_is_left(push: float, reached: int) -> None:
    """1 nV beside the unstable state of a bistable membrane leads to the stable one there."""
    states = pl.rest(reference_a2())
    found = pl.relax(reference_a2(), "1 min", start={"V": states[1].V_mV + push})

    assert states[reached].V_mV == pytest.approx(float(found["V"][-1]), abs=1e-6)
    assert "at rest" == found.attrs["status"]


@pytest.mark.parametrize(("push", "reached"), [(-1e-3, 0), (1e-3, 2)])
def test_a_saddle_of_free_ions_is_left(push: float, reached: int) -> None:
    """1 uV beside the saddle leads to the stable steady state on that side."""
    low, saddle, high = pl.steady(bistable_cell())
    begin = {**saddle.found, "V": saddle.V_mV + push}
    found = pl.relax(bistable_cell(), "1 h", start=begin)

    assert ("stable", "saddle", "stable") == (low.kind, saddle.kind, high.kind)
    assert (low, saddle, high)[reached].V_mV == pytest.approx(float(found["V"][-1]), abs=1e-5)


def test_an_unstable_state_is_left_even_from_itself() -> None:
    """Rounding is push enough; long implicit steps do not hold it there."""
    states = pl.rest(reference_a2())
    found = pl.relax(reference_a2(), "1 min", start=states[1])

    assert float(found["V"][-1]) == pytest.approx(states[0].V_mV, abs=1e-6) or float(
        found["V"][-1]
    ) == pytest.approx(states[2].V_mV, abs=1e-6)


def test_what_has_not_yet_left_an_unstable_state_is_not_at_rest() -> None:
    """Beside an unstable state the end is said to be one that will be left."""
    unstable = pl.rest(reference_a2())[1]
    found = pl.relax(reference_a2(), "1 ms", start=unstable)

    assert "still moving" == found.attrs["status"]
    assert "beside the unstable state at -61.58 mV" in found.attrs["message"]


# --- conserved ------------------------------------------------------------------------------------


def test_amounts_are_conserved_in_a_closed_system() -> None:
    """With a finite space outside, inside plus outside stays to 1e-12 through an event."""
    found = pl.relax(cell(outside_volume="720 fL"), "30 min", [STOP])
    both = float(found["volume"][0]) + _space(found)
    inside = found["volume"] * found["inside"]
    total = inside + (both - found["volume"]) * found["outside"]

    assert 1.0 < float(found["outside"].sel(ion="K").max() / found["outside"].sel(ion="K")[0])
    assert total.values == pytest.approx(np.broadcast_to(total.values[0], total.shape), rel=1e-12)


def _space(found: Any) -> float:
    # 720 fL at the given volume, shared with what the inside has swollen by the start
    return 720.0 + 1963.495408 - float(found["volume"][0])


def test_a_cotransporter_alone_keeps_the_difference() -> None:
    """Where only KCC2 moves K and Cl, the difference of their amounts inside stays to 1e-12."""
    own = cell(mechanisms=[MECHANISMS[0], MECHANISMS[3]])
    found = pl.relax(own, "10 min", start="given")
    amount = found["volume"] * found["inside"]
    difference = amount.sel(ion="K") - amount.sel(ion="Cl")

    assert float(abs(amount.sel(ion="K") / amount.sel(ion="K")[0] - 1).max()) > 0.005
    assert difference.values == pytest.approx(np.full(difference.size, difference[0]), rel=1e-12)


@pytest.mark.parametrize("shape", ["fixed", "sphere"])
def test_voltage_is_charge_over_capacitance_everywhere(shape: str) -> None:
    """V, charge and capacitance fit at every instant, and charge is that of the amounts."""
    own = cell(shape=shape)
    found = pl.relax(own, "10 min", [STOP, "5 min: outside.K = 8 mM"])
    problem = pl.SteadyProblem(own)
    fixed = problem.values["impermeant"] * problem.values["impermeant_valence"]
    signs = [SPECIES[str(ion)].valence for ion in found["ion"].values]
    amount = found["volume"].values * (found["inside"].values @ signs) + fixed

    assert found["V"].values == pytest.approx(
        (found["charge"] / found["capacitance"]).values, abs=1e-8
    )
    assert F * amount == pytest.approx(found["charge"].values, abs=1e-6)


def test_currents_add_up_to_what_the_amounts_do() -> None:
    """The change of every amount is the integral of its currents."""
    found = pl.relax(cell(), "2 min", ["10 s: outside.K = 8 mM"], points=20_001)
    spaced = found.sel(time=slice(20.0, None))
    for ion, sign in (("Na", 1), ("K", 1), ("Cl", -1)):
        amount = (spaced["volume"] * spaced["inside"].sel(ion=ion)).values
        current = spaced["current"].sel(ion=ion).sum("mechanism").values
        moved = np.trapezoid(current, spaced["time"].values * 1e3) / F

        assert moved == pytest.approx(-sign * (amount[-1] - amount[0]), rel=1e-5, abs=1e-3)


# --- events ---------------------------------------------------------------------------------------


def test_stopping_the_pump_jumps_a_little_then_runs_down() -> None:
    """At once the pump's own current is lost, under 3 mV; over half an hour tens of mV follow."""
    found = pl.relax(cell(), "30 min", [STOP])
    rest, soon = float(at(found, 60.0)["V"]), float(found["V"].sel(time=60.05, method="nearest"))

    assert 1.0 < soon - rest < 3.0
    assert 40.0 < float(found["V"][-1]) - rest
    assert (np.diff(found["V"].sel(time=slice(61.0, None)).values) > 0).all()
    assert 100.0 < float(found["inside"].sel(ion="Na")[-1])
    assert 0.0 == float(at(found, 60.0)["ATP_per_s"]) < float(before(found, 60.0)["ATP_per_s"])
    assert "still moving" == found.attrs["status"]


def test_nothing_that_moves_jumps_at_an_event() -> None:
    """Amounts, volume and V go on from where they were; only currents change at once."""
    found = pl.relax(cell(), "10 min", ["2 min: outside.K = 8 mM", "5 min: pump.density *= 0.5"])
    for when in (120.0, 300.0):
        was, now = before(found, when), at(found, when)

        assert float(was["V"]) == pytest.approx(float(now["V"]), abs=1e-7)
        assert float(was["volume"]) == pytest.approx(float(now["volume"]), rel=1e-12)
        assert was["inside"].values == pytest.approx(now["inside"].values, rel=1e-12)
    potassium = found["current"].sel(mechanism="potassium", ion="K")
    assert float(before(potassium, 120.0)) - float(at(potassium, 120.0)) > 10.0


def test_the_inferred_impermeant_solute_stays_when_the_bath_changes() -> None:
    """Events infer nothing anew: a bath with less solute swells the cell with what it holds."""
    own = cell()
    found = pl.relax(own, "1 h", ["60 s: outside.impermeant = 0 mM"])
    problem = pl.SteadyProblem(own)
    bath = own.evolve({"outside.impermeant": "0 mM"})

    assert problem.kept == pl.SteadyProblem(bath, kept=problem.kept).kept
    assert float(found["volume"][-1]) > 1.1 * float(found["volume"][0])
    osmolarity = float(found["inside"][-1].sum()) + problem.values["impermeant"] / float(
        found["volume"][-1]
    )
    assert bath.outside.osmolarity_mM == pytest.approx(osmolarity, rel=1e-7)


def test_potassium_outside_depolarises() -> None:
    """K outside from 3.5 to 8 mM moves V by most of the change of its Nernst potential."""
    found = pl.relax(cell(), "10 min", ["60 s: outside.K = 8 mM"])
    nernst = 26.7267 * math.log(8.0 / 3.5)

    assert 0.5 * nernst < float(found["V"].max()) - float(found["V"][0]) < nernst


def test_a_hypo_osmotic_shock_swells_the_cell_which_then_stays() -> None:
    """Without 29.5 mM outside the volume grows by a tenth within a minute, and nothing undoes it."""
    found = pl.relax(cell(), "2 h", ["60 s: outside.impermeant = 0 mM"])
    share = found["volume"] / found["volume"][0]

    assert 1.09 < float(share.sel(time=120.0, method="nearest"))
    assert 1.09 < float(share.sel(time=slice(120.0, None)).min())
    assert float(share.max()) < 1.13
    assert "at rest" == found.attrs["status"]


def test_a_swapped_bath_may_hold_other_ions() -> None:
    """After the swap the record has the new bath's ions too, nan before."""
    found = pl.relax(cell(), "30 min", ["60 s: outside.solution = ions.csf"])
    calcium = found["outside"].sel(ion="Ca")

    assert math.isnan(float(before(calcium, 60.0)))
    assert 0 < float(at(calcium, 60.0))
    assert 4.0 == float(at(found, 60.0)["outside"].sel(ion="K"))


def test_an_event_fills_a_finite_space_once() -> None:
    """A concentration given to a finite space is a new start for it, and ions go on mixing."""
    found = pl.relax(cell(outside_volume="720 fL"), "30 min", ["60 s: outside.K = 8 mM"])
    potassium = found["outside"].sel(ion="K")

    assert float(before(potassium, 60.0)) < 4.0
    assert 8.0 == pytest.approx(float(at(potassium, 60.0)), rel=1e-12)
    assert float(potassium[-1]) < 8.0
    assert float(before(found, 60.0)["outside"].sel(ion="Na")) == pytest.approx(
        float(at(found, 60.0)["outside"].sel(ion="Na")), rel=1e-9
    )


def test_a_swapped_finite_space_is_new_throughout() -> None:
    """All its concentrations are those of the solution at once, its impermeant solute too."""
    bath = Solution(concentrations={"Na": "140 mM", "K": "5 mM", "Cl": "120 mM"}, impermeant="40 mM")
    swap = Event(time="60 s", changes={"outside.solution": bath})
    found = pl.relax(cell(outside_volume="720 fL"), "5 min", [swap])

    assert [140.0, 5.0, 120.0] == pytest.approx(at(found, 60.0)["outside"].values, rel=1e-9)
    assert float(found["volume"][-1]) < 0.995 * float(found["volume"][0])


def test_an_uncharged_solute_may_be_put_inside() -> None:
    """More impermeant solute with its charge kept swells the cell and moves V by nothing at once."""
    own = known_cell(14.5, 122.0, 4.1)
    problem = pl.steady(own, starts=0)[0].problem
    amount, valence = problem.values["impermeant"], problem.values["impermeant_valence"]
    volume = pl.steady(own, starts=0)[0].volume_fL
    double = {
        "inside.impermeant": f"{2 * amount / volume!r} mM",
        "inside.impermeant_valence": 0.5 * valence,
    }
    found = pl.relax(own, "10 min", [Event(time="60 s", changes=double)])

    assert float(before(found, 60.0)["V"]) == pytest.approx(float(at(found, 60.0)["V"]), abs=1e-3)
    assert 1.5 < float(found["volume"][-1] / found["volume"][0])


def test_charge_put_inside_is_refused_before_anything_runs() -> None:
    """The message says by how many mM and how many mV; no step was taken."""
    calls: list[float] = []
    with pytest.raises(SolverError, match=r"mM of charge inside that nothing balances.* mV on the"):
        pl.relax(
            cell(),
            "30 min",
            ["60 s: inside.impermeant = 300 mM"],
            progress=lambda done, _: calls.append(done),
        )

    assert [] == calls


def test_electroneutral_charge_stays_that_of_the_cell() -> None:
    """Where charge is bookkeeping, what an event puts inside changes no free ion at once."""
    own = cell(charge="electroneutral")
    found = pl.relax(own, "10 min", ["60 s: inside.impermeant = 160 mM"])

    assert before(found, 60.0)["inside"].values == pytest.approx(
        at(found, 60.0)["inside"].values, rel=1e-9
    )


def test_a_larger_capacitance_lowers_the_voltage_at_once() -> None:
    """The charge stays, so V falls by the ratio; the currents bring it back."""
    found = pl.relax(cell(), "10 min", ["60 s: capacitance *= 1.1"])

    assert float(before(found, 60.0)["V"]) / 1.1 == pytest.approx(float(at(found, 60.0)["V"]))
    assert float(found["V"][0]) == pytest.approx(float(found["V"][-1]), abs=0.01)


def test_events_of_one_time_and_at_the_start_hold() -> None:
    """Two events at the same time both hold, and one at 0 s holds from the first instant."""
    found = pl.relax(
        cell(), "2 min", ["0 s: outside.K = 5 mM", "60 s: outside.K *= 2", "60 s: outside.K *= 2"]
    )
    potassium = found["outside"].sel(ion="K")

    assert [5.0, 20.0] == pytest.approx([float(potassium[0]), float(at(potassium, 60.0))])


def test_held_ions_have_events_too() -> None:
    """A membrane without [steady] moves V at held concentrations, from one rest to the next."""
    found = pl.relax(reference_a(), "2 s", ["1 s: outside.K = 8 mM"])
    (after,) = pl.rest(reference_a(outside=_more_potassium()))

    assert after.V_mV == pytest.approx(float(found["V"][-1]), abs=1e-6)
    assert "clamped" == found.attrs["ions"]
    assert "volume" not in found


def _more_potassium() -> Solution:
    return Solution(concentrations={"K": "8 mM", "Na": "145 mM", "Cl": "110 mM"})


# --- starts ---------------------------------------------------------------------------------------


def test_concentrations_2_mM_out_of_balance_are_told_and_end_right() -> None:
    """By default the start is the state these amounts settle in; a note says what did not fit."""
    exact = pl.relax(known_cell(14.5, 122.0, 4.1), "1 min")
    found = pl.relax(known_cell(14.5, 124.0, 4.1), "1 min")

    assert -89.5020897245741 == pytest.approx(float(found["V"][0]), abs=1e-6)
    assert float(exact["V"][-1]) == pytest.approx(float(found["V"][-1]), abs=1e-6)
    assert "mM of charge too many" in found.attrs["notes"]


def test_given_values_that_no_membrane_stands_are_refused() -> None:
    """Charge for thousands of mV is an error: how many mM, what they stand for, what to do."""
    with pytest.raises(SolverError, match=r"\+1\.719 mM of charge inside more than -70 mV needs"):
        pl.relax(known_cell(14.5, 124.0, 4.1), start="given")
    with pytest.raises(SolverError, match=r"4\.139e\+04 mV.*infer_impermeant = true"):
        pl.relax(known_cell(14.5, 124.0, 4.1), start="given")


def test_given_values_that_nearly_fit_are_told() -> None:
    """Charge that stands for another voltage within reason starts there, with a note."""
    own = cell(start_voltage="-70 mV")
    problem = pl.SteadyProblem(own)
    volume, capacitance = problem.values["volume"], problem.values["capacitance"]
    more = 122.0 + 30.0 * capacitance / F / volume
    trimmed = cell(
        infer_impermeant=False,
        impermeant_amount=f"{problem.values['impermeant']!r} amol",
        inside=Solution(
            concentrations={"Na": "14.5 mM", "K": f"{more!r} mM", "Cl": "4.1 mM"},
            impermeant="1 mM",
            impermeant_valence=problem.values["impermeant_valence"],
        ),
    )
    found = pl.relax(trimmed, "1 min", start="given")

    assert -40.0 == pytest.approx(float(found["V"][0]), abs=1e-3)
    assert "stands for -40 mV, not for the start_voltage of -70 mV" in found.attrs["notes"]


def test_a_given_voltage_takes_a_trace_of_the_most_abundant_ion() -> None:
    """V given means charge: the note says how little potassium that was."""
    found = pl.relax(cell(), "1 min", start={"V": "-60 mV"})
    moved = 10.0 * pl.SteadyProblem(cell()).values["capacitance"] / F / 1963.495408

    assert -60.0 == pytest.approx(float(found["V"][0]), abs=1e-6)
    assert 122.0 + moved == pytest.approx(float(found["inside"].sel(ion="K")[0]), rel=1e-9)
    assert f"inside.K changed by {moved:+.3g} mM" in found.attrs["notes"]


def test_a_state_of_a_healthy_cell_starts_a_sick_one() -> None:
    """Amounts come from the state, parameters from the membrane; like an event at 0 s."""
    (rest,) = pl.steady(cell(), starts=0)
    sick = cell().evolve({"pump.density": "0 uA/cm^2", "outside.K": "8 mM"})
    found = pl.relax(sick, "10 min", start=rest)
    events = pl.relax(
        cell(), "10 min", ["0 s: pump.density = 0, outside.K = 8 mM"], start=rest
    )

    assert events["V"].values == pytest.approx(found["V"].values, abs=1e-6)


def test_the_nearest_stable_state_is_taken_not_the_saddle() -> None:
    """Values beside the saddle start at a stable state all the same."""
    low, saddle, high = pl.steady(bistable_cell())
    own = attrs.evolve(
        bistable_cell(),
        inside=Solution(
            concentrations={
                ion: f"{saddle.found.get(f'inside.{ion}', 4.1)!r} mM" for ion in ("Na", "K", "Cl")
            }
        ),
    )
    found = pl.relax(own, "1 min")

    assert found.attrs["start"].startswith("the stable state at")
    assert float(np.ptp(found["V"].values)) < 1e-6
    assert low.V_mV < high.V_mV


def test_of_several_resting_states_the_lowest_starts_and_it_is_told() -> None:
    """A bistable membrane with ions held starts at its lowest stable state, with a note."""
    found = pl.relax(reference_a2(), "10 ms")

    assert -78.8909617037568 == pytest.approx(float(found["V"][0]), rel=1e-12)
    assert "2 stable resting states (-78.89, -33.33 mV)" in found.attrs["notes"]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("givn", r"start: expected 'rest', 'given'.*\(did you mean 'given'\?\)"),
        ({"inside.Kk": 3.0}, r"start: no 'inside\.Kk' here \(did you mean 'inside\.K'\?\)"),
        ({"inside.K": "3 mV"}, r"start: inside\.K: expected a concentration"),
        ({"inside.K": 0.0}, r"start: inside\.K must be above zero, got 0"),
        ({"volume": "soon"}, "start: volume: expected a volume"),
        (7, "start: expected 'rest', 'given', a state"),
    ],
)
def test_a_wrong_start_is_explained(start: Any, said: str) -> None:
    """Near names, wanted dimensions, and what a start can be."""
    with pytest.raises((CompositionError, UnitError), match=said):
        pl.relax(cell(), start=start)


def test_a_start_must_fit_the_membrane() -> None:
    """Held ions need a V; a list of states, or the state of another kind of cell, is no start."""
    with pytest.raises(CompositionError, match="gives no voltage to start from"):
        pl.relax(reference_a(), start="given")
    with pytest.raises(CompositionError, match="start: V is missing"):
        pl.relax(reference_a(), start={})
    with pytest.raises(CompositionError, match=r"give one of its states, such as rest\[0\]"):
        pl.relax(reference_a(), start=pl.rest(reference_a()))  # type: ignore[arg-type]
    with pytest.raises(CompositionError, match="other free ions or other compartments"):
        pl.relax(cell(), start=pl.steady(bistable_cell())[0])  # type: ignore[arg-type]
    with pytest.raises(CompositionError, match="of another membrane"):
        pl.relax(membrane(Slow(density="1 nS")), start=pl.rest(reference_a())[0])


def test_without_a_stable_state_the_start_must_be_told() -> None:
    """No rest to start from is an error that names the other starts."""
    with pytest.raises(SolverError, match="no stable state to start from.*start='given'"):
        pl.relax(curve(lambda v, xp: 1.0 + 0.0 * v))


# --- ends -----------------------------------------------------------------------------------------


def test_what_runs_out_ends_the_time_course() -> None:
    """A pump that nothing slows takes the last sodium; the record ends there and says so."""
    own = cell(mechanisms=[*MECHANISMS[1:3], Steady(name="pump", density="1 uA/cm^2")])
    found = pl.relax(own, "30 min", start="given")

    assert "runs away" == found.attrs["status"]
    assert found.attrs["message"].startswith("inside.Na runs out")
    assert float(found["time"][-1]) < 1800.0
    assert np.isfinite(found["V"].values).all()


def test_what_will_swell_without_bound_is_told_at_the_end() -> None:
    """Pump off and nothing impermeant outside: 30 min in, the end is that volume runs away."""
    bath = Solution(concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "148.5 mM"})
    found = pl.relax(cell(outside=bath), "30 min", [STOP])

    assert "runs away" == found.attrs["status"]
    assert "volume runs away" in found.attrs["message"]


def test_a_runaway_voltage_stops_the_clock() -> None:
    """A current that drives V on for ever ends the course instead of filling it."""
    found = pl.relax(curve(lambda v, xp: -1.0 - xp.exp(0.05 * v)), "1 h", start={"V": 0.0})

    assert found.attrs["status"] in ("runs away", "not converged")
    assert float(found["time"][-1]) < 3600.0


def test_oscillations_are_still_moving() -> None:
    """A membrane that fires for ever never rests; the end says so."""

    class Inward(Channel):
        permeation = Ohmic("Na")
        gating = Boltzmann(V_half="-30 mV", z_g=4)

    class Delayed(Channel):
        permeation = Ohmic("K")

        def gates(self, s: Any) -> dict[str, Gate]:
            open_share = 1 / (1 + s.xp.exp(-(s.V + 30 * s.mV) / (5 * s.mV)))
            return {"n": Gate(alpha=0.05 * open_share / s.ms, beta=0.05 * (1 - open_share) / s.ms)}

    spiking = membrane(
        Leak(density="2 nS"), Na(density="3 nS"), Inward(density="20 nS"), Delayed(density="40 nS")
    )
    found = pl.relax(spiking, "1 s", start={"V": -60.0})
    late = found["V"].sel(time=slice(0.5, None))

    assert 10.0 < float(np.ptp(late.values))
    assert "still moving" == found.attrs["status"]
    assert "mV/m" in found.attrs["message"]


# --- the record -----------------------------------------------------------------------------------


def test_everything_is_labelled_with_its_unit() -> None:
    """Dimensions are named, every variable has a unit, and attributes say what happened."""
    found = pl.relax(cell(), "2 min", [STOP])

    assert ["Na", "K", "Cl"] == found["ion"].values.tolist()
    assert [mechanism.label for mechanism in MECHANISMS] == found["mechanism"].values.tolist()
    assert ("time", "mechanism", "ion") == found["current"].dims
    assert {"V": "mV", "inside": "mM", "volume": "fL", "current": "pA", "ATP_per_s": "1/s"} == {
        name: found[name].attrs["units"] for name in ("V", "inside", "volume", "current", "ATP_per_s")
    }
    assert all("units" in found[name].attrs for name in found.variables if name in found.data_vars)
    assert STOP == found.attrs["events"]
    assert "the stable state at" in found.attrs["start"]
    assert "pumpleak" in found.attrs["versions"]
    assert math.isnan(float(found["current"].sel(mechanism="pump", ion="Cl")[0]))


def test_currents_and_atp_are_those_of_the_state() -> None:
    """At the start the record is the steady state's own account."""
    (rest,) = pl.steady(cell(), starts=0)
    first = pl.relax(cell(), "1 s").isel(time=0)

    for (label, ion), current in rest.currents_pA.items():
        assert current == pytest.approx(
            float(first["current"].sel(mechanism=label, ion=ion)), rel=1e-6, abs=1e-9
        )
    assert rest.ATP_per_s == pytest.approx(float(first["ATP_per_s"]), rel=1e-9)


def test_instants_can_be_chosen() -> None:
    """`times` gives exactly these; `points` sets how many there are beside those near events."""
    wanted = pl.relax(cell(), "2 min", [STOP], times=["0 s", "1 min", 90.0, "2 min"])
    few, many = (pl.relax(cell(), "2 min", [STOP], points=count) for count in (2, 500))

    assert [0.0, 60.0, 90.0, 120.0] == wanted["time"].values.tolist()
    assert 490 < many["time"].size - few["time"].size < 500
    assert float(few["V"][-1]) == pytest.approx(float(many["V"][-1]), abs=1e-9)


@pytest.mark.parametrize(
    "given", [{"times": [130.0]}, {"times": []}, {"times": [-1.0]}, {"points": 1}, {"points": 2.5}]
)
def test_wrong_instants_are_refused(given: dict[str, Any]) -> None:
    """Instants lie within the time course, and there are some."""
    with pytest.raises(CompositionError, match="expected"):
        pl.relax(cell(), "2 min", **given)


def test_no_time_at_all_is_refused() -> None:
    """A time course needs some time, and its unit."""
    with pytest.raises(CompositionError, match="needs some time"):
        pl.relax(cell(), "0 s")
    with pytest.raises(UnitError, match="until: expected a time"):
        pl.relax(cell(), "30")


def test_progress_is_told_as_it_comes() -> None:
    """Simulated time rises to the end, over events."""
    told: list[tuple[float, float]] = []
    pl.relax(cell(), "2 min", [STOP], progress=lambda done, whole: told.append((done, whole)))
    times = [done for done, _ in told]

    assert sorted(times) == times
    assert 120.0 == pytest.approx(times[-1])
    assert {120.0} == {whole for _, whole in told}


def test_xarray_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without xarray the message says what to install."""
    monkeypatch.setitem(sys.modules, "xarray", None)

    with pytest.raises(CompositionError, match=r'pip install "pumpleak\[time\]"'):
        pl.relax(cell(), "1 min")


# --- files ----------------------------------------------------------------------------------------


def test_netcdf_holds_everything(tmp_path: Path) -> None:
    """A stored time course reads back equal, labels, units and attributes included."""
    import xarray

    named = attrs.evolve(cell(), name="Zelle µ", sources=("café",))
    found = pl.relax(named, "2 min", [STOP], points=20)
    pl.save_timecourse(found, tmp_path / "cell.nc")
    with xarray.open_dataset(tmp_path / "cell.nc", engine="scipy") as back:
        xarray.testing.assert_equal(found, back)

        assert found.attrs == back.attrs
        assert all(found[name].attrs == back[name].attrs for name in found.data_vars)
    assert ["cell.nc"] == [path.name for path in tmp_path.iterdir()]


def test_csv_holds_every_number(tmp_path: Path) -> None:
    """One row an instant, headings with units, numbers to the last digit."""
    found = pl.relax(cell(), "2 min", [STOP], points=20)
    pl.save_timecourse(found, tmp_path / "cell.csv")
    with (tmp_path / "cell.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert found["time"].values.tolist() == [float(row["time (s)"]) for row in rows]
    assert found["V"].values.tolist() == [float(row["V (mV)"]) for row in rows]
    sodium = found["current"].sel(mechanism="pump", ion="Na").values.tolist()
    assert sodium == [float(row["current.pump.Na (pA)"]) for row in rows]
    assert "current.pump.Cl (pA)" not in rows[0]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    """The suffix says the format; known ones are offered."""
    found = pl.relax(cell(), "1 s", points=2)
    with pytest.raises(CompositionError, match=r"got 'cell\.xls'\); use one of \.nc, \.csv"):
        pl.save_timecourse(found, tmp_path / "cell.xls")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["nc", "csv"])
def test_nothing_half_written_remains(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails leaves the earlier file as it was, and no other."""
    from pumpleak import _timecourse_record as record

    target = tmp_path / f"cell.{suffix}"
    target.write_bytes(b"before")
    found = pl.relax(cell(), "1 s", points=2)

    def half(_: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setitem(record._WRITERS, f".{suffix}", half)
    with pytest.raises(OSError, match="No space left") as caught:
        pl.save_timecourse(found, target)

    assert str(target) == caught.value.filename
    assert b"before" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


# --- the picture ----------------------------------------------------------------------------------


def test_the_picture_shows_voltage_concentrations_volume_and_currents(tmp_path: Path) -> None:
    """Four panels with units, one shared time axis, and every event marked."""
    found = pl.relax(cell(), "30 min", [STOP, "10 min: outside.K = 8 mM"])
    figure = pl.plot_timecourse(found, tmp_path / "cell.png")
    labels = [axis.get_ylabel() for axis in figure.axes]

    assert ["V (mV)", "concentration (mM)", "volume (fL)"] == labels[:3]
    assert labels[3].startswith("current (pA)")
    assert "time (min)" == figure.axes[3].get_xlabel()
    assert {"pump.density = 0", "outside.K = 8 mM"} <= {
        text.get_text() for text in figure.axes[0].texts
    }
    assert (tmp_path / "cell.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert ["cell.png"] == [path.name for path in tmp_path.iterdir()]


def test_held_ions_are_drawn_with_their_gates() -> None:
    """Without free ions there is no panel of concentrations; gates take its place."""
    gated = membrane(Slow(density="1 nS"), Leak(density="10 nS"))
    with_gates = pl.plot_timecourse(pl.relax(gated, "10 ms", start={"V": 0.0}))
    plain = pl.plot_timecourse(pl.relax(reference_a(), "10 ms"))

    assert ["V (mV)", "gates"] == [axis.get_ylabel() for axis in with_gates.axes[:2]]
    assert 2 == len(plain.axes)


def test_a_picture_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drawing that fails leaves the earlier picture as it was, and no other file."""
    from matplotlib.figure import Figure

    target = tmp_path / "cell.png"
    target.write_bytes(b"before")

    def half(self: Any, stream: Any, **_: Any) -> None:
        stream.write(b"half")
        raise MemoryError

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(MemoryError):
        pl.plot_timecourse(pl.relax(cell(), "1 s", points=2), target)

    assert b"before" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())
