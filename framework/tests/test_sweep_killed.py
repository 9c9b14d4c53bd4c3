"""Sweeps that are killed: the whole run at random moments, and a worker in the middle."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweeping import bits

from pumpleak.sweep import run, status

pytest.importorskip("zarr")
psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")
NEURON = Path(__file__).parents[2] / "docs" / "examples" / "neuron.toml"
CHUNK = 32_768
TEXT = """
[population]
membrane = "{neuron}"
members = {members}
seed = 11
outputs = ["ATP_per_s"]

[population.vary]
outside.K = {{ distribution = "loguniform", low = "2 mM", high = "20 mM" }}
TREK1.density = {{ distribution = "lognormal", median = "0.08 / um^2", cv = 0.3 }}

[[population.summary]]
kind = "quantiles"

[[population.summary]]
kind = "map"
by = [{{ of = "outside.K", low = "2 mM", high = "20 mM", bins = 18 }}]
"""


def population_file(folder: Path, chunks: int) -> Path:
    path = folder / "population.toml"
    path.write_text(TEXT.format(neuron=NEURON, members=chunks * CHUNK - 7))
    return path


def begun(file: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    """Start a sweep in a process group of its own."""
    command = [sys.executable, "-m", "pumpleak", "sweep", str(file), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--workers", str(workers), "--chunk", str(CHUNK)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def finished(out: Path) -> int:
    return status(out).finished if (out / ".pumpleak" / "definition.json").is_file() else 0


def killed(file: Path, out: Path, workers: int, target: int, after: float) -> bool:
    """Start a sweep and kill it, a while after it has done some chunks; False if it ended first."""
    process = begun(file, out, workers)
    began = time.monotonic()
    while finished(out) < target and process.poll() is None:
        assert time.monotonic() - began < 300
        time.sleep(0.01)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):  # it ended, and all that it started
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("kills", "chunks"), [(1, 12), pytest.param(10, 150, marks=pytest.mark.slow)]
)
def test_a_run_killed_at_random_moments_and_resumed_ends_with_the_same_bits(
    tmp_path: Path, kills: int, chunks: int
) -> None:
    """SIGKILL to the run and its workers, anywhere from its first second to its last file.

    How far a run comes before it is killed depends on the machine: one that ended is compared, and
    the next begins anew, until there were kills enough.
    """
    file, untouched = population_file(tmp_path, chunks), tmp_path / "whole.zarr"
    run(file, untouched, workers=0, chunk=CHUNK)
    whole = bits(untouched)
    moments = random.Random(20)
    out = tmp_path / "0.zarr"
    for number in range(kills):
        for attempt in range(20):
            before = finished(out)
            # some while it starts, most while it works
            step = 1 + moments.randrange(max(chunks // (kills + 2), 1)) if number % 5 else 0
            after = moments.uniform(0.0, 0.1 if step else 1.0)
            if killed(file, out, 2 * (number % 2), before + step, after):
                break
            assert bits(out) == whole
            out = tmp_path / f"{number}-{attempt}.zarr"
        else:
            pytest.fail("every run ended before it was killed")
        assert finished(out) >= before

    last = run(file, out, workers=0, chunk=CHUNK)
    assert last.complete
    assert not list(out.rglob("*.part*"))
    assert bits(out) == whole


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """Its chunks are done by others; nothing fails, and the bits are the same."""
    file, untouched = population_file(tmp_path, 100), tmp_path / "whole.zarr"
    for attempt in range(20):
        out = tmp_path / f"{attempt}.zarr"
        process = begun(file, out, 2)
        while finished(out) < 10:
            assert process.poll() is None
            time.sleep(0.02)
        workers = [
            child
            for child in psutil.Process(process.pid).children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]
        at = finished(out)
        for worker in workers[:1]:
            worker.kill()
        assert process.wait(timeout=300) == 0
        if at < 100:
            break
    else:
        pytest.fail("every run was done before its worker was killed")

    assert len(workers) == 2
    assert status(out).complete
    assert status(out).failures == {}
    run(file, untouched, workers=0, chunk=CHUNK)
    assert bits(untouched) == bits(out)
