"""How chunks are handed out: many at a time at first, ever fewer towards the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

from ._work import Job, Outcome

#: Seconds that one batch may take, so that progress is seen and little is lost when it is stopped.
_LONGEST_S = 1.0


class Batches:
    """Chunks still to do.

    Asking a worker and hearing from it costs as much as solving thousands of members, so several
    small chunks go to it at once. A batch is a share of what is left, so that all workers end
    together (guided self-scheduling: Polychronopoulos & Kuck, IEEE Trans. Comput. C-36:1425, 1987).

    Args:
        todo: numbers of chunks.
        job: makes the job of several chunks.
        alone: chunks that are never put together with others.
    """

    def __init__(
        self,
        todo: Sequence[int],
        job: Callable[[Sequence[int]], Job],
        alone: Collection[int] = (),
    ) -> None:
        self._todo = deque(todo)
        self._job = job
        self._alone = set(alone)
        self._chunk_s: float | None = None

    @property
    def left(self) -> int:
        """How many chunks nobody has taken yet."""
        return len(self._todo)

    def take(self, room: int) -> Job | None:
        """Return the next job; None if nothing is left to do.

        Args:
            room: how many jobs are given out at a time.
        """
        if not self._todo:
            return None
        several = [self._todo.popleft()]
        if several[0] not in self._alone:
            wanted = self._size(len(self._todo) + 1, room)
            while len(several) < wanted and self._todo and self._todo[0] not in self._alone:
                several.append(self._todo.popleft())
        return self._job(several)

    def learn(self, job: Job, outcome: Outcome) -> None:
        """Take from what came of a job how long a chunk takes."""
        self._chunk_s = outcome.seconds / len(job.spans)

    def again_one_by_one(self, job: Job) -> None:
        """Put the chunks of a job back, to find out which of them it is that fails."""
        numbers = [span.chunk for span in job.spans]
        self._alone |= set(numbers)
        self._todo.extendleft(reversed(numbers))

    def _size(self, left: int, room: int) -> int:
        if self._chunk_s is None:
            return 1
        longest = _LONGEST_S / max(self._chunk_s, 1e-9)
        return max(1, int(min(left / max(room, 1), longest)))
