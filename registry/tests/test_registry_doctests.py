"""Every example in a docstring of the registry runs and gives what it shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import pumpleak_registry

MODULES = sorted(
    found.name for found in pkgutil.walk_packages(pumpleak_registry.__path__, "pumpleak_registry.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    """Each module's examples, as written."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    """The paths of the layout and the repository show how they are used."""
    for name in ("layout", "repository"):
        module = importlib.import_module(f"pumpleak_registry.{name}")
        assert doctest.testmod(module).attempted > 2
