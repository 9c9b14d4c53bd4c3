"""Where names meet plugins: ions by symbol, mechanisms and solutions by id, owners of classes."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterable
from typing import Any

from .._errors import CompositionError, PumpleakError, UnknownNameError, near
from ..parts._mechanism import Mechanism
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ._problems import clipped

#: An ion's name with which a summary begins, and perhaps the one that its symbol comes from.
_WORDS = re.compile(r"(\w+)(?: \((\w+)\))?")


def species_named(names: Iterable[str]) -> dict[str, IonSpecies]:
    """Return ion records by symbol, from whichever installed plugin supplies each.

    Raises:
        UnknownNameError: no plugin supplies an ion; near names are offered.
        CompositionError: two plugins supply one.
    """
    from ..host import default_host

    host = default_host()
    owners: dict[str, list[str]] = {}
    for identity, loaded in host.records("species").items():
        owners.setdefault(loaded.record.name, []).append(identity)
    found: dict[str, IonSpecies] = {}
    for name in names:
        ids = owners.get(name, [])
        if not ids:
            known = ", ".join(owners) or "none; install pumpleak-ions or another plugin with ions"
            raise UnknownNameError(
                f"no installed plugin supplies the ion {name!r:.60}{near_ion(name, owners)}; known "
                f"ions: {known}"
            )
        if len(ids) > 1:
            raise CompositionError(
                f"the ion {name!r} is supplied by {' and '.join(ids)}; disable one of the two "
                "plugins"
            )
        made = host.make("species", ids[0])
        if not isinstance(made, IonSpecies):
            raise CompositionError(f"{ids[0]} is a {type(made).__name__}, not an IonSpecies")
        found[name] = made
    return found


def near_ion(name: str, known: Collection[str]) -> str:
    """Return a hint at an ion, also for its name in words, with which its summary begins.

    Args:
        name: what somebody wrote.
        known: symbols that it could have been.

    >>> near_ion("Potassium", ["Na", "K"])
    " (did you mean 'K'?)"
    >>> near_ion("Natrium", ["Na", "K"])
    " (did you mean 'Na'?)"
    """
    from ..host import default_host

    words: dict[str, str] = {}
    others: dict[str, str] = {}
    for loaded in default_host().records("species").values():
        found = _WORDS.match(loaded.record.summary)
        if found and loaded.record.name in known:
            words.setdefault(found[1].casefold(), loaded.record.name)
            others.setdefault((found[2] or found[1]).casefold(), loaded.record.name)
    folded = str(name).casefold()
    # as it is written only: "kalzium" is close to "kalium", and another ion
    meant = others.get(folded)
    if meant is None and (close := difflib.get_close_matches(folded, words, n=1, cutoff=0.8)):
        meant = words[close[0]]
    return near(name, known) if meant is None else f" (did you mean {meant!r}?)"


def solution_named(identity: str) -> Solution:
    """Return a solution by id, such as ``"ions.csf"``."""
    made = _made("solutions", identity)
    if not isinstance(made, Solution):
        raise CompositionError(f"{identity} is a {type(made).__name__}, not a Solution")
    return made


def mechanism_named(identity: str, beside: str | os.PathLike[str] | None = None) -> type[Mechanism]:
    """Return a mechanism class by id, such as ``"k2p.TREK1"``.

    Args:
        identity: of a plugin's mechanism, or of a card.
        beside: the folder of the membrane file, which may have cards.
    """
    made = _made("mechanisms", identity, beside=beside)
    if not (isinstance(made, type) and issubclass(made, Mechanism)):
        raise CompositionError(f"{identity} is {made!r}, not a Channel or Transporter class")
    return made


def solver_named(identity: str | None, mode: str) -> tuple[str, Any]:
    """Return (id, solver function); without an id the only installed solver of the mode.

    Raises:
        UnknownNameError: there is none.
        CompositionError: there are several and none is named.
    """
    from ..host import default_host

    host = default_host()
    if identity is None:
        fitting = [
            key
            for key, loaded in host.records("solvers").items()
            if getattr(loaded.record, "mode", None) == mode
        ]
        if not fitting:
            raise UnknownNameError(
                f"no installed plugin supplies a solver for {mode} ions; pip install "
                "pumpleak-solvers"
            )
        if len(fitting) > 1:
            raise CompositionError(
                f"several solvers serve {mode} ions: {', '.join(fitting)}; name one with solver "
                "= ..."
            )
        identity = fitting[0]
    return identity, host.make("solvers", identity)


def owner_text(cls: type) -> str:
    """Return who wrote a class: the plugin's distribution and id, or the module."""
    from ..host import default_host

    host = default_host()
    card = getattr(cls, "card", None)
    if card is not None:
        return str(card.owner)
    identity = host.id_of(cls)
    if identity is None:
        return f"class {cls.__qualname__} of {cls.__module__}"
    plugin = identity.partition(".")[0]
    for state in host.plugins():
        if state.name == plugin:
            return f"{identity} of {state.distribution} {state.version}"
    return identity


def _made(kind: str, identity: object, **options: Any) -> Any:
    from ..host import default_host

    if not isinstance(identity, str):
        raise CompositionError(f"expected a name such as 'k2p.TREK1', got {identity!r}")
    return default_host().make(kind, identity, **options)


def known_ion(name: str, field: str | None = None) -> None:
    """Refuse an ion that no installed plugin supplies.

    Args:
        name: of the ion.
        field: where it stands; by default the ion's own name is the field.

    Raises:
        CompositionError: naming the field.
    """
    try:
        species_named([name])
    except PumpleakError as error:
        raise CompositionError(f"{clipped(name) if field is None else field}: {error}") from error
