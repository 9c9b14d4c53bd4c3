"""The host: one object that knows the plugins, their records, and who supplied what.

Stage 1 reads metadata (`Host.plugins`), stage 2 imports the thin modules (`Host.load`), stage 3 a
factory (`Host.make`). Nothing is kept on disk.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from types import MappingProxyType

from .._errors import PluginError, PumpleakError, UnknownNameError, near
from . import _factory
from ._cards import CardState, find_cards, folders, missing_folders
from ._discover import Candidate, Switches, canonical, from_entry_points, installed, judge_all
from ._loader import describe, load, observers
from ._records import is_name
from ._specs import EVENT_HOOKS, HOOK_ARGUMENTS, KINDS, PROJECT, new_manager
from ._state import LoadedRecord, PluginState, PluginWarning, Provenance


class Host:
    """Finds plugins, loads each in isolation, and hands out what they supply.

    Args:
        allow: names of the only plugins or distributions that may load; None reads PUMPLEAK_ALLOW.
        deny: names of plugins or distributions that may not load; None reads PUMPLEAK_DENY.
        entry_points: the entry points to use in place of the installed ones.
        path: the directories whose metadata is read, in place of ``sys.path``.
        version: the host's version, in place of the installed one.
        strict: whether `load` raises when any plugin is neither loaded nor disabled.

    >>> Host(entry_points=()).plugins()
    ()
    """

    _candidates: list[Candidate]
    _states: tuple[PluginState, ...] | None
    _records: dict[str, LoadedRecord]
    _observers: dict[str, list[PluginState]]
    _complete: bool
    _loading: bool

    def __init__(
        self,
        *,
        allow: Iterable[str] | None = None,
        deny: Iterable[str] | None = None,
        entry_points: Iterable[metadata.EntryPoint] | None = None,
        path: Sequence[str] | None = None,
        version: str | None = None,
        strict: bool = False,
    ) -> None:
        allowed = _names(allow, "PUMPLEAK_ALLOW")
        denied = _names(deny, "PUMPLEAK_DENY")
        self._switches = Switches(allow=allowed, deny=denied or frozenset())
        self._entry_points = None if entry_points is None else tuple(entry_points)
        self._path = None if path is None else tuple(path)
        self._version = version if version is not None else _own_version()
        self._strict = strict
        self._lock = threading.RLock()
        self._forget()

    @property
    def version(self) -> str:
        """The version of pumpleak that plugins are checked against."""
        return self._version or "unknown"

    def plugins(self) -> tuple[PluginState, ...]:
        """Return every plugin's state, in name order; imports nothing of a plugin."""
        with self._lock:
            if self._states is None:
                self._candidates = self._discover()
                self._states = judge_all(self._candidates, self._switches, self._version)
            return self._states

    def cards(self, beside: str | os.PathLike[str] | None = None) -> tuple[CardState, ...]:
        """Return the state of every mechanism card, in name order; reads no equations.

        Args:
            beside: the folder of a membrane file, whose ``cards`` folder is looked into first.
        """
        installed = {
            state.name: state.label for state in self.plugins() if state.state != "disabled"
        }
        return find_cards(folders(beside), self._switches, installed)

    def notes(self) -> tuple[str, ...]:
        """Return what is odd about the host's own settings, a sentence each."""
        self.plugins()
        ids = [state.name for state in self.cards()]
        named = [*ids, *(id.partition(".")[0] for id in ids)]
        return (
            *(
                f"{name!r} is on the allow or deny list and is not installed; correct its "
                "spelling, or take it off the list"
                for name in self._switches.unmatched(self._candidates, named)
            ),
            *missing_folders(),
        )

    def load(self) -> tuple[PluginState, ...]:
        """Import the thin module of every plugin that is found, each in isolation.

        Returns:
            Every plugin's state.

        Raises:
            PluginError: the host is strict and a plugin is neither loaded nor disabled; or a plugin
                asked for this while it was being loaded itself.
        """
        with self._lock:
            if self._loading:
                raise PluginError(
                    "a plugin may not ask the host for records while plugins are being loaded; "
                    "ask inside the factory, which is imported later"
                )
            if not self._complete:
                self._loading = True
                try:
                    self._load_all()
                finally:
                    self._loading = False
            states = self.plugins()
        bad = [state for state in states if state.state not in ("loaded", "disabled")]
        if self._strict and bad:
            lines = "".join(f"\n  - [{state.state}] {state.reason}" for state in bad)
            raise PluginError(f"{len(bad)} of {len(states)} plugins cannot be used{lines}")
        return states

    def refresh(self) -> None:
        """Forget everything, so that the next question reads the metadata again."""
        with self._lock:
            importlib.invalidate_caches()
            self._forget()

    def records(self, kind: str) -> Mapping[str, LoadedRecord]:
        """Return everything of one kind (``"mechanisms"``) by id, loading plugins if need be.

        Raises:
            UnknownNameError: there is no such kind.
        """
        if kind not in KINDS:
            raise UnknownNameError(
                f"{kind!r} is no kind of record{near(kind, KINDS)}; there are {', '.join(KINDS)}"
            )
        self.load()
        return MappingProxyType(
            {key: found for key, found in self._records.items() if found.kind == kind}
        )

    def locate(self, id: str) -> LoadedRecord:
        """Return the record with an id, of whatever kind.

        Raises:
            UnknownNameError: no plugin supplies it.
        """
        self.load()
        if id not in self._records:
            raise UnknownNameError(self._why_unknown(id, self._records))
        return self._records[id]

    def find(self, kind: str, id: str) -> LoadedRecord:
        """Return the record of one kind with an id.

        Args:
            kind: ``"species"``, ``"solutions"``, ``"mechanisms"``, ``"filters"`` or ``"solvers"``.
            id: ``plugin.thing``.

        Raises:
            UnknownNameError: no plugin supplies it; the message says why, or what comes near.
        """
        known = self.records(kind)
        if id in known:
            return known[id]
        if id in self._records:
            raise UnknownNameError(
                f"{id} is of the {self._records[id].kind}, and one of the {kind} belongs here"
                f"{near(id, known)}"
            )
        raise UnknownNameError(self._why_unknown(id, known))

    def make(self, kind: str, id: str, *, beside: str | os.PathLike[str] | None = None) -> object:
        """Import and return what a record's factory names, or what a card describes.

        Args:
            kind: as for `find`.
            id: ``plugin.thing``, or the id of a card.
            beside: as for `cards`.

        Raises:
            UnknownNameError: no plugin supplies it, and no card.
            PluginError: its code cannot be imported, its card not read, or two claim the name.
        """
        if kind != "mechanisms":
            return _factory.make(self.find(kind, id))
        cards = [state for state in self.cards(beside) if state.state != "disabled"]
        claim = next((state for state in cards if state.name == id), None)
        if claim is not None:
            return _card_class(claim)
        try:
            return _factory.make(self.find(kind, id))
        except UnknownNameError as error:
            unread, beside_it = _unread_cards(cards), _among_cards(id, cards)
            if not unread and not beside_it:
                raise
            raise UnknownNameError(f"{unread}{error}{beside_it}") from error

    def id_of(self, target: object) -> str | None:
        """Return the id under which an object, or else its class, is registered; None if it is not.

        Instances of a registered class have the class's id; those of a subclass do not. What a
        card describes has the card's.
        """
        card = getattr(target, "card", None)
        if card is not None:
            return str(card.id)
        self.load()
        for thing in (target, type(target)):
            for key, found in self._records.items():
                if _factory.points_at(found.record.factory, thing):
                    return key
        if isinstance(target, type):
            return self._id_by_text(target)
        return self._id_by_text(type(target))

    def provenance(self, ids: Iterable[str]) -> tuple[Provenance, ...]:
        """Return plugin, distribution and version behind some ids, each once, and last the host.

        Raises:
            UnknownNameError: no plugin supplies one of them.
        """
        plugins = {found.plugin.name: found.plugin for found in map(self.locate, ids)}
        rows = [
            Provenance(name, plugin.distribution, plugin.version)
            for name, plugin in sorted(plugins.items())
        ]
        return (*rows, Provenance(PROJECT, PROJECT, self.version))

    def event(self, hook: str, /, **facts: object) -> None:
        """Tell every plugin that observes `hook`; what goes wrong there becomes a warning.

        Args:
            hook: for example ``"pumpleak_rest_found"``.
            facts: the hook's arguments.

        Raises:
            UnknownNameError: there is no such event.
            TypeError: the facts are not the hook's arguments.
        """
        if hook not in EVENT_HOOKS:
            raise UnknownNameError(
                f"{hook!r} is no event{near(hook, EVENT_HOOKS)}; there are {', '.join(EVENT_HOOKS)}"
            )
        if set(facts) != set(HOOK_ARGUMENTS[hook]):
            raise TypeError(f"{hook} takes {', '.join(HOOK_ARGUMENTS[hook])} (got {sorted(facts)})")
        self.load()
        troubles = []
        for plugin in self._observers.get(hook, ()):
            others = [m for n, m in self._manager.list_name_plugin() if n != plugin.name]
            try:
                self._manager.subset_hook_caller(hook, others)(**facts)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                troubles.append(f"{plugin.label} failed in {hook}(): {describe(error)}")
        # after the loop: a warning may be an error, and must not keep the event from other plugins
        for trouble in troubles:
            warnings.warn(trouble, PluginWarning, stacklevel=2)

    def _forget(self) -> None:
        self._candidates = []
        self._states = None
        self._records = {}
        self._observers = {}
        self._manager = new_manager()
        self._complete = False
        self._loading = False

    def _discover(self) -> list[Candidate]:
        if self._entry_points is not None:
            return from_entry_points(self._entry_points)
        return installed(self._path)

    def _load_all(self) -> None:
        # on the side, so that an interrupted load leaves the host as it was
        manager = new_manager()
        states: list[PluginState] = []
        records: dict[str, LoadedRecord] = {}
        watching: dict[str, list[PluginState]] = {}
        for found in self.plugins():
            state, loaded = load(found) if found.state == "found" else (found, None)
            states.append(state)
            if loaded is None:
                continue
            manager.register(loaded.module, state.name)
            for hook in observers(loaded.module):
                watching.setdefault(hook, []).append(state)
            for kind, supplied in loaded.records.items():
                for record in supplied:
                    id = f"{state.name}.{record.name}"
                    records[id] = LoadedRecord(id=id, kind=kind, record=record, plugin=state)
        self._states = tuple(states)
        self._manager, self._records, self._observers = manager, records, watching
        self._complete = True

    def _id_by_text(self, target: type) -> str | None:
        text = f"{target.__module__}:{target.__qualname__}"
        return next(
            (key for key, item in self._records.items() if item.record.factory == text), None
        )

    def _why_unknown(self, id: str, known: Mapping[str, LoadedRecord]) -> str:
        plugin_name, dot, thing = id.partition(".")
        if not dot:
            same = [key for key in known if key.partition(".")[2].casefold() == id.casefold()]
            hint = f" (did you mean {same[0]!r}?)" if same else near(id, known)
            return f"{id!r} is no id; ids look like 'plugin.thing'{hint}"
        if not is_name(plugin_name) or not is_name(thing):
            return f"{id!r} is no id; ids look like 'plugin.thing'{near(id, known)}"
        states = [state for state in self.plugins() if state.name == plugin_name]
        broken = [state for state in states if state.state != "loaded"]
        if not states:
            hint = near(id, known) or near(plugin_name, [state.name for state in self.plugins()])
            return (
                f"{id}: plugin {plugin_name!r} is not installed{hint}; "
                f"pip install {PROJECT}-{canonical(plugin_name)}, or, from a lab's registry: "
                f"{PROJECT} search {plugin_name}"
            )
        if len(broken) == len(states):
            return f"{id}: plugin {plugin_name!r} is not in use ({broken[0].state}): " + (
                broken[0].reason
            )
        loaded = next(state for state in states if state.state == "loaded")
        own = [key for key in known if known[key].plugin.name == plugin_name]
        hint = near(id, own) or near(id, known)
        return (
            f"{id}: {loaded.label} supplies no {thing!r}{hint}; "
            f"'{PROJECT} plugins show {plugin_name}' lists what it does"
        )


def _names(given: Iterable[str] | None, variable: str) -> frozenset[str] | None:
    """Return a list of names in canonical form, from the environment if none is given."""
    if given is None:
        text = os.environ.get(variable, "")
        if not text.strip():
            return None
        given = text.split(",")
    elif isinstance(given, str):
        given = given.split(",")
    return frozenset(canonical(name) for name in given if name.strip())


def _card_class(state: CardState) -> object:
    """Return the class that a card describes.

    Raises:
        PluginError: the card clashes, or cannot be read.
    """
    if state.state != "found":
        raise PluginError(state.reason)
    from ..cards import load_card

    try:
        return load_card(state.path).mechanism_class
    except PumpleakError as error:
        raise PluginError(f"the card {state.name} cannot be used: {error}") from error


def _among_cards(id: str, cards: Sequence[CardState]) -> str:
    """Return which card a name may be meant for; empty if there is none."""
    hint = near(id, [state.name for state in cards if state.state == "found"])
    return f"; nor is there a card of this name{hint}" if hint else ""


def _unread_cards(cards: Sequence[CardState]) -> str:
    """Return which cards cannot be read, for a name may be in one of them; empty if none."""
    failed = [state.path for state in cards if state.state == "failed"]
    if not failed:
        return ""
    return f"{', '.join(failed[:3])} cannot be read ('{PROJECT} plugins list' says why); "


def _own_version() -> str | None:
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:
        return None


_default: Host | None = None
_default_lock = threading.Lock()


def default_host() -> Host:
    """Return the process-wide host, made when it is first asked for."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Host()
        return _default


@contextlib.contextmanager
def only(names: Iterable[str]) -> Iterator[None]:
    """Let the process use these plugins, distributions or cards alone while the body runs.

    A deny list of the environment still holds.
    """
    global _default
    with _default_lock:
        before, _default = _default, Host(allow=names)
    try:
        yield
    finally:
        with _default_lock:
            _default = before
