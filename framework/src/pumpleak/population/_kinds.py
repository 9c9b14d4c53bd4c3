"""What a caller gave for a population, refused in words where it is of the wrong kind."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from .._errors import CompositionError
from ..membranes._given import refuse_masked
from ..membranes._problems import short


def table_of(field: str, given: object, example: str) -> Mapping[str, Any]:
    """Return a mapping whose keys are names.

    Args:
        field: where it stands.
        given: what a caller gave.
        example: what it could have been.

    Raises:
        CompositionError: no mapping, or a key that is no text.
    """
    if not isinstance(given, Mapping):
        raise CompositionError(f"{field}: expected values by name, {example}, got {short(given)}")
    for key in given:
        if not isinstance(key, str):
            raise CompositionError(
                f"{field}: names are text, such as 'outside.K', got {short(key)}"
            )
    return given


def list_of(field: str, given: object, example: str) -> list[Any]:
    """Return a list in its order.

    Raises:
        CompositionError: no list, one text, a set (which has no order), or a masked array.
    """
    if isinstance(given, str | bytes | Mapping | Set) or not isinstance(given, Iterable):
        raise CompositionError(f"{field}: expected a list, {example}, got {short(given)}")
    refuse_masked(field, given)
    return list(given)


def names_of(field: str, given: object, example: str) -> tuple[str, ...]:
    """Return names; one text is one name.

    Raises:
        CompositionError: no names.
    """
    found = [given] if isinstance(given, str) else list_of(field, given, example)
    for name in found:
        if not isinstance(name, str):
            raise CompositionError(f"{field}: expected names, {example}, got {short(name)}")
    return tuple(found)


def file_of(field: str, given: object, example: str) -> str | os.PathLike[str]:
    """Return the path of a file.

    Raises:
        CompositionError: no path.
    """
    if isinstance(given, str | os.PathLike) and not isinstance(os.fspath(given), bytes):
        return given
    raise CompositionError(
        f"{field}: expected the path of a file, such as {example!r}, got {short(given)}"
    )


def truth_of(field: str, given: object) -> bool:
    """Return true or false.

    Raises:
        CompositionError: anything else.
    """
    if not isinstance(given, bool | np.bool_):
        raise CompositionError(f"{field}: expected True or False, got {short(given)}")
    return bool(given)
