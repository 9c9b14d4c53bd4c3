"""Compose a membrane from plain data: what a membrane file holds, or a dict of the same form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from ._channel import Channel
from ._compartments import Compartments
from ._errors import CompositionError, FileError, PumpleakError, UnitError, near
from ._gating import Boltzmann, Constant, Gating, TwoState
from ._lookup import mechanism_named, solution_named
from ._mechanism import NONSPECIFIC, Mechanism
from ._membrane import Membrane, is_label
from ._part import Part, part_fields
from ._permeation import GHK, Ohmic, Permeation, ThroughFilter
from ._solution import Solution

#: The name under which a file builds a channel out of parts alone.
GENERIC = "channel"
_TABLES = ("membrane", "inside", "outside", "mechanism", "steady", "constants")
_MEMBRANE = (
    "name", "temperature", "area", "capacitance", "dG_ATP", "range", "solver", "sources",
)  # fmt: skip
_DEFAULTED = ("capacitance", "dG_ATP", "range", "solver")
_CONSTANTS = ("gas_constant", "faraday")
_GATINGS: dict[str, type[Gating]] = {
    "constant": Constant,
    "boltzmann": Boltzmann,
    "two-state": TwoState,
}
_FIELD = re.compile(r"[^\W\d][\w.]*: ")
_BARE = re.compile(r"\s*[+-]?[\d.]+(e[+-]?\d+)?\s*", re.IGNORECASE)
_LONGEST_NAME = 60
_PERMEATIONS = ("ohmic", "ghk", "filter")


class CustomChannel(Channel):
    """A channel put together in a file or in one call, out of a gating and a permeation."""

    permeation: Permeation = attrs.field()


class _Problems:
    """Collects everything that is wrong, so that a user mends a file in one go."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, path: str, sentence: str) -> None:
        path = _clipped(path)
        self.found.append(f"{path}: {sentence}" if path else sentence)

    @contextmanager
    def at(self, path: str, *, joint: str | None = None) -> Iterator[None]:
        """Put what is raised within under `path`; a message that opens with a field goes on."""
        try:
            yield
        except FileError as error:
            self.found += [f"{path}.{problem}" if path else problem for problem in error.problems]
        except PumpleakError as error:
            text = str(error)
            if not path:
                self.found.append(text)
                return
            opens_with_field = _FIELD.match(text) is not None
            self.found.append(f"{path}{joint or ('.' if opens_with_field else ': ')}{text}")


def compose(given: Mapping[str, Any], *, path: str | None = None) -> Membrane:
    """Compose a membrane from plain data.

    Args:
        given: tables as in a membrane file: ``membrane``, ``inside``, ``outside``, a list of
            ``mechanism``, and perhaps ``steady`` and ``constants``.
        path: of the file, for messages.

    Raises:
        FileError: everything found wrong, each with the path of its field.

    >>> compose({"membrane": {"area": "1000 um^2"}, "mechanisms": []})
    Traceback (most recent call last):
        ...
    pumpleak._errors.FileError: 5 problems
      - mechanisms: unknown table (did you mean 'mechanism'?); there are membrane, inside, \
outside, mechanism, steady, constants
      - membrane.temperature: missing; give for example temperature = "37 degC"
      - inside: missing; give the concentrations inside in [inside]
      - outside: missing; give the concentrations outside in [outside]
      - mechanism: missing; give at least one [[mechanism]] with use = "plugin.name"
    """
    problems = _Problems()
    for table in given:
        if table not in _TABLES:
            problems.add(
                str(table),
                f"unknown table{near(str(table), _TABLES)}; there are {', '.join(_TABLES)}",
            )
    head = _table(given, "membrane", problems)
    _refuse_unknown(head, _MEMBRANE, "membrane", problems)
    follows = isinstance(given.get("steady"), Mapping) and given["steady"].get("shape") in (
        "sphere",
        "cylinder",
    )
    for field in ("temperature",) if follows else ("temperature", "area"):
        if "membrane" in given and field not in head:
            example = "37 degC" if field == "temperature" else "1000 um^2"
            problems.add(f"membrane.{field}", f'missing; give for example {field} = "{example}"')
    constants = _table(given, "constants", problems, needed=False)
    _refuse_unknown(constants, _CONSTANTS, "constants", problems)
    compartments = _compartments(given, problems)
    sides = {side: _solution(given, side, problems) for side in ("inside", "outside")}
    mechanisms = _mechanisms(given, problems)
    name, notes = _text(head, "name", problems), _notes(head, problems)
    solver = _text(head, "solver", problems)
    scalars = {
        key: head[key]
        for key in _MEMBRANE
        if key in head and key not in ("name", "sources", "solver")
    }
    _check_scalars({**scalars, **constants}, head, problems)
    if problems.found:
        raise FileError(problems.found, path)
    if follows and compartments is not None and "area" not in scalars:
        area = compartments.area_um2(compartments.volume.value)
        scalars["area"] = f"{area!r} um^2"
    with problems.at(""), _placed(mechanisms, constants):
        return Membrane(
            mechanisms=tuple(mechanisms),
            inside=sides["inside"],
            outside=sides["outside"],
            name=name or "membrane",
            sources=notes,
            solver=solver,
            compartments=compartments,
            defaulted=tuple(field for field in _DEFAULTED if field not in head),
            **scalars,
            **constants,
        )
    raise FileError(problems.found, path)


@contextmanager
def _placed(mechanisms: Sequence[Mechanism], constants: Mapping[str, Any]) -> Iterator[None]:
    """Begin a message on the whole membrane with the path that its field has in a file."""
    try:
        yield
    except (UnitError, CompositionError) as error:
        text = str(error)
        field, _, _ = text.partition(":")
        head, _, rest = field.partition(".")
        labels = [mechanism.label for mechanism in mechanisms]
        if rest and head in labels:
            position = len(labels) - 1 - labels[::-1].index(head)  # of two the later is too much
            text = f"mechanism[{position}].{text[len(head) + 1 :]}"
        elif field in _MEMBRANE:
            text = f"membrane.{text}"
        elif field in constants:
            text = f"constants.{text}"
        raise type(error)(text) from error


def _table(
    given: Mapping[str, Any], name: str, problems: _Problems, *, needed: bool = True
) -> dict[str, Any]:
    if name not in given:
        if needed:
            what = f"give the concentrations {name} in [{name}]"
            if name == "membrane":
                what = "give [membrane] with temperature and area"
            problems.add(name, f"missing; {what}")
        return {}
    if not isinstance(given[name], Mapping):
        problems.add(name, f"expected a table [{name}], got {_short(given[name])}")
        return {}
    return dict(given[name])


def _refuse_unknown(
    table: Mapping[str, Any], known: tuple[str, ...], path: str, problems: _Problems
) -> None:
    for field in [field for field in table if field not in known]:
        problems.add(
            f"{path}.{field}",
            f"unknown field{near(str(field), known)}; there are {', '.join(known)}",
        )


def _text(table: Mapping[str, Any], field: str, problems: _Problems) -> str | None:
    value = table.get(field)
    if value is None or (isinstance(value, str) and value.strip() and len(value) < 200):
        return value
    problems.add(f"membrane.{field}", f"expected a short text, got {_short(value)}")
    return None


def _notes(head: Mapping[str, Any], problems: _Problems) -> tuple[str, ...]:
    given = head.get("sources", [])
    if isinstance(given, list) and all(isinstance(note, str) for note in given):
        return tuple(given)
    problems.add("membrane.sources", f"expected a list of texts, got {_short(given)}")
    return ()


def _check_scalars(given: Mapping[str, Any], head: Mapping[str, Any], problems: _Problems) -> None:
    """Read each scalar by itself, so that all bad ones are told at once."""
    from ._membrane import check_scalar

    for field, value in given.items():
        if field in _MEMBRANE or field in _CONSTANTS:
            with problems.at("membrane" if field in head else "constants"):
                check_scalar(field, value)


def _solution(given: Mapping[str, Any], side: str, problems: _Problems) -> Any:
    table = _table(given, side, problems)
    base = Solution(name=side)
    if "solution" in table:
        identity = table.pop("solution")
        with problems.at(f"{side}.solution", joint=": "):
            base = solution_named(identity)
    made = base
    for field, value in table.items():
        with problems.at(side):
            if not isinstance(value, str | int | float) or isinstance(value, bool):
                raise UnitError(
                    f"{field}: expected a concentration such as '4 mM', got {_short(value)}"
                )
            if field in ("pH", "impermeant_valence") and isinstance(value, str):
                raise UnitError(f"{field}: expected a number such as 7.4, got {_short(value)}")
            if (
                field not in ("pH", "impermeant", "impermeant_valence")
                and field not in made.concentrations
            ):
                _known_ion(field)
            if field != "impermeant_valence":
                made = made.changed({field: value})
    if "impermeant_valence" in table:
        with problems.at(side):
            made = made.changed({"impermeant_valence": table["impermeant_valence"]})
    return made


def _compartments(given: Mapping[str, Any], problems: _Problems) -> Compartments | None:
    if "steady" not in given:
        return None
    table = _table(given, "steady", problems)
    known = tuple(field.name for field in attrs.fields(Compartments))
    _refuse_unknown(table, known, "steady", problems)
    lost = [field for field in ("free", "volume") if field not in table]
    for field in lost:
        example = '["Na", "K", "Cl"]' if field == "free" else '"2 pL"'
        problems.add(f"steady.{field}", f"missing; give for example {field} = {example}")
    if lost or any(field not in known for field in table):
        return None
    with problems.at("steady"):
        made = Compartments(**table)
        for ion in made.free:
            _known_ion(ion, "free")
        return made
    return None


def _known_ion(name: str, field: str | None = None) -> None:
    from ._lookup import species_named

    try:
        species_named([name])
    except PumpleakError as error:
        raise CompositionError(f"{_clipped(name) if field is None else field}: {error}") from error


def _mechanisms(given: Mapping[str, Any], problems: _Problems) -> list[Mechanism]:
    entries = given.get("mechanism")
    if entries is None:
        problems.add(
            "mechanism", 'missing; give at least one [[mechanism]] with use = "plugin.name"'
        )
        return []
    if not isinstance(entries, list):
        problems.add("mechanism", f"expected a list of tables [[mechanism]], got {_short(entries)}")
        return []
    if not entries:
        problems.add("mechanism", 'empty; give at least one [[mechanism]] with use = "plugin.name"')
    made = []
    for position, entry in enumerate(entries):
        path = f"mechanism[{position}]"
        if not isinstance(entry, Mapping):
            problems.add(path, f"expected a table, got {_short(entry)}")
            continue
        with problems.at(path):
            made.append(_mechanism(dict(entry)))
    return made


def _mechanism(entry: dict[str, Any]) -> Mechanism:
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
            cls = mechanism_named(identity)
        except PumpleakError as error:
            raise CompositionError(f"use: {error}") from error
    problems = _Problems()
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
        if not is_label(value) or len(value) > _LONGEST_NAME:
            raise CompositionError(
                f"name: expected a short name of letters, digits, '-' and '_', got {_short(value)}"
            )
        return value
    if field == "density" and _BARE.fullmatch(str(value)):
        raise UnitError(
            "density: expected a value such as '0.3 mS/cm^2', got the bare number "
            f"{_short(value)}; "
            "give its unit, or '1000 channels' for a count"
        )
    if field in ("gating", "permeation") or isinstance(default, Part):
        return _part(field, value, default)
    if isinstance(value, str | int | float | bool):
        return value
    raise UnitError(f"{field}: expected a value such as '1 nS', got {_short(value)}")


def _part(field: str, value: Any, default: Any) -> Any:
    if not isinstance(value, Mapping):
        raise CompositionError(
            f'{field}: expected a table such as {{ kind = "ghk", K = 1 }}, got {_short(value)}'
        )
    given = dict(_flat(value))
    kind = given.pop("kind", None)
    for name, item in given.items():
        if isinstance(item, Mapping) or (isinstance(item, list) and name != "ions"):
            raise UnitError(f"{field}.{name}: expected a value, got {_short(item)}")
    with _prefixed(field):
        if kind is None:
            if not isinstance(default, Part):
                raise CompositionError(f"kind: missing; give one of {', '.join(_kinds(field))}")
            return default.with_values(given)
        if kind not in _kinds(field):
            raise CompositionError(
                f"kind: unknown kind {_short(kind)}{near(str(kind), _kinds(field))}; "
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
                f'ion: expected an ion such as "K", or "nonspecific", got {_short(ion)}'
            )
        reversal = given.pop("reversal", None)
        _none_left(given, ("ion", "reversal"))
        if ion == NONSPECIFIC and reversal is None:
            raise CompositionError('reversal: a nonspecific current needs one, such as "-54 mV"')
        if ion != NONSPECIFIC:
            _known_ion(ion, "ion")
        return Ohmic(ion, reversal=reversal)
    if kind == "ghk":
        options = {name: given.pop(name) for name in ("symmetric", "source") if name in given}
        for name in given:
            _known_ion(name)
        return GHK(given, **options)
    from .host import default_host

    identity = given.pop("filter", None)
    if not isinstance(identity, str):
        raise CompositionError(
            f'filter: expected a filter such as "k2p.TVGYG", got {_short(identity)}'
        )
    ions = given.pop("ions", None)
    if not isinstance(ions, list) or not ions or not all(isinstance(ion, str) for ion in ions):
        raise CompositionError(f'ions: expected a list such as ["K", "Na"], got {_short(ions)}')
    for ion in ions:
        _known_ion(ion, "ions")
    symmetric = given.pop("symmetric", None)
    _none_left(given, ("filter", "ions", "symmetric"))
    return ThroughFilter(
        filter=default_host().make("filters", identity), ions=tuple(ions), symmetric=symmetric
    )


def _none_left(given: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in given:
        raise CompositionError(
            f"{name}: unknown field{near(str(name), known)}; there are {', '.join(known)}"
        )


def _clipped(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
