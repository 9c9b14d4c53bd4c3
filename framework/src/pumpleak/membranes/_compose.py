"""Compose a membrane from plain data: what a membrane file holds, or a dict of the same form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from .._errors import CompositionError, FileError, UnitError, near
from ..parts._compartments import Compartments
from ..parts._mechanism import Mechanism
from ..parts._solution import Solution
from ._compose_mechanism import compose_mechanism
from ._lookup import known_ion, solution_named
from ._membrane import Membrane
from ._problems import Problems, short

_TABLES = ("membrane", "inside", "outside", "mechanism", "steady", "constants")
_MEMBRANE = (
    "name", "temperature", "area", "capacitance", "dG_ATP", "range", "solver", "sources",
)  # fmt: skip
_DEFAULTED = ("capacitance", "dG_ATP", "range", "solver")
_CONSTANTS = ("gas_constant", "faraday")


def compose(given: Mapping[str, Any], *, path: str | None = None) -> Membrane:
    """Compose a membrane from plain data.

    Args:
        given: tables as in a membrane file: ``membrane``, ``inside``, ``outside``, a list of
            ``mechanism``, and perhaps ``steady`` and ``constants``.
        path: of the file, for messages, and for the cards beside it.

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
    problems = Problems()
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
    mechanisms = _mechanisms(given, problems, None if path is None else Path(path).parent)
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
    given: Mapping[str, Any], name: str, problems: Problems, *, needed: bool = True
) -> dict[str, Any]:
    if name not in given:
        if needed:
            what = f"give the concentrations {name} in [{name}]"
            if name == "membrane":
                what = "give [membrane] with temperature and area"
            problems.add(name, f"missing; {what}")
        return {}
    if not isinstance(given[name], Mapping):
        problems.add(name, f"expected a table [{name}], got {short(given[name])}")
        return {}
    return dict(given[name])


def _refuse_unknown(
    table: Mapping[str, Any], known: tuple[str, ...], path: str, problems: Problems
) -> None:
    for field in [field for field in table if field not in known]:
        problems.add(
            f"{path}.{field}",
            f"unknown field{near(str(field), known)}; there are {', '.join(known)}",
        )


def _text(table: Mapping[str, Any], field: str, problems: Problems) -> str | None:
    value = table.get(field)
    if value is None or (isinstance(value, str) and value.strip() and len(value) < 200):
        return value
    problems.add(f"membrane.{field}", f"expected a short text, got {short(value)}")
    return None


def _notes(head: Mapping[str, Any], problems: Problems) -> tuple[str, ...]:
    given = head.get("sources", [])
    if isinstance(given, list) and all(isinstance(note, str) for note in given):
        return tuple(given)
    problems.add("membrane.sources", f"expected a list of texts, got {short(given)}")
    return ()


def _check_scalars(given: Mapping[str, Any], head: Mapping[str, Any], problems: Problems) -> None:
    """Read each scalar by itself, so that all bad ones are told at once."""
    from ..units._scalars import check_scalar

    for field, value in given.items():
        if field in _MEMBRANE or field in _CONSTANTS:
            with problems.at("membrane" if field in head else "constants"):
                check_scalar(field, value)


def _solution(given: Mapping[str, Any], side: str, problems: Problems) -> Any:
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
                    f"{field}: expected a concentration such as '4 mM', got {short(value)}"
                )
            if field in ("pH", "impermeant_valence") and isinstance(value, str):
                raise UnitError(f"{field}: expected a number such as 7.4, got {short(value)}")
            if (
                field not in ("pH", "impermeant", "impermeant_valence")
                and field not in made.concentrations
            ):
                known_ion(field)
            if field != "impermeant_valence":
                made = made.changed({field: value})
    if "impermeant_valence" in table:
        with problems.at(side):
            made = made.changed({"impermeant_valence": table["impermeant_valence"]})
    return made


def _compartments(given: Mapping[str, Any], problems: Problems) -> Compartments | None:
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
            known_ion(ion, "free")
        return made
    return None


def _mechanisms(
    given: Mapping[str, Any], problems: Problems, beside: Path | None
) -> list[Mechanism]:
    entries = given.get("mechanism")
    if entries is None:
        problems.add(
            "mechanism", 'missing; give at least one [[mechanism]] with use = "plugin.name"'
        )
        return []
    if not isinstance(entries, list):
        problems.add("mechanism", f"expected a list of tables [[mechanism]], got {short(entries)}")
        return []
    if not entries:
        problems.add("mechanism", 'empty; give at least one [[mechanism]] with use = "plugin.name"')
    made = []
    for position, entry in enumerate(entries):
        path = f"mechanism[{position}]"
        if not isinstance(entry, Mapping):
            problems.add(path, f"expected a table, got {short(entry)}")
            continue
        with problems.at(path):
            made.append(compose_mechanism(dict(entry), beside))
    return made
