"""One change of a registry: all files are made first, then moved into place, timestamp last.

At any moment, SIGKILL included, the folder shows either the state before or the state after.

1. Every new file is written below ``.staging/``, on the same file system.
2. ``.staging/journal.json`` is written: the list of moves in their order, and what is drawn after
   them. Until it stands, the change has not begun; the next change throws ``.staging/`` away.
3. The moves are made. New metadata and targets have names of their own that nobody asks for yet;
   ``metadata/timestamp.json`` is replaced last, and that moment is the change (when keys of the
   root change, the new root comes after it, see `rotate`).
4. Pages that are drawn from the signed state are drawn, and ``.staging/`` is removed.

From 2. on, an interrupted change is complete on disk and signed, so the next one finishes it first.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tuf.api.metadata import TargetFile

from ._errors import RegistryError
from .layout import METADATA_DIR, TARGETS_DIR, consistent

_STAGING = ".staging"
_JOURNAL = "journal.json"
_LOCK = ".lock"
#: So many files are sooner forced to disk all at once.
_MANY = 100


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it into place.

    It is not forced to disk: a page that a power failure loses is drawn again from what was signed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the registry's lock; the system lets go of it when the process ends, however it ends.

    Raises:
        RegistryError: another publisher holds it, or the folder is not ours to write.
    """
    try:
        import fcntl
    except ImportError:
        raise RegistryError(
            "R103",
            "this system has no file locks as POSIX has them, which publishing needs",
            "publish from Linux or macOS; reading a registry works everywhere",
        ) from None
    try:
        lock = (folder / _LOCK).open("w")
    except OSError as error:
        raise RegistryError(
            "R102",
            f"{folder} cannot be written ({error.strerror})",
            "see the folder's permissions, or make a registry there with 'pumpleak registry init'",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RegistryError(
                "R104",
                f"somebody else is changing {folder} at this moment",
                "try again when that has ended; nothing was changed",
            ) from None
        yield


@contextlib.contextmanager
def beginning(folder: Path) -> Iterator[None]:
    """Make the folder of a new registry and hold its lock; remove it again if nothing came into it.

    Raises:
        RegistryError: it cannot be made, or as `locked` says.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RegistryError(
            "R102",
            f"{folder} cannot be made ({error.strerror})",
            "give a folder where you may write with --registry",
        ) from None
    try:
        with locked(folder):
            yield
    except BaseException:
        if new and [path.name for path in folder.iterdir()] == [_LOCK]:
            (folder / _LOCK).unlink()
            folder.rmdir()
        raise


class Change:
    """The files of one change, made below ``.staging/`` and moved into place by `commit`.

    Args:
        folder: the registry.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staging = folder / _STAGING
        self._staged: dict[str, str] = {}  # path in the registry -> name in .staging/
        self._last: dict[str, str] = {}
        if self._staging.exists():
            shutil.rmtree(self._staging)
        self._staging.mkdir()

    def put(self, path: str, data: bytes, *, last: bool = False) -> None:
        """Add a file; `last` ones are moved after all others, in the order given."""
        self._new(path, last).write_bytes(data)

    def put_copy(self, path: str, source: str) -> None:
        """Add a file that is the same as one added before, sharing its bytes where possible."""
        origin = self._staging / self._staged[source]
        copy = self._new(path, False)
        try:
            os.link(origin, copy)
        except OSError:
            shutil.copyfile(origin, copy)

    def put_target(self, target: TargetFile, data: bytes) -> None:
        """Add a target under the name that carries its hash."""
        self.put(f"{TARGETS_DIR}/{consistent(target.path, target.hashes['sha256'])}", data)

    def _new(self, path: str, last: bool) -> Path:
        names = self._last if last else self._staged
        # numbered, since the folders of paths would take longer than the files
        name = names.setdefault(path, str(len(self._staged) + len(self._last)))
        return self._staging / name

    def commit(self, drawing: dict[str, Any]) -> None:
        """Move everything into place; `drawing` is what `unfinished` gives back after a crash."""
        moves = {**self._staged, **self._last}
        journal = json.dumps({"moves": moves, "drawing": drawing}).encode()
        draft = self._staging / f"{_JOURNAL}.part"
        draft.write_bytes(journal)
        _force(draft, *(self._staging / name for name in moves.values()))
        os.replace(draft, self._staging / _JOURNAL)
        _move(self._folder, moves, resumed=False)

    def abandon(self) -> None:
        """Throw the change away; nothing was changed."""
        shutil.rmtree(self._staging, ignore_errors=True)


def is_begun(folder: Path) -> bool:
    """Return whether a folder is a registry, or an interrupted change makes it one."""
    return (folder / METADATA_DIR / "timestamp.json").exists() or (folder / _STAGING).exists()


def unfinished(folder: Path) -> dict[str, Any] | None:
    """Finish the moves of an interrupted change, and return what is to be drawn after it.

    Returns:
        None if there is no such change; a change that had not begun is thrown away.
    """
    staging = folder / _STAGING
    try:
        journal = json.loads((staging / _JOURNAL).read_bytes())
    except OSError:
        shutil.rmtree(staging, ignore_errors=True)
        return None
    _move(folder, journal["moves"], resumed=True)
    drawing: dict[str, Any] = journal["drawing"]
    return drawing


def finished(folder: Path) -> None:
    """Forget the change whose pages are drawn."""
    # without its journal a half-removed folder is thrown away next time
    (folder / _STAGING / _JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(folder / _STAGING, ignore_errors=True)


def _force(*paths: Path) -> None:
    """Force files to disk before anything is made to depend on them."""
    if len(paths) > _MANY and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _move(folder: Path, moves: Mapping[str, str], *, resumed: bool) -> None:
    parents: set[Path] = set()
    for path, name in moves.items():
        target = folder / path
        if target.parent not in parents:
            target.parent.mkdir(parents=True, exist_ok=True)
            parents.add(target.parent)
        source = folder / _STAGING / name
        if not resumed or source.exists():  # what is gone was moved before the interruption
            os.replace(source, target)
