"""The public door: it lists exactly what is public, and opens without physics."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pumpleak


def imported_for_type_checkers() -> dict[str, str]:
    """Return name to module of the imports under TYPE_CHECKING."""
    tree = ast.parse(Path(pumpleak.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        assert node.module is not None
        for alias in node.names:
            assert alias.asname == alias.name
            found[alias.name] = node.module
    return found


def test_the_door_lists_what_it_imports() -> None:
    """The type checker and the interpreter see the same names, from the same modules."""
    assert pumpleak._WHERE == imported_for_type_checkers()
    assert pumpleak.__all__ == sorted(imported_for_type_checkers())


@pytest.mark.parametrize("name", pumpleak.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    """Each has a docstring."""
    found = getattr(pumpleak, name)

    assert name in dir(pumpleak)
    assert found.__doc__


def test_no_other_name_is_public() -> None:
    """Asking for one fails as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'Chanel'"):
        _ = pumpleak.Chanel


@pytest.mark.parametrize("module", ["pumpleak", "pumpleak.host", "pumpleak.cli"])
def test_listing_and_help_import_no_physics(module: str) -> None:
    """None of the libraries that take their time is imported."""
    heavy = ["numpy", "sympy", "pint", "scipy", "matplotlib", "mpmath"]
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
