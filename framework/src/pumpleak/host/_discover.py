"""Stage 1: which plugins are installed, read from metadata alone.

Nothing of a plugin is imported here, so a list of plugins is quick and nothing a plugin does can
break it.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from operator import attrgetter

import attrs

from ._records import is_name
from ._specs import GROUP, PROJECT
from ._state import PluginState
from ._versions import judge

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@attrs.frozen(kw_only=True)
class Candidate:
    """An entry point, with what its distribution says about itself."""

    name: str
    module: str
    distribution: str
    version: str
    requirements: tuple[str, ...] = ()
    error: str | None = None

    @property
    def owner(self) -> str:
        """The distribution and its version."""
        return f"{self.distribution} {self.version}"


@attrs.frozen(kw_only=True)
class Switches:
    """Which plugins may load, by plugin or distribution name; `allow` None means all."""

    allow: frozenset[str] | None
    deny: frozenset[str]

    def off(self, candidate: Candidate) -> str | None:
        """Return why a candidate is switched off, or None."""
        return self.off_named(candidate.name, candidate.distribution)

    def off_named(self, *given: str) -> str | None:
        """Return why what has these names is switched off, or None."""
        names = {canonical(name) for name in given}
        if names & self.deny:
            return "is on the deny list; take it off the list (PUMPLEAK_DENY) to use it"
        if self.allow is not None and not names & self.allow:
            return "is not on the allow list; add it to the list (PUMPLEAK_ALLOW) to use it"
        return None

    def unmatched(
        self, candidates: Iterable[Candidate], others: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Return the names on the lists that fit no candidate, and none of the other names."""
        known = {canonical(c.name) for c in candidates} | {canonical(name) for name in others}
        known |= {canonical(c.distribution) for c in candidates}
        return tuple(sorted(((self.allow or frozenset()) | self.deny) - known))


def canonical(name: str) -> str:
    """Return a name in the form in which names are compared, as package indexes do it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def installed(path: Sequence[str] | None = None) -> list[Candidate]:
    """Return the candidates that metadata on `path` declares (default: ``sys.path``)."""
    where = list(sys.path if path is None else path)
    seen: set[str] = set()
    found: list[Candidate] = []
    for distribution in metadata.distributions(path=where):
        if not _declares_plugins(distribution):
            continue
        name = _name(distribution)
        if canonical(name) in seen:
            continue
        seen.add(canonical(name))
        # the first of several copies on the path is the one that an import would find
        first = next(iter(metadata.distributions(name=name, path=where)), distribution)
        found.extend(_candidates(first))
    return found


def from_entry_points(entry_points: Iterable[metadata.EntryPoint]) -> list[Candidate]:
    """Return the candidates that given entry points declare."""
    return list(dict.fromkeys(_candidate(point, point.dist) for point in entry_points))


def judge_all(
    candidates: Sequence[Candidate], switches: Switches, host_version: str | None
) -> tuple[PluginState, ...]:
    """Return the state of every candidate before anything is imported, in name order."""
    on = [candidate for candidate in candidates if switches.off(candidate) is None]
    clashes = _clashes(on)
    states = [_state(item, switches.off(item), clashes, host_version) for item in candidates]
    return tuple(sorted(states, key=lambda state: (state.name, state.distribution)))


def _declares_plugins(distribution: metadata.Distribution) -> bool:
    # a damaged file of a stranger must not hide the plugins
    try:
        return f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or "")
    except Exception:
        return False


def _name(distribution: metadata.Distribution) -> str:
    try:
        name: str | None = distribution.metadata["Name"]
    except Exception:
        name = None
    return name or "unnamed-distribution"


def _candidates(distribution: metadata.Distribution) -> Iterator[Candidate]:
    if not _declares_plugins(distribution):
        return
    try:
        points = list(dict.fromkeys(distribution.entry_points.select(group=GROUP)))
    except Exception as error:
        name, version, _ = _identity(distribution)
        yield Candidate(
            name=name,
            module="",
            distribution=name,
            version=version,
            error=f"its entry_points.txt cannot be read ({type(error).__name__}); reinstall it",
        )
        return
    for point in points:
        yield _candidate(point, distribution)


def _identity(distribution: metadata.Distribution | None) -> tuple[str, str, tuple[str, ...]]:
    if distribution is None:
        return "unknown distribution", "unknown version", ()
    try:
        version: str | None = distribution.metadata["Version"]
        requirements = tuple(distribution.requires or ())
    except Exception:
        version, requirements = None, ()
    return _name(distribution), version or "unknown version", requirements


def _candidate(point: metadata.EntryPoint, distribution: metadata.Distribution | None) -> Candidate:
    owner, version, requirements = _identity(distribution)
    error = None
    if not is_name(point.name) or canonical(point.name) == PROJECT:
        error = (
            f"its entry point is named {point.name!r}; a name has letters, digits, '_' or '-', "
            f"no dots or spaces, and is not {PROJECT!r}"
        )
    elif not _MODULE.fullmatch(point.value):
        error = (
            f"its entry point says {point.value!r} where the name of a module belongs; "
            "give a module, such as 'pumpleak_k2p._plugin', without colon"
        )
    return Candidate(
        name=point.name,
        module=point.value if error is None else "",
        distribution=owner,
        version=version,
        requirements=requirements,
        error=error,
    )


def _clashes(candidates: Iterable[Candidate]) -> dict[Candidate, str]:
    """Return why candidates that claim one name, or one module, cannot both be had."""
    clashes: dict[Candidate, str] = {}
    for noun, key in (("name", attrgetter("name")), ("module", attrgetter("module"))):
        groups: defaultdict[str, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            if key(candidate):
                groups[key(candidate)].append(candidate)
        for text, group in groups.items():
            if len(group) > 1:
                claimants = " and ".join(sorted(f"{c.name!r} of {c.owner}" for c in group))
                for candidate in group:
                    clashes[candidate] = (
                        f"the {noun} {text!r} is claimed by {claimants}, and which is meant cannot "
                        "be guessed, so none is loaded; uninstall all but one, or deny the others "
                        "by the names of their distributions (PUMPLEAK_DENY)"
                    )
    return clashes


def _state(
    candidate: Candidate,
    off: str | None,
    clashes: dict[Candidate, str],
    host_version: str | None,
) -> PluginState:
    verdict = judge(candidate.requirements, host_version)
    state = PluginState(
        name=candidate.name,
        distribution=candidate.distribution,
        version=candidate.version,
        state="found",
        reason="",
        requires=verdict.requires,
        module=candidate.module,
        warnings=verdict.warnings,
    )
    label = state.title
    if off is not None:
        return attrs.evolve(state, state="disabled", reason=f"{label} {off}.")
    if candidate in clashes:
        return attrs.evolve(state, state="conflict", reason=f"{label}: {clashes[candidate]}.")
    error = candidate.error or verdict.error
    if error is not None:
        fix = "Mend the plugin's metadata, or ask its author to."
        return attrs.evolve(state, state="failed", reason=f"{label}: {error}. {fix}")
    if not verdict.compatible:
        reason = (
            f"{label} needs {verdict.requires}, have {host_version}. Install a version of "
            f"{candidate.distribution} made for {host_version}, or the {PROJECT} that it needs."
        )
        return attrs.evolve(state, state="incompatible", reason=reason)
    reason = f"{label} is installed; it is imported when it is first needed."
    return attrs.evolve(state, reason=reason)
