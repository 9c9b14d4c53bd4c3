"""Chunks done by the workers of a Dask cluster."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from ..population import Population
from ._batches import Batches
from ._errors import SweepError
from ._waited import waited
from ._work import Failed, Job, Outcome, do

#: Jobs in flight for each thread that works: one that is done, and one that waits its turn.
_AHEAD = 2
#: Seconds between asking how many workers there are.
_ASK_EVERY_S = 2.0
#: Seconds to wait for a scheduler to answer.
_PATIENCE_S = 20
#: Ctrl-C in a terminal reaches every process; only the one that was started speaks of it.
_DEAF = """
import signal

def dask_setup(worker):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
"""
_UNGUARDED = (
    "each worker imports the script that starts it, so a script must sweep under "
    '`if __name__ == "__main__":`; or give workers=0'
)
#: How often a chunk is tried whose worker died.
_TRIES = 3


class Cluster:
    """A Dask cluster.

    Args:
        client: connected to it.
        words: what messages call it.
        population: what is solved, pickled.
    """

    def __init__(self, client: Any, words: str, population: bytes) -> None:
        self._client = client
        self._population = population
        self.words = words
        self._asked = -_ASK_EVERY_S
        self._room = 1

    def _threads(self) -> int:
        """Return how many threads work; workers come and go, but asking takes time."""
        now = time.monotonic()
        if now - self._asked > _ASK_EVERY_S:
            self._asked = now
            self._room = max(sum(self._client.nthreads().values()), 1)
        return self._room

    def outcomes(self, batches: Batches) -> Iterator[Outcome]:
        """Yield what comes of chunks, as it comes."""
        from distributed import as_completed
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        given: dict[Any, Job] = {}
        coming = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)

        def fill() -> None:
            room = _AHEAD * self._threads()
            while len(given) < room and (job := batches.take(room)) is not None:
                sent = attrs.evolve(job, population=self._population)
                future = self._client.submit(do, sent, pure=False, retries=_TRIES)
                given[future.key] = job
                coming.add(future)

        fill()
        while given:
            future, outcome = next(coming)
            job = given.pop(future.key)
            try:
                if future.status != "finished":
                    future.result()  # raises what it failed with
                batches.learn(job, outcome)
            except KilledWorker:
                outcome = _killed(job, batches)
            except FutureCancelledError as error:
                raise SweepError(
                    f"the connection to {self.words} was lost; run the same command again to go on"
                ) from error
            finally:
                future.release()
            # given out before the last outcome is put away, so that no worker waits for that
            fill()
            if outcome is not None:
                yield outcome


def _killed(job: Job, batches: Batches) -> Outcome | None:
    """Find out which chunk of a batch it is that workers die of; None if that is not known yet."""
    if len(job.spans) > 1:
        batches.again_one_by_one(job)
        return None
    (span,) = job.spans
    failed = Failed(
        chunk=span.chunk,
        start=span.start,
        stop=span.stop,
        error="every worker that tried it died; perhaps there is too little memory for its "
        "members: give a smaller --chunk",
    )
    return Outcome(mark=b"", members=0, failed=(failed,), seconds=0.0)


@contextmanager
def connected(
    population: Population, scheduler: str, log: Callable[[str], None]
) -> Iterator[Cluster]:
    """Give a Dask cluster that is there already.

    Args:
        population: what is solved.
        scheduler: its address.
        log: takes a line for the user.

    Raises:
        SweepError: the population cannot be sent.
    """
    from distributed import Client

    pickled = _pickled(population)
    _hush()
    with Client(scheduler, timeout=_PATIENCE_S, set_as_default=False) as client:
        if not client.nthreads():
            log(f"{scheduler} has no workers yet; waiting for the first")
            client.wait_for_workers(1)
        yield Cluster(client, f"the scheduler at {scheduler}", pickled)


@contextmanager
def started(population: Population, workers: int | None) -> Iterator[Cluster]:
    """Give workers of our own on this machine, and end them afterwards.

    Args:
        population: what is solved.
        workers: how many; None is one a processor.

    Raises:
        SweepError: they do not start, or the population cannot be sent.
    """
    from distributed import Client

    pickled = _pickled(population)
    _hush()
    with local_cluster(workers) as cluster, Client(cluster, set_as_default=False) as client:
        yield Cluster(client, "the workers", pickled)


def _pickled(population: Population) -> bytes:
    import cloudpickle

    try:
        pickled: bytes = cloudpickle.dumps(population)
    except Exception as error:  # whatever a mechanism holds can raise
        raise SweepError(
            f"the membrane cannot be sent to workers: {type(error).__name__}: {error}; keep what "
            "is named there out of its mechanisms, or give workers=0"
        ) from error
    return pickled


def _hush() -> None:
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


def check_answers(scheduler: str) -> None:
    """Refuse a scheduler that does not answer, before anything is made.

    A client that cannot connect waits long, and complains when the process ends.

    Raises:
        SweepError: the address is none, or nobody answers there.
    """
    from distributed.comm import connect
    from distributed.security import Security

    async def knock() -> None:
        given = Security().get_connection_args("client")
        comm = await connect(scheduler, timeout=_PATIENCE_S, **given)
        await comm.close()

    try:
        waited(knock())
    except Exception as error:  # of many kinds: no address, no such host, no certificate
        words = str(error) or type(error).__name__
        raise SweepError(f"no Dask scheduler answers at {scheduler!r}: {words}") from error


def check_guarded() -> None:
    """Say in words what a script must have, where a worker that starts imports it and sweeps again.

    Raises:
        SweepError: this is a worker, not yet started.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SweepError(_UNGUARDED)


@contextmanager
def local_cluster(workers: int | None) -> Iterator[Any]:
    """Give a Dask cluster of processes on this machine, one thread each.

    Args:
        workers: how many; None is one a processor.
    """
    import dask
    from distributed import LocalCluster

    settings = {
        "distributed.worker.preload": [_DEAF],
        # chunks are few and long: what watches over many short tasks would only take their time
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.interval": "5s",
        "distributed.scheduler.work-stealing": False,
    }
    with dask.config.set(settings):
        try:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                # no dashboard; without an address of its own Dask would still listen at port 8787
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        except RuntimeError:  # says that it failed, not why; what a worker says stands above
            raise SweepError(f"the workers did not start; {_UNGUARDED}") from None
        with cluster:
            yield cluster
