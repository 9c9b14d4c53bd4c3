"""Sweeps: chunk by chunk into a store, stopped and resumed, never mixed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweeping import CHUNK, Brittle, bits, brittle, here, small

import pumpleak as pl
from pumpleak.population import Grid, Moments, Population, Uniform
from pumpleak.sweep import SweepError, _work, open_result, run, status
from pumpleak.sweep._folder import Folder, Mark
from pumpleak.sweep._plan import planned

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")
pytest.importorskip("distributed")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "a.zarr"
    assert here(small(), out).complete
    return out


def test_a_store_holds_what_solving_in_memory_gives(whole: Path) -> None:
    """Every member and the summary, to the last bit, with units; opened by xarray alone."""
    stored = xarray.open_zarr(whole).load()
    rows, summary = small().solve(), small().summarise()

    for name in rows.variables:
        assert np.array_equal(stored[name].values, rows[name].values, equal_nan=True), name
        assert rows[name].attrs == stored[name].attrs
    for name in summary.variables:
        assert np.array_equal(stored[name].values, summary[name].values), name
    assert {"outside.K", "pump.density"} <= set(stored.coords)
    assert stored.V.attrs["units"] == "mV"
    assert stored.attrs["complete"]
    assert stored.attrs["versions"] == rows.attrs["versions"]
    assert open_result(whole).sizes["member"] == 3 * CHUNK + 100


def test_chunks_are_as_large_as_memory_allows() -> None:
    """At least eight; at most 1.3 million members, and 128 MiB of what a worker keeps meanwhile."""

    def chunk(population: Population, rows: bool) -> int:
        return planned(population, chunk=None, rows=rows).chunk

    vary = {"outside.K": Uniform(low="2 mM", high="9 mM")}
    many = Population(EXAMPLES / "neuron.toml", vary, members=10**8)
    wide = attrs.evolve(many, all_states=True)

    assert chunk(attrs.evolve(many, members=10_000), True) == 65_536
    assert chunk(attrs.evolve(many, members=4 * 10**6), True) == 503_808
    assert chunk(attrs.evolve(many, members=10**7), True) == 1_253_376
    assert chunk(many, True) == chunk(many, False) == chunk(wide, False) <= 5 << 18
    # seven arrays of eight bytes, five states each
    assert 120 << 20 < chunk(wide, True) * 7 * 8 * 5 <= 129 << 20


@given(members=st.integers(1, 10**8))
def test_chunks_are_alike_so_that_workers_end_together(members: int) -> None:
    """A multiple of four of them, where there are enough members and not very many."""
    vary = {"outside.K": Uniform(low="2 mM", high="9 mM")}
    population = Population(EXAMPLES / "neuron.toml", vary, members=10**6)
    plan = planned(attrs.evolve(population, members=members), chunk=None, rows=True)

    assert 65_536 <= plan.chunk <= (5 << 18) + 4096
    if members > 10**6:
        last = plan.span(plan.chunks - 1)
        assert plan.chunks % 4 == 0
        assert plan.chunk - (last[1] - last[0]) < 4096 * plan.chunks


@pytest.mark.parametrize("stop_after", [0, 1, 3])
def test_a_sweep_that_stopped_goes_on_and_ends_with_the_same_bits(
    whole: Path, tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was done is not done again."""
    out = tmp_path / "a.zarr"
    done: list[int] = []
    original = _work._done

    def counted(job: Any, population: Any, span: Any, stopped: Any) -> Any:
        if len(done) == stop_after:
            raise KeyboardInterrupt
        done.append(span.chunk)
        return original(job, population, span, stopped)

    monkeypatch.setattr(_work, "_done", counted)
    monkeypatch.setattr("pumpleak.sweep._here.default_threads", lambda: 1)  # in order
    with pytest.raises(KeyboardInterrupt):
        here(small(), out)
    assert status(out).finished == stop_after
    assert not status(out).complete
    monkeypatch.setattr(_work, "_done", original)
    lines: list[str] = []
    found = here(small(), out, log=lines.append)

    assert found.resumed == stop_after
    assert bits(out) == bits(whole)
    assert status(out).complete


def test_chunks_and_workers_do_not_change_members_or_summary(whole: Path, tmp_path: Path) -> None:
    """Other chunks, two processes: the same numbers; only the files are cut otherwise."""
    out = tmp_path / "b.zarr"
    found = run(small(), out, workers=2, chunk=2 * CHUNK)
    one, other = xarray.open_zarr(whole).load(), xarray.open_zarr(out).load()

    assert found.complete
    assert set(one.variables) == set(other.variables)
    for name in one.variables:
        assert np.array_equal(one[name].values, other[name].values, equal_nan=True), name


def test_a_sweep_runs_in_a_notebook(whole: Path, tmp_path: Path) -> None:
    """Where an event loop runs already."""

    async def cell() -> None:
        here(small(), tmp_path / "n.zarr")

    asyncio.run(cell())
    assert bits(tmp_path / "n.zarr") == bits(whole)


def test_reduce_only_keeps_the_summary_and_no_members(whole: Path, tmp_path: Path) -> None:
    """The same summary, in a store without rows."""
    out = tmp_path / "c.zarr"
    assert here(small(), out, rows=False).complete
    stored, full = xarray.open_zarr(out).load(), xarray.open_zarr(whole).load()

    assert "member" not in stored.sizes
    for name in stored.variables:
        assert np.array_equal(stored[name].values, full[name].values), name


def test_a_second_run_changes_nothing(whole: Path) -> None:
    """It says that all is done."""
    before = bits(whole)
    found = here(small(), whole)

    assert found.resumed == found.chunks == 4
    assert found.complete
    assert bits(whole) == before


@pytest.mark.parametrize("harm", ["delete", "truncate", "flip"])
def test_a_damaged_chunk_is_noticed_and_done_again(whole: Path, tmp_path: Path, harm: str) -> None:
    """Marks carry a checksum of the data; the others are not touched."""
    import shutil

    out = tmp_path / "d.zarr"
    shutil.copytree(whole, out)
    victim = out / "V" / "c" / "2"
    data = victim.read_bytes()
    if harm == "delete":
        victim.unlink()
    else:
        victim.write_bytes(data[: len(data) // 2] if harm == "truncate" else
                           data[:-100] + bytes(b ^ 1 for b in data[-100:]))  # fmt: skip
    lines: list[str] = []
    found = here(small(), out, log=lines.append)

    assert "1 of 4 finished chunks are damaged and are done again" in lines
    assert found.resumed == 3
    assert bits(out) == bits(whole)


@pytest.mark.parametrize("unfinished", [False, True])
@pytest.mark.parametrize("harm", ["delete", "truncate", "empty object"])
@pytest.mark.parametrize("victim", ["zarr.json", "V/zarr.json", "V.quantile/zarr.json"])
def test_damaged_metadata_is_written_again(
    whole: Path, tmp_path: Path, victim: str, harm: str, unfinished: bool
) -> None:
    """What says what the group and its arrays are follows from the sweep: no array is lost."""
    import shutil

    out = tmp_path / "m.zarr"
    shutil.copytree(whole, out)
    path = out / victim
    if harm == "delete":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:100] if harm == "truncate" else b"{}")
    if unfinished:
        (out / ".pumpleak" / "finished.json").unlink()
        (out / ".pumpleak" / "marks" / "000000003.mark").unlink()
    lines: list[str] = []
    found = here(small(), out, log=lines.append)

    assert found.complete
    assert found.resumed == 4 - unfinished
    told = "1 of the store's zarr.json files was damaged and is written again" in lines
    assert told == (victim != "V.quantile/zarr.json")  # the summary is written again as it is
    assert bits(out) == bits(whole)


def test_a_damaged_mark_does_not_count(whole: Path, tmp_path: Path) -> None:
    """Its chunk is done again."""
    import shutil

    out = tmp_path / "e.zarr"
    shutil.copytree(whole, out)
    mark = out / ".pumpleak" / "marks" / "000000001.mark"
    data = bytearray(mark.read_bytes())
    data[-1] ^= 1
    mark.write_bytes(bytes(data))

    assert Mark.from_bytes(bytes(data)) is None
    assert status(out).finished == 3
    assert here(small(), out).resumed == 3
    assert bits(out) == bits(whole)


def test_marks_are_put_together_and_a_loose_one_of_the_same_chunk_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    """A run can be killed between putting marks together and removing them."""
    out = tmp_path / "f.zarr"
    monkeypatch.setattr("pumpleak.sweep._folder._LOOSE", 2)
    assert here(small(), out).complete
    folder = Folder(out)
    together, loose = folder.marks()
    assert together is not None
    assert len(together.chunks) == 4
    assert not loose
    alone = Folder(whole).marks()[1][2]
    folder.put_mark(alone)

    assert folder.finished_chunks() == {0, 1, 2, 3}
    folder.clear_finished()
    assert here(small(), out).complete
    assert bits(out) == bits(whole)


def test_a_chunk_that_fails_is_told_and_the_rest_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the member and its values; a later run tries only that chunk again."""
    out, flag = tmp_path / "g.zarr", tmp_path / "flag"
    flag.touch()
    Brittle.flag = str(flag)
    # a mechanism that cannot be traced is solved member by member, wherever members are cut
    monkeypatch.setattr("pumpleak.sweep._plan.GRAIN", 1)
    population = brittle(9)
    found = here(population, out, chunk=8)

    (failed,) = found.failures
    assert not found.complete
    assert (failed.chunk, failed.member) == (1, 8)
    assert failed.values == "outside.K 10 mM"
    assert "no data above 9.99 mM" in failed.error
    assert status(out).failures[1]["member"] == 8
    stored = xarray.open_zarr(out)
    assert np.isfinite(stored.V.values[:8]).all()
    assert np.isnan(stored.V.values[8:]).all()
    assert stored.members.item() == 8
    assert not stored.attrs["complete"]
    with pytest.raises(SweepError, match="not complete; see"):
        open_result(out)

    flag.unlink()
    again = here(population, out, chunk=8)
    assert again.complete
    assert again.resumed == 1
    assert status(out).failures == {}
    assert np.isfinite(open_result(out).V.values).all()


def test_what_fails_for_all_is_told_before_a_store_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left behind."""
    monkeypatch.setattr(Brittle, "flag", __file__)
    population = Population(
        brittle(2).membrane, {"outside.K": Grid(low="9.995 mM", high="10 mM", points=3)}
    )
    with pytest.raises(pl.PhysicsError, match=r"no data above 9\.99 mM"):
        here(population, tmp_path / "h.zarr")
    assert list(tmp_path.iterdir()) == []


def test_all_states_are_stored_side_by_side(tmp_path: Path) -> None:
    """With how many there are; a myocyte in little potassium has three."""
    vary = {"outside.K": Grid(low="3 mM", high="5.4 mM", points=9)}
    path = EXAMPLES / "cardiomyocyte_low_k.toml"
    population = Population(path, vary, all_states=True, summary=[Moments(only="stable")])
    here(population, tmp_path / "i.zarr")
    stored, rows = xarray.open_zarr(tmp_path / "i.zarr"), population.solve()
    counts = np.bincount(rows.member.values)

    assert stored.states.values.tolist() == counts.tolist()
    assert (counts == 3).any()
    assert stored.V.dims == ("member", "state")
    kept = np.arange(stored.sizes["state"]) < counts[:, None]
    assert np.array_equal(stored.V.values[kept], rows.V.values)
    assert np.isnan(stored.V.values[~kept]).all()
    assert here(population, tmp_path / "i.zarr").resumed == 1


def test_two_runs_at_once_are_refused(whole: Path) -> None:
    """The second is told who is at it; the lock goes with its process."""
    with Folder(whole).locked(), pytest.raises(SweepError, match="is filling it now"):
        here(small(), whole)
    assert here(small(), whole).complete


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"chunk": 5000}, "multiple of 4096"),
        ({"scheduler": "tcp://127.0.0.1:9", "workers": None}, "no Dask scheduler answers"),
        ({"scheduler": "nonsense://x", "workers": None}, "no Dask scheduler answers"),
    ],
)
def test_what_cannot_be_run_is_refused(
    tmp_path: Path, given: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence."""
    monkeypatch.setattr("pumpleak.sweep._cluster._PATIENCE_S", 1)
    with pytest.raises(SweepError, match=says):
        here(small(), tmp_path / "j.zarr", **given)
    assert list(tmp_path.iterdir()) == []


def test_workers_that_store_elsewhere_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first chunk, and it is not marked."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(_work, "write_rows", lambda *_: None)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        pytest.raises(SweepError, match="a worker stored members, but not here"),
    ):
        here(small(), tmp_path / "l.zarr", workers=None, scheduler=cluster.scheduler_address)
    assert status(tmp_path / "l.zarr").finished == 0


def test_a_folder_that_is_no_sweeps_is_left_alone(tmp_path: Path) -> None:
    """Whatever is there stays."""
    out = tmp_path / "k.zarr"
    out.mkdir()
    (out / "mine.txt").write_text("precious")
    with pytest.raises(SweepError, match="is there already, and no sweep's"):
        here(small(), out)
    with pytest.raises(SweepError, match="no sweep has been here"):
        status(out)
    assert (out / "mine.txt").read_text() == "precious"


def test_a_script_that_starts_workers_without_a_guard_is_told(tmp_path: Path) -> None:
    """Each worker imports the script, and would sweep again."""
    (tmp_path / "neuron.toml").write_text((EXAMPLES / "neuron.toml").read_text())
    (tmp_path / "p.toml").write_text(
        '[population]\nmembrane = "neuron.toml"\nvary = { K.out = ["4 mM", "8 mM"] }\n'
    )
    script = tmp_path / "script.py"
    script.write_text("from pumpleak.sweep import run\nrun('p.toml', 'p.zarr', workers=1)\n")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "the workers did not start" in last
    assert '`if __name__ == "__main__":`; or give workers=0' in last


def test_status_imports_no_physics(whole: Path) -> None:
    """It reads records only."""
    code = (
        "import sys; from pumpleak.sweep._status import status\n"
        f"assert status({str(whole)!r}).complete\n"
        "print([m for m in ('numpy', 'sympy', 'zarr', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_says_how_to_go_on(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """And SIGTERM: a code of its own, no traceback, and the command to give again."""
    text = (
        '[population]\nmembers = 100_000_000\nseed = 2\nmembrane = "neuron.toml"\n'
        '[population.vary]\noutside.K = { distribution = "uniform", low = "2 mM", high = "9 mM" }\n'
    )
    (tmp_path / "p.toml").write_text(text)
    (tmp_path / "neuron.toml").write_text((EXAMPLES / "neuron.toml").read_text())
    command = [sys.executable, "-m", "pumpleak", "sweep", "p.toml", "--out", "p.zarr",
               "--workers", "1", "--reduce-only"]  # fmt: skip
    marks = tmp_path / "p.zarr" / ".pumpleak" / "marks"
    process = subprocess.Popen(
        [*command, "--chunk", "65536"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # whoever runs the tests in the background has Ctrl-C ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not any(marks.glob("*.mark")):  # whole ones, not those being written
        assert process.poll() is None
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as a terminal does: to the workers too
    else:
        process.send_signal(sent)
    said = process.communicate(timeout=60)[1]

    assert process.returncode == code
    assert "Traceback" not in said
    assert "8787" not in said
    assert "to go on:\n  pumpleak sweep p.toml --out p.zarr" in said
    assert 0 < status(tmp_path / "p.zarr").finished
