"""Where chunks are done: in this process, or by workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sweeping import CHUNK, bits, here, small

from pumpleak.population._solve import AT_ONCE, at_once
from pumpleak.sweep import SweepError, _pool, _work, run, status
from pumpleak.sweep._work import Job, Stopped

pytest.importorskip("zarr")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "a.zarr"
    assert here(small(), out).complete
    return bits(out)


@contextmanager
def refused(population: Any, workers: int | None) -> Iterator[Any]:
    raise SweepError("the workers did not start")
    yield


@pytest.mark.parametrize("processors", [1, 2, 3, 64])
def test_the_number_of_threads_changes_no_bit(
    processors: int, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks side by side, or threads in each of them."""
    monkeypatch.setattr("pumpleak.sweep._here.default_threads", lambda: processors)
    assert here(small(), tmp_path / "a.zarr").complete
    assert bits(tmp_path / "a.zarr") == whole


def test_a_short_sweep_starts_no_workers_unless_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would take longer to start than it takes."""
    monkeypatch.setattr(_pool, "started", refused)

    assert run(small(), tmp_path / "one.zarr").chunks == 1
    assert run(small(), tmp_path / "four.zarr", chunk=CHUNK).complete
    with pytest.raises(SweepError, match="did not start"):
        run(small(), tmp_path / "two.zarr", chunk=CHUNK, workers=1)


def test_a_long_sweep_is_begun_here_and_gone_on_with_by_workers(
    whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as it is known that it takes long; told, and to the same bits."""
    said: list[str] = []
    used: list[Any] = []

    @contextmanager
    def seen(population: Any, workers: int | None) -> Iterator[Any]:
        used.append(workers)
        with original(population, 1) as cluster:
            yield cluster

    original = _pool.started
    monkeypatch.setattr(_pool, "started", seen)
    monkeypatch.setattr(_pool, "_WORTH_S", 0.0)
    monkeypatch.setattr(_pool, "_KNOWN_AFTER_S", 0.0)
    monkeypatch.setattr("pumpleak.sweep._here.default_threads", lambda: 1)
    assert run(small(), tmp_path / "a.zarr", chunk=CHUNK, log=said.append).complete

    assert used == [None]
    assert bits(tmp_path / "a.zarr") == whole
    assert any("of work is left: one worker a processor is started" in line for line in said)


def test_where_workers_do_not_start_by_themselves_this_process_goes_on(
    whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says why; nobody asked for them."""
    said: list[str] = []
    monkeypatch.setattr(_pool, "started", refused)
    monkeypatch.setattr(_pool, "_WORTH_S", 0.0)
    monkeypatch.setattr(_pool, "_KNOWN_AFTER_S", 0.0)
    assert run(small(), tmp_path / "a.zarr", chunk=CHUNK, log=said.append).complete

    assert bits(tmp_path / "a.zarr") == whole
    assert "the workers did not start. This process goes on alone." in said


def test_after_an_error_or_ctrl_c_the_chunks_of_other_threads_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for all of a chunk whose members take long."""
    gave_up: list[int] = []

    def slow(job: Job, population: Any, stopped: Callable[[], bool]) -> Any:
        (span,) = job.spans
        if span.chunk == 0:
            raise OSError("no space left")
        until = time.monotonic() + 60
        while not stopped() and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(Stopped):
            _work.done(job, population, stopped)
        gave_up.append(span.chunk)

    monkeypatch.setattr("pumpleak.sweep._here.default_threads", lambda: 2)
    monkeypatch.setattr("pumpleak.sweep._here.done", slow)
    with pytest.raises(OSError, match="no space left"):
        here(small(), tmp_path / "a.zarr")

    assert gave_up == [1]
    assert status(tmp_path / "a.zarr").finished == 0


def test_members_that_take_long_are_solved_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what stops a sweep is heard; a kernel is quick and takes many."""
    monkeypatch.setattr("pumpleak.population._solve.notes", lambda _: ())
    assert at_once(small()) == AT_ONCE
    assert at_once(small(all_states=True)) == CHUNK

    monkeypatch.setattr("pumpleak.population._solve.notes", lambda _: ("solved with NumPy",))
    assert at_once(small()) == CHUNK
