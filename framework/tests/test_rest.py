"""The main call."""

from __future__ import annotations

from typing import Any

import pytest
from building import reference_a

import pumpleak as pl
from pumpleak import CompositionError, Equilibria, SolverError, UnknownNameError
from pumpleak.equilibria._rest import problem
from pumpleak.host import default_host
from pumpleak.membranes import _lookup


def test_a_membrane_keeps_its_problem() -> None:
    """Solved again, nothing is traced again."""
    cell = reference_a()

    assert problem(cell) is problem(cell)
    assert problem(cell).kernel is problem(cell.evolve({"outside.K": "8 mM"})).kernel


def test_a_solver_that_returns_something_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a traceback from deep within a report."""
    wrong = ("x.wrong", lambda *_, **__: 5)
    monkeypatch.setattr("pumpleak.equilibria._rest.solver_named", lambda *_: wrong)
    with pytest.raises(SolverError, match=r"solver x\.wrong returned int"):
        pl.rest(reference_a())


def test_an_unknown_solver_is_refused_with_near_names() -> None:
    """As every name is."""
    with pytest.raises(UnknownNameError, match=r"solvers\.scan"):
        pl.rest(reference_a(solver="solvers.scam"))


def test_two_solvers_of_one_mode_have_to_be_chosen_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """No default hides a choice."""
    from pumpleak.host import default_host

    host = default_host()
    one = host.records("solvers")["solvers.scan"]
    monkeypatch.setattr(
        host, "records", lambda kind: {"solvers.scan": one, "other.scan": one}, raising=False
    )
    with pytest.raises(CompositionError, match=r"solvers\.scan, other\.scan; name one"):
        _lookup.solver_named(None, "clamped")
    assert _lookup.solver_named("solvers.scan", "clamped")[0] == "solvers.scan"


def test_the_result_says_who_solved_what() -> None:
    """Problem, membrane, mode and solver."""
    cell = reference_a()
    found: Any = pl.rest(cell)

    assert isinstance(found, Equilibria)
    assert found.membrane is cell
    assert found.mode == "clamped"
    assert found.solver == "solvers.scan"
    assert found.message == "1 resting state"


def test_observers_hear_of_a_membrane_once_and_of_every_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A membrane is assembled when first solved; each solution is announced."""
    heard: list[str] = []
    monkeypatch.setattr(default_host(), "event", lambda hook, **facts: heard.append(hook))
    membrane = pl.load(pl.bundled())

    pl.rest(membrane)
    pl.rest(membrane)

    assert [
        "pumpleak_membrane_assembled",
        "pumpleak_rest_found",
        "pumpleak_rest_found",
    ] == heard
