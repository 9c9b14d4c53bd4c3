"""Membrane files: TOML in and out."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import attrs

from .._atomic import written_whole
from .._errors import CompositionError, FileError
from ..parts._compartments import Compartments
from ..parts._gating import Boltzmann, Constant, TwoState
from ..parts._mechanism import Mechanism
from ..parts._part import Part, part_fields
from ..parts._permeation import GHK, Ohmic, ThroughFilter
from ..parts._solution import Solution
from ..units._constants import FARADAY, GAS_CONSTANT
from ..units._quantity import Quantity
from ._compose import compose
from ._compose_mechanism import GENERIC, CustomChannel
from ._membrane import Membrane
from ._problems import short

_LARGEST = 1_000_000
#: The standard parser needs memory with the square of a key's length: 24 GB for 200 kB of dots.
_ENDLESS_KEY = re.compile(r"\s*\[*\s*[^\s.=]+(?:\s*\.\s*[^\s.=]+){32}")
_HEADER = re.compile(r"^\[([^\[\]]+)\]$", re.MULTILINE)
_KINDS: dict[type, str] = {
    Constant: "constant",
    Boltzmann: "boltzmann",
    TwoState: "two-state",
    Ohmic: "ohmic",
    GHK: "ghk",
    ThroughFilter: "filter",
}


def bundled() -> Path:
    """Return the path of the membrane file that comes with pumpleak, a mammalian neuron."""
    return Path(__file__).parents[1] / "data" / "neuron.toml"


def load(path: str | os.PathLike[str]) -> Membrane:
    """Read a membrane file.

    Args:
        path: of a TOML file.

    Raises:
        FileError: everything found wrong with it, each with the path of its field.
    """
    return loads(read_text(path), path=str(path))


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file that a user wrote.

    Raises:
        CompositionError: no path.
        FileError: no such file, or no text, or far too long.
    """
    if not isinstance(path, str | os.PathLike):
        raise CompositionError(
            f"expected the path of a file such as 'neuron.toml', got {short(path)}"
        )
    shown = str(path)
    try:
        where = Path(path)
        about = where.stat()
        if not (S_ISREG(about.st_mode) or S_ISDIR(about.st_mode)):
            # a device never ends, and a pipe may never begin
            raise FileError(["is no regular file; give a membrane file such as neuron.toml"], shown)
        size = about.st_size
        if size > _LARGEST:
            raise FileError([f"{size} bytes is no membrane file (at most {_LARGEST})"], shown)
        data = where.read_bytes()
    except FileError:
        raise
    except IsADirectoryError:
        raise FileError(["is a folder; give a membrane file such as neuron.toml"], shown) from None
    except FileNotFoundError:
        example = f"docs/examples/{Path(path).name}"
        there = f"; did you mean {example}?" if Path(example).is_file() else ""
        raise FileError([f"no such file{there}"], shown) from None
    except (OSError, ValueError) as error:
        raise FileError([f"cannot be read: {error}"], shown) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError([f"is not UTF-8 text (byte {error.start})"], shown) from error


def loads(text: str, *, path: str | None = None) -> Membrane:
    """Read a membrane from the text of a membrane file.

    Args:
        text: TOML.
        path: of the file, for messages.

    Raises:
        FileError: everything found wrong with it.
    """
    return compose(parsed(text, path), path=path)


def parsed(text: str, path: str | None = None) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        FileError: it is not TOML.
    """
    for line, content in enumerate(text.splitlines(), start=1):
        if _ENDLESS_KEY.match(content):
            raise FileError(
                [f"line {line}: no field of a membrane has a name of so many parts"], path
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError([f"is not TOML: {error}"], path) from error
    except (RecursionError, ValueError) as error:
        raise FileError([f"is not TOML that can be read: {type(error).__name__}"], path) from error


def dumps(membrane: Membrane) -> str:
    """Return the text of a membrane file; reading it gives the same membrane.

    Raises:
        CompositionError: a part that no plugin supplies, so that no file can name it.
    """
    import tomli_w

    tables = as_tables(membrane)
    mechanisms = tables.pop("mechanism")
    # The writer would put short tables inline; a file reads better with a block each.
    blocks = [
        "[[mechanism]]\n" + _HEADER.sub(r"[mechanism.\1]", tomli_w.dumps(mechanism))
        for mechanism in mechanisms
    ]
    return "\n".join([tomli_w.dumps(tables), *blocks])


def save(membrane: Membrane, path: str | os.PathLike[str]) -> None:
    """Write a membrane file, whole or not at all.

    Raises:
        CompositionError: a part that no plugin supplies.
        OSError: the folder cannot be written.
    """
    text = dumps(membrane)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def as_tables(membrane: Membrane) -> dict[str, Any]:
    """Return a membrane as the plain data of its file."""
    head: dict[str, Any] = {"name": membrane.name}
    for field in ("temperature", "area", "capacitance", "dG_ATP"):
        if field not in membrane.defaulted:
            head[field] = _text(getattr(membrane, field))
    if "range" not in membrane.defaulted:
        head["range"] = [f"{end!r} mV" for end in membrane.range]
    if membrane.solver is not None:
        head["solver"] = membrane.solver
    if membrane.sources:
        head["sources"] = list(membrane.sources)
    tables: dict[str, Any] = {"membrane": head}
    standard = {"gas_constant": GAS_CONSTANT, "faraday": FARADAY}
    constants = {
        field: _text(getattr(membrane, field))
        for field, value in standard.items()
        if getattr(membrane, field).value != value
    }
    if constants:
        tables["constants"] = constants
    if membrane.compartments is not None:
        tables["steady"] = _compartments(membrane.compartments)
    tables["inside"] = _solution(membrane.inside)
    tables["outside"] = _solution(membrane.outside)
    tables["mechanism"] = [_mechanism(mechanism) for mechanism in membrane.mechanisms]
    return tables


def _text(value: Quantity) -> str | float:
    return str(value) if value.unit else value.magnitude


def _compartments(compartments: Compartments) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for field in attrs.fields(Compartments):
        value = getattr(compartments, field.name)
        if value is None or value == field.default:
            continue
        if isinstance(value, Quantity):
            table[field.name] = _text(value)
        elif isinstance(value, Mapping):
            if value:
                table[field.name] = {name: _text(item) for name, item in value.items()}
        else:
            table[field.name] = list(value) if isinstance(value, tuple) else value
    return table


def _solution(solution: Solution) -> dict[str, Any]:
    table: dict[str, Any] = {
        ion: _text(value)
        for ion, value in solution.concentrations.items()
        if not (ion == "H" and solution.pH is not None)
    }
    if solution.pH is not None:
        table["pH"] = solution.pH
    if solution.impermeant is not None:
        table["impermeant"] = _text(solution.impermeant)
    if solution.impermeant_valence is not None:
        table["impermeant_valence"] = solution.impermeant_valence
    return table


def _mechanism(mechanism: Mechanism) -> dict[str, Any]:
    from ..host import default_host

    cls = type(mechanism)
    identity = GENERIC if cls is CustomChannel else default_host().id_of(cls)
    if identity is None:
        raise CompositionError(
            f"{mechanism.label}: no plugin supplies {cls.__qualname__}, so no file can name it; "
            "register it in a plugin"
        )
    table: dict[str, Any] = {"use": identity}
    for field in part_fields(cls):
        value = getattr(mechanism, field.name)
        if value is field.default or value is None:
            continue
        if isinstance(value, Quantity):
            if value != field.default:
                table[field.name] = _text(value)
        elif isinstance(value, Part):
            table[field.name] = _part(value, field.default)
        elif isinstance(value, str | int | float | bool):
            table[field.name] = value
    return table


def _part(part: Part, default: Any) -> dict[str, Any]:
    table: dict[str, Any] = {}
    replaced = not isinstance(default, type(part))
    if replaced:
        kind = _KINDS.get(type(part))
        if kind is None:
            raise CompositionError(f"{type(part).__qualname__} has no name in a file")
        table["kind"] = kind
    for field in part_fields(type(part)):
        value = getattr(part, field.name)
        if isinstance(value, Quantity):
            table[field.name] = _text(value)
        elif isinstance(value, Mapping):
            table.update({key: _text(item) for key, item in value.items()})
        elif not replaced:
            continue
        elif field.name == "filter":
            table["filter"] = _filter_name(value)
        elif field.name == "ions":
            table["ions"] = list(value)
        elif isinstance(value, str) and value and (field.name != "source" or value != "assumed"):
            table[field.name] = value
    return table


def _filter_name(value: Any) -> str:
    from ..host import default_host

    host = default_host()
    for identity in host.records("filters"):
        if host.make("filters", identity) is value:
            return identity
    raise CompositionError(f"no plugin supplies the filter {value!r}, so no file can name it")
