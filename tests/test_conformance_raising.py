"""Physics that does not run is told once, with its place; what rests on it does not apply."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pumpleak as pl
from pumpleak.cards import loads_card
from pumpleak.conformance import CHECKS, run_checks

CARD = Path(__file__).parents[1] / "docs" / "examples" / "cards" / "kcnq.card.toml"
POINT = pl.ReferencePoint(
    V="0 mV",
    inside={"K": "150 mM"},
    outside={"K": "5 mM"},
    temperature="25 degC",
    current="1 pA",
    source="assumed",
)


def always(self, s):
    raise ValueError("no such table")


def above_20(self, s):
    if s.V > 20:
        raise ValueError("beyond the table")
    return 0.5


def in_the_cold(self, s):
    if s.T < 300:
        raise KeyError("no Q10 below 27 degC")
    return 0.5


def channel(function, **given):
    space = {"unitary": pl.parameter("50 pS", source="assumed"), "permeation": pl.Ohmic("K")}
    space |= {"claims": pl.Claims(references=[POINT]), "open_probability": function}
    return type("Bad", (pl.Channel,), {**space, "__module__": __name__, **given})


BAD = {
    "always": (channel(always), "ValueError: no such table (test_conformance_raising.py, line "),
    "above a voltage": (
        channel(above_20, opaque=True),
        "from 22.03 to 98.77 mV, in every solution",
    ),
    "in the cold": (channel(in_the_cold, opaque=True), "'standard solutions, 22 degC' of 6"),
    "nan": (channel(lambda self, s: float("nan")), "is not a number (nan)"),
    "wrong shape": (channel(lambda self, s: np.array([0.1, 0.2])), "ndarray array([0.1, 0.2])"),
    "text": (channel(lambda self, s: "half"), "no real number but str 'half'"),
    "nothing": (channel(lambda self, s: None), "is there a 'return'"),
    "a misspelt name": (channel(lambda self, s: s.v / s.mV), "has no 'v' (did you mean 'V'?)"),
    "a misspelt unit": (channel(lambda self, s: s.T / s.K), "hands over E, F, R, T, V, VT,"),
    "exit": (channel(lambda self, s: exit(3)), "SystemExit: 3"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_check_fails_and_says_why_and_where(name) -> None:
    """C003; no other check offers a fix for what is not wrong."""
    cls, says = BAD[name]

    report = run_checks(cls)

    assert ["C003"] == [result.code for result in report.failures], str(report)
    assert says in report.failures[0].message
    reference = next(result for result in report.results if result.code == "C010")
    assert "not applicable" == reference.outcome
    assert "C003 failed first" in reference.message or "cannot be traced" in reference.message


def test_dimensions_come_first() -> None:
    """What has no dimension has no current worth checking."""
    report = run_checks(channel(lambda self, s: s.V))

    assert ["C002"] == [result.code for result in report.failures], str(report)


def in_much_potassium(self, s):
    return 0.5 if s.inside.K < 145 else 1 / 0


def test_a_reference_point_that_does_not_run_is_named() -> None:
    """No other check tries its solutions."""
    report = run_checks(channel(in_much_potassium, opaque=True))
    told = next(result for result in report.failures if result.code == "C010")

    assert told.message.startswith("reference point 1 (0 mV, assumed): Bad (class Bad of ")
    assert "ZeroDivisionError" in told.message
    assert "did not run" in told.fix


class Density(pl.Mechanism):
    """Forgot the membrane's area."""

    ions = ("K",)
    density = pl.parameter("0.3 mS/cm^2", source="assumed")

    def current(self, s):
        return {"K": self.density * (s.V - s.E["K"])}


def test_a_current_density_is_told_to_multiply_by_the_area() -> None:
    """What is wrong is not a missing reference value."""
    report = run_checks(Density)

    assert ["C002"] == [result.code for result in report.failures], str(report)
    assert "the membrane's area" in report.failures[0].fix


def test_an_exit_in_physics_does_not_end_the_program() -> None:
    """It is the physics' error, by name."""
    with pytest.raises(pl.PhysicsError, match="raised SystemExit: 3"):
        pl.evaluate(
            BAD["exit"][0](density="1 nS"),
            V="-60 mV",
            inside={"K": "150 mM"},
            outside={"K": "5 mM"},
            temperature="25 degC",
        )


def test_what_is_expected_to_fail_excuses_nothing_else() -> None:
    """Claiming that C003 must fail leaves the others as they are."""
    claims = pl.Claims(references=[POINT], expected_failures={"C003": "for the test"})

    report = run_checks(channel(always, claims=claims))

    assert {"C005", "C010"} <= {result.code for result in report.failures}


def test_a_card_is_told_what_to_do_in_a_card() -> None:
    """Its author writes equations, and no Python."""
    text = CARD.read_text(encoding="utf-8")
    steady = 'steady = "1 / (1 + exp(-x))"'
    assert steady in text
    card = loads_card(text.replace(steady, 'steady = "sqrt((V + 40 * mV) / (200 * mV))"'))

    report = run_checks(card)

    assert ["C003"] == [result.code for result in report.failures], str(report)
    assert "from -119.2 to -41.58 mV" in report.failures[0].message
    assert CHECKS["C003"].in_card == report.failures[0].fix


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_no_advice_for_cards_speaks_of_s_xp(check) -> None:
    """Nor is any of it empty."""
    assert check.in_card.endswith(".")
    assert "s.xp" not in check.in_card
    assert "pumpleak." not in check.in_card
