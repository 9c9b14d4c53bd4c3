"""What took part in a membrane, and which works its sources refer to."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .._errors import UnknownNameError
from ..host import PluginState, default_host
from ..membranes._lookup import solver_named
from ..membranes._membrane import Membrane
from ..parts._filter import SelectivityFilter
from ..parts._part import GIVEN, Part
from ..parts._species import NO_SOURCE
from ..units._constants import FARADAY, GAS_CONSTANT
from ..units._scalars import DEFAULTS
from ._citations import Citation, Citations
from ._references import Reference, of_card, of_distribution, of_package, one_line, plain

if TYPE_CHECKING:
    from ..equilibria._equilibria import Equilibria

CORE = "pumpleak"
_SECTION = re.compile(r"^References:\n((?:[ \t]+\S.*\n?|\n)+)", re.M)
#: Where one work ends and the next begins in a docstring's list.
_NEXT = re.compile(r";\s|\.[ \t]*\n|\n\s*\n")
_ASSUMED = re.compile(r"\bassumed\b", re.I)
_DEFINITION = re.compile(r"by definition\b", re.I)
_WORDS_IN_A_KEY = 5


@attrs.frozen(kw_only=True)
class _Source:
    """What somebody said about where something is from.

    Args:
        used_by: name of what rests on it.
        text: in their own words.
        plugin: whose words; None if the user's.
    """

    used_by: str
    text: str
    plugin: str | None


def citations(
    found: Membrane | Equilibria | Any | str | os.PathLike[str], *, mode: str | None = None
) -> Citations:
    """Return every work behind a membrane, pumpleak and the plugins that took part among them.

    Args:
        found: a result, a state, a membrane, or the path of a membrane file.
        mode: ``"clamped"`` or ``"steady"``: whose solver is cited where `found` is no result.

    Returns:
        The works, and what was assumed.

    Raises:
        FileError: the file is not a membrane.
        PluginError: something the membrane names is not installed or does not load.
    """
    membrane, solvers = _taken_apart(found, mode)
    used = _Used(membrane, solvers)
    bibliography = _Bibliography(used.plugins)
    for card, label in used.cards:
        bibliography.add(card, label)
    return bibliography.citations(used.sources)


def _taken_apart(found: Any, mode: str | None) -> tuple[Membrane, tuple[str, ...]]:
    """Return the membrane of what was given, and the solvers that took part."""
    if isinstance(found, str | os.PathLike):
        from ..membranes._file import load

        found = load(found)
    if not isinstance(found, Membrane):
        whole = getattr(found, "problem", found)
        membrane = getattr(whole, "membrane", None)
        if not isinstance(membrane, Membrane):
            raise TypeError(f"cannot cite for {found!r}; give a result, a membrane or its file")
        solver = getattr(found, "solver", "")
        return membrane, (solver,) if solver else ()
    modes: tuple[str, ...] = (mode,) if mode else ("clamped",)
    if mode is None and found.compartments is not None:
        modes = ("clamped", "steady")
    return found, tuple(
        solver_named(found.solver if each == "clamped" else None, each)[0] for each in modes
    )


class _Used:
    """Everything that takes part in a membrane.

    Args:
        membrane: the membrane.
        solvers: ids.

    Attributes:
        sources: what was said about where each thing is from, in the membrane's order.
        plugins: the plugins that took part, with what of theirs did.
        cards: the cards that took part, as works, and the mechanism that each is.
    """

    def __init__(self, membrane: Membrane, solvers: Iterable[str]) -> None:
        self._host = default_host()
        self._by_package = {
            state.module.partition(".")[0]: state
            for state in self._host.load()
            if state.state == "loaded"
        }
        self.sources: list[_Source] = []
        self.plugins: dict[str, tuple[PluginState, list[str]]] = {}
        self.cards: list[tuple[Reference, str]] = []
        for mechanism in membrane.mechanisms:
            self._mechanism(mechanism, membrane)
        for side, solution in (("inside", membrane.inside), ("outside", membrane.outside)):
            self._say(side, solution.source, self._registered(solution, side))
        for ion, species in membrane.species.items():
            self._registered(species, ion)
        for text in membrane.sources:
            self._say("membrane", text, None)
        self._settings(membrane)
        for solver in solvers:
            self._solver(solver)

    def _mechanism(self, mechanism: Any, membrane: Membrane) -> None:
        label = mechanism.label
        owner = self._owner(type(mechanism), label)
        card = getattr(type(mechanism), "card", None)
        if card is not None:
            self.cards.append((of_card(card), label))
            self._say(label, card.citation, owner)
        for info in mechanism.parameters():
            self._say(f"{label}.{info.path}", info.source, owner)
        for part in _parts(mechanism):
            if isinstance(part, SelectivityFilter):
                theirs = self._registered(part, label) or owner
                self._say(f"{label}.permeation", part.source, theirs)
                for ion in mechanism.carried():
                    self._ion(ion, membrane, label)
            for cls in type(part).__mro__:
                theirs = self._owner(cls, label)
                for text in references_in(vars(cls).get("__doc__")):
                    self._say(label, text, theirs)

    def _ion(self, ion: str, membrane: Membrane, label: str) -> None:
        """A filter weighs its ions by their hydration and size."""
        species = membrane.species[ion]
        owner = self._registered(species, label)
        for field in ("source_hydration", "source_radius"):
            self._say(f"{ion}.{field.removeprefix('source_')}", getattr(species, field), owner)

    def _settings(self, membrane: Membrane) -> None:
        for name in membrane.defaulted:
            if _ASSUMED.match(DEFAULTS.get(name, ("", ""))[1]):
                self._say(name, DEFAULTS[name][1], CORE)
        for name, standard in (("gas_constant", GAS_CONSTANT), ("faraday", FARADAY)):
            if getattr(membrane, name).value == standard:
                self._say(name, "CODATA 2018", CORE)

    def _solver(self, identity: str) -> None:
        try:
            state = self._host.locate(identity).plugin
        except UnknownNameError:
            return  # a solver may call itself what no plugin registered
        self._took_part(state, identity)
        made = self._host.make("solvers", identity)
        for text in references_in(getattr(made, "__doc__", None)):
            self._say(identity, text, state.name)

    def _owner(self, cls: type, label: str) -> str | None:
        package = cls.__module__.partition(".")[0]
        if package == CORE:
            return CORE
        state = self._by_package.get(package)
        if state is not None:
            self._took_part(state, label)
        return None if state is None else state.name

    def _registered(self, thing: object, label: str) -> str | None:
        """Return the plugin that registers an object, which then took part."""
        identity = self._host.id_of(thing)
        if identity is None:
            return None
        state = self._host.locate(identity).plugin
        self._took_part(state, label)
        return state.name

    def _took_part(self, state: PluginState, label: str) -> None:
        _, labels = self.plugins.setdefault(state.name, (state, []))
        if label not in labels:
            labels.append(label)

    def _say(self, used_by: str, text: str, plugin: str | None) -> None:
        said = one_line(text)
        if said and said != NO_SOURCE:
            self.sources.append(_Source(used_by=used_by, text=said, plugin=plugin))


class _Bibliography:
    """Works by plugin, and the entries that sources lead to.

    Args:
        plugins: those that took part, with what of theirs did.
    """

    def __init__(self, plugins: Mapping[str, tuple[PluginState, list[str]]]) -> None:
        self._plugins = plugins
        self._listed = {CORE: of_package(CORE, CORE)}
        for name, (state, _) in plugins.items():
            module = sys.modules.get(state.module)
            package = getattr(module, "__package__", None) or ""
            self._listed[name] = of_package(package, state.title) if package else {}
        self._works: list[tuple[Reference, str, list[str]]] = []
        self._notes: dict[str, tuple[str, list[str]]] = {}

    def add(self, work: Reference, used_by: str) -> None:
        """Cite a work that nobody has to look up."""
        _add(self._place(work, ""), used_by)

    def citations(self, sources: Iterable[_Source]) -> Citations:
        """Return what the sources cite, and what they assume."""
        assumed: list[tuple[str, str]] = []
        given: list[str] = []
        for source in sources:
            if source.text == GIVEN:
                given.append(source.used_by)
            elif _ASSUMED.match(source.text):
                assumed.append((source.used_by, source.text))
            elif not _DEFINITION.match(source.text):
                self._cite(source, assumed)
        return Citations(
            entries=tuple(self._entries()),
            assumed=tuple(assumed),
            given=tuple(dict.fromkeys(given)),
        )

    def _cite(self, source: _Source, assumed: list[tuple[str, str]]) -> None:
        """Cite what a source refers to; the clauses of it that assume something do not cite."""
        clauses = source.text.split(";")
        sure = [clause for clause in clauses if not _ASSUMED.search(clause)]
        if len(sure) < len(clauses):
            assumed.append((source.used_by, source.text))
        if not sure:
            return
        works = self._referred("; ".join(sure), source.plugin)
        for work, owner in works:
            _add(self._place(work, owner), source.used_by)
        if not works:
            _add(self._notes.setdefault(plain(source.text), (source.text, []))[1], source.used_by)

    def _referred(self, text: str, plugin: str | None) -> list[tuple[Reference, str]]:
        """Return the works that a text names, looked up in its author's own list first."""
        words = plain(text)
        own = [name for name in (plugin,) if name in self._listed]
        for names in (own, [name for name in self._listed if name not in own]):
            found = [
                (work, name)
                for name in names
                for work in self._listed[name].values()
                if work.named_in(words)
            ]
            if found:
                return found
        return []

    def _place(self, work: Reference, owner: str) -> list[str]:
        """Return the users of a work; one that two plugins list is one work."""
        for known, _, users in self._works:
            same_doi = work.doi and work.doi == known.doi
            if known == work or same_doi:
                return users
        self._works.append((work, owner, []))
        return self._works[-1][2]

    def _entries(self) -> Iterator[Citation]:
        taken: set[str] = set()
        core = of_distribution(CORE, self._listed[CORE])
        yield Citation(key=_unique(core.key, "", taken), reference=core, used_by=("everything",))
        for name, (state, labels) in sorted(self._plugins.items()):
            own = of_distribution(state.distribution, self._listed[name])
            yield Citation(key=_unique(own.key, name, taken), reference=own, used_by=tuple(labels))
        for work, owner, users in sorted(self._works, key=lambda item: item[0].key.lower()):
            key = _unique(work.key, owner, taken)
            yield Citation(key=key, reference=work, used_by=tuple(users))
        for text, users in self._notes.values():
            words = re.findall(r"[a-z0-9]+", plain(text))[:_WORDS_IN_A_KEY]
            key = _unique("-".join(["note", *words])[:60], "", taken)
            note = Reference(key=key, fields={"note": text})
            yield Citation(key=key, reference=note, used_by=tuple(users), resolved=False)


def references_in(docstring: str | None) -> list[str]:
    """Return the works that a docstring's section ``References:`` lists.

    >>> references_in('''A pump.
    ...
    ...     References:
    ...         Law: Luo & Rudy 1994, Circ Res 74:1071; stoichiometry: Thomas 2009,
    ...         J Physiol 587:315.
    ... ''')
    ['Law: Luo & Rudy 1994, Circ Res 74:1071', 'stoichiometry: Thomas 2009, J Physiol 587:315']
    """
    match = _SECTION.search(inspect.cleandoc(docstring or "") + "\n")
    if match is None:
        return []
    clauses = [" ".join(clause.split()).rstrip(".") for clause in _NEXT.split(match[1])]
    return [clause for clause in clauses if clause]


def _parts(part: Any) -> Iterator[Any]:
    """Yield a mechanism, and the gatings, permeations and filters in it."""
    yield part
    for value in vars(part).values() if isinstance(part, Part) else ():
        if isinstance(value, Part | SelectivityFilter):
            yield from _parts(value)


def _add(users: list[str], name: str) -> None:
    if name not in users:
        users.append(name)


def _unique(key: str, owner: str, taken: set[str]) -> str:
    """Return a key that no other entry has, also without regard to capitals."""
    wanted = [key, f"{key}-{owner}"] if owner else [key]
    number = 1
    while wanted[0].lower() in taken:
        wanted.pop(0)
        if not wanted:
            number += 1
            wanted = [f"{key}-{number}"]
    taken.add(wanted[0].lower())
    return wanted[0]
