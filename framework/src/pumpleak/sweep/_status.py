"""How far a sweep is, from its records alone."""

from __future__ import annotations

import os
from typing import Any

import attrs

from ._folder import Folder


@attrs.frozen(kw_only=True)
class Progress:
    """How far a sweep is.

    Args:
        members: of the whole sweep.
        chunks: of the whole sweep.
        finished: chunks.
        finished_members: members in them.
        failures: what is known of chunks that failed, by number.
        complete: whether all is done and the summary is written.
        names: what varies.
        mode: ``"clamped"`` or ``"steady"``.
        seed: of the draws.
        versions: of what took part.
    """

    members: int
    chunks: int
    finished: int
    finished_members: int
    failures: dict[int, dict[str, Any]]
    complete: bool
    names: tuple[str, ...]
    mode: str
    seed: int
    versions: dict[str, str]


def status(out: str | os.PathLike[str]) -> Progress:
    """Return how far a sweep is.

    Args:
        out: its store.

    Raises:
        SweepError: no sweep has been there.
    """
    folder = Folder(out)
    definition = folder.definition()
    members, chunk = int(definition["members"]), int(definition["chunk"])
    chunks = -(-members // chunk)
    finished = folder.finished_chunks()
    last = members - (chunks - 1) * chunk
    names = [
        name
        for axis in definition["axes"]
        for key in ("listed", "columns", "laws")
        for name in axis.get(key, ())
    ]
    return Progress(
        members=members,
        chunks=chunks,
        finished=len(finished),
        finished_members=sum(last if number == chunks - 1 else chunk for number in finished),
        failures={
            number: what for number, what in folder.failures().items() if number not in finished
        },
        complete=folder.is_finished,
        names=tuple(names),
        mode=definition["mode"],
        seed=definition["seed"],
        versions=definition["versions"],
    )
