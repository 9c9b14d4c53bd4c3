"""What the distribution registers, and what its parameters say about themselves."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from pumpleak_cotransporters import _plugin

RECORDS = list(_plugin.pumpleak_mechanisms())


def made(record):
    module, _, name = record.factory.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_says_what_the_transporter_moves(record):
    """The record's kind and ions are those of the class it points at."""
    transporter = made(record)
    signs = {count > 0 for count in transporter.stoichiometry.values()}
    kind = "pump" if transporter.atp else "cotransporter" if len(signs) == 1 else "exchanger"

    assert record.name == transporter.__name__
    assert record.kind == kind
    assert record.ions == tuple(transporter.stoichiometry)


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


def test_the_readme_lists_every_transporter():
    """Each registered name stands in the table of the README."""
    from pathlib import Path

    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    assert [] == [record.name for record in RECORDS if f"`{record.name}`" not in readme]


def test_listing_the_transporters_imports_no_numerics():
    """The thin module loads without NumPy, SymPy or Pint."""
    code = (
        "import sys, pumpleak_cotransporters._plugin as p; list(p.pumpleak_mechanisms()); "
        "sys.exit(bool({'numpy', 'sympy', 'pint', 'scipy'} & set(sys.modules)))"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
