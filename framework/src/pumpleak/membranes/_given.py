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


def refuse_masked(field: str, given: object) -> None:
    """Refuse an array some of whose values are hidden: a member has a value or is none.

    Raises:
        CompositionError: a masked array that hides some.
    """
    import numpy as np

    hidden = int(np.ma.getmaskarray(given).sum()) if isinstance(given, np.ma.MaskedArray) else 0
    if hidden:
        raise CompositionError(
            f"{field}: a masked array, {hidden} of whose values are hidden; leave "
            "those members out and give plain numbers, such as values.compressed()"
        )
