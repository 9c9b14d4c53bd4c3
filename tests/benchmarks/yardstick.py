"""How fast many membranes are solved, beside hand-written C on the same members in the same run.

    python tests/benchmarks/yardstick.py [--members 1000000] [--repeat 9] [--threads 2] [--json]
                                         [--limits FOLDER]

FOLDER holds run.py, which draws the members and compiles the two C kernels. Both take turns, so
that both see the same load; the ratio is the median over the turns of C's time over ours: above 1
we are faster. C returns the unknowns; ours also returns residual, slope conductance (A), status and
stability of every member. Errors are against C with three times the steps.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import pumpleak as pl

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
LIMITS = ROOT.parent / "shared" / "limits"
#: Per membrane: file, mode, names in the order of C's parameters, their values there, C's steps
#: and how many numbers it returns of a member.
MEMBRANES: dict[str, dict[str, Any]] = {
    "A": {
        "file": "reference_a.toml",
        "mode": "clamped",
        "names": ("k2p.density", "nalcn.density", "clc2.density", "pump.density"),
        "nominal": (1e-6, 4e-8, 0.02, 1.5),
        "steps": 6,
        "results": 1,
    },
    "B": {
        "file": "reference_b.toml",
        "mode": "steady",
        "names": ("na.density", "k.density", "cl.density", "kcc2.density", "pump.density"),
        "nominal": (0.02, 0.35, 0.2, 0.02, 1000.0),
        "steps": 7,
        "results": 5,
    },
}


def yardsticks(folder: Path) -> Any:
    """Return the module that draws members and compiles the C kernels."""
    spec = importlib.util.spec_from_file_location("limits_run", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def members(name: str, drawn: list[Any]) -> tuple[pl.Membrane, dict[str, Any]]:
    """Return a membrane and what its members differ in, from C's parameters."""
    about = MEMBRANES[name]
    membrane = pl.load(EXAMPLES / about["file"])
    values = {
        key: membrane.values[key] * array / nominal
        for key, array, nominal in zip(about["names"], drawn, about["nominal"], strict=False)
    }
    values["outside.K"] = drawn[-1]
    if name == "B":
        values["outside.Na"] = 148.5 - drawn[-1]
    return membrane, values


def c_kernel(module: Any, name: str, folder: str, drawn: list[Any]) -> Callable[[int], Any]:
    """Return a call that solves all members with C's kernel in so many steps."""
    count = len(drawn[0])
    pointer = ctypes.POINTER(ctypes.c_double)
    solve = module.compiled(name.lower(), folder).solve
    solve.argtypes = [ctypes.c_size_t, *[pointer] * (len(drawn) + 1), ctypes.c_int]
    solve.restype = None
    found = np.empty((count, MEMBRANES[name]["results"]))
    arguments = [array.ctypes.data_as(pointer) for array in (*drawn, found)]

    def run(steps: int) -> Any:
        solve(count, *arguments, steps)
        return found

    return run


def seconds(call: Callable[[], Any]) -> float:
    """Return how long a call takes, s."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measured(module: Any, name: str, count: int, repeat: int, threads: int) -> dict[str, float]:
    """Return ratio, largest error and rates of one membrane."""
    about = MEMBRANES[name]
    drawn = module.population(name.lower(), count)
    membrane, values = members(name, drawn)

    def ours() -> Any:
        return pl.solve_many(membrane, values, mode=about["mode"], threads=threads)

    with tempfile.TemporaryDirectory() as folder:
        theirs = c_kernel(module, name, folder, drawn)
        found = ours()
        exact = theirs(3 * about["steps"])[:, 0].copy()
        theirs(about["steps"])
        pairs = [(seconds(ours), seconds(lambda: theirs(about["steps"]))) for _ in range(repeat)]
    assert (found.status == 0).all(), found
    return {
        "ratio": statistics.median(c / us for us, c in pairs),
        "max_error_mV": float(np.abs(found.V_mV - exact).max()),
        "members_per_s": count / statistics.median(us for us, _ in pairs),
        "c_members_per_s": count / statistics.median(c for _, c in pairs),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--members", type=int, default=1_000_000)
    options.add_argument("--repeat", type=int, default=9)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--json", action="store_true")
    options.add_argument("--limits", type=Path, default=LIMITS)
    given = options.parse_args()
    if not (given.limits / "run.py").exists():
        sys.exit(f"no yardstick at {given.limits}; give its folder with --limits")
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    # C's threads must not spin on the processors while it is our turn
    os.environ["OMP_WAIT_POLICY"] = "passive"
    module = yardsticks(given.limits)
    found = {
        name: measured(module, name, given.members, given.repeat, given.threads)
        for name in MEMBRANES
    }
    if given.json:
        short = ("ratio", "max_error_mV")
        print(json.dumps({name: {key: row[key] for key in short} for name, row in found.items()}))
        return
    print("| membrane | ours, million/s | C, million/s | ratio | largest error, mV |")
    print("|---|---|---|---|---|")
    for name, row in found.items():
        rates = [row[key] / 1e6 for key in ("members_per_s", "c_members_per_s")]
        print(
            f"| {name} | {rates[0]:.1f} | {rates[1]:.1f} | {row['ratio']:.2f} "
            f"| {row['max_error_mV']:.1e} |"
        )


if __name__ == "__main__":
    main()
