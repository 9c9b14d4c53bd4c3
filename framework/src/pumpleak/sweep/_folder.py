"""The folder of a sweep's own records, inside the store it fills; reading it imports no physics."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from .._atomic import written_whole
from ._errors import SweepError

_NAME = ".pumpleak"
_BEGINNING = b"pumpleak mark 1\n"
#: Marks are put together when there are so many, or more than this share of all.
_LOOSE, _SHARE = 32, 0.125


@attrs.frozen(kw_only=True)
class Mark:
    """One finished chunk or several.

    Args:
        chunks: data checksum by chunk; empty text where no members are kept.
        tally: bytes of what the reductions know of them.
    """

    chunks: Mapping[int, str]
    tally: bytes

    def to_bytes(self) -> bytes:
        """Return it as a file holds it, with a checksum of its own."""
        head = json.dumps({str(chunk): self.chunks[chunk] for chunk in sorted(self.chunks)})
        body = head.encode() + b"\n" + self.tally
        return _BEGINNING + hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Mark | None:
        """Return the mark that a file holds; None if it is damaged."""
        if not data.startswith(_BEGINNING):
            return None
        digest, _, body = data[len(_BEGINNING) :].partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        head, _, tally = body.partition(b"\n")
        return cls(chunks={int(k): str(v) for k, v in json.loads(head).items()}, tally=tally)


class Folder:
    """Definition, marks and failures of a sweep.

    Args:
        out: the store that the sweep fills.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)
        self.path = self.out / _NAME
        self.definition_path = self.path / "definition.json"
        self._marks = self.path / "marks"
        self._failed = self.path / "failed"
        self._merged = self.path / "merged"
        self._finished = self.path / "finished.json"

    @property
    def is_there(self) -> bool:
        """Whether a sweep fills this store."""
        return self.definition_path.is_file()

    def make(self, definition: Mapping[str, Any]) -> None:
        """Make the folder of a new sweep."""
        for folder in (self._marks, self._failed):
            folder.mkdir(parents=True)
        with written_whole(self.definition_path) as temporary:
            temporary.write_text(json.dumps(definition, indent=1), encoding="utf-8")

    def definition(self) -> dict[str, Any]:
        """Return what the sweep is defined as.

        Raises:
            SweepError: the store is no sweep's, or its record is damaged.
        """
        try:
            found: dict[str, Any] = json.loads(self.definition_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise SweepError(
                f"{self.out}: no sweep has been here; give the --out of one that was begun"
            ) from None
        except (OSError, ValueError) as error:
            raise SweepError(f"{self.definition_path}: cannot be read: {error}") from error
        if not isinstance(found, dict) or not {"chunk", "members", "schema"} <= found.keys():
            raise SweepError(
                f"{self.definition_path}: is damaged; nothing can be added to this sweep: give "
                "another --out"
            )
        return found

    # --- marks ----------------------------------------------------------------------------------

    def marks(self) -> tuple[Mark | None, dict[int, Mark]]:
        """Return the marks put together, and loose ones by first chunk; damaged do not count."""
        merged = _read(self._merged)
        known = set(merged.chunks if merged is not None else ())
        loose: dict[int, Mark] = {}
        for path in sorted(self._marks.glob("*.mark")):
            mark = _read(path)
            if mark is None or known & mark.chunks.keys():
                continue
            known |= mark.chunks.keys()
            loose[min(mark.chunks)] = mark
        return merged, loose

    def finished_chunks(self) -> set[int]:
        """Return which chunks are marked as finished."""
        merged, loose = self.marks()
        return {chunk for mark in (merged, *loose.values()) if mark for chunk in mark.chunks}

    def put_mark(self, mark: Mark) -> None:
        """Mark chunks as finished, whole or not at all."""
        _write(self._marks / f"{min(mark.chunks):09d}.mark", mark)

    def put_merged(self, mark: Mark) -> None:
        """Put all marks together in one, and then remove the loose ones."""
        _write(self._merged, mark)
        for path in self._marks.glob("*.mark"):
            path.unlink(missing_ok=True)

    def too_many_loose(self, loose: int, done: int) -> bool:
        """Whether it is time to put marks together."""
        return loose >= max(_LOOSE, int(done * _SHARE))

    # --- failures -------------------------------------------------------------------------------

    def failures(self) -> dict[int, dict[str, Any]]:
        """Return what is known of each failed chunk."""
        found = {}
        for path in sorted(self._failed.glob("*.json")):
            with contextlib.suppress(OSError, ValueError):
                found[int(path.stem)] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def put_failure(self, chunk: int, what: Mapping[str, Any]) -> None:
        """Put down why a chunk failed."""
        with written_whole(self._failed / f"{chunk:09d}.json") as temporary:
            temporary.write_text(json.dumps(what, indent=1), encoding="utf-8")

    def clear_failure(self, chunk: int) -> None:
        """Forget that a chunk failed."""
        (self._failed / f"{chunk:09d}.json").unlink(missing_ok=True)

    # --- the end --------------------------------------------------------------------------------

    @property
    def is_finished(self) -> bool:
        """Whether every chunk is done and the summary is written."""
        return self._finished.is_file()

    def put_finished(self, what: Mapping[str, Any]) -> None:
        """Say that all is done."""
        with written_whole(self._finished) as temporary:
            temporary.write_text(json.dumps(what, indent=1), encoding="utf-8")

    def clear_finished(self) -> None:
        """Take back that all is done."""
        self._finished.unlink(missing_ok=True)

    def sweep_up(self) -> None:
        """Remove what writers that were killed left behind, and marks that are damaged."""
        for path in self._marks.glob("*.mark"):
            if _read(path) is None:
                path.unlink(missing_ok=True)
        for pattern in ("**/*.partial", "**/.*.part"):
            for path in self.out.glob(pattern):
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the sweep: a second run is refused; the system lets go when a run is killed.

        Raises:
            SweepError: another run holds it.
        """
        with (self.path / "lock").open("a+") as stream:
            if not _hold(stream):
                stream.seek(0)
                owner = stream.read().strip() or "another run"
                raise SweepError(
                    f"{self.out}: {owner} is filling it now; wait for it, or give another --out"
                )
            stream.truncate(0)
            stream.write(f"process {os.getpid()}")
            stream.flush()
            yield


def _hold(stream: Any) -> bool:
    try:
        import fcntl
    except ImportError:  # not on Windows, which has a lock of its own
        import msvcrt

        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(path: Path) -> Mark | None:
    try:
        return Mark.from_bytes(path.read_bytes())
    except (OSError, ValueError):
        return None


def _write(path: Path, mark: Mark) -> None:
    with written_whole(path) as temporary:
        temporary.write_bytes(mark.to_bytes())
