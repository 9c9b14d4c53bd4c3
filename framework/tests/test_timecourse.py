"""Time courses: right numbers, rest, what is conserved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import SPECIES, membrane, reference_a2
from swelling import (
    MECHANISMS,
    STOP,
    Leak,
    Slow,
    bistable_cell,
    cell,
)

import pumpleak as pl
from pumpleak import (
    CompositionError,
    UnitError,
)

F = 96.48533212


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
