"""Mechanisms from plain data: a plugin's class with its values, or a channel made of parts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from .._errors import CompositionError, FileError, PumpleakError, UnitError, near
from ..parts._channel import Channel
from ..parts._gating import Boltzmann, Constant, Gating, TwoState
from ..parts._mechanism import NONSPECIFIC, Mechanism
from ..parts._part import Part, part_fields
from ..parts._permeation import GHK, Ohmic, Permeation, ThroughFilter
from ._lookup import known_ion, mechanism_named
from ._membrane import is_label
from ._problems import LONGEST_NAME, Problems, short

_BARE = re.compile(r"\s*[+-]?[\d.]+(e[+-]?\d+)?\s*", re.IGNORECASE)

#: The name under which a file builds a channel out of parts alone.
GENERIC = "channel"


_GATINGS: dict[str, type[Gating]] = {
    "constant": Constant,
    "boltzmann": Boltzmann,
    "two-state": TwoState,
}


_PERMEATIONS = ("ohmic", "ghk", "filter")


class CustomChannel(Channel):
    """A channel put together in a file or in one call, out of a gating and a permeation."""

    permeation: Permeation = attrs.field()


def compose_mechanism(
    entry: dict[str, Any], beside: str | os.PathLike[str] | None = None
) -> Mechanism:
    """Make one mechanism from its table.

    Args:
        entry: the table; it is used up.
        beside: the folder of the membrane file, which may have cards.

    Raises:
        FileError: everything found wrong, by field.
        PumpleakError: what its class refuses.
    """
    identity = entry.pop("use", None)
    if identity is None:
        raise CompositionError(
            f'use: missing; name a mechanism such as use = "k2p.TREK1", or use = "{GENERIC}" with '
            "permeation and gating"
        )
    if identity == GENERIC:
        cls: type[Mechanism] = CustomChannel
    else:
        try:
            cls = mechanism_named(identity, beside)
        except PumpleakError as error:
            raise CompositionError(f"use: {error}") from error
    problems = Problems()
    fields = {field.name: field for field in part_fields(cls)}
    values: dict[str, Any] = {}
    for field, value in entry.items():
        with problems.at(""):
            if field not in fields:
                raise CompositionError(
                    f"{field}: {identity} has no such field{near(str(field), fields)}; it has "
                    f"{', '.join(sorted(fields))}"
                )
            values[field] = _value(field, value, fields[field].default, cls)
    if identity == GENERIC and "permeation" not in entry:
        problems.add(
            "permeation",
            'missing; give for example permeation = { kind = "ghk", K = 1, Na = 0.03 }',
        )
    if problems.found:
        raise FileError(problems.found)
    return cls(**values)


def _value(field: str, value: Any, default: Any, cls: type[Mechanism]) -> Any:
    if field == "name":
        if not is_label(value) or len(value) > LONGEST_NAME:
            raise CompositionError(
                f"name: expected a short name of letters, digits, '-' and '_', got {short(value)}"
            )
        return value
    if field == "density" and _BARE.fullmatch(str(value)):
        raise UnitError(
            "density: expected a value such as '0.3 mS/cm^2', got the bare number "
            f"{short(value)}; "
            "give its unit, or '1000 channels' for a count"
        )
    if field in ("gating", "permeation") or isinstance(default, Part):
        return _part(field, value, default)
    if isinstance(value, str | int | float | bool):
        return value
    raise UnitError(f"{field}: expected a value such as '1 nS', got {short(value)}")


def _part(field: str, value: Any, default: Any) -> Any:
    if not isinstance(value, Mapping):
        raise CompositionError(
            f'{field}: expected a table such as {{ kind = "ghk", K = 1 }}, got {short(value)}'
        )
    given = dict(_flat(value))
    kind = given.pop("kind", None)
    for name, item in given.items():
        if isinstance(item, Mapping) or (isinstance(item, list) and name != "ions"):
            raise UnitError(f"{field}.{name}: expected a value, got {short(item)}")
    with _prefixed(field):
        if kind is None:
            if not isinstance(default, Part):
                raise CompositionError(f"kind: missing; give one of {', '.join(_kinds(field))}")
            return default.with_values(given)
        if kind not in _kinds(field):
            raise CompositionError(
                f"kind: unknown kind {short(kind)}{near(str(kind), _kinds(field))}; "
                f"there are {', '.join(_kinds(field))}"
            )
        return _gating(kind, given) if field == "gating" else _permeation(kind, given)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of nested tables by dotted path, as parameters are named."""
    for name, item in table.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", item


@contextmanager
def _prefixed(field: str) -> Iterator[None]:
    try:
        yield
    except (UnitError, CompositionError) as error:
        raise type(error)(f"{field}.{error}") from error


def _kinds(field: str) -> tuple[str, ...]:
    return tuple(_GATINGS) if field == "gating" else _PERMEATIONS


def _gating(kind: str, given: Mapping[str, Any]) -> Gating:
    known = [field.name for field in part_fields(_GATINGS[kind])]
    _none_left({name: None for name in given if name not in known}, known)
    return _GATINGS[kind](**given)


def _permeation(kind: str, given: dict[str, Any]) -> Permeation:
    if kind == "ohmic":
        ion = given.pop("ion", None)
        if not isinstance(ion, str):
            raise CompositionError(
                f'ion: expected an ion such as "K", or "nonspecific", got {short(ion)}'
            )
        reversal = given.pop("reversal", None)
        _none_left(given, ("ion", "reversal"))
        if ion == NONSPECIFIC and reversal is None:
            raise CompositionError('reversal: a nonspecific current needs one, such as "-54 mV"')
        if ion != NONSPECIFIC:
            known_ion(ion, "ion")
        return Ohmic(ion, reversal=reversal)
    if kind == "ghk":
        options = {name: given.pop(name) for name in ("symmetric", "source") if name in given}
        for name in given:
            known_ion(name)
        return GHK(given, **options)
    from ..host import default_host

    identity = given.pop("filter", None)
    if not isinstance(identity, str):
        raise CompositionError(
            f'filter: expected a filter such as "k2p.TVGYG", got {short(identity)}'
        )
    ions = given.pop("ions", None)
    if not isinstance(ions, list) or not ions or not all(isinstance(ion, str) for ion in ions):
        raise CompositionError(f'ions: expected a list such as ["K", "Na"], got {short(ions)}')
    for ion in ions:
        known_ion(ion, "ions")
    symmetric = given.pop("symmetric", None)
    _none_left(given, ("filter", "ions", "symmetric"))
    try:
        made = default_host().make("filters", identity)
    except PumpleakError as error:
        raise CompositionError(f"filter: {error}") from error
    return ThroughFilter(filter=made, ions=tuple(ions), symmetric=symmetric)


def _none_left(given: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in given:
        raise CompositionError(
            f"{name}: unknown field{near(str(name), known)}; there are {', '.join(known)}"
        )
