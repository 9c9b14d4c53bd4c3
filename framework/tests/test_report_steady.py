"""Reports of steady ions: what is free and kept, Donnan, the pump's capacity, and its block."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from swelling import KCC2, Cl, Cubic, K, Na, bistable_cell, cell, known_cell

import pumpleak as pl
from pumpleak import Equilibria, Membrane, Solution, SteadyProblem, SteadyState, report
from pumpleak.report import _rundown
from pumpleak.report._breakdown import StateBreakdown
from pumpleak.report._format import duration
from pumpleak.report._free import free_record

BATH = {"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}
AMOL_PER_S = 1e3 * 6.02214076e5


def only(found: Equilibria) -> StateBreakdown:
    (state,) = report.breakdown(found).states
    return state


def words(found: Equilibria, **given: Any) -> str:
    return " ".join(report.as_text(report.breakdown(found, **given)).split())


def bare(**changes: Any) -> Membrane:
    """Return the cell in a bath without impermeant solute, where nothing holds the volume."""
    return cell(
        outside=Solution(concentrations={**BATH, "Cl": "148.5 mM"}),
        inside=Solution(concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "5 mM"}),
        **changes,
    )


class ChloridePump(pl.Transporter):
    """Holds inside chloride at 8 mM, and is all that moves it."""

    stoichiometry: ClassVar = {"Cl": 1}
    atp = 1

    def activity(self, s: Any) -> Any:
        return s.inside.Cl / (8 * s.mM) - 1


def pumped_chloride() -> Membrane:
    """Return a cell whose chloride is moved by a pump only."""
    return cell(
        mechanisms=(
            Na(name="sodium", density="0.02 mS/cm^2"),
            K(name="potassium", density="0.35 mS/cm^2"),
            ChloridePump(name="clpump", density="1 amol/ms"),
            Cubic(name="pump", density="1000 uA/cm^2"),
        )
    )


# --- what is free, what is kept -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "said"),
    [
        ("capacitance", "V from the charge on the capacitance"),
        ("electroneutral", "strictly electroneutral"),
    ],
)
def test_the_first_lines_name_mode_and_charge(charge: str, said: str) -> None:
    """Which ions are free, and how charge is kept, stands with the answer."""
    found = pl.steady(cell(charge=charge), starts=0)

    assert f"steady ions (Na, K, Cl, volume are free; {said})" in words(found)


def test_clamped_and_steady_stand_side_by_side() -> None:
    """Each state of each mode has a column, and each mode a line that says how sure it is."""
    membrane = known_cell()
    text = words(pl.steady(membrane), clamped=pl.rest(membrane, prove=True))
    table = text.partition("ions clamped steady")[2].partition("Outward")[0]

    assert "proved complete in [-200, 150] mV; clamped ions" in text
    assert "of what was found; steady ions" in text
    assert "Na inside (mM) 60.00 14.53" in table
    assert "-89.50" in table
    assert "volume (fL) 1963.5 1963.4" in table


def test_several_states_are_numbered_side_by_side() -> None:
    """Two stable steady states and the saddle between them have a column each."""
    text = words(pl.steady(bistable_cell()), clamped=pl.rest(bistable_cell()))

    assert "clamped 1 clamped 2 clamped 3 steady 1" in text
    assert "steady 2 steady 3" in text
    assert "kind saddle stable" in text


def test_an_inferred_solute_and_a_start_that_disagrees_are_told() -> None:
    """What was inferred is shown with amount and valence; a start's wrong charge is a note."""
    inferred = words(pl.steady(cell(), starts=0))
    off = report.breakdown(pl.steady(known_cell(), starts=0)).notices

    assert "inferred so that charge and osmolarity close" in inferred
    assert "Note: Impermeant solute inside inferred: 156.4 mM" in inferred
    (start,) = [notice.text for notice in off if notice.code == "start"]
    assert "The start's charge does not fit its voltage" in start


def test_conserved_totals_are_told_with_their_values() -> None:
    """Amounts that no mechanism can change are listed: in a bath, in a closed space, by charge."""
    linked = cell(mechanisms=(Na(density="1 nS"), KCC2(density="1 nS")))
    closed = cell(outside_volume="700 fL")
    own = {row.name: row for row in free(SteadyProblem(linked)).totals}
    shared = {row.name: row for row in free(SteadyProblem(closed)).totals}
    neutral = free(SteadyProblem(cell(charge="electroneutral"))).totals

    assert {"- K + Cl, inside"} == set(own)
    assert own["- K + Cl, inside"].value == pytest.approx(1963.495408 * (4.1 - 122))
    assert shared["Na, inside and outside"].value == pytest.approx(1963.495408 * 14.5 + 700 * 145)
    assert shared["volume, inside and outside"].value == pytest.approx(2663.495408)
    assert ["charge, inside"] == [row.name for row in neutral]
    assert "No total of the free ions is conserved" in words(pl.steady(cell(), starts=0))


def free(problem: SteadyProblem) -> Any:
    return free_record(problem)


def test_osmolarity_is_the_same_on_both_sides_where_volume_is_free() -> None:
    """Water rests; in a small space outside, its impermeant solute counts as it is then."""
    for membrane in (cell(), cell(outside_volume="700 fL")):
        state = only(pl.steady(membrane, starts=0))

        assert state.osmolarity_inside_mM == pytest.approx(state.osmolarity_outside_mM, rel=1e-12)


# --- Donnan, and the block of the pump ------------------------------------------------------------


def test_a_pumped_cell_is_not_at_donnan_equilibrium() -> None:
    """The ions' ratios differ; each is exp(E/VT), and none is called an equilibrium."""
    found = pl.steady(cell(), starts=0)
    state = only(found)
    assert state.donnan is not None
    thermal = found.membrane.thermal_voltage_mV
    nernst = {row.ion: row.nernst_mV for row in state.ions}

    assert state.donnan.V_mV is None
    for ion, ratio in state.donnan.ratios:
        assert ratio == pytest.approx(math.exp(nernst[ion] / thermal))
    assert "this is no equilibrium" in words(found)


def test_donnan_ratio_of_a_divalent_is_a_root() -> None:
    """A ten-thousandfold gradient of calcium is a ratio of a hundred, and calcium is held."""
    calcium = cell().evolve({"inside.Ca": "0.0001 mM", "outside.Ca": "1 mM"})
    state = only(pl.steady(calcium, starts=0))
    assert state.donnan is not None

    assert 100 == pytest.approx(dict(state.donnan.ratios)["Ca"])


def test_time_constants_are_those_of_the_eigenvalues() -> None:
    """Slowest first, as the state itself has them."""
    found = pl.steady(cell(), starts=0)

    assert found[0].time_constants_s == pytest.approx(only(found).time_constants_s)


@pytest.mark.parametrize("charge", ["capacitance", "electroneutral"])
def test_without_its_pump_a_cell_runs_down_to_donnan_equilibrium(charge: str) -> None:
    """V is VT ln of the one ratio, cations enter, and the cell swells."""
    found = pl.steady(cell(charge=charge), starts=0)
    state = only(found)
    end = state.run_down
    assert end is not None
    assert end.donnan is not None
    assert state.volume_fL is not None
    thermal = found.membrane.thermal_voltage_mV

    for _, ratio in end.donnan.ratios:
        assert end.V_mV == pytest.approx(thermal * math.log(ratio))
    assert end.donnan.V_mV == pytest.approx(end.V_mV)
    assert dict(end.inside_mM)["Na"] > 100
    assert end.volume_fL is not None
    assert end.volume_fL > 4 * state.volume_fL
    assert "That is Donnan's equilibrium, with the ratio" in words(found)


def test_the_end_of_a_run_down_is_where_a_time_course_ends() -> None:
    """The pump's own current goes at once, the gradients over hours: both as followed in time."""
    pytest.importorskip("xarray")
    membrane = cell()
    state = only(pl.steady(membrane, starts=0))
    end, block = state.run_down, state.pump
    assert end is not None
    assert block is not None
    course = pl.relax(membrane, "9600 h", ["1 s: pump.density = 0"], times=["1.02 s", "9600 h"])
    soon, late = (course.sel(time=time, method="nearest") for time in (1.02, 9600 * 3600.0))

    assert block.V_without_mV == pytest.approx(float(soon["V"]), abs=0.01)
    assert end.V_mV == pytest.approx(float(late["V"]), abs=1e-3)
    assert end.volume_fL == pytest.approx(float(late["volume"]), rel=1e-3)


def test_run_down_begins_at_the_state_found_not_at_the_file() -> None:
    """A file far from its own rest ends where a file that begins at that rest does."""
    far = only(pl.steady(known_cell())).run_down
    at_rest = known_cell(14.5316450128964, 122.258488464853, 4.10305073861312)
    near = only(pl.steady(at_rest)).run_down

    assert far is not None
    assert near is not None
    assert far.V_mV == pytest.approx(near.V_mV, rel=1e-9)
    assert far.volume_fL == pytest.approx(near.volume_fL, rel=1e-9)


def test_run_down_keeps_what_only_the_pump_could_change() -> None:
    """Chloride that a pump alone moves stays as it was at the state found, not as in the file."""
    state = only(pl.steady(pumped_chloride()))
    end = state.run_down
    assert end is not None
    assert end.volume_fL is not None
    assert state.volume_fL is not None
    before, after = dict(state.inside_mM)["Cl"], dict(end.inside_mM)["Cl"]

    assert 8.0 == pytest.approx(before)
    assert before * state.volume_fL == pytest.approx(after * end.volume_fL)


def test_run_down_keeps_the_impermeant_solute() -> None:
    """Its amount is that of the file's volume, however far from there the cell has come to rest."""
    ions = {"Na": "40 mM", "K": "130 mM", "Cl": "20 mM"}
    shrunk = cell(
        infer_impermeant=False,
        volume="3 pL",
        inside=Solution(concentrations=ions, impermeant="107 mM", impermeant_valence=-150 / 107),
    )
    state = only(pl.steady(shrunk))
    end = state.run_down
    assert end is not None
    assert end.volume_fL is not None
    assert state.volume_fL is not None

    assert state.volume_fL < 2700
    for inside, volume in ((state.inside_mM, state.volume_fL), (end.inside_mM, end.volume_fL)):
        impermeant = (state.osmolarity_outside_mM - sum(dict(inside).values())) * volume
        assert 107 * 3000 == pytest.approx(impermeant)


def test_run_down_keeps_the_amounts_of_a_closed_space() -> None:
    """What leaves the inside is in the small space outside, and space is left there."""
    state = only(pl.steady(cell(outside_volume="700 fL")))
    end = state.run_down
    assert end is not None
    assert end.volume_fL is not None
    assert state.volume_fL is not None
    both = 1963.495408 + 700

    assert end.volume_fL < both
    for ion in ("Na", "K", "Cl"):
        amounts = [
            inside[ion] * volume + outside[ion] * (both - volume)
            for inside, outside, volume in (
                (dict(state.inside_mM), dict(state.outside_mM), state.volume_fL),
                (dict(end.inside_mM), dict(end.outside_mM), end.volume_fL),
            )
        ]
        assert amounts[0] == pytest.approx(amounts[1])


def test_no_state_takes_up_more_than_all_the_space() -> None:
    """Neither as a start nor as a state may the inside leave a negative space outside."""
    problem = SteadyProblem(cell(outside_volume="700 fL"))
    burst = problem.start.copy()
    burst[problem.names.index("volume")] = math.log(2.0)

    assert problem.room(problem.start) > 0
    assert -math.inf == problem.room(burst)
    for start in (problem, SteadyProblem(problem.membrane.evolve({"pump.density": "0 uA/cm^2"}))):
        for state in pl.steady(start.membrane):
            assert state.volume_fL < problem.values["both_volumes"]


def test_a_cell_that_nothing_holds_runs_away_when_its_pump_stops() -> None:
    """Without impermeant solute outside no volume is Donnan's, and that is named."""
    found = pl.steady(bare(), starts=0)
    end = only(found).run_down
    assert end is not None

    assert "runs away" == end.status
    assert end.V_mV is None
    assert end.donnan is None
    assert "blocked for good: runs away: volume runs away: the cell swells" in words(found)


def test_several_ends_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two stable states are left without the pump, none is picked."""
    two = pl.steady(bistable_cell())
    found = pl.steady(cell(), starts=0)
    monkeypatch.setattr(_rundown, "solver_named", lambda *_: ("two", lambda *_, **__: two))
    end = only(found).run_down
    assert end is not None

    assert ("found", 2, None) == (end.status, end.states, end.V_mV)
    assert "there are 2 stable states (-92.84, -1.95 mV)" in end.remark
    assert "After run-down, blocked for good: there are 2 stable states" in words(found)


def test_a_report_without_a_steady_state_says_why() -> None:
    """A cell that swells without bound has no state; the report names it as running away."""
    found = pl.steady(bare().evolve({"pump.density": "0 uA/cm^2"}))
    text = words(found, clamped=pl.rest(found.membrane))

    assert "0 steady states; runs away; " in text
    assert "WARNING (steady ions): runs away: volume runs away" in text
    assert "steady" == report.as_dict(found)["mode"]


def test_a_cell_without_pumps_has_no_block() -> None:
    """With clamped ions, and without a pump, there is no run-down."""
    passive = cell(mechanisms=(Na(density="1 nS"), K(density="10 nS"), Cl(density="10 nS")))

    assert only(pl.steady(passive, starts=0)).run_down is None
    assert only(pl.rest(cell())).run_down is None


def test_steady_without_asking_for_a_report_runs_nothing_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The block is computed for reports only."""
    from pumpleak.report import _breakdown

    def never(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(_breakdown, "run_down", never)

    assert isinstance(pl.steady(cell(), starts=0)[0], SteadyState)


# --- the pump's capacity --------------------------------------------------------------------------


class Saturable(pl.Transporter):
    stoichiometry: ClassVar = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        sodium = 1 / (1 + (10 * s.mM / s.inside.Na) ** 3)
        potassium = 1 / (1 + 1.5 * s.mM / s.outside.K)
        return sodium * potassium / (1 + 0.1245 * s.xp.exp(-0.1 * s.V / s.VT))


class Warm(Saturable):
    def activity(self, s: Any) -> Any:
        return 2.0 * super().activity(s)


class Driven(Saturable):
    def activity(self, s: Any) -> Any:
        return super().activity(s) * s.xp.exp(s.V / s.VT)


def turning(pump: pl.Transporter) -> Any:
    found = pl.rest(cell(mechanisms=(K(density="10 nS"), pump)))
    (cycle,) = only(found).cycles
    return cycle


def test_capacity_is_copies_times_turnover_where_activity_is_at_most_one() -> None:
    """A thousand pumps of 150 cycles a second can make 1.5e5, and the share is of that."""
    cycle = turning(Saturable(name="pump", density="1000", turnover="150 /s"))

    assert 1.5e5 == pytest.approx(cycle.capacity_per_s, rel=1e-6)
    assert cycle.turnover_share == pytest.approx(cycle.cycles_per_s / cycle.capacity_per_s)
    assert 0.1 < cycle.turnover_share < 0.5


def test_capacity_of_a_current_is_that_current_in_charges() -> None:
    """30 pA of one charge a cycle are 1.87e8 cycles a second; a law twice as fast can do twice."""
    rate = 30 / 96.48533212 * AMOL_PER_S

    assert rate == pytest.approx(turning(Saturable(density="30 pA")).capacity_per_s, rel=1e-6)
    assert 2 * rate == pytest.approx(turning(Warm(density="30 pA")).capacity_per_s, rel=1e-6)


@pytest.mark.parametrize("pump", [Cubic(density="30 pA"), Driven(density="30 pA")])
def test_a_law_without_bound_has_no_capacity(pump: pl.Transporter) -> None:
    """A rate that grows with concentration or voltage for ever is no share of anything."""
    cycle = turning(pump)

    assert cycle.capacity_per_s is None
    assert cycle.turnover_share is None


def test_the_share_stands_in_the_text() -> None:
    """A bounded pump's turnover is told in per cent of its capacity."""
    pump = Saturable(name="pump", density="30 pA")
    text = words(pl.rest(cell(mechanisms=(K(density="10 nS"), pump))))

    assert "% of its capacity, 1.87e8 cycles/s" in text


# --- form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [100, 72])
@pytest.mark.parametrize("make", [known_cell, bistable_cell])
def test_the_text_keeps_its_width(make: Any, width: int) -> None:
    """Side by side or not, no line is wider than asked."""
    found = report.breakdown(pl.steady(make()), clamped=pl.rest(make()))

    assert max(map(len, report.as_text(found, width).splitlines())) <= width


def sizes(axis: Any) -> list[float]:
    return [bar.get_height() for bar in axis.patches]


def test_the_picture_has_concentrations_and_fluxes(tmp_path: Path) -> None:
    """Below the I-V curve: clamped beside steady concentrations, and opposite fluxes."""
    found = report.breakdown(pl.steady(known_cell()), clamped=pl.rest(known_cell()))
    figure = report.iv(found, tmp_path / "steady.png")
    bars, flows = figure.axes[:2]
    heights, fluxes = sizes(bars), sizes(flows)

    assert [60.0, 80.0, 60.0] == pytest.approx(heights[:3])
    assert [14.53, 122.3, 4.103] == pytest.approx(heights[3:], rel=1e-3)
    assert fluxes[:3] == pytest.approx([-carried for carried in fluxes[3:]])
    assert "(mM)" in bars.get_ylabel()
    assert "(pA)" in flows.get_ylabel()


def test_a_cell_at_equilibrium_is_drawn_with_currents_of_a_size() -> None:
    """Where nothing flows, the picture shows the conductances, not the rounding."""
    found = pl.steady(cell().evolve({"pump.density": "0 uA/cm^2"}))
    axes = report.iv(found).axes
    curves = next(axis for axis in axes if axis.get_xlabel().startswith("membrane"))

    assert curves.get_ylim()[1] > 1.0
    assert {0.0} == set(sizes(axes[1]))


@pytest.mark.parametrize(
    ("ms", "said"),
    [(9.9e3, "9900 ms"), (1.2e4, "12.00 s"), (7.2e6, "2.000 h"), (8.64e8, "10.00 days")],
)
def test_durations_have_the_unit_that_suits_them(ms: float, said: str) -> None:
    """Milliseconds to days."""
    assert said == duration(ms)


def test_html_says_what_the_text_says() -> None:
    """Side by side, charge, totals and the block stand in a notebook too."""
    found = report.breakdown(
        pl.steady(cell(outside_volume="700 fL")), clamped=pl.rest(cell(), prove=True)
    )
    page = report.as_html(found)

    for said in ("clamped", "steady", "Na, inside and outside", "After run-down", "Donnan ratio"):
        assert said in page
    assert page.count("<table>") == page.count("</table>")


def test_a_held_ion_that_carries_current_is_told() -> None:
    """Chloride held with a chloride channel open: the report says that something unseen pays."""
    membrane = pl.load(Path(__file__).parents[2] / "docs" / "examples" / "reference_b.toml")
    held = attrs.evolve(
        membrane.without(["kcc2"]),
        compartments=attrs.evolve(membrane.compartments, free=("Na", "K"), swells=False),
    )

    found = pl.steady(held)

    current = found[0].held_currents_pA["Cl"]
    assert abs(current) > 0.1
    assert f"Cl is held, yet {current:.3g} pA of it crosses" in " ".join(str(found).split())
    assert "is held, yet" not in " ".join(str(pl.steady(membrane)).split())
