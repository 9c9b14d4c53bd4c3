"""Where chunks are done: in this process, in processes started for it, or on a Dask cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from ..population import Population
from ..population._solve import opaque
from ._batches import Batches
from ._cluster import connected, started
from ._errors import SweepError
from ._here import Here
from ._progress import time_text
from ._work import Outcome

#: Workers take seconds to start; so much must be left to do that they are worth it.
_WORTH_S = 30.0
#: Seconds after which it is known how fast it goes.
_KNOWN_AFTER_S = 1.0


class Pool(Protocol):
    """Somewhere that chunks are done."""

    def outcomes(self, batches: Batches) -> Iterator[Outcome]:
        """Yield what comes of chunks, in any order; takes them as there is room."""


class HereThenWorkers:
    """This process, which has begun before any worker would be there; then workers, if it is long.

    Args:
        here: this process.
        log: takes a line for the user.
    """

    def __init__(self, here: Here, log: Callable[[str], None]) -> None:
        self._here = here
        self._log = log

    def outcomes(self, batches: Batches) -> Iterator[Outcome]:
        """Yield what comes of chunks."""
        began, at_first = time.monotonic(), batches.left
        left_s = 0.0

        def is_long() -> bool:
            nonlocal left_s
            took, came = time.monotonic() - began, at_first - batches.left
            left_s = took / came * batches.left if came and took > _KNOWN_AFTER_S else 0.0
            return left_s > _WORTH_S

        yield from self._here.outcomes(batches, enough=is_long)
        if not batches.left:
            return
        self._log(f"about {time_text(left_s)} of work is left: one worker a processor is started")
        with ExitStack() as stack:
            pool: Pool = self._here
            try:
                pool = stack.enter_context(started(self._here.population, None))
            except SweepError as error:
                self._log(f"{error}. This process goes on alone.")
            yield from pool.outcomes(batches)


@contextmanager
def pool(
    population: Population,
    chunks: int,
    scheduler: str | None,
    workers: int | None,
    log: Callable[[str], None],
) -> Iterator[Pool]:
    """Give somewhere that chunks are done, and close it afterwards.

    Args:
        population: what is solved.
        chunks: how many are to be done.
        scheduler: address of a Dask scheduler that is there already.
        workers: processes to start here; 0 is none, and this process does all; with None they are
            started if it takes long, and at once where a mechanism is opaque, which always does.
        log: takes a line for the user.

    Raises:
        SweepError: the scheduler does not answer, or workers do not start.
    """
    if scheduler is not None:
        with connected(population, scheduler, log) as cluster:
            yield cluster
    elif workers == 0 or (workers is None and chunks == 1):
        yield Here(population, chunks)
    elif workers is None and not opaque(population):
        yield HereThenWorkers(Here(population, chunks), log)
    else:
        with started(population, workers) as cluster:
            yield cluster
