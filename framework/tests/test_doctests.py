"""Every example in a docstring runs and gives what it shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points

import pytest


def packages() -> list[str]:
    """Return the core and every installed plugin of its own family."""
    plugins = {
        point.value.partition(":")[0].partition(".")[0]
        for point in entry_points(group="pumpleak.plugins")
    }
    return ["pumpleak", *sorted(name for name in plugins if name.startswith("pumpleak_"))]


def modules() -> Iterator[str]:
    """Yield the name of every module."""
    for name in packages():
        package = importlib.import_module(name)
        yield name
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_examples_run(name: str) -> None:
    """Each module's examples, as written."""
    result = doctest.testmod(importlib.import_module(name))

    assert result.failed == 0
