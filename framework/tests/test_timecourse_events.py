"""What events do to a time course."""

from __future__ import annotations

import math

import numpy as np
import pytest
from building import reference_a
from swelling import (
    STOP,
    at,
    before,
    cell,
    known_cell,
)

import pumpleak as pl
from pumpleak import (
    Event,
    Solution,
    SolverError,
)


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
    """Without 29.5 mM outside the volume grows by a tenth within a minute, and stays."""
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
    bath = Solution(
        concentrations={"Na": "140 mM", "K": "5 mM", "Cl": "120 mM"}, impermeant="40 mM"
    )
    swap = Event(time="60 s", changes={"outside.solution": bath})
    found = pl.relax(cell(outside_volume="720 fL"), "5 min", [swap])

    assert [140.0, 5.0, 120.0] == pytest.approx(at(found, 60.0)["outside"].values, rel=1e-9)
    assert float(found["volume"][-1]) < 0.995 * float(found["volume"][0])


def test_an_uncharged_solute_may_be_put_inside() -> None:
    """More impermeant solute of the same charge swells the cell and moves V by nothing at once."""
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
