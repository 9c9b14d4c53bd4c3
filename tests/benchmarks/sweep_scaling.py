"""How sweeps scale: workers, members, memory.

    python tests/benchmarks/sweep_scaling.py [--members 10000000] [--large 100000000] [--repeat 4]
                                             [--json]

Speedup: the same sweep on a Dask cluster of one worker and of two, each a process with one kernel
thread, started and warm beforehand; the median of runs that take turns, and so does who goes first.
Whole commands: `pumpleak sweep` with two workers, and without being told how many; their time, and
the resident sets of all their processes added up, pages that they share counted in each, the
largest of samples every tenth of a second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from pumpleak.population import load_population
from pumpleak.sweep import run
from pumpleak.sweep._cluster import local_cluster

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TEXT = """
[population]
membrane = "{membrane}"
members = {members}
seed = 1
mode = "{mode}"

[population.vary]
outside.K = {{ distribution = "loguniform", low = "2 mM", high = "10 mM" }}
TREK1.density = {{ distribution = "lognormal", median = "0.08 / um^2", cv = 0.3 }}

[[population.summary]]
kind = "histogram"
low = "-120 mV"
high = "20 mV"

[[population.summary]]
kind = "quantiles"

[[population.summary]]
kind = "moments"
"""
MEMBRANES = {"clamped": "neuron.toml", "steady": "neuron_steady.toml"}
WARM = 1 << 18


def population_file(folder: Path, mode: str, members: int) -> Path:
    """Return the path of a population's file, written here."""
    path = folder / f"{mode}-{members}.toml"
    membrane = EXAMPLES / MEMBRANES[mode]
    path.write_text(TEXT.format(membrane=membrane, members=members, mode=mode))
    return path


def speedups(folder: Path, members: int, repeat: int) -> list[dict[str, Any]]:
    """Return seconds with one worker and with two, by mode and by what is kept."""
    with local_cluster(1) as one, local_cluster(2) as two:
        return compared(folder, members, repeat, {1: one, 2: two})


def compared(
    folder: Path, members: int, repeat: int, clusters: dict[int, Any]
) -> list[dict[str, Any]]:
    """Return seconds on clusters of one and two workers, runs taking turns."""
    found = []
    for mode in MEMBRANES:
        for rows in (False, True):
            population = load_population(population_file(folder, mode, members))
            small = load_population(population_file(folder, mode, WARM))
            times: dict[int, list[float]] = {n: [] for n in clusters}
            for number in range(repeat + 1):
                # who goes first changes: fresh memory for files costs the first most
                for n, cluster in sorted(clusters.items(), reverse=number % 2 == 0):
                    out = folder / f"{time.monotonic_ns()}.zarr"
                    # the first time is for the workers to wake up
                    asked = population if number else small
                    given = {"chunk": 4096} if asked is small else {}
                    began = time.perf_counter()
                    run(asked, out, scheduler=cluster.scheduler_address, rows=rows, **given)
                    if number:
                        times[n].append(time.perf_counter() - began)
                    subprocess.run(["rm", "-rf", str(out)], check=True)
            seconds = {n: statistics.median(each) for n, each in times.items()}
            kept = "members kept" if rows else "summary only"
            row = {"mode": mode, "kept": kept, "seconds": seconds, "all": times}
            found.append({**row, "speedup": seconds[1] / seconds[2]})
    return found


def whole_command(folder: Path, members: int, how: Sequence[str]) -> dict[str, Any]:
    """Return wall time and peak memory of a whole sweep, summary only."""
    file, out = population_file(folder, "clamped", members), folder / "whole.zarr"
    command = [sys.executable, "-m", "pumpleak", "sweep", str(file), "--out", str(out)]
    command += ["--reduce-only", *how]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole, peak = psutil.Process(process.pid), 0.0
    while process.poll() is None:
        peak = max(peak, resident(whole))
        time.sleep(0.1)
    took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"the sweep failed: {' '.join(command)}")
    subprocess.run(["rm", "-rf", str(out)], check=True)
    return {"members": members, "how": " ".join(how), "seconds": took, "peak_MiB": peak}


def resident(process: psutil.Process) -> float:
    """Return the resident sets of a process and of all that it started, MiB."""
    found = 0
    try:
        everyone = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for one in everyone:
        try:
            found += one.memory_info().rss
        except psutil.Error:
            continue
    return found / 2**20


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--members", type=int, default=10_000_000)
    options.add_argument("--large", type=int, default=100_000_000)
    options.add_argument("--repeat", type=int, default=4)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found: dict[str, Any] = {
        "processors": os.cpu_count(),
        "python": sys.version.split()[0],
        "load before": os.getloadavg()[0],
        "members": given.members,
    }
    with tempfile.TemporaryDirectory() as folder:
        found["speedups"] = speedups(Path(folder), given.members, given.repeat)
        sizes = (given.large // 100, given.large // 10, given.large)
        found["commands"] = [
            whole_command(Path(folder), size, how)
            for size in sizes
            for how in ([], ["--workers", "2"])
        ]
    if given.json:
        print(json.dumps(found))
        return
    print(f"{found['processors']} processors, load {found['load before']:.1f} before")
    for row in found["speedups"]:
        one, two = row["seconds"][1], row["seconds"][2]
        print(
            f"{given.members:>11,} members, {row['mode']:7}, {row['kept']}: "
            f"one worker {one:6.2f} s, two {two:6.2f} s, "
            f"{given.members / two / 1e6:.2f} million a second; "
            f"speedup {row['speedup']:.2f}"
        )
    for row in found["commands"]:
        print(
            f"{row['members']:>11,} members, whole command {row['how']:11}: "
            f"{row['seconds']:6.1f} s, peak {row['peak_MiB']:.0f} MiB"
        )


if __name__ == "__main__":
    main()
