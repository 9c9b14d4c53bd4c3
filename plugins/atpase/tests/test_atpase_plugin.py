"""What the distribution registers, and what its parameters say about themselves."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from pumpleak_atpase import _plugin

RECORDS = list(_plugin.pumpleak_mechanisms())


def made(record):
    module, _, name = record.factory.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_says_what_the_pump_moves(record):
    """The record's kind and ions are those of the class it points at: 3 Na out, 2 K in, 1 ATP."""
    pump = made(record)

    assert record.name == pump.__name__
    assert "pump" == record.kind
    assert set(record.ions) == set(pump.stoichiometry)
    assert {"Na": 3, "K": -2} == pump.stoichiometry
    assert 1 == pump.atp


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_parameter_has_a_source_and_lies_in_its_bounds(record):
    """No parameter with a default lacks a source, or bounds around its value."""
    for row in made(record).parameter_table():
        low, high = row["bounds"]
        assert row["source"].strip()
        assert row["source"] != "given by the user"
        assert (low, high) != (None, None)
        assert low is None or low <= row["value"]
        assert high is None or row["value"] <= high


def test_listing_the_pumps_imports_no_numerics():
    """The thin module loads without NumPy, SymPy or Pint."""
    code = (
        "import sys, pumpleak_atpase._plugin as p; list(p.pumpleak_mechanisms()); "
        "sys.exit(bool({'numpy', 'sympy', 'pint', 'scipy'} & set(sys.modules)))"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
