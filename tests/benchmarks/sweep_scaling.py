"""How sweeps scale: workers, members, memory.

    python tests/benchmarks/sweep_scaling.py [--members 10000000] [--large 100000000] [--repeat 3]
                                             [--json]

Worker processes have one kernel thread each. Each figure is of a whole `pumpleak sweep` in processes
of its own; the time to start it, measured with as few members as there can be, is taken off, and
said. Memory is the resident sets of all its processes added up, shared pages counted in each; the
largest sum of samples every tenth of a second.
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
from pathlib import Path
from typing import Any

import psutil

NEURON = Path(__file__).parents[2] / "docs" / "examples" / "neuron.toml"
TEXT = """
[population]
membrane = "{membrane}"
members = {members}
seed = 1

[population.vary]
outside.K = {{ distribution = "loguniform", low = "2 mM", high = "20 mM" }}
{density} = {{ distribution = "lognormal", median = "{median}", cv = 0.3 }}

[[population.summary]]
kind = "histogram"
low = "-120 mV"
high = "20 mV"

[[population.summary]]
kind = "quantiles"

[[population.summary]]
kind = "moments"
"""
CHUNK = 1 << 20


def swept(
    folder: Path, membrane: str, members: int, workers: int, rows: bool
) -> tuple[float, float]:
    """Return wall time (s) and peak memory (MiB) of one sweep, in processes of its own."""
    density, median = {
        "neuron": ("TREK1.density", "0.08 / um^2"),
        "reference_a": ("na.density", "0.02 mS/cm^2"),
    }[membrane]
    file, out = folder / "p.toml", folder / f"{time.monotonic_ns()}.zarr"
    path = NEURON.with_name(f"{membrane}.toml")
    file.write_text(TEXT.format(membrane=path, members=members, density=density, median=median))
    command = [sys.executable, "-m", "pumpleak", "sweep", str(file), "--out", str(out)]
    command += ["--workers", str(workers), "--chunk", str(CHUNK)]
    command += [] if rows else ["--reduce-only"]
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
    return took, peak


def resident(process: psutil.Process) -> float:
    """Return the resident sets of a process and its children, MiB."""
    found = 0
    for one in [process, *children(process)]:
        try:
            found += one.memory_info().rss
        except psutil.Error:
            continue
    return found / 2**20


def children(process: psutil.Process) -> list[psutil.Process]:
    """Return all processes that a process started."""
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def measured(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return all figures."""
    found: dict[str, Any] = {"machine": machine(), "members": given.members, "load": load()}
    for rows in (False, True):
        times: dict[int, list[float]] = {1: [], 2: []}
        starts: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(given.repeat):
            for workers in (1, 2):
                starts[workers].append(swept(folder, given.membrane, 2 * CHUNK, workers, rows)[0])
                took, _ = swept(folder, given.membrane, given.members, workers, rows)
                times[workers].append(took)
        net = {n: statistics.median(times[n]) - statistics.median(starts[n]) for n in times}
        found["rows" if rows else "summary"] = {
            "seconds": {n: statistics.median(times[n]) for n in times},
            "start": {n: statistics.median(starts[n]) for n in starts},
            "speedup": net[1] / net[2],
            "speedup with start": statistics.median(times[1]) / statistics.median(times[2]),
        }
    flat = {}
    for members in (4 * CHUNK, 16 * CHUNK, given.large):
        took, peak = swept(folder, given.membrane, members, 2, False)
        flat[members] = {"seconds": took, "peak_MiB": peak}
    found["flat"] = flat
    return found


def machine() -> str:
    """Return what this runs on."""
    return f"{os.cpu_count()} processors, Python {sys.version.split()[0]}"


def load() -> float:
    """Return how many processes wanted a processor in the last minute."""
    return os.getloadavg()[0]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--members", type=int, default=10_000_000)
    options.add_argument("--large", type=int, default=100_000_000)
    options.add_argument("--membrane", default="neuron", choices=["neuron", "reference_a"])
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given, Path(folder))
    if given.json:
        print(json.dumps(found))
        return
    print(f"{found['machine']}, load {found['load']:.1f}; {given.membrane}")
    for kind in ("summary", "rows"):
        row = found[kind]
        print(
            f"{given.members:>11,} members, {kind:8} 1 worker {row['seconds'][1]:6.2f} s, "
            f"2 workers {row['seconds'][2]:6.2f} s; speedup {row['speedup']:.2f} "
            f"(with starting {row['speedup with start']:.2f})"
        )
    for members, row in found["flat"].items():
        print(
            f"{members:>11,} members, summary, 2 workers: {row['seconds']:7.2f} s, "
            f"{row['seconds'] / members * 1e9:6.1f} ns a member, peak {row['peak_MiB']:.0f} MiB"
        )


if __name__ == "__main__":
    main()
