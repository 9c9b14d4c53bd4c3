"""Transporters: charge, ATP and currents follow from the stoichiometry."""

from __future__ import annotations

from typing import Any

import pytest
from building import NALCN, membrane

import pumpleak as pl
from pumpleak import CompositionError, Transporter

F = 96.48533212
MOLECULES = 602214.076


class Pump(Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return 0.5 + 0 * s.V / s.mV


class Copies(Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def cycle_rate(self, s: Any) -> Any:
        return 0.1 / s.ms


class Exchange(Transporter):
    stoichiometry = {"K": 1, "Cl": 1}

    def activity(self, s: Any) -> Any:
        return s.xp.log(s.inside.K * s.inside.Cl / (s.outside.K * s.outside.Cl))


def at_rest(pump: Transporter) -> pl.RestingState:
    return pl.rest(membrane(NALCN(density="1e-6 cm/s"), pump))[0]


@pytest.mark.parametrize(
    ("given", "cycles"),
    [
        ({"density": "30 pA"}, 0.5 * 30 / F),
        ({"density": "3 uA/cm^2"}, 0.5 * 30 / F),
        ({"density": "2 amol/ms"}, 1.0),
        ({"density": "2e-3 amol/ms/um^2"}, 1.0),
        ({"density": "1000 pumps", "turnover": "200 /s"}, 0.5 * 1000 * 0.2 / MOLECULES),
        ({"density": "1 / um^2", "turnover": "200 /s"}, 0.5 * 1000 * 0.2 / MOLECULES),
    ],
)
def test_a_density_is_a_current_a_flux_or_a_count(given: dict[str, str], cycles: float) -> None:
    """Cycles, ion currents, net current and ATP agree."""
    state = at_rest(Pump(name="pump", **given))

    assert state.cycles["pump"] == pytest.approx(cycles, rel=1e-12)
    assert state.currents_pA["pump", "Na"] == pytest.approx(3 * F * cycles, rel=1e-12)
    assert state.currents_pA["pump", "K"] == pytest.approx(-2 * F * cycles, rel=1e-12)
    assert state.ATP_per_s == pytest.approx(cycles * MOLECULES * 1000, rel=1e-12)
    assert state.power_W == pytest.approx(cycles * 57e3 * 1e-15, rel=1e-12)


def test_a_rate_of_one_copy() -> None:
    """Its density is a count."""
    state = at_rest(Copies(name="pump", density="1000 pumps"))

    assert state.cycles["pump"] == pytest.approx(100 / MOLECULES)


def test_the_sodium_leak_of_3_pA_costs_6_million_ATP() -> None:
    """3 pA/(3 e): one ATP for three ions."""
    state = at_rest(Pump(name="pump", density="2 pA"))

    assert state.currents_pA["pump", "Na"] == pytest.approx(3.0)
    assert state.ATP_per_s == pytest.approx(6.24e6, rel=1e-3)


def test_a_cotransporter_moves_no_charge() -> None:
    """Its ion currents cancel, and it does not move the voltage."""
    leak = NALCN(density="1e-6 cm/s")
    state = pl.rest(membrane(leak, Exchange(name="kcc", density="1 amol/ms")))[0]

    assert state.currents_pA["kcc", "K"] == -state.currents_pA["kcc", "Cl"]
    assert state.V_mV == pytest.approx(pl.rest(membrane(leak))[0].V_mV, abs=1e-10)
    assert state.ATP_per_s == 0.0


@pytest.mark.parametrize(
    ("pump", "says"),
    [
        (Pump(), r"Pump\.density: missing"),
        (Pump(density="1 / um^2"), r"Pump\.turnover: missing, but density is a count"),
        (Pump(density="-1 pA"), "cannot be negative"),
        (Pump(density="1 pumps", turnover="-1 /s"), "cannot be negative"),
    ],
)
def test_an_incomplete_transporter_is_refused(pump: Transporter, says: str) -> None:
    """Before anything is solved."""
    with pytest.raises(CompositionError, match=says):
        membrane(NALCN(density="1e-6 cm/s"), pump)


@pytest.mark.parametrize(
    ("pump", "says"),
    [
        (Copies(name="pump", density="30 pA"), "density must be a count"),
        (Exchange(name="pump", density="30 pA"), "moves no net charge"),
    ],
)
def test_a_density_that_its_law_cannot_take(pump: Transporter, says: str) -> None:
    """The owner is named."""
    with pytest.raises(pl.PumpleakError, match=says) as caught:
        at_rest(pump)

    assert str(caught.value).startswith("pump (")
