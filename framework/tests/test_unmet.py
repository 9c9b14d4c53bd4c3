"""What cannot be balanced: which demand fails, by how much, and why."""

from __future__ import annotations

import math

import pytest
from building import membrane, reference_a
from test_balance import PARTS, PotassiumLeak, cell

import pumpleak as pl


def test_a_demand_that_cannot_be_met_is_named_with_its_amount() -> None:
    """Above E_K and E_Na's pull, a potassium channel alone leaves its outward current: 100 pA."""
    leak = PotassiumLeak(name="k", density="1 nS")
    fixed = pl.CustomChannel(
        name="push", permeation=pl.Ohmic("nonspecific", reversal="-80 mV"), density="5 nS"
    )
    found = pl.balance(membrane(leak, fixed), free=["k"], V="-60 mV")

    assert "cannot be balanced" == found.status
    assert found.membrane is None
    assert ["total current"] == [item.demand for item in found.unmet]
    assert 100.0 == pytest.approx(found.unmet[0].amount, rel=1e-12)
    assert "k can carry current, but only outward" in found.unmet[0].reason
    assert "100 pA outward left over" in found.message
    assert 0.0 == found.changes[0].new.value


def test_an_ion_that_no_free_mechanism_carries_is_named() -> None:
    """Chloride out of balance with no free chloride path: exactly its net current is left over."""
    settled = cell().evolve({"inside.Cl": "10 mM"})
    net = pl.ClampedProblem(settled).currents(-75.0)
    chloride = math.fsum(i for (_, ion), i in net.items() if ion == "Cl")

    found = pl.balance(settled, free=["na", "k", "pump"], V="-75 mV")

    assert ["Cl"] == [item.demand for item in found.unmet]
    assert chloride == pytest.approx(found.unmet[0].amount, rel=1e-9)
    assert "no free mechanism carries Cl" in found.unmet[0].reason


def test_demands_that_exclude_each_other_are_told_as_a_sum() -> None:
    """A pump alone cannot meet sodium and potassium that leak in another ratio than 3 to 2."""
    found = pl.balance(cell(), free=["pump"], V="-70 mV", at={"inside.Cl": "8.64 mM"})
    unmet = {item.demand: item for item in found.unmet}

    assert "K" in unmet
    assert "Na and K cannot be balanced together" in unmet["K"].reason


def test_only_zero_everywhere_is_no_rest() -> None:
    """Where all mechanisms push the same way, zero densities would balance, and are refused."""
    found = pl.balance(reference_a(), free=PARTS, V="60 mV")

    assert "cannot be balanced" == found.status
    assert "only where every density that carries it is zero" in found.unmet[0].reason


def test_more_osmolarity_inside_than_outside_cannot_be_balanced() -> None:
    """Where the volume is free, inside ions beyond the osmolarity outside leave no way."""
    found = pl.balance(
        cell(), free=["na", "k", "cl", "pump"], V="-70 mV", at={"inside.K": "300 mM"}
    )

    assert "osmolarity" in [item.demand for item in found.unmet]
    assert 300 + 14.5 + 4.1 - 297 == pytest.approx(found.unmet[0].amount, rel=1e-9)
