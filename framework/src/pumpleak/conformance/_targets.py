"""From what a user names to the objects that are checked."""

from __future__ import annotations

import contextlib
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from .._errors import FileError, PluginError, UnknownNameError, near
from ..host import GROUP, Host, Record, default_host
from ..parts._species import IonSpecies
from ._subject import Subject, registered, subject_of

_CARD = ".card.toml"


def subjects(target: Any, host: Host | None = None) -> Iterator[Subject]:
    """Yield every object that a target stands for.

    Args:
        target: an object, a record, a registered id, a plugin's name, a folder, a card or its file.
        host: where names are looked up; by default the one of this process.

    Raises:
        PumpleakError: there is no such thing, or nothing in it that can be checked.
    """
    host = host or default_host()
    if isinstance(target, os.PathLike) or (isinstance(target, str) and _is_path(target, host)):
        yield from _in_file(Path(target))
    elif isinstance(target, str):
        yield from _named(target, host)
    elif isinstance(target, Record):
        yield subject_of(_factory(target), name=target.name, record=target)
    elif type(target).__name__ == "Card" and callable(getattr(target, "mechanism", None)):
        yield _of_card(target)
    else:
        identity = host.id_of(target)
        exact = identity is not None and host.make(host.locate(identity).kind, identity) is target
        if identity is not None and exact:
            yield registered(host.locate(identity), host)
        else:
            yield subject_of(target)


def _is_path(text: str, host: Host) -> bool:
    if text.endswith(".toml") or os.sep in text or "/" in text or text in (".", ".."):
        return True
    return text.partition(".")[0] not in {state.name for state in host.plugins()} and (
        Path(text).is_dir()
    )


def _named(name: str, host: Host) -> Iterator[Subject]:
    states = [state for state in host.load() if state.name == name]
    if not states and "." not in name:
        known = [state.name for state in host.plugins()]
        raise UnknownNameError(
            f"{name!r} is no installed plugin{near(name, known)}, and no folder or card; there are "
            f"{', '.join(known) or 'none'}, and an object of one is called like 'k2p.TREK1'"
        )
    card = next((item for item in host.cards(".") if item.name == name), None)
    if card is not None and not states:
        if not card.good:
            raise PluginError(card.reason)
        yield _of_card(_loaded(Path(card.path)))
        return
    if not states:
        yield registered(host.locate(name), host)
        return
    for state in states:
        if state.state != "loaded":
            raise PluginError(f"[{state.state}] {state.reason}")
    every = [host.records(kind) for kind in ("species", "solutions", "mechanisms")]
    every += [host.records(kind) for kind in ("filters", "solvers")]
    mine = [found for records in every for found in records.values() if found.plugin.name == name]
    if not mine:
        raise PluginError(f"{states[0].label} supplies nothing that could be checked")
    for found in mine:
        yield registered(found, host)


def _in_file(path: Path) -> Iterator[Subject]:
    if path.is_file() and path.name.endswith(_CARD):
        yield _of_card(_loaded(path))
        return
    if not path.is_dir():
        what = "is no folder and no card (*.card.toml)" if path.exists() else "does not exist"
        sentence = f"{what}; give a plugin's folder, a card, or a registered name"
        raise FileError([sentence], str(path))
    cards = sorted(path.glob(f"*{_CARD}"))
    project = path / "pyproject.toml"
    if not cards and not project.is_file():
        raise FileError([f"holds neither a pyproject.toml nor a card (*{_CARD})"], str(path))
    for card in cards:
        yield _of_card(_loaded(card))
    if project.is_file():
        yield from _distribution(path, project)


def _distribution(folder: Path, project: Path) -> Iterator[Subject]:
    """Yield what a plugin's source folder registers, whether it is installed or not."""
    try:
        described = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        points = dict(described.get("entry-points", {}).get(GROUP, {}))
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as error:
        raise FileError([f"cannot be read as a project: {error}"], str(project)) from error
    if not points:
        raise FileError([f"[project.entry-points.{GROUP!r}] names no plugin"], str(project))
    source = _Source(described, points)
    with _importable(folder, folder / "src"):
        host = Host(
            entry_points=list(source.entry_points),
            allow=list(points),
            deny=(),
        )
        own = {
            found.record.name: made
            for found in host.records("species").values()
            if isinstance(made := host.make("species", found.id), IonSpecies)
        }
        found = [subject for name in points for subject in _named(name, host)]
    for subject in found:
        subject.species = own
        subject.versions = {source.title: source.stated}
        yield subject


class _Source(metadata.Distribution):
    """A distribution as its ``pyproject.toml`` describes it: nothing is built or installed.

    Args:
        project: the table of that name.
        points: plugins by name.
    """

    def __init__(self, project: Mapping[str, Any], points: Mapping[str, Any]) -> None:
        self.title = str(project.get("name") or "unnamed-distribution")
        self.stated = str(project.get("version") or "no version stated")
        needs = [item for item in project.get("dependencies") or () if isinstance(item, str)]
        head = [f"Name: {self.title}", f"Version: {self.stated}"]
        head += [f"Requires-Dist: {need}" for need in needs]
        lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in points.items())]
        self._texts = {"METADATA": "\n".join(head), "entry_points.txt": "\n".join(lines)}

    def read_text(self, filename: str) -> str | None:
        """Return the text that an installed one would have in a file of that name."""
        return self._texts.get(filename)

    def locate_file(self, path: str | os.PathLike[str]) -> Any:
        """Return the path as it is: there are no installed files."""
        return Path(path)


@contextlib.contextmanager
def _importable(*places: Path) -> Iterator[None]:
    """Let modules be imported from folders, before any others, for as long as it lasts."""
    before = list(sys.path)
    sys.path[:0] = [str(place.resolve()) for place in places if place.is_dir()]
    try:
        yield
    finally:
        sys.path[:] = before


def _loaded(path: Path) -> Any:
    from ..cards import load_card

    return load_card(path)


def _of_card(card: Any) -> Subject:
    name = getattr(card, "identity", None) or getattr(card, "id", None) or "card"
    return subject_of(card.mechanism(), name=str(name))


def _factory(record: Record) -> Any:
    import importlib

    module, _, path = record.factory.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    return value
