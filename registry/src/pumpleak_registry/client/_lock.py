"""Writing down which plugins and cards a membrane file uses, so that it runs with no others."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import tomli_w
from packaging.pylock import Pylock
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pumpleak._atomic import written_whole
from pumpleak._errors import LockError
from pumpleak.lock import (
    LIBRARIES,
    Installed,
    Lock,
    LockedCard,
    LockedDistribution,
    installed,
    libraries,
    lock_path,
    named_in,
    plugin_owners,
    require,
)

from ..layout import TARGETS_DIR, consistent, release_file
from ._cards import cards_used
from ._environment import here
from ._needs import HOST
from ._place import Place
from ._wheel import Wheel

#: Told by version and not locked: the host has its own place, and numbers may bear another NumPy.
_COUNTED = {HOST, *LIBRARIES}


@attrs.frozen(kw_only=True)
class Locked:
    """A lock that was written: where, what it holds, and what its wheels are.

    Args:
        path: of the lock file.
        lock: its own part.
        wheels: the distributions whose wheels are known, so that others can fetch the same.
    """

    path: Path
    lock: Lock
    wheels: tuple[str, ...]


def lock(
    file: str | os.PathLike[str], where: Place | None = None, *, dry_run: bool = False
) -> Locked:
    """Lock a membrane file to the plugins and cards that are here.

    Args:
        file: the membrane file; the lock is written beside it.
        where: the registry that fetched wheels came from, if there is one.
        dry_run: write nothing.

    Returns:
        What was locked.

    Raises:
        LockError: something that takes part cannot be verified, or was altered.
        PumpleakError: the file is no membrane.
    """
    found = [installed(name) for name in (HOST, *sorted(_with_what_they_need(_used(file))))]
    parts = [item for item in found if item is not None]
    problems = [text for item in parts for text in item.problems(bytecode=item.name != HOST)]
    if problems:
        listed = [f" {text}" if len(problems) == 1 else f"\n  - {text}" for text in problems]
        raise LockError([f"{file}: cannot be locked:{''.join(listed)}"])
    fetched = {
        name: wheel
        for name, wheel in here().wheels().items()
        if any(_is_of(wheel, item) for item in parts)
    }
    made = Lock(
        file=Path(file).name,
        distributions=tuple(
            LockedDistribution(name=item.name, version=item.version, files=item.digest)
            for item in parts
        ),
        cards=tuple(
            LockedCard(identity=identity, version=version, sha256=sha256)
            for identity, version, sha256 in cards_used(file)
        ),
        libraries=libraries(),
        registry="" if where is None else where.location,
    )
    path = lock_path(file)
    if not dry_run:
        text = tomli_w.dumps(_tables(made, fetched.values(), where))
        Pylock.from_dict(tomllib.loads(text))
        with written_whole(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        require(file)
    return Locked(path=path, lock=made, wheels=tuple(sorted(fetched)))


def _used(file: str | os.PathLike[str]) -> set[str]:
    """Return the distributions whose plugins take part in a membrane file."""
    from pumpleak.host import default_host
    from pumpleak.membranes._file import load

    membrane, host, owners = load(file), default_host(), plugin_owners()
    texts = {text.partition(".")[0] for text in named_in(file)}
    found = {owner for name, owner in owners.items() if name in texts}
    objects: list[object] = [type(mechanism) for mechanism in membrane.mechanisms]
    objects += membrane.species.values()
    for mechanism in membrane.mechanisms:
        objects.append(getattr(getattr(mechanism, "permeation", None), "filter", None))
    ids = {host.id_of(item) for item in objects if item is not None} - {None}
    # which solver is asked is decided when it is asked: all that could be are part of the answer
    ids |= set(host.records("solvers"))
    for identity in ids:
        found.add(owners.get(str(identity).partition(".")[0], ""))
    return {str(canonicalize_name(name)) for name in found if name}


def _with_what_they_need(names: set[str]) -> set[str]:
    """Return distributions with all that they need, save pumpleak and what computes."""
    found, ahead = set(names), sorted(names)
    while ahead:
        for need in _needs(ahead.pop()):
            if need in found or need in _COUNTED or installed(need) is None:
                continue
            found.add(need)
            ahead.append(need)
    return found


def _needs(name: str) -> Iterator[str]:
    try:
        requires = metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return
    for text in requires:
        try:
            need = Requirement(text)
        except InvalidRequirement:
            continue
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            yield canonicalize_name(need.name)


def _is_of(wheel: Wheel, item: Installed) -> bool:
    return (wheel.name, wheel.version, wheel.files) == (item.name, item.version, item.digest)


def _tables(made: Lock, wheels: Iterable[Wheel], where: Place | None) -> dict[str, Any]:
    return {
        "lock-version": "1.0",
        "requires-python": ">=3.11",
        "created-by": "pumpleak",
        "packages": [_package(wheel, where) for wheel in sorted(wheels, key=lambda w: w.name)],
        "tool": {"pumpleak": made.to_dict()},
    }


def _package(wheel: Wheel, where: Place | None) -> dict[str, Any]:
    package: dict[str, Any] = {"name": wheel.name, "version": wheel.version}
    if wheel.requires_python:
        package["requires-python"] = wheel.requires_python
    entry: dict[str, Any] = {"name": wheel.path.name}
    if where is None or where.folder is not None:
        entry["path"] = wheel.path.as_posix()
    else:
        target = release_file(wheel.lab, wheel.name, wheel.path.name)
        entry["url"] = where.address(f"{TARGETS_DIR}/{consistent(target, wheel.sha256)}")
    entry["size"] = wheel.path.stat().st_size
    entry["hashes"] = {"sha256": wheel.sha256}
    return {**package, "wheels": [entry]}
