"""Who holds the voltage, what the pumps add, and what a cycle costs."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_membranes import (
    K2P,
    NALCN,
    Chloride,
    Cotransporter,
    Mixed,
    Plain,
    Potassium,
    Pump,
    Square,
    Steady,
    Unnamed,
    WrongWay,
    bistable,
    marginal,
    membrane,
    neuron,
    passive,
)

import pumpleak as pl
from pumpleak import RestingState, report
from pumpleak.equilibria._rest import problem
from pumpleak.report._pumping import cycles, pump_effect
from pumpleak.report._votes import votes


def test_two_fixed_conductances_vote_as_the_textbook_says() -> None:
    """With E_K -90, E_Na 60 and g_Na/g_K 0.2, potassium has 5/6 of the vote and V is -65 mV."""
    (state,) = report.breakdown(pl.rest(passive())).states

    assert -65.0 == pytest.approx(state.V_mV, abs=1e-12)
    assert [5 / 6, 1 / 6] == pytest.approx([part.share for part in state.mechanisms])
    assert [-75.0, 10.0] == pytest.approx([part.pull_mV for part in state.mechanisms])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_votes_add_up(decades: list[float]) -> None:
    """Shares add to 1, and pulls with the pump's add to V, whatever the densities."""
    k, na, cl, pump = (10**power for power in decades)
    changes = {
        "K2P.density": f"{1e-6 * k!r} cm/s",
        "NALCN.density": f"{4e-8 * na!r} cm/s",
        "Chloride.density": f"{0.005 * cl!r} mS/cm^2",
        "Pump.density": f"{0.01 * pump!r} uA/cm^2",
    }
    for state in report.breakdown(pl.rest(neuron().evolve(changes))).states:
        parts = state.mechanisms
        shares = [ion.share for part in parts for ion in part.ions if ion.share is not None]

        assert 1.0 == pytest.approx(math.fsum(shares))
        assert all(share >= 0 for share in shares)
        assert 1.0 == pytest.approx(math.fsum(part.share or 0.0 for part in parts))
        assert state.V_mV == pytest.approx(state.vote.V_mV, abs=1e-9)
        assert state.V_mV == pytest.approx(math.fsum(part.pull_mV or 0.0 for part in parts))


def test_vote_at_a_reversal_potential_is_the_conductance() -> None:
    """Where V is E itself the chord conductance is its limit, not 0/0."""
    (state,) = report.breakdown(pl.rest(membrane(Potassium(density="10 nS")))).states
    (part,) = state.mechanisms

    assert 10.0 == pytest.approx(part.chord_nS)
    assert 1.0 == part.share
    assert state.V_mV == pytest.approx(part.reversal_mV)


def test_vote_beside_a_reversal_potential_is_not_rounding() -> None:
    """A rounding error away from E, where the current is noise, the chord conductance is right."""
    leak = problem(membrane(K2P(density="1e-6 cm/s")))
    (at_rest,) = pl.rest(leak.membrane)
    chords = [
        votes(RestingState(leak, at_rest.V_mV + off))[1].conductance_nS for off in (3e-14, 1e-4)
    ]

    assert chords[1] == pytest.approx(chords[0], rel=1e-5)


def test_a_channel_of_two_ions_reverses_where_its_own_current_does() -> None:
    """The reversal potential of a mixed channel is GHK's, not an average of Nernst potentials."""
    (state,) = report.breakdown(pl.rest(neuron())).states
    leak = state.mechanisms[1]
    ghk = 26.7267 * math.log((145 + 0.9 * 4) / (12 + 0.9 * 140))

    assert ghk == pytest.approx(leak.reversal_mV, abs=1e-3)
    assert ["Na", "K"] == [ion.ion for ion in leak.ions]


def test_a_fixed_reversal_is_used_and_named() -> None:
    """A current without an ion votes for the number that its author fixed."""
    found = pl.rest(membrane(Unnamed(density="3 nS"), Potassium(density="7 nS")))
    (state,) = report.breakdown(found).states
    (ion,) = state.mechanisms[0].ions

    assert ("nonspecific", "fixed", -54.0) == (ion.ion, ion.reversal_kind, ion.reversal_mV)
    assert 0.3 == pytest.approx(ion.share)
    assert [("nonspecific", None), ("K", 1)] == [(row.ion, row.valence) for row in state.ions]


def test_a_current_against_its_gradient_has_no_vote() -> None:
    """A mechanism that moves an ion uphill counts as a current, and V still adds up."""
    inward = membrane(Square(), Potassium(density="1 nS"), Chloride(density="1 nS"))
    (state,) = report.breakdown(pl.rest(inward.evolve({"outside.K": "200 mM"}))).states
    source = state.mechanisms[0]

    assert "source" == source.role
    assert source.share is None
    assert -3.0 / state.vote.conductance_nS == pytest.approx(source.pull_mV)
    assert state.V_mV == pytest.approx(state.vote.V_mV)


def test_a_current_of_free_form_votes_for_where_it_turns() -> None:
    """Physics that reverses elsewhere than at a Nernst potential votes for its own potential."""
    (state,) = report.breakdown(pl.rest(membrane(Mixed(), Plain()))).states
    mixed, plain = (part.ions[0] for part in state.mechanisms)

    assert ("own", "Nernst") == (mixed.reversal_kind, plain.reversal_kind)
    assert [-50.0, 2.0] == pytest.approx([mixed.reversal_mV, mixed.chord_nS])
    assert [0.5, 0.5] == pytest.approx([mixed.share, plain.share])
    assert state.V_mV == pytest.approx(state.vote.V_mV)


def test_without_any_passive_conductance_there_is_no_vote() -> None:
    """A membrane of which nothing is passive has no votes, and no division by zero."""
    (state,) = report.breakdown(pl.rest(marginal())).states

    assert 0.0 == state.vote.conductance_nS
    assert state.vote.V_mV is None


def test_the_pump_hyperpolarises() -> None:
    """Three sodium out for two potassium in makes V more negative, by what leaving it out shows."""
    whole = neuron()
    (state,) = report.breakdown(pl.rest(whole)).states
    (bare,) = pl.rest(whole.without(["Pump"]))

    assert state.pump is not None
    assert ("Pump",) == state.pump.pumps
    assert bare.V_mV == pytest.approx(state.pump.V_without_mV, abs=1e-10)
    assert state.V_mV - bare.V_mV == state.pump.adds_mV
    assert state.pump.adds_mV < 0
    assert state.vote.sources_mV is not None
    assert state.vote.sources_mV < 0


def test_pump_effect_is_left_out_where_nothing_stays() -> None:
    """An unstable state has no counterpart without the pump, and a changed count is remarked."""
    stable, unstable, _ = report.breakdown(pl.rest(bistable())).states

    assert stable.pump is not None
    assert "the number of stable states is 1, and with it 2" in stable.pump.remark
    assert unstable.pump is not None
    assert unstable.pump.adds_mV is None


def test_the_nearest_stable_state_is_compared() -> None:
    """An unstable state without the pumps is passed over, however near it is."""
    low, unstable, _ = without = pl.rest(bistable())
    here: Any = SimpleNamespace(V_mV=unstable.V_mV - 0.1, stable=True)
    effect = pump_effect(here, ("pump",), without, "", 2)

    assert effect is not None
    assert low.V_mV == effect.V_without_mV
    assert "" == effect.remark


def test_stopping_the_only_thing_that_flows_is_said() -> None:
    """Where nothing rests without the pump, the effect is a remark and no number."""
    found = pl.rest(membrane(Pump(density="30 pA"), Square(), range=("-100 mV", "0 mV")))
    (state,) = report.breakdown(
        pl.Equilibria(
            problem=found.problem,
            states=(RestingState(found.problem, -50.0),),
            status="found",
            guarantee="local",
            message="",
        )
    ).states

    assert state.pump is not None
    assert state.pump.V_without_mV is None
    assert state.pump.remark


@pytest.mark.parametrize(("dG_ATP", "reversal"), [("-57 kJ/mol", -200.9), ("-50 kJ/mol", -128.4)])
def test_work_of_a_pump_cycle(dG_ATP: str, reversal: float) -> None:
    """At -70 mV, Na 12/145 and K 140/4 a cycle stores 44.37 kJ/mol and reverses where ATP says."""
    held = membrane(Pump(density="30 pA"), Potassium(density="1 nS"), dG_ATP=dG_ATP)
    (cycle,) = cycles(RestingState(problem(held), -70.0))

    assert 44.37 == pytest.approx(cycle.work_kJ_per_mol, abs=0.005)
    assert reversal == pytest.approx(cycle.reversal_mV, abs=0.05)
    assert 1 == cycle.charge_e
    assert not cycle.uphill


def test_atp_of_a_sodium_leak() -> None:
    """A pump that makes good 3.0 pA of sodium leak spends 6.24e6 ATP a second."""
    held = membrane(Steady(density="1 pA"), Potassium(density="1 nS"))
    (state,) = report.breakdown(pl.rest(held)).states
    sodium = next(row for row in state.ions if row.ion == "Na")

    assert 3.0 == pytest.approx(sodium.transported_pA)
    assert 6.24e6 == pytest.approx(state.ATP_per_s, rel=1e-3)
    assert 1.0 == pytest.approx(state.ATP_pA)
    assert state.ATP_per_s / 6.02214076e23 * 57e3 == pytest.approx(state.power_W)


def test_a_neutral_cotransporter_has_no_voltage_to_reverse_at() -> None:
    """KCl out yields RT ln of the concentration ratios, and its cycle knows no voltage."""
    held = membrane(Cotransporter(density="1e-12 mol/s/cm^2"), Potassium(density="1 nS"))
    (state,) = report.breakdown(pl.rest(held)).states
    (cycle,) = state.cycles
    affinity = 8.314462618e-3 * 310.15 * math.log(140 * 8 / (4 * 110))

    assert cycle.reversal_mV is None
    assert -affinity == pytest.approx(cycle.dG_kJ_per_mol)
    assert not cycle.uphill
    assert state.pump is None


def test_a_rate_law_against_its_free_energy_is_found() -> None:
    """A transporter that runs uphill for nothing is reported as impossible."""
    held = membrane(WrongWay(density="1e-12 mol/s/cm^2"), Potassium(density="1 nS"))
    found = report.breakdown(pl.rest(held))

    assert found.states[0].cycles[0].uphill
    assert "uphill" in [notice.code for notice in found.notices]


def test_net_current_of_each_ion_adds_up_to_nothing() -> None:
    """Over all ions the net currents cancel, and each is passive plus transported."""
    (state,) = report.breakdown(pl.rest(neuron())).states

    assert 0.0 == pytest.approx(math.fsum(row.net_pA for row in state.ions), abs=1e-12)
    assert all(row.net_pA == row.passive_pA + row.transported_pA for row in state.ions)


def test_votes_hold_away_from_rest_but_for_the_current_left() -> None:
    """At a voltage that is no resting state the check shows the current left over."""
    state = RestingState(
        problem(membrane(K2P(density="1e-6 cm/s"), NALCN(density="4e-8 cm/s"))), -50
    )
    _, vote = votes(state)

    assert vote.check_mV == pytest.approx(-state.residual_pA / vote.conductance_nS)
