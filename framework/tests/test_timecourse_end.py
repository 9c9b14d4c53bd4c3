"""What the end of a time course is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import curve, membrane
from swelling import (
    MECHANISMS,
    STOP,
    Leak,
    Na,
    Slow,
    Steady,
    cell,
)

import pumpleak as pl
from pumpleak import (
    Boltzmann,
    Channel,
    Gate,
    Ohmic,
    Solution,
)


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


def test_a_gate_away_from_rest_is_no_rest() -> None:
    """V at its resting value is not the resting state while a gate still moves."""
    gated = membrane(Slow(density="1 nS"), Leak(density="10 nS"))
    (rest,) = pl.rest(gated)
    found = pl.relax(gated, "1 us", start={"V": rest.V_mV, "Slow.n": 0.9})

    assert rest.V_mV == pytest.approx(float(found["V"][-1]), abs=1e-9)
    assert "still moving" == found.attrs["status"]


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
