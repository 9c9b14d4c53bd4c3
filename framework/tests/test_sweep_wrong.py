"""What goes wrong with sweeps: arguments, leftovers, and what plugins raise."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest
from building import K2P, NALCN, membrane
from sweeping import CHUNK, bits, here, small

import pumpleak as pl
from pumpleak.population import Grid, Population
from pumpleak.sweep import SweepError, run, status

pytest.importorskip("zarr")
pytest.importorskip("distributed")


@pytest.mark.parametrize("chunk", ["x", 4096.0, True, 0, -4096, 4097])
def test_a_chunk_that_is_no_number_of_members_is_refused(chunk: Any, tmp_path: Path) -> None:
    """Before anything is made."""
    with pytest.raises(SweepError, match="--chunk must be a multiple of 4096, got"):
        run(small(10), tmp_path / "a.zarr", workers=0, chunk=chunk)
    assert not list(tmp_path.iterdir())


def test_a_chunk_is_no_larger_than_all_members(tmp_path: Path) -> None:
    """However large it is said to be: its buffers would have to hold so many."""
    found = run(small(5000), tmp_path / "a.zarr", workers=0, chunk=CHUNK * 10**15)

    assert found.complete
    assert found.chunks == 1
    assert run(small(5000), tmp_path / "a.zarr", workers=0, chunk=CHUNK * 10**15).resumed == 1


def test_fewer_workers_than_none_are_refused(tmp_path: Path) -> None:
    """In words."""
    with pytest.raises(SweepError, match="workers must be 0 or more, got -1"):
        run(small(10), tmp_path / "a.zarr", workers=-1)


def test_what_a_killed_run_of_the_same_number_left_behind_is_no_obstacle(tmp_path: Path) -> None:
    """Processes of containers are often numbered alike."""
    (tmp_path / f".a.zarr.{os.getpid()}.part").mkdir()
    (tmp_path / f".a.zarr.{os.getpid()}.part" / "zarr.json").write_text("{")

    assert here(small(10), tmp_path / "a.zarr").complete
    assert [path.name for path in tmp_path.iterdir()] == ["a.zarr"]


@pytest.mark.parametrize("text", ["{}", "[]", "3", '{"chunk": 4096}'])
def test_a_record_that_says_too_little_is_told(text: str, tmp_path: Path) -> None:
    """When going on, and when asking how far it is."""
    out = tmp_path / "a.zarr"
    here(small(10), out)
    (out / ".pumpleak" / "definition.json").write_text(text)

    with pytest.raises(SweepError, match=r"definition.json: is damaged"):
        here(small(10), out, chunk=None)
    with pytest.raises(SweepError, match=r"definition.json: is damaged"):
        status(out)


class Locked(pl.Transporter):
    """A pump that holds what no pickle can."""

    stoichiometry = {"Na": 3, "K": -2}
    atp = 1
    lock = attrs.field(factory=threading.Lock, eq=False, repr=False)

    def activity(self, s: Any) -> Any:
        return 0.1


class Offline(pl.Transporter):
    """A pump that asks somebody who does not answer, for potassium above 9.99 mM."""

    stoichiometry = {"Na": 3, "K": -2}
    atp = 1
    opaque = True

    def activity(self, s: Any) -> Any:
        if s.outside.K > 9.99:
            raise TimeoutError("the table's server does not answer")
        return 0.1


def with_pump(pump: Any, points: int) -> Population:
    made = membrane(K2P(density="1e-6 cm/s"), NALCN(density="4e-8 cm/s"), pump)
    return Population(made, {"outside.K": Grid(low="3 mM", high="10 mM", points=points)})


def test_what_cannot_be_sent_to_workers_is_done_here(tmp_path: Path) -> None:
    """And said in words where workers were asked for."""
    population = with_pump(Locked(name="pump", density="1 uA/cm^2"), 9)

    assert run(population, tmp_path / "a.zarr").complete
    with pytest.raises(SweepError, match="cannot be sent to workers: TypeError: cannot pickle"):
        run(population, tmp_path / "b.zarr", workers=1)


def test_an_oserror_of_a_plugin_is_the_fault_of_its_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not taken for a store that cannot be written; the others are kept."""
    monkeypatch.setattr("pumpleak.sweep._plan.GRAIN", 1)
    population = with_pump(Offline(name="pump", density="1 uA/cm^2"), 9)
    found = here(population, tmp_path / "a.zarr", chunk=8)

    (failed,) = found.failures
    assert (failed.chunk, failed.member) == (1, 8)
    assert "TimeoutError: the table's server does not answer" in failed.error


def test_a_damaged_chunk_that_cannot_be_done_again_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its mark says that it was done; a later run does it."""
    out = tmp_path / "a.zarr"
    here(small(), out)
    whole = bits(out)
    (out / "V" / "c" / "1").write_bytes(b"damaged")

    def fails(*given: Any) -> Any:
        raise ValueError("no")

    from pumpleak.sweep import _work

    original = _work._done
    monkeypatch.setattr(_work, "_done", fails)
    found = here(small(), out)
    assert not found.complete
    assert not status(out).complete
    monkeypatch.setattr(_work, "_done", original)
    assert here(small(), out).complete
    assert status(out).complete
    assert bits(out) == whole
