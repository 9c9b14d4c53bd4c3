"""How chunks are handed out to workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweeping import small

from pumpleak.sweep._batches import Batches
from pumpleak.sweep._cluster import _killed
from pumpleak.sweep._work import Job, Outcome, Span


def job(chunks: Sequence[int]) -> Job:
    """Return a job of chunks of ten members."""
    spans = tuple(Span(chunk, 10 * chunk, 10 * chunk + 10) for chunk in chunks)
    return Job(population=b"", versions=(), code=(), out="", spans=spans, rows=False, threads=1)


def outcome(seconds: float) -> Outcome:
    """Return what came of a job that took so long."""
    return Outcome(mark=b"", members=10, seconds=seconds)


def taken(batches: Batches, room: int) -> list[list[int]]:
    """Return what is handed out, job by job."""
    found = []
    while (given := batches.take(room)) is not None:
        found.append([span.chunk for span in given.spans])
    return found


@given(
    chunks=st.integers(0, 200),
    room=st.integers(1, 40),
    seconds=st.floats(0, 10),
    alone=st.sets(st.integers(0, 200)),
)
def test_every_chunk_is_handed_out_once_and_in_order(
    chunks: int, room: int, seconds: float, alone: set[int]
) -> None:
    """Whatever the size of batches; those that must be alone are."""
    batches = Batches(range(chunks), job, alone)
    batches.learn(job([0]), outcome(seconds))
    found = taken(batches, room)

    assert [chunk for several in found for chunk in several] == list(range(chunks))
    assert all(len(several) == 1 for several in found if alone & set(several))


def test_batches_shrink_towards_the_end_and_are_short_where_chunks_are_slow() -> None:
    """Workers end together, and a second's work is lost at most when a sweep is stopped."""
    unknown = Batches(range(5), job)
    quick, slow = Batches(range(100), job), Batches(range(6), job)
    quick.learn(job([0]), outcome(0.001))
    slow.learn(job([0, 1]), outcome(6.0))
    sizes = [len(several) for several in taken(quick, 4)]

    assert [len(several) for several in taken(unknown, 4)] == [1] * 5
    assert sizes[0] == 25
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert len(sizes) < 30
    assert [len(several) for several in taken(slow, 1)] == [1] * 6


def test_a_batch_whose_worker_died_is_tried_again_chunk_by_chunk() -> None:
    """Only the chunk that workers die of is given up."""
    batches = Batches(range(8, 12), job)
    batches.learn(job([0]), outcome(0.001))

    assert _killed(job([3, 4, 5]), batches) is None
    assert taken(batches, 1)[:3] == [[3], [4], [5]]
    told = _killed(job([4]), batches)
    assert told is not None
    (failed,) = told.failed
    assert (failed.chunk, failed.start, failed.stop) == (4, 40, 50)
    assert "every worker that tried it died" in failed.error


def test_a_job_that_is_one_chunk_of_many_keeps_the_others_if_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was solved is marked; what was not is told."""
    from pumpleak.sweep import _work
    from pumpleak.sweep._folder import Mark

    def done(given: Job, population: Any, span: Span, _: Any) -> tuple[dict[str, Any], Any]:
        if span.chunk == 2:
            raise ValueError("no data")
        return {}, {}

    monkeypatch.setattr(_work, "_done", done)
    found = _work.done(job([1, 2, 3]), small())
    mark = Mark.from_bytes(found.mark)

    assert mark is not None
    assert set(mark.chunks) == {1, 3}
    assert found.members == 20
    assert [failed.chunk for failed in found.failed] == [2]
    assert "ValueError: no data" in found.failed[0].error
