"""Where chunks are done: in this process, in processes started for it, or on a Dask cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ._errors import SweepError
from ._work import Done, Failed, Job, do

#: Chunks in flight for each thread that works: one that is done, and one that waits its turn.
_AHEAD = 2
#: Seconds to wait for a scheduler to answer.
_PATIENCE_S = 20
#: Ctrl-C in a terminal reaches every process; only the one that was started speaks of it.
_DEAF = """
import signal

def dask_setup(worker):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
"""
#: How often a chunk is tried whose worker died.
_TRIES = 3


class Pool(Protocol):
    """Somewhere that chunks are done."""

    words: str

    def results(self, jobs: Iterator[Job]) -> Iterator[Done | Failed]:
        """Yield results in any order; takes jobs as there is room, so that few are in flight."""


class Here:
    """This process, one chunk after the other; the kernel's own threads share each."""

    words = "this process"

    def results(self, jobs: Iterator[Job]) -> Iterator[Done | Failed]:
        """Yield results in order."""
        for job in jobs:
            yield do(job)


class Cluster:
    """A Dask cluster.

    Args:
        client: connected to it.
        words: what messages call it.
    """

    def __init__(self, client: Any, words: str) -> None:
        self._client = client
        self.words = words

    def results(self, jobs: Iterator[Job]) -> Iterator[Done | Failed]:
        """Yield results as they come."""
        from distributed import as_completed
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        given: dict[Any, Job] = {}
        coming = as_completed(loop=self._client.loop)

        def fill() -> None:
            room = _AHEAD * max(sum(self._client.nthreads().values()), 1)
            while len(given) < room and (job := next(jobs, None)) is not None:
                future = self._client.submit(do, job, pure=False, retries=_TRIES)
                given[future.key] = job
                coming.add(future)

        fill()
        while given:
            future = next(coming)
            job = given.pop(future.key)
            try:
                result = future.result()
            except KilledWorker:
                result = Failed(
                    chunk=job.chunk,
                    start=job.start,
                    stop=job.stop,
                    error="every worker that tried it died; perhaps there is too little memory "
                    "for its members: give a smaller --chunk",
                )
            except FutureCancelledError as error:
                raise SweepError(
                    f"the connection to {self.words} was lost; run the same command again to go on"
                ) from error
            finally:
                future.release()
            yield result
            fill()


@contextmanager
def pool(scheduler: str | None, workers: int | None, log: Callable[[str], None]) -> Iterator[Pool]:
    """Give somewhere that chunks are done, and close it afterwards.

    Args:
        scheduler: address of a Dask scheduler that is there already.
        workers: processes to start here; 0 is none, and this process does all.
        log: takes a line for the user.

    Raises:
        SweepError: the scheduler does not answer.
    """
    if scheduler is None and workers == 0:
        yield Here()
        return
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_PATIENCE_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise SweepError(f"no Dask scheduler answers at {scheduler!r}: {error}") from error
        with client:
            if not client.nthreads():
                log(f"{scheduler} has no workers yet; waiting for the first")
                client.wait_for_workers(1)
            yield Cluster(client, f"the scheduler at {scheduler}")
        return
    with (
        dask.config.set({"distributed.worker.preload": [_DEAF]}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield Cluster(client, "the workers")
