"""What a worker does: solve chunks, store their members, return what the reductions know."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ..population import Population
from ..population._code import files_hash, has_files, owner
from ..population._provenance import comes_along, installed_version
from ..population._solve import at_once, first_failing, solved, tallied
from ..population._summary import reductions
from ..population._tally import Tally, merged, to_bytes
from ._errors import SweepError
from ._folder import Mark
from ._store import SAMPLE, checksum, rows_to_keep, write_rows


@attrs.frozen
class Span:
    """One chunk: its number, the index of its first member, and the one after its last."""

    chunk: int
    start: int
    stop: int


@attrs.frozen(kw_only=True)
class Job:
    """Chunks to do.

    Args:
        population: pickled; empty where the job does not leave the process.
        versions: of all that took part where the sweep was begun.
        code: hash of the files of each package that took part there.
        out: the store.
        spans: the chunks.
        rows: whether members are kept.
        threads: of the kernel.
    """

    population: bytes = attrs.field(repr=False)
    versions: tuple[tuple[str, str], ...]
    code: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    out: str
    spans: tuple[Span, ...]
    rows: bool
    threads: int | None


@attrs.frozen(kw_only=True)
class Failed:
    """A chunk that was not solved.

    Args:
        chunk: its number.
        start: index of its first member.
        stop: index after its last.
        error: what was raised.
        member: index of the first member that raises; None where none does by itself.
        values: what makes that member differ, with units.
    """

    chunk: int
    start: int
    stop: int
    error: str
    member: int | None = None
    values: str = ""


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a job.

    Args:
        mark: of the chunks that were solved, and stored if members are kept; empty if there are
            none.
        members: in them.
        sample: checksum by chunk of one small array that was stored.
        failed: chunks that were not solved.
        seconds: that the job took.
    """

    mark: bytes = attrs.field(repr=False)
    members: int
    sample: Mapping[int, str] = attrs.field(factory=dict, repr=False)
    failed: tuple[Failed, ...] = ()
    seconds: float


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """A job was told to stop."""


def do(job: Job) -> Outcome:
    """Do chunks in a worker; whatever a plugin raises is returned, not raised.

    Raises:
        SweepError: this environment is not the one that the sweep was begun in.
        OSError: the store cannot be written.
    """
    _check_versions(job.versions)
    _check_code(job.code)
    return done(job, _population(job.population))


def done(job: Job, population: Population, stopped: Callable[[], bool] = lambda: False) -> Outcome:
    """Do chunks; whatever a plugin raises is returned, not raised.

    Args:
        job: which.
        population: what is solved.
        stopped: asked now and then, whether to give up.

    Raises:
        OSError: the store cannot be written.
        Stopped: it was told to.
    """
    began = time.monotonic()
    whole: Tally = {}
    checks: dict[int, str] = {}
    sample: dict[int, str] = {}
    failed = []
    for span in job.spans:
        try:
            tally, rows = _done(job, population, span, stopped)
        except Stopped:
            raise
        except Exception as error:  # a plugin can raise anything
            failed.append(_failed(job, population, span, error))
            continue
        if rows:  # what cannot be written is no fault of the chunk
            write_rows(Path(job.out), span.start, rows)
            sample[span.chunk] = checksum({SAMPLE: rows[SAMPLE]})
        checks[span.chunk] = checksum(rows) if rows else ""
        whole = merged(whole, tally)
    return Outcome(
        mark=Mark(chunks=checks, tally=to_bytes(whole)).to_bytes() if checks else b"",
        sample=sample,
        members=sum(span.stop - span.start for span in job.spans if span.chunk in checks),
        failed=tuple(failed),
        seconds=time.monotonic() - began,
    )


def _done(
    job: Job, population: Population, span: Span, stopped: Callable[[], bool]
) -> tuple[Tally, dict[str, Any]]:
    """Return what the reductions know of a chunk, and the arrays to store."""
    wanted = reductions(population)
    whole: Tally = {}
    rows: dict[str, Any] = {}
    members = at_once(population)
    for start in range(span.start, span.stop, members):
        if stopped():
            raise Stopped
        stop = min(span.stop, start + members)
        block = solved(population, start, stop, job.threads)
        whole = merged(whole, tallied(block, wanted))
        if not job.rows:
            continue
        inputs = population.values(start, stop) if population.all_states else {}
        for name, values in rows_to_keep(block, inputs).items():
            kept = rows.get(name)
            if kept is None:
                shape = (span.stop - span.start, *values.shape[1:])
                kept = rows[name] = np.empty(shape, dtype=values.dtype)
            kept[start - span.start : stop - span.start] = values
    return whole, rows


def _failed(job: Job, population: Population, span: Span, error: Exception) -> Failed:
    found = Failed(
        chunk=span.chunk,
        start=span.start,
        stop=span.stop,
        error=f"{type(error).__name__}: {error}",
    )
    try:
        member = first_failing(population, span.start, span.stop, job.threads)
        solved(population, member, member + 1, job.threads)
    except Exception as again:
        if "member" not in locals():
            return found
        values = population.values(member, member + 1)
        told = ", ".join(f"{of.name} {of.text(values[of.name][0])}" for of in population.varied)
        error_text = f"{type(again).__name__}: {again}"
        return attrs.evolve(found, error=error_text, member=member, values=told)
    return found


@lru_cache(maxsize=2)
def _population(pickled: bytes) -> Population:
    # unpickled once a process, so that its kernels are made once
    population: Population = pickle.loads(pickled)
    return population


def _check_versions(given: tuple[tuple[str, str], ...]) -> None:
    """Refuse to mix results of different versions.

    Raises:
        SweepError: this environment is not the one that the sweep was begun in.
    """
    for name, there in given:
        if comes_along(name):
            continue
        here = _version(name)
        if here != there:
            raise SweepError(
                f"a worker has {name} {here}, but the sweep was begun with {there}; give all "
                "workers the same environment"
            )


def _check_code(given: tuple[tuple[str, str], ...]) -> None:
    """Refuse to mix results of code that was edited.

    Raises:
        SweepError: the files are not those that the sweep was begun with.
    """
    for name, there in given:
        if has_files(name) and _code(name) != there:
            raise SweepError(
                f"a worker has other code of {owner(name)} than the sweep was begun with, though "
                "its version is the same; give all workers the same environment, and start them "
                "again"
            )


@lru_cache(maxsize=64)
def _code(name: str) -> str:
    # once a process: what Python imported stays as it was, whatever is edited afterwards
    return files_hash(name)


@lru_cache(maxsize=64)
def _version(name: str) -> str:
    return installed_version(name)
