"""Stage 3: import what a record's factory text points at."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

from .._errors import PluginError, near
from ._loader import describe
from ._state import LoadedRecord

_MISSING = object()


def make(found: LoadedRecord) -> object:
    """Import a record's factory.

    Args:
        found: the record and its plugin.

    Returns:
        The object that the factory text names.

    Raises:
        PluginError: the import raised, or the module has no such name.
    """
    module_name, _, path = found.record.factory.partition(":")
    owner = found.plugin.label
    advice = f"reinstall or update {found.plugin.distribution}, or tell its author"
    try:
        value: object = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(
            f"{found.id}: {module_name!r} of {owner} could not be imported: {describe(error)}; "
            f"{advice}"
        ) from error
    where = module_name
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except KeyboardInterrupt:
            raise
        except AttributeError as error:
            raise PluginError(
                f"{found.id}: {where!r} of {owner} has no {name!r}{near(name, _public(value))}; "
                f"{advice}"
            ) from error
        except BaseException as error:
            raise PluginError(
                f"{found.id}: {name!r} in {where!r} of {owner} could not be had: "
                f"{describe(error)}; {advice}"
            ) from error
        where = f"{where}.{name}"
    return value


def points_at(factory: str, target: object) -> bool:
    """Return whether a factory text names exactly `target`, importing nothing."""
    module_name, _, path = factory.partition(":")
    value: object = sys.modules.get(module_name, _MISSING)
    for name in path.split("."):
        value = vars(value).get(name, _MISSING) if hasattr(value, "__dict__") else _MISSING
    return value is target


def _public(value: object) -> Iterable[str]:
    return [name for name in dir(value) if not name.startswith("_")]
