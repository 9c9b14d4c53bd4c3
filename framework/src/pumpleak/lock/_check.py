"""Whether what is installed is what a lock file says, said distribution by distribution."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from .._errors import LockError
from ..host import CardState
from ..host._discover import canonical
from ..host._specs import PROJECT
from ._cards import card_states
from ._file import Lock, LockedCard, LockedDistribution, lock_path, read_lock
from ._installed import installed, interpreter

#: What computes: another version may change a last digit, which is told and not refused.
LIBRARIES = ("numpy", "scipy", "sympy")


@attrs.frozen(kw_only=True)
class Comparison:
    """One thing of a lock, and what is here in its place.

    Args:
        name: of the distribution, or the card's identity.
        locked: the version in the lock.
        found: the version here; None if it is not here.
        problems: a sentence for each difference; empty if it is the same to the last byte.
    """

    name: str
    locked: str
    found: str | None
    problems: tuple[str, ...]


def compare(lock: Lock, file: str | os.PathLike[str] | None = None) -> tuple[Comparison, ...]:
    """Compare everything in a lock with what is installed; import nothing of it.

    Args:
        lock: the lock.
        file: the membrane file, whose folder may hold cards.

    Returns:
        One comparison for each distribution and card, in the lock's order.
    """
    cards = card_states(file)
    return (
        *(_distribution(item) for item in lock.distributions),
        *(_card(item, cards, lock.registry) for item in lock.cards),
    )


def notes(lock: Lock) -> tuple[str, ...]:
    """Return how Python and the libraries differ from the lock's, a sentence each."""
    here = libraries()
    return tuple(
        f"the lock was made with {name} {version}, and {here.get(name, 'none')} is here; "
        "the last digits of a number may differ"
        for name, version in sorted(lock.libraries.items())
        if here.get(name) != version
    )


def libraries() -> dict[str, str]:
    """Return the versions of Python and of what computes."""
    found = {"python": interpreter()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def require(file: str | os.PathLike[str]) -> Lock:
    """Return the lock of a membrane file if all that it names is here, unaltered.

    Args:
        file: the membrane file; its lock stands beside it.

    Raises:
        LockError: there is no lock; or something is missing, of another version, altered, or
            cannot be verified; or the file names a plugin that the lock does not hold.
    """
    path = lock_path(file)
    lock = read_lock(path)
    if lock.file != Path(file).name:
        raise LockError([f"{path}: is the lock of {lock.file}; lock {Path(file).name} by itself"])
    problems = [problem for item in compare(lock, file) for problem in item.problems]
    problems += uncovered(lock, file)
    if problems:
        raise LockError(problems, str(path))
    return lock


def uncovered(lock: Lock, file: str | os.PathLike[str]) -> Iterator[str]:
    """Yield a sentence for each plugin or card that a file names and its lock does not hold."""
    held = {canonical(item.name) for item in lock.distributions}
    cards = {item.identity for item in lock.cards}
    texts = set(named_in(file))
    for name, owner in sorted(plugin_owners().items()):
        used = sorted(text for text in texts if text.partition(".")[0] == name)
        if used and canonical(owner) not in held and not cards.issuperset(used):
            yield f"{used[0]} comes from {owner}, which is not in the lock; lock again"
    for identity in sorted(texts & set(card_states(file)) - cards):
        yield f"{identity} is a card, which is not in the lock; lock again"


def plugin_owners() -> dict[str, str]:
    """Return the name of each installed plugin, with its distribution."""
    from ..host import Host

    return {state.name: state.distribution for state in Host(allow=None).plugins()}


def named_in(file: str | os.PathLike[str]) -> Iterator[str]:
    """Yield every text of a TOML file that looks like an id, ``plugin.thing``.

    Nothing is said of a file that cannot be read: reading it as a membrane says that.
    """
    try:
        data = tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return
    yield from _texts(data)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        plugin, dot, thing = value.partition(".")
        if dot and plugin and thing and " " not in value:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _distribution(locked: LockedDistribution) -> Comparison:
    here = installed(locked.name)
    problems: list[str] = []
    if here is None:
        problems.append(
            f"{locked.name} {locked.version} is not installed; 'pumpleak sync' installs it"
        )
    elif here.version != locked.version:
        problems.append(
            f"{locked.name} is {here.version} here, and {locked.version} in the lock; "
            "'pumpleak sync' installs that"
        )
    else:
        own = canonical(locked.name) == PROJECT
        # the host's own bytecode runs already, and is what looks here
        problems += here.problems(bytecode=not own)
        if here.unverifiable is None and here.digest != locked.files:
            problems.append(
                f"{here.label}: its list of files is not the one in the lock: another build of "
                "the same version, or an altered RECORD; 'pumpleak sync' installs the locked one"
            )
    return Comparison(
        name=locked.name,
        locked=locked.version,
        found=None if here is None else here.version,
        problems=tuple(problems),
    )


def _card(locked: LockedCard, cards: Mapping[str, CardState], registry: str) -> Comparison:
    back = "put back the file that was locked, or lock again with 'pumpleak lock'"
    help_ = f"'pumpleak sync' fetches it if the registry has it; else {back}" if registry else back
    here = cards.get(locked.identity)
    problems: tuple[str, ...] = ()
    if here is None:
        problems = (f"card {locked.identity} {locked.version} is not here; {help_}",)
    elif not here.good:
        problems = (here.reason,)
    elif f"sha256:{here.sha256}" != locked.sha256:
        other = "altered" if here.version == locked.version else f"version {here.version}"
        problems = (
            f"card {locked.identity} ({here.path}) is {other}, and {locked.version} is in the "
            f"lock; {help_}",
        )
    return Comparison(
        name=locked.identity,
        locked=locked.version,
        found=None if here is None else here.version,
        problems=problems,
    )
