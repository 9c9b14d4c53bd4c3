"""What installing something would change, and why it cannot be, before anything is changed."""

from __future__ import annotations

import contextlib
import importlib.util
import platform
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from pumpleak.host import Host
from pumpleak.lock import installed

from .._errors import RegistryError
from ..layout import Release
from ._environment import Environment
from ._installer import uninstalling
from ._needs import HOST, NOTHING, bare, is_met, needs, unmet
from ._trusted import Trusted
from ._wheel import Wheel, read_wheel, runs_here


@attrs.frozen(kw_only=True)
class Change:
    """One distribution that comes, goes or is replaced; None where there is none."""

    name: str
    before: str | None
    after: str | None
    lab: str = ""

    def __str__(self) -> str:
        of = f" (of {self.lab})" if self.lab else ""
        if self.before is None:
            return f"+ {self.name} {self.after}{of}"
        if self.after is None:
            return f"- {self.name} {self.before}"
        if self.after == self.before:
            return f"~ {self.name} {self.after}, anew{of}"
        older = Version(self.after) < Version(self.before)
        return f"~ {self.name} {self.before} -> {self.after}{', older' if older else ''}{of}"


def choose(releases: Sequence[Release], project: str, wanted: SpecifierSet) -> Release:
    """Return the newest release that is wanted, not yanked and made for this Python and system.

    Args:
        releases: of one project.
        project: its name, for messages.
        wanted: the versions that will do.

    Raises:
        RegistryError: there is none; the message says why the newest will not do.
    """
    newest = sorted(releases, key=lambda release: Version(release.version), reverse=True)
    exact = any(clause.operator in ("==", "===") for clause in wanted)
    fit = [r for r in newest if wanted.contains(r.version, prereleases=exact or None)]
    if not fit:
        there = ", ".join(release.version for release in newest) or "none"
        raise RegistryError(
            "R602",
            f"there is no {project} {wanted or 'at all'}",
            f"its versions are: {there}; {NOTHING}",
        )
    good = [release for release in fit if release.yanked is None]
    if not good:
        reason = fit[0].yanked or "no reason given"
        raise RegistryError(
            "R603",
            f"{project} {fit[0].version} was yanked by its lab: {reason}",
            _instead(newest, project),
        )
    runs = [r for r in good if r.kind == "card" or runs_here(r.payload.name)]
    if not runs:
        raise RegistryError(
            "R604",
            f"{project} {good[0].version} is not made for this Python and system "
            f"({good[0].payload.name})",
            f"ask its lab; {NOTHING}",
        )
    return runs[0]


def _instead(newest: Sequence[Release], project: str) -> str:
    good = [release.version for release in newest if release.yanked is None]
    return (f"take {project}=={good[0]}; " if good else "ask its lab; ") + NOTHING


def plan(
    trusted: Trusted, environment: Environment, wanted: Mapping[str, Release]
) -> tuple[list[Wheel], list[Change]]:
    """Return the wheels of the next generation, and what that changes.

    Args:
        trusted: the registry.
        environment: to be changed.
        wanted: releases by project name; what they need comes along if the registry has it.

    Raises:
        RegistryError: it cannot be; the message says what stands in the way.
    """
    before = environment.wheels()
    chosen = dict(wanted)
    fetched: dict[str, Wheel] = {}
    ahead = list(chosen)
    while ahead:
        project = ahead.pop(0)
        release = chosen[project]
        _check_python(release.project, release.version, release.requires_python)
        check_outside(environment, release.project, release.version)
        # said before it is fetched: the index is signed as well
        for need in needs(release.requires, f"{release.project} {release.version}"):
            if is_met(need, {**before, **fetched}, chosen, environment):
                continue
            owner = f"{release.project} {release.version}"
            if need.name in wanted:
                raise RegistryError(
                    "R608",
                    f"{owner} needs {bare(need)}, and {wanted[need.name].version} was asked for",
                    f"ask for another version of one of them; {NOTHING}",
                )
            chosen[need.name] = _supply(trusted, need, owner)
            ahead.append(need.name)
        lab = release.payload.path.split("/")[1]
        wheel = read_wheel(trusted.file(release.payload), release.payload.sha256, lab)
        if (wheel.name, wheel.version) != (release.project, str(Version(release.version))):
            raise RegistryError(
                "R610",
                f"{release.payload.name} is offered as {release.name} {release.version}",
                f"tell its lab; {NOTHING}",
            )
        fetched[wheel.name] = wheel
    after = {**before, **fetched}
    check(environment, after, fetched)
    return list(after.values()), _changes(before, after)


def _changes(before: Mapping[str, Wheel], after: Mapping[str, Wheel]) -> list[Change]:
    """Return how two generations differ, in name order; what was altered here counts too."""
    return [
        Change(
            name=name,
            before=before[name].version if name in before else None,
            after=after[name].version if name in after else None,
            lab=after[name].lab if name in after else "",
        )
        for name in sorted(before.keys() | after.keys())
        if name not in before
        or name not in after
        or before[name].sha256 != after[name].sha256
        or _is_altered(name)
    ]


def _is_altered(name: str) -> bool:
    found = installed(name)
    return found is not None and next(found.problems(), None) is not None


def check(
    environment: Environment, after: Mapping[str, Wheel], fetched: Mapping[str, Wheel]
) -> None:
    """Refuse wheels that would not work together with what is here.

    Args:
        environment: to be changed.
        after: everything fetched that shall be here afterwards, by name.
        fetched: what of it is new.

    Raises:
        RegistryError: the first thing that stands in the way.
    """
    for wheel in fetched.values():
        _check_python(wheel.name, wheel.version, wheel.requires_python)
        _check_tops(environment, wheel, after)
    for wheel in after.values():
        for need in needs(wheel.requires, wheel.label):
            if not is_met(need, after, {}, environment):
                raise unmet(need, wheel.label, after, environment)
    _check_names(environment, after)


def _check_python(name: str, version: str, requires: str | None) -> None:
    try:
        fits = requires is None or SpecifierSet(requires).contains(
            platform.python_version(), prereleases=True
        )
    except InvalidSpecifier:
        fits = False
    if not fits:
        raise RegistryError(
            "R605",
            f"{name} {version} needs Python {requires}, have {platform.python_version()}",
            f"use it in an environment of such a Python; {NOTHING}",
        )


def check_outside(environment: Environment, name: str, version: str) -> None:
    """Refuse what is installed here by other means: that would hide what is fetched.

    Args:
        environment: to be changed.
        name: of the distribution that is to come.
        version: of it.

    Raises:
        RegistryError: it is installed, and not by this client.
    """
    found = installed(name)
    if found is None or environment.holds(found.place):
        return
    raise RegistryError(
        "R606",
        f"{found.label} is installed in {found.place} by other means than 'pumpleak get'",
        f"to have {version} of the registry, take it out with '{uninstalling(name)}' and run this "
        f"again; or keep it, and 'pumpleak lock' writes it down as it is; {NOTHING}",
    )


def _check_tops(environment: Environment, wheel: Wheel, after: Mapping[str, Wheel]) -> None:
    """Refuse a wheel that brings a module of a name that something else has."""
    for other in after.values():
        shared = set(other.tops) & set(wheel.tops)
        if other.name != wheel.name and shared:
            raise RegistryError(
                "R607",
                f"{wheel.label} and {other.label} both bring {sorted(shared)[0]!r}",
                f"only one of them can be here; {NOTHING}",
            )
    for top in wheel.tops:
        place = _found(top.removesuffix(".py"))
        if place is not None and not environment.holds(place):
            raise RegistryError(
                "R607",
                f"{wheel.label} brings {top!r}, which is here already ({place})",
                f"it would never be used; tell its lab; {NOTHING}",
            )


def _found(module: str) -> Path | None:
    """Return where Python finds a module, without importing it; None if nowhere."""
    if module in sys.builtin_module_names:
        return Path(sys.executable)
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""]
    return Path(places[0])


def _supply(trusted: Trusted, need: Requirement, owner: str) -> Release:
    """Return the registry's own release of what is needed.

    Raises:
        RegistryError: the host, or what the registry does not have.
    """
    lab = None if need.name == HOST else trusted.names.owner(need.name)
    if lab is None:
        raise unmet(need, owner, {}, None)
    return choose(trusted.index(lab).of(need.name), need.name, need.specifier)


def _check_names(environment: Environment, after: Mapping[str, Wheel]) -> None:
    """Refuse wheels whose plugins would clash with others: a conflict bars both."""
    before = {s.reason for s in Host().plugins() if s.state == "conflict"}
    with _unpacked_metadata(after) as folder:
        path = [place for place in sys.path if not environment.holds(Path(place or "."))]
        states = Host(path=[*path, str(folder)]).plugins()
    for state in states:
        if state.state == "conflict" and state.reason not in before:
            raise RegistryError("R607", state.reason, NOTHING)


@contextlib.contextmanager
def _unpacked_metadata(wheels: Mapping[str, Wheel]) -> Iterator[Path]:
    """Give a folder with the metadata of wheels, and nothing that could be imported."""
    with tempfile.TemporaryDirectory() as folder:
        for wheel in wheels.values():
            with zipfile.ZipFile(wheel.path) as archive:
                for entry in archive.namelist():
                    parent, _, name = entry.rpartition("/")
                    if parent.endswith(".dist-info") and name in ("METADATA", "entry_points.txt"):
                        archive.extract(entry, folder)
        yield Path(folder)
