"""Every check of the kit is seen to fail, and sound objects pass them all."""

from __future__ import annotations

import pytest

from pumpleak.conformance import CHECKS, MUTANTS, SOUND, Mutant
from pumpleak.conformance._check import KINDS
from pumpleak.conformance._run import run_one
from pumpleak.conformance._subject import subject_of

EVERY = [mutant for mutants in MUTANTS.values() for mutant in mutants]


@pytest.fixture(scope="module")
def sound():
    return [specimen.check() for specimen in SOUND]


def subject(specimen):
    given = {} if specimen.claims is None else {"claims": specimen.claims}
    return subject_of(specimen.thing, record=specimen.record, **given)


def test_every_check_has_a_mutant_and_every_mutant_a_check() -> None:
    """There are 44 checks and 75 mutants: none was never seen to fail."""
    assert (44, 75) == (len(CHECKS), len(EVERY))
    assert list(CHECKS) == list(MUTANTS)


@pytest.mark.parametrize("mutant", EVERY, ids=lambda item: f"{item.code} {item.wrong}")
def test_the_intended_check_kills_the_mutant(mutant: Mutant) -> None:
    """It fails by the rule's own finding, not by an exception on the way to it."""
    broken = subject(mutant)

    result = run_one(broken, CHECKS[mutant.code])

    assert "failed" == result.outcome, result.message
    assert result.message
    assert result.fix
    if mutant.code != "C001":
        assert "it raised" not in result.message
        assert "passed" == run_one(broken, CHECKS["C001"]).outcome


def test_what_is_sound_passes(sound) -> None:
    """No check that speaks of a sound object fails."""
    for report in sound:
        assert report.ok, str(report)


def test_every_check_passes_on_something_sound(sound) -> None:
    """A check that fails everything would kill its mutant too."""
    passed = {
        result.code for report in sound for result in report.results if result.outcome == "passed"
    }

    assert set(CHECKS) == passed


def test_every_kind_has_something_sound(sound) -> None:
    """Channels, transporters, ions, solutions, filters and solvers."""
    assert set(KINDS) == {result.kind for report in sound for result in report.results}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_says_its_rule_and_how_to_mend_what_breaks_it(check) -> None:
    """In a sentence each."""
    assert check.says.endswith(".")
    assert check.fix.endswith(".")
    assert set(check.kinds) <= set(KINDS)
