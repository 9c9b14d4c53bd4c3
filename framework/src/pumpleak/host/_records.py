"""What a plugin hands over: frozen records of plain text that point at code.

A record is cheap to make and to read. The code it points at, ``"package.module:Name"``, is imported
when somebody asks the host to make it.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import attrs

from .._errors import near

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
_FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)

MECHANISM_KINDS = ("channel", "pump", "cotransporter", "exchanger")


def is_name(text: object) -> bool:
    """Return whether `text` can stand on one side of the dot in ``plugin.thing``."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def _check_name(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not is_name(value):
        raise ValueError(
            f"{type(record).__name__}: {field.name!r} must be letters, digits, '_', '-' or '+' "
            f"without dots or spaces (got {value!r}); the host puts 'plugin.' in front of it"
        )


def _check_factory(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _FACTORY.fullmatch(value):
        raise ValueError(
            f"{type(record).__name__} {record.name!r}: 'factory' must be text like "
            f"'package.module:Name' (got {value!r}); give the module, a colon and the name in it"
        )


def _check_text(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(
            f"{type(record).__name__} {record.name!r}: {field.name!r} must be a line of text "
            f"(got {value!r}); say in a few words what it is"
        )


def _check_valence(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(
            f"{type(record).__name__} {record.name!r}: 'valence' must be a whole number "
            f"(got {value!r}); give the charge of one ion, such as 1, 2 or -1"
        )


def _check_kind(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value not in MECHANISM_KINDS:
        raise ValueError(
            f"{type(record).__name__} {record.name!r}: 'kind' must be one of "
            f"{', '.join(MECHANISM_KINDS)} (got {value!r}){near(str(value), MECHANISM_KINDS)}"
        )


def _check_ions(record: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, tuple) or not value or not all(map(is_name, value)):
        raise ValueError(
            f"{type(record).__name__} {record.name!r}: 'ions' must be a tuple of ion names "
            f"(got {value!r}); give for example ('K', 'Na')"
        )


def _to_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@attrs.frozen(kw_only=True)
class Record:
    """What every record says.

    Args:
        name: the thing's name inside its plugin; the host puts ``plugin.`` in front.
        factory: where the code is, ``"package.module:Name"``.
        summary: one line for people.
    """

    KIND: ClassVar[str] = ""

    name: str = attrs.field(validator=_check_name)
    factory: str = attrs.field(validator=_check_factory)
    summary: str = attrs.field(validator=_check_text)


@attrs.frozen(kw_only=True)
class SpeciesRecord(Record):
    """An ion species; `valence` is the charge of one ion, in elementary charges."""

    KIND: ClassVar[str] = "species"

    valence: int = attrs.field(validator=_check_valence)


@attrs.frozen(kw_only=True)
class SolutionRecord(Record):
    """A named solution."""

    KIND: ClassVar[str] = "solutions"


@attrs.frozen(kw_only=True)
class MechanismRecord(Record):
    """A channel, pump, cotransporter or exchanger, and the ions that it moves."""

    KIND: ClassVar[str] = "mechanisms"

    kind: str = attrs.field(validator=_check_kind)
    ions: tuple[str, ...] = attrs.field(converter=_to_tuple, validator=_check_ions)


@attrs.frozen(kw_only=True)
class FilterRecord(Record):
    """A selectivity filter."""

    KIND: ClassVar[str] = "filters"


@attrs.frozen(kw_only=True)
class SolverRecord(Record):
    """A solver: the mode it solves (``clamped``, ``steady``, ...) and what it guarantees."""

    KIND: ClassVar[str] = "solvers"

    mode: str = attrs.field(validator=_check_name)
    guarantee: str = attrs.field(validator=_check_text)
