"""A membrane as callers give it: itself, or the path of its file."""

from __future__ import annotations

import os

from .._errors import CompositionError
from ._membrane import Membrane
from ._problems import short


def membrane_of(given: object) -> Membrane:
    """Return the membrane that a caller means.

    Args:
        given: a membrane, or the path of a membrane file.

    Raises:
        CompositionError: neither.
        FileError: the file is not a membrane.
    """
    if isinstance(given, Membrane):
        return given
    if isinstance(given, str | os.PathLike):
        from ._file import load

        return load(given)
    raise CompositionError(
        f"expected a membrane, or the path of its file such as 'neuron.toml', got {short(given)}"
    )
