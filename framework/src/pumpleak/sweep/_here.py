"""Chunks done in this process, as many at a time as there are processors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack

import attrs

from ..many._machine import default_threads
from ..population import Population
from ..population._solve import opaque
from ._batches import Batches
from ._work import Job, Outcome, done


class Here:
    """This process.

    Kernels and NumPy let go of the interpreter while they work, so each chunk has a thread of its
    own. An opaque mechanism is Python, which threads do not make faster, and which a user may want
    to stop: then it is one chunk after the other, in the thread that hears of Ctrl-C.

    Args:
        population: what is solved.
        chunks: how many are to be done.
    """

    def __init__(self, population: Population, chunks: int) -> None:
        self.population = population
        processors = default_threads()
        self._at_once = 1 if opaque(population) else max(1, min(processors, chunks))
        self._threads = max(1, processors // self._at_once)

    def outcomes(
        self, batches: Batches, enough: Callable[[], bool] = lambda: False
    ) -> Iterator[Outcome]:
        """Yield what comes of chunks, in any order.

        Args:
            batches: chunks to do.
            enough: asked before each chunk, whether to take no more of them.
        """
        stopped = threading.Event()
        if self._at_once == 1:
            while not enough() and (job := batches.take(1)) is not None:
                yield self._done(job, stopped)
            return
        running: set[Future[Outcome]] = set()
        with ExitStack() as stack:
            threads = stack.enter_context(
                ThreadPoolExecutor(self._at_once, thread_name_prefix="pumpleak-chunk")
            )
            # before the threads are waited for: after an error or Ctrl-C they need not end
            stack.callback(stopped.set)
            while True:
                while len(running) < self._at_once and not enough():
                    if (job := batches.take(self._at_once)) is None:
                        break
                    running.add(threads.submit(self._done, job, stopped))
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()

    def _done(self, job: Job, stopped: threading.Event) -> Outcome:
        return done(attrs.evolve(job, threads=self._threads), self.population, stopped.is_set)
