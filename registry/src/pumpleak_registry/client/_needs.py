"""What a wheel needs, whether it is here, and in which words it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pumpleak.host._versions import judge
from pumpleak.lock import installed

from .._errors import RegistryError
from ..layout import Release
from ._environment import Environment
from ._wheel import Wheel

HOST = "pumpleak"
NOTHING = "nothing was changed"


def needs(requires: Iterable[str], owner: str) -> Iterator[Requirement]:
    """Yield the requirements that hold here."""
    for text in requires:
        try:
            need = Requirement(text)
        except InvalidRequirement as error:
            raise RegistryError(
                "R608", f"{owner} asks for {text!r}, which cannot be read", "tell its lab"
            ) from error
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            need.name = canonicalize_name(need.name)
            yield need


def is_met(
    need: Requirement,
    fetched: Mapping[str, Wheel],
    chosen: Mapping[str, Release],
    environment: Environment,
) -> bool:
    if need.name == HOST:
        if not judge([bare(need)], metadata.version(HOST)).compatible:
            return False
        return not list(_missing_extras(need))
    if need.name in chosen:
        return need.specifier.contains(chosen[need.name].version, prereleases=True)
    version = _version(need.name, fetched, environment)
    if version is None or not need.specifier.contains(version, prereleases=True):
        return False
    return not list(_missing_extras(need))


def bare(need: Requirement) -> str:
    return f"{need.name}{need.specifier}"


def _version(name: str, fetched: Mapping[str, Wheel], environment: Environment) -> str | None:
    if name in fetched:
        return fetched[name].version
    found = installed(name)
    if found is None or environment.holds(found.place):
        return None  # of the generation in use, and not of the next
    return found.version


def _missing_extras(need: Requirement) -> Iterator[str]:
    """Yield what an extra of an installed distribution asks for and is not here."""
    if not need.extras:
        return
    try:
        requires = metadata.requires(need.name) or ()
    except metadata.PackageNotFoundError:
        return
    for text in requires:
        inner = Requirement(text)
        if inner.marker is None or inner.marker.evaluate({"extra": ""}):
            continue
        if any(inner.marker.evaluate({"extra": extra}) for extra in need.extras):
            found = installed(inner.name)
            if found is None or not inner.specifier.contains(found.version, prereleases=True):
                yield bare(inner)


def unmet(
    need: Requirement,
    owner: str,
    fetched: Mapping[str, Wheel],
    environment: Environment | None,
) -> RegistryError:
    if need.name == HOST:
        host = metadata.version(HOST)
        if judge([bare(need)], host).compatible:
            lack = ", ".join(_missing_extras(need))
            return RegistryError(
                "R609",
                f"{owner} needs {need.name}[{','.join(sorted(need.extras))}], and {lack} is not "
                "installed",
                f"pip install '{need.name}[{','.join(sorted(need.extras))}]'; {NOTHING}",
            )
        return RegistryError(
            "R609",
            f"{owner} needs another {HOST}: {bare(need)}, have {host}",
            f"the host is never changed from here; update it yourself, or get another version of "
            f"{owner.partition(' ')[0]} ('pumpleak info' lists them); {NOTHING}",
        )
    found = installed(need.name)
    have = fetched[need.name].version if need.name in fetched else found.version if found else None
    lack = ", ".join(_missing_extras(need))
    if have is not None and need.specifier.contains(have, prereleases=True) and lack:
        return RegistryError(
            "R608",
            f"{owner} needs {need}, and {lack} is not installed",
            f"pip install '{need}' if you trust where it comes from; {NOTHING}",
        )
    return RegistryError(
        "R608",
        f"{owner} needs {bare(need)}, "
        + ("which is not installed" if have is None else f"have {have}"),
        f"the registry has none that would do, and nothing is fetched from elsewhere; install it "
        f"yourself (pip install '{bare(need)}') if you trust it; {NOTHING}",
    )
