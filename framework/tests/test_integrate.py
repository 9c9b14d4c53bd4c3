"""Following a membrane between events: steps, fallbacks, giving up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.integrate
from building import membrane, reference_a
from swelling import STOP, Leak, cell

import pumpleak as pl
from pumpleak.timecourses._held_ions import HeldIons
from pumpleak.timecourses._integrate import follow


class GivesUp(scipy.integrate.BDF):
    """An integrator that fails after ten steps."""

    def _step_impl(self) -> tuple[bool, str | None]:
        self.taken = getattr(self, "taken", 0) + 1
        return super()._step_impl() if self.taken <= 10 else (False, "enough")


def test_where_one_integrator_gives_up_another_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow method takes over where the fast one stopped, and ends at the same V."""
    expected = pl.relax(cell(), "10 min", [STOP], points=5)
    monkeypatch.setattr(scipy.integrate, "LSODA", GivesUp)
    found = pl.relax(cell(), "10 min", [STOP], points=5)

    assert expected["V"].values == pytest.approx(found["V"].values, abs=1e-4)
    assert expected.attrs["status"] == found.attrs["status"]


def test_where_every_integrator_gives_up_the_record_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not converged, with where it stood; what was reached is kept."""
    monkeypatch.setattr(scipy.integrate, "LSODA", GivesUp)
    monkeypatch.setattr(scipy.integrate, "BDF", GivesUp)
    found = pl.relax(cell(), "10 min", [STOP])

    assert "not converged" == found.attrs["status"]
    assert "the integrator gave up (at amount.Na " in found.attrs["message"]
    assert float(found["time"][-1]) < 600.0
    assert np.isfinite(found["V"].values).all()


def test_what_is_wanted_is_seen_in_order() -> None:
    """Every wanted time is there once, the start and the end among them."""
    moving = HeldIons(pl.ClampedProblem(membrane(Leak(density="10 nS"))))
    wanted = [0.0, 0.5, 0.5000001, 20.0]
    stretch = follow(moving, np.array([0.0]), wanted, 20.0)

    assert wanted == stretch.times_ms.tolist()
    assert (1, 4) == stretch.x.shape
    assert 0.0 == stretch.x[0, 0]
    assert stretch.last[0] == pytest.approx(stretch.x[0, -1], abs=1e-9)
    assert stretch.trouble is None


@pytest.mark.parametrize("offset_mV", [1e-3, 30.0])
def test_a_tighter_tolerance_changes_little(
    offset_mV: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundredth of the tolerance moves V by less than 1e-5 mV anywhere."""
    (rest,) = pl.rest(reference_a())

    def run() -> Any:
        return pl.relax(reference_a(), "200 ms", start={"V": rest.V_mV + offset_mV})["V"].values

    usual = run()
    monkeypatch.setattr("pumpleak.timecourses._integrate._RELATIVE", 1e-10)
    monkeypatch.setattr("pumpleak.timecourses._integrate._ABSOLUTE", 1e-11)

    assert run() == pytest.approx(usual, abs=1e-5)
