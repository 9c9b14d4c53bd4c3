"""Fetching a plugin or card and putting it where the host finds it, or changing nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import attrs
from packaging.pylock import Pylock, PylockValidationError
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from pumpleak._atomic import written_whole
from pumpleak._errors import LockError
from pumpleak.lock import LockedCard, compare, read_lock, read_tables

from .._errors import RegistryError
from ..layout import Release
from . import _installer
from ._cards import identity_of, sha256_of, target_of
from ._environment import here
from ._needs import HOST
from ._place import Place, trusted_root
from ._plan import Change, check, check_outside, choose, plan
from ._trusted import Trusted, opened, resolve
from ._wheel import Wheel, read_wheel

_ASKED = re.compile(r"(?P<name>[^=<>!~\s]+)\s*(?P<version>(==|<=|>=|~=|!=|<|>).*)?")


@attrs.frozen(kw_only=True)
class CardChange:
    """A card that comes or is replaced: which, where, of whom, and its verified file."""

    identity: str
    version: str
    path: Path
    replaced: bool
    lab: str
    fetched: Path

    def put(self) -> None:
        """Put the card where it belongs, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(self.path) as temporary:
            shutil.copyfile(self.fetched, temporary)

    def __str__(self) -> str:
        sign = "~" if self.replaced else "+"
        return f"{sign} card {self.identity} {self.version} (of {self.lab}) in {self.path}"


@attrs.frozen(kw_only=True)
class Outcome:
    """What is to be done, or was.

    Args:
        changes: in the environment, and of cards.
        place: the environment's folder.
        installer: what installs it; None if nothing is to be installed.
        notes: what should be known beside.
    """

    changes: tuple[Change | CardChange, ...]
    place: Path
    installer: str | None = None
    notes: tuple[str, ...] = ()


#: Told what is going to change, before anything does.
Say = Callable[[Outcome], None]


def _silent(_: Outcome) -> None:
    """Say nothing."""


def get(
    where: Place,
    asked: str,
    *,
    say: Say = _silent,
    root: str | os.PathLike[str] | None = None,
    installer: str | None = None,
    cards: Path | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Fetch a plugin or card, verify it, and install it.

    Args:
        where: the registry.
        asked: ``NAME`` or ``NAME==VERSION``.
        root: the root to trust the registry by, the first time.
        installer: ``uv`` or ``pip``; by default uv if it is here.
        cards: where cards go; by default the user's folder for them.
        dry_run: say what would change, and change nothing.
        say: told what is going to change, before anything does.

    Returns:
        What changed, or would.

    Raises:
        RegistryError: nothing was changed; the message says why.
    """
    name, wanted = _read(asked)
    environment = here()
    with opened(where, trusted_root(where, root)) as trusted:
        project = resolve(trusted, name)
        lab = str(trusted.names.owner(project))
        release = choose(trusted.index(lab).of(project), project, wanted)
        if release.kind == "card":
            card = _card(trusted, release, lab, cards)
            outcome = Outcome(changes=() if card is None else (card,), place=environment.site)
            say(outcome)
            if card is not None and not dry_run:
                card.put()
            return outcome
        chosen = _installer.choose(installer)
        with environment.changing():
            wheels, changed = plan(trusted, environment, {project: release})
            outcome = Outcome(
                changes=tuple(changed),
                place=environment.site,
                installer=chosen if changed else None,
            )
            say(outcome)
            if changed and not dry_run:
                environment.change(wheels, chosen)
    return outcome


def sync(
    where: Place,
    lock_file: Path,
    file: Path | None = None,
    *,
    say: Say = _silent,
    root: str | os.PathLike[str] | None = None,
    installer: str | None = None,
    cards: Path | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Install what a lock names and is not here as it says, to the last byte.

    Args:
        where: the registry.
        lock_file: the lock.
        file: the membrane file, whose folder may hold cards.
        root: the root to trust the registry by, the first time.
        installer: ``uv`` or ``pip``; by default uv if it is here.
        cards: where cards go; by default the user's folder for them.
        dry_run: say what would change, and change nothing.
        say: told what is going to change, before anything does.

    Returns:
        What changed, or would.

    Raises:
        RegistryError: nothing was changed; the message says why.
        LockError: the lock cannot be read.
    """
    lock, packages = read_lock(lock_file), _packages(lock_file)
    environment = here()
    differ = {item.name: item for item in compare(lock, file) if item.problems}
    host = next((item for item in lock.distributions if item.name == HOST), None)
    if host is not None and HOST in differ:
        raise RegistryError(
            "R613",
            f"the lock was made with {HOST} {host.version}: {differ[HOST].problems[0]}",
            f"the host is never changed from here; install {HOST}=={host.version} yourself; "
            "nothing was changed",
        )
    lacking = [item for item in lock.distributions if item.name in differ]
    lacking_cards = [item for item in lock.cards if item.identity in differ]
    if not lacking and not lacking_cards:
        say(outcome := Outcome(changes=(), place=environment.site))
        return outcome
    notes: list[str] = []
    done: list[Change | CardChange] = []
    chosen = _installer.choose(installer) if lacking else None
    with opened(where, trusted_root(where, root)) as trusted, environment.changing():
        before = environment.wheels() if lacking else {}
        fetched: dict[str, Wheel] = {}
        for item in lacking:
            release = _release(trusted, item.name, item.version)
            if release.yanked is not None:
                notes.append(f"{item.name} {item.version} is yanked: {release.yanked}")
            lab = release.payload.path.split("/")[1]
            wheel = read_wheel(trusted.file(release.payload), release.payload.sha256, lab)
            _same(wheel, item.files, packages.get(wheel.name, set()))
            check_outside(environment, item.name, item.version)
            fetched[wheel.name] = wheel
        after = {**before, **fetched}
        if lacking:
            check(environment, after, fetched)
            # what was altered here is put back, though its version stays
            done += [
                Change(
                    name=name,
                    before=before[name].version if name in before else None,
                    after=wheel.version,
                    lab=wheel.lab,
                )
                for name, wheel in sorted(fetched.items())
            ]
        for release in [_card_release(trusted, item) for item in lacking_cards]:
            card = _card(trusted, release, str(trusted.names.owner(release.project)), cards)
            done += [] if card is None else [card]
        outcome = Outcome(
            changes=tuple(done), place=environment.site, installer=chosen, notes=tuple(notes)
        )
        say(outcome)
        if not dry_run:
            if lacking:
                environment.change(list(after.values()), str(chosen))
            for change in done:
                if isinstance(change, CardChange):
                    change.put()
    return outcome


def _read(asked: str) -> tuple[str, SpecifierSet]:
    match = _ASKED.fullmatch(asked.strip())
    try:
        if match is None:
            raise InvalidSpecifier
        return match["name"], SpecifierSet(match["version"] or "")
    except InvalidSpecifier:
        raise RegistryError(
            "R600",
            f"{asked!r} is no name, and no name with a version",
            "give NAME or NAME==VERSION, such as leaky==1.2",
        ) from None


def _release(trusted: Trusted, name: str, version: str) -> Release:
    lab = trusted.names.owner(name)
    found = [] if lab is None else trusted.index(lab).of(name)
    for release in found:
        if Version(release.version) == _as_version(version):
            return release
    raise RegistryError(
        "R602",
        f"{trusted.place.location} has no {name} {version}, which the lock names",
        "give the registry that it came from with --registry; nothing was changed",
    )


def _as_version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise RegistryError(
            "R602", f"the lock names a version {text!r}, which is none", "lock again"
        ) from None


def _packages(lock_file: Path) -> dict[str, set[str]]:
    """Return the hashes of the wheels that a lock allows, by distribution."""
    try:
        found = Pylock.from_dict(read_tables(lock_file))
    except PylockValidationError as error:
        raise LockError([f"{lock_file}: is no pylock.toml ({error}); lock again"]) from error
    return {
        package.name: {wheel.hashes.get("sha256", "") for wheel in package.wheels or ()}
        for package in found.packages
    }


def _same(wheel: Wheel, files: str, hashes: set[str]) -> None:
    if wheel.files != files or (hashes and wheel.sha256 not in hashes):
        raise RegistryError(
            "R614",
            f"the registry's {wheel.label} is another build than the one in the lock",
            "give the registry that it came from with --registry; nothing was changed",
        )


def _card_release(trusted: Trusted, item: LockedCard) -> Release:
    lab = trusted.names.owner(resolve(trusted, item.identity))
    for release in trusted.index(str(lab)).releases:
        if release.kind == "card" and f"sha256:{release.payload.sha256}" == item.sha256:
            return release
    raise RegistryError(
        "R614",
        f"{trusted.place.location} has no card {item.identity} {item.version} as the lock has it",
        "give the registry that it came from with --registry; nothing was changed",
    )


def _card(trusted: Trusted, release: Release, lab: str, folder: Path | None) -> CardChange | None:
    """Fetch a card and read it; return what putting it among the user's would change."""
    path = trusted.file(release.payload)
    identity = identity_of(path, release)
    target = target_of(identity, folder)
    if target.exists() and sha256_of(target) == release.payload.sha256:
        return None
    return CardChange(
        identity=identity,
        version=release.version,
        path=target,
        replaced=target.exists(),
        lab=lab,
        fetched=path,
    )
