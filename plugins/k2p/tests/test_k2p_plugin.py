"""The plugin as the host sees it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner
from k2p_cells import ALL, NAMES

from pumpleak.cli._plugins import plugins
from pumpleak.host import default_host
from pumpleak_k2p.filters import TVGYG


@pytest.mark.parametrize(("name", "kind"), list(zip(NAMES, ALL, strict=True)))
def test_every_channel_is_registered(name: str, kind: Any) -> None:
    """Each id leads to its class, and the record carries the ions that the class carries."""
    record: Any = default_host().find("mechanisms", f"k2p.{name}").record
    made: Any = default_host().make("mechanisms", f"k2p.{name}")

    assert kind is made
    assert made(density="1 /um^2").carried() == record.ions


def test_the_filter_is_registered() -> None:
    """k2p.TVGYG is the carbonyl filter."""
    assert TVGYG is default_host().make("filters", "k2p.TVGYG")


@pytest.mark.parametrize("name", NAMES)
def test_show_prints_parameters_with_sources(name: str) -> None:
    """`plugins show` prints the record and every parameter."""
    result = CliRunner().invoke(plugins, ["show", f"k2p.{name}"])

    assert 0 == result.exit_code, result.output
    assert "unitary" in result.output
    assert "pumpleak-k2p" in result.output


def test_registering_imports_no_numerics() -> None:
    """The thin module is text: reading it imports neither numpy nor sympy nor pint."""
    code = (
        "import sys, pumpleak_k2p._plugin as p; "
        "list(p.pumpleak_mechanisms()); list(p.pumpleak_filters()); "
        "print(sorted({'numpy', 'scipy', 'sympy', 'pint'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
