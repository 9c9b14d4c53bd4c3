"""Which mechanism cards there are: found in folders, read no further than their first table.

A card is data, so nothing of it is run, and one that cannot be read breaks nobody else.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from .._errors import CardError
from ._discover import Switches
from ._specs import PROJECT
from ._state import State

VARIABLE = "PUMPLEAK_CARDS"
SUFFIX = ".card.toml"


@attrs.frozen(kw_only=True)
class CardState:
    """One card and how it stands.

    Args:
        name: its id, ``namespace.name``; the file's name if it has none that can be read.
        version: as the card says.
        state: ``found``, ``failed``, ``disabled`` or ``conflict``.
        reason: a sentence that says what is wrong and what to do.
        origin: which of the places it was found in.
        path: of its file.
        sha256: of the file's bytes; empty if they were not read.
        summary: as the card says.
    """

    name: str
    version: str
    state: State
    reason: str
    origin: str
    path: str
    sha256: str
    summary: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing needs mending."""
        return self.state in ("found", "disabled")


@attrs.frozen(kw_only=True)
class Folder:
    """A folder that may hold cards, and what people call it."""

    path: Path
    origin: str


_seen: dict[str, tuple[tuple[int, int, int], CardState]] = {}
_MOST_SEEN = 20_000


def folders(beside: str | os.PathLike[str] | None) -> list[Folder]:
    """Return the places where cards are looked for.

    Args:
        beside: the folder of the membrane file; None if there is none.
    """
    import platformdirs

    found = []
    if beside is not None:
        where = Path(beside) / "cards"
        found.append(Folder(path=where, origin="cards/ beside the membrane file"))
    for text in os.environ.get(VARIABLE, "").split(os.pathsep):
        if text.strip():
            found.append(Folder(path=Path(text.strip()), origin=VARIABLE))
    own = platformdirs.user_data_path(PROJECT, appauthor=False) / "cards"
    found.append(Folder(path=own, origin="your card folder"))
    return found


def missing_folders() -> tuple[str, ...]:
    """Return what is odd about the settings, a sentence each."""
    return tuple(
        f"{VARIABLE} names {str(folder.path)!r}, which is no folder; make it, or correct the name"
        for folder in folders(None)
        if folder.origin == VARIABLE and not folder.path.is_dir()
    )


def find_cards(
    places: Sequence[Folder], switches: Switches, plugins: Mapping[str, str]
) -> tuple[CardState, ...]:
    """Return the state of every card, in name order.

    Args:
        places: where to look.
        switches: which may be used.
        plugins: installed plugins that are not switched off, name to label.
    """
    states = [_switched(state, switches) for state in _distinct(places)]
    claimed: defaultdict[str, list[CardState]] = defaultdict(list)
    for state in states:
        if state.state == "found":
            claimed[state.name].append(state)
    judged = [_judged(state, claimed[state.name], plugins) for state in states]
    return tuple(sorted(judged, key=lambda state: (state.name, state.path)))


def _distinct(places: Iterable[Folder]) -> Iterator[CardState]:
    """Yield each card once; a second copy of the same bytes under the same name is no other."""
    known: set[tuple[str, str]] = set()
    paths: set[str] = set()
    for place in places:
        try:
            inside = _files(place.path)
        except OSError as error:
            yield _unlisted(place, error)
            continue
        for path in inside:
            if path in paths:
                continue
            paths.add(path)
            state = _looked_at(path, place.origin)
            if (state.name, state.sha256) not in known or not state.sha256:
                known.add((state.name, state.sha256))
                yield state


def _unlisted(place: Folder, error: OSError) -> CardState:
    reason = (
        f"{place.path} cannot be listed ({error.strerror}), so no card in it is used; see its "
        "permissions."
    )
    return CardState(
        name=place.path.name,
        version="",
        state="failed",
        reason=reason,
        origin=place.origin,
        path=str(place.path),
        sha256="",
    )


def _files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if entry.name.endswith(SUFFIX)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(os.path.abspath(path) for path in found)


def _looked_at(path: str, origin: str) -> CardState:
    try:
        about = os.lstat(path)
    except OSError:
        about = None
    stamp = (0, 0, 0) if about is None else (about.st_mtime_ns, about.st_size, about.st_ino)
    kept = _seen.get(path)
    if about is None or kept is None or kept[0] != stamp:
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        kept = _seen[path] = stamp, _read(path, origin)
    return attrs.evolve(kept[1], origin=origin)


def _read(path: str, origin: str) -> CardState:
    from ..cards._head import read_head
    from ..cards._source import read_source

    try:
        source = read_source(path)
        head = read_head(source)
    except CardError as error:
        return CardState(
            name=os.path.basename(path),
            version="",
            state="failed",
            reason=f"{error}. Nothing of it is used. Mend it, or take it out of the folder.",
            origin=origin,
            path=path,
            sha256="",
        )
    return CardState(
        name=head.id,
        version=head.version,
        state="found",
        reason=f"Card {head.id} {head.version} is there; it is read when it is first needed.",
        origin=origin,
        path=path,
        sha256=source.sha256,
        summary=head.summary,
    )


def _switched(state: CardState, switches: Switches) -> CardState:
    if state.state != "found":
        return state
    off = switches.off_named(state.name, state.name.partition(".")[0])
    if off is None:
        return state
    return attrs.evolve(state, state="disabled", reason=f"Card {state.name} {off}.")


def _judged(
    state: CardState, claimants: Sequence[CardState], plugins: Mapping[str, str]
) -> CardState:
    if state.state != "found":
        return state
    if len(claimants) > 1:
        files = " and ".join(f"{other.path} ({other.version})" for other in claimants)
        reason = (
            f"Card {state.name} is claimed by {files}, and which is meant cannot be guessed, so "
            "none is used; take all but one away."
        )
        return attrs.evolve(state, state="conflict", reason=reason)
    namespace = state.name.partition(".")[0]
    if namespace in plugins:
        reason = (
            f"Card {state.name} ({state.path}) has the namespace of {plugins[namespace]}, and "
            "which is meant cannot be guessed, so neither is used under this name; give the card "
            f"another namespace, or switch one off (PUMPLEAK_DENY={state.name} for the card)."
        )
        return attrs.evolve(state, state="conflict", reason=reason)
    return state
