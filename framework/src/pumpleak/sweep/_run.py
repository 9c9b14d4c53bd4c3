"""Running a sweep: begin or go on, chunk by chunk, to an end that is the same however it went."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from .._errors import PumpleakError
from ..population import Population, load_population
from ..population._solve import notes, solved
from ..population._tally import Tally, from_bytes, merged, to_bytes
from ._batches import Batches
from ._cluster import check_answers, check_guarded
from ._errors import SweepError
from ._folder import Folder, Mark
from ._plan import Plan, differences, planned
from ._pool import pool
from ._progress import progress
from ._store import SAMPLE, create, mend, needs_scale, stored_checksum, write_summary
from ._work import Failed, Job, Span


@attrs.frozen(kw_only=True)
class Finished:
    """What came of a run.

    Args:
        out: the store.
        members: of the whole sweep.
        chunks: of the whole sweep.
        resumed: chunks that an earlier run had finished.
        failures: chunks that failed in this run.
        seconds: that this run took.
        tally: what the reductions know of all that is finished.
    """

    out: Path
    members: int
    chunks: int
    resumed: int
    failures: tuple[Failed, ...]
    seconds: float
    tally: Tally = attrs.field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether every chunk is done."""
        return not self.failures


def run(
    population: Population | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    members: int | None = None,
    seed: int | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    rows: bool = True,
    chunk: int | None = None,
    verify: bool = True,
    log: Callable[[str], None] = lambda line: None,
) -> Finished:
    """Solve a population into a store; a run that was stopped goes on where it was.

    Args:
        population: a population, or the path of its file.
        out: a Zarr store, made if it is not there.
        members: instead of what the file says.
        seed: instead of what the file says.
        scheduler: address of a Dask scheduler, ``"tcp://host:8786"``.
        workers: processes to start on this machine; with 0 this process does all. By default it
            begins, and workers, one a processor, go on if more than 30 s of work are left; where a
            mechanism is opaque they do all.
        rows: whether to keep every member, or the summary only.
        chunk: members solved at a time by one worker, a multiple of 4096.
        verify: whether to read what an earlier run stored, and do again what is damaged.
        log: takes a line for the user now and then.

    Returns:
        What came of it; chunks that failed are told, and the others kept.

    Raises:
        FileError: the file is not a population.
        SweepError: the store holds another sweep, or another run fills it; or a script starts
            workers outside ``if __name__ == "__main__":``.
        OSError: the store cannot be written.
    """
    if workers is not None and operator.index(workers) < 0:
        raise SweepError(f"workers must be 0 or more, got {workers}")
    if scheduler is None and workers != 0:
        check_guarded()
    needs_scale()
    if scheduler is not None:
        check_answers(scheduler)
    began = time.monotonic()
    where = Path(out)
    folder = Folder(where)
    if chunk is None and folder.is_there:
        chunk = int(folder.definition()["chunk"])
    plan = planned(_population(population, members, seed), chunk=chunk, rows=rows)
    _tried(plan)
    for note in notes(plan.population):
        log(note)
    new = not folder.is_there
    if new:
        if where.exists():
            raise SweepError(f"{where}: is there already, and no sweep's; give another --out")
        if not where.parent.is_dir():
            raise SweepError(
                f"{where.parent}: no such folder; make it first, or give another --out"
            )
        create(plan, where)
    with folder.locked():
        _check_same(plan, folder)
        folder.sweep_up()
        if not new and (mended := mend(plan, where)):
            were = "files was damaged and is" if mended == 1 else "files were damaged and are"
            log(f"{mended} of the store's zarr.json {were} written again")
        tally, checks = _so_far(folder)
        damaged: set[int] = set()
        if plan.rows and verify:
            damaged = {k for k, check in checks.items() if not _is_stored(plan, folder, k, check)}
        if damaged:
            log(f"{len(damaged)} of {len(checks)} finished chunks are damaged and are done again")
        resumed = len(checks) - len(damaged)
        if resumed:
            log(f"{resumed} of {plan.chunks} chunks are done already")
        todo = [k for k in range(plan.chunks) if k not in checks or k in damaged]
        failures: list[Failed] = []
        if todo:
            folder.clear_finished()
            tally = _done(plan, folder, todo, tally, checks, failures, scheduler, workers, log)
        complete = len(checks) == plan.chunks and not failures
        if verify or not (complete and folder.is_finished):
            if checks:
                write_summary(plan, where, tally, complete)
            if complete:
                folder.put_finished({"identity": plan.identity})
    return Finished(
        out=where,
        members=plan.population.size,
        chunks=plan.chunks,
        resumed=resumed,
        failures=tuple(failures),
        seconds=time.monotonic() - began,
        tally=tally,
    )


def _population(
    given: Population | str | os.PathLike[str], members: int | None, seed: int | None
) -> Population:
    if not isinstance(given, Population):
        return load_population(given, members=members, seed=seed)
    changes: dict[str, Any] = {"members": members, "seed": seed}
    changes = {key: value for key, value in changes.items() if value is not None}
    return attrs.evolve(given, **changes) if changes else given


def _tried(plan: Plan) -> None:
    """Solve two members, so that what is wrong with all is told before anything is made."""
    errors: list[Exception] = []
    for member in (0, plan.population.size - 1):
        try:
            solved(plan.population, member, member + 1)
        except Exception as error:  # one member that fails is told by its chunk
            errors.append(error)
    if len(errors) < 2:
        return
    if isinstance(errors[0], PumpleakError):
        raise errors[0]
    raise SweepError(
        f"the first and the last member fail: {type(errors[0]).__name__}: {errors[0]}"
    ) from errors[0]


def _check_same(plan: Plan, folder: Folder) -> None:
    """Refuse to mix two sweeps in one store."""
    changed = differences(folder.definition(), plan.definition)
    if changed:
        told = "".join(f"\n  - {item}" for item in changed)
        raise SweepError(
            f"{folder.out}: holds another sweep; give another --out, or remove it. What differs:"
            f"{told}"
        )


def _so_far(folder: Folder) -> tuple[Tally, dict[int, str]]:
    """Return what finished chunks add up to, and their checksums."""
    together, loose = folder.marks()
    tally: Tally = {}
    checks: dict[int, str] = {}
    for mark in [*([together] if together is not None else []), *loose.values()]:
        tally = merged(tally, from_bytes(mark.tally))
        checks |= mark.chunks
    return tally, checks


def _is_stored(
    plan: Plan, folder: Folder, number: int, check: str, only: str | None = None
) -> bool:
    try:
        return stored_checksum(folder.out, *plan.span(number), only) == check
    except Exception:  # a damaged store can raise anything
        return False


def _done(
    plan: Plan,
    folder: Folder,
    todo: list[int],
    tally: Tally,
    checks: dict[int, str],
    failures: list[Failed],
    scheduler: str | None,
    workers: int | None,
    log: Callable[[str], None],
) -> Tally:
    """Do chunks, mark each, and return what all finished ones add up to."""
    finished = plan.population.size - sum(stop - start for start, stop in map(plan.span, todo))
    loose = len(checks)
    seen = False
    with pool(plan.population, len(todo), scheduler, workers, log) as where:
        # what is done again is known to the reductions, and so not to be added up with the others
        batches = Batches(todo, _job_of(plan, folder.out), alone=checks)
        with progress(plan.population.size, finished) as advance:
            for outcome in where.outcomes(batches):
                for failed in outcome.failed:
                    failures.append(failed)
                    folder.put_failure(failed.chunk, attrs.asdict(failed))
                if not outcome.mark:
                    continue
                mark = _read(outcome.mark)
                if scheduler is not None and plan.rows and not seen:
                    _check_seen(plan, folder, outcome.sample)
                    seen = True
                for chunk in mark.chunks:
                    folder.clear_failure(chunk)
                advance(outcome.members)
                if mark.chunks.keys() & checks.keys():
                    # its members were damaged; what the reductions know of them was not
                    _check_repeated(mark, checks)
                    continue
                folder.put_mark(mark)
                tally = merged(tally, from_bytes(mark.tally))
                checks |= mark.chunks
                loose += 1
                if folder.too_many_loose(loose, len(checks)):
                    folder.put_merged(Mark(chunks=dict(checks), tally=to_bytes(tally)))
                    loose = 0
    return tally


def _check_seen(plan: Plan, folder: Folder, sample: Mapping[int, str]) -> None:
    """Refuse workers that store members where this machine does not see them."""
    chunk, check = next(iter(sample.items()))
    if not _is_stored(plan, folder, chunk, check, SAMPLE):
        raise SweepError(
            f"{folder.out}: a worker stored members, but not here; --out must lie on a file system "
            "that all machines see under the same path"
        )


def _check_repeated(mark: Mark, checks: Mapping[int, str]) -> None:
    ((chunk, check),) = mark.chunks.items()
    if check != checks[chunk]:
        raise SweepError(
            f"chunk {chunk}, done again, is not what it was: this machine computes otherwise than "
            "the one that began the sweep; give another --out"
        )


def _read(data: bytes) -> Mark:
    mark = Mark.from_bytes(data)
    if mark is None:
        raise SweepError("a worker returned a mark that was damaged on its way; run it again")
    return mark


def _job_of(plan: Plan, out: Path) -> Callable[[Sequence[int]], Job]:
    """Return what makes the job of several chunks."""
    versions = tuple(sorted(plan.definition["versions"].items()))
    code = tuple(sorted(plan.definition["code"].items()))

    def job(chunks: Sequence[int]) -> Job:
        return Job(
            population=b"",
            versions=versions,
            code=code,
            out=str(out.resolve()),
            spans=tuple(Span(chunk, *plan.span(chunk)) for chunk in chunks),
            rows=plan.rows,
            threads=1,
        )

    return job
