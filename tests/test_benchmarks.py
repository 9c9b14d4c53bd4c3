"""The benchmarks run and print what they promise; how fast anything was is not looked at."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


def printed(kernels, script, *options):
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), "--quick", "--json", *options],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PUMPLEAK_CACHE": str(kernels)},
    )
    return json.loads(done.stdout)


def test_scaling_gives_a_row_a_case_with_every_member_found(kernels):
    """Each part has its rows, every member rests, and times and ratios are positive."""
    found = printed(kernels, "scaling.py")

    assert ["members", "threads", "mechanisms", "free", "memory"] == list(found)
    timed = [row for part in found if part != "memory" for row in found[part]]
    assert all(row["found"] == row["members"] for row in timed)
    assert all(row["ns_per_member"] > 0 and row["cpu_ratio"] > 0 for row in timed)
    assert [1, 100, 10_000] == [row["members"] for row in found["members"][:3]]
    assert all(row["peak_MiB"] > row["before_MiB"] > 0 for row in found["memory"])


def test_starting_compares_three_processes(kernels):
    """A cold, a cached and a bare process are timed, and their difference is what it says."""
    [row] = printed(kernels, "starting.py")["starting"]

    assert row["cached_more_s"] == pytest.approx(row["cached_s"] - row["bare_s"])
    assert min(row["cold_s"], row["cached_s"], row["bare_s"]) > 0


def test_a_peer_agrees_and_one_that_is_missing_is_said(kernels):
    """SciPy finds the voltages that pumpleak does; a tool that is not here has a reason, no row."""
    found = printed(kernels, "peers.py", "--here", "--only", "scipy,neuron")

    scipy = found["peers"]["scipy"]["membranes"]["A"]
    assert scipy["max_deviation_mV"] < 1e-9
    assert 0 == scipy["refused"]
    assert "neuron" in found["peers"]["neuron"]["unavailable"]
    assert ["stable", "unstable", "stable"] == [state["kind"] for state in found["A2"]]
    assert [pytest.approx(-61.5797, abs=1e-4)] * 3 == found["peers"]["scipy"]["A2"]


def test_the_report_names_machine_and_parts():
    """One report: what machine, which versions, and a heading for each part asked for."""
    done = subprocess.run(
        [
            sys.executable,
            str(BENCHMARKS / "report.py"),
            "--quick",
            "--without",
            "scaling,starting,peers,sweep",
            "--limits",
            "no-such-folder",
        ],
        check=True,
        capture_output=True,
        text=True,
    )

    assert "| processor |" in done.stdout
    assert "llvmlite" in done.stdout
    assert "## Beside hand-written C\n\nNot run: no yardstick at no-such-folder" in done.stdout
