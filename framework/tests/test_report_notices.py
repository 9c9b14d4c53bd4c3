"""What a reader must not overlook."""

from __future__ import annotations

from typing import Any

import pytest
from test_report_membranes import (
    Cotransporter,
    Potassium,
    Pump,
    Square,
    Steady,
    Unnamed,
    bistable,
    marginal,
    membrane,
    neuron,
)

import pumpleak as pl
from pumpleak import Equilibria, RestingState, report


def codes(found: Equilibria) -> dict[str, str]:
    return {notice.code: notice.text for notice in report.breakdown(found).notices}


def pretended(found: Equilibria, **changes: Any) -> Equilibria:
    given = {
        "problem": found.problem,
        "states": found.states,
        "status": found.status,
        "guarantee": found.guarantee,
        "message": found.message,
        "solver": found.solver,
    }
    return Equilibria(**{**given, **changes})


def test_a_balanced_membrane_has_no_notice_of_its_solutions() -> None:
    """With charge and osmolarity in order, proved, pumped and all given, nothing is left to say."""
    salt = {"K": "100 mM", "Na": "50 mM", "Cl": "150 mM"}
    bath = {"K": "4 mM", "Na": "146 mM", "Cl": "150 mM"}
    quiet = membrane(Potassium(density="1 nS"), Steady(density="0.1 pA"), inside=salt, outside=bath)

    assert {"assumed"} >= set(codes(pl.rest(quiet, prove=True)))


def test_fixed_reversals_are_named() -> None:
    """Mechanisms whose reversal potential is a number are named with it."""
    found = codes(pl.rest(membrane(Unnamed(density="3 nS"), Potassium(density="7 nS"))))

    assert "Unnamed (nonspecific -54 mV)" in found["fixed-reversal"]


def test_charge_and_osmolarity_are_noted() -> None:
    """A side with more than 1 mM of charge, and sides of different osmolarity, are noted."""
    found = codes(pl.rest(neuron()))

    assert "outside solution carries +39 mM" in found["charge"]
    assert "160 mM inside and 259 mM outside" in found["osmolarity"]


def test_a_marginal_state_is_a_warning() -> None:
    """A state whose slope is zero is named as marginal."""
    found = codes(pl.rest(marginal()))

    assert "-60.00 mV is marginal" in found["marginal"]
    assert "none-stable" in found


def test_a_state_at_the_edge_is_a_warning() -> None:
    """A state within half a millivolt of the range's end is named."""
    (state,) = pl.rest(neuron())
    close = neuron(range=("-100 mV", f"{state.V_mV + 0.1} mV"))

    assert "edge of the range" in codes(pl.rest(close))["edge"]


def test_several_stable_states_are_noted() -> None:
    """Two stable states are noted with their voltages."""
    assert "There are 2 stable states" in codes(pl.rest(bistable()))["several-stable"]


def test_a_failed_search_says_what_to_do() -> None:
    """Without a state the solver's message becomes a warning."""
    found = codes(pl.rest(neuron(range=("0 mV", "20 mV"))))

    assert "widen the range" in found["not-found"]


@pytest.mark.parametrize(
    ("guarantee", "code"),
    [
        ("local", "local"),
        ("searched [-200, 150] mV", "not-proved"),
        ("proved complete in [a, b]", ""),
    ],
)
def test_what_is_not_proved_is_said(guarantee: str, code: str) -> None:
    """A search without proof is noted, a local one is a warning, a proof is neither."""
    found = codes(pretended(pl.rest(neuron()), guarantee=guarantee))

    assert {code} - {""} == {"local", "not-proved"} & set(found)


def test_a_state_that_is_not_solved_is_a_warning() -> None:
    """A solver that returns a voltage where current is left is caught by the residual."""
    found = pl.rest(neuron())
    wrong = pretended(found, states=(RestingState(found.problem, found[0].V_mV + 1e-3),))

    assert "not solved to full precision" in codes(wrong)["residual"]


def test_pumps_that_stand_still_or_turn_are_named() -> None:
    """No pump, an idle pump and one that the gradients drive backward are each said."""
    still = membrane(Potassium(density="1 nS"), Pump(density="0 pA"))
    steep = {"K": "140 mM", "Na": "0.001 mM", "Cl": "8 mM"}
    backward = membrane(
        Potassium(density="1 nS"), BackwardPump(density="1 pA"), inside=steep, dG_ATP="-20 kJ/mol"
    )

    assert "no-pump" in codes(pl.rest(membrane(Cotransporter(density="1 mol/s/m^2"), Square())))
    assert "Pump at -95.02 mV stands still." == codes(pl.rest(still))["idle"]
    assert "makes ATP" in codes(pl.rest(backward))["backward"]


class BackwardPump(Steady):
    def activity(self, s: Any) -> Any:
        return -1.0 + 0.0 * (s.V / s.mV)


def test_other_constants_are_noted() -> None:
    """Rounded constants, which published models use, are named."""
    found = codes(pl.rest(neuron(gas_constant="8.314 J/(mol K)")))

    assert found["constants"].endswith("gas_constant.")
    assert "constants" not in codes(pl.rest(neuron()))


def test_warnings_come_before_notes() -> None:
    """A reader meets what may mislead first."""
    found = report.breakdown(pl.rest(membrane(Unnamed(density="3 nS"), Potassium(density="7 nS"))))
    levels = [notice.level for notice in found.notices]

    assert sorted(levels, key="warning".__ne__) == levels
    assert {"warning", "note"} == set(levels)
