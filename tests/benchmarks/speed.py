"""How fast the common calls are, beside yardsticks measured in the same run.

    python tests/benchmarks/speed.py [--repeat 7] [--json] [--limits FOLDER]

Absolute times mean little on a shared machine: read each beside the bare import of NumPy and SymPy
that the same run measured. `--limits` names a folder whose run.py prints, one JSON line a membrane,
how many members a second hand-written C kernels solve.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
#: What each figure should stay below, seconds.
WANTED = {
    "warm solve of A, result read": 300e-6,
    "pumpleak rest, cold": 1.0,
    "pumpleak plugins list, cold": 0.35,
    "A from definition to kernel": 0.3,
    "warm solve of B, result read": 1e-3,
    "30 min of B after its pump stops": 0.5,
}


def cold(*command: str) -> float:
    """Return the wall time of a fresh process, s."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def in_fresh_process(code: str) -> float:
    """Return the seconds that a fresh process prints."""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(found.stdout)


def definition_to_kernel() -> float:
    """Return the time from reading A's file to a kernel that has answered once, imports done, s."""
    return in_fresh_process(
        "import time, pumpleak as pl\n"
        "from pumpleak import Membrane, ClampedProblem, loads\n"
        "import pumpleak.numbers._interval, pumpleak_atpase\n"
        f"text = open({str(EXAMPLES / 'reference_a.toml')!r}).read()\n"
        "pl.quantity('1 mV')\n"
        "start = time.perf_counter()\n"
        "problem = ClampedProblem(loads(text))\n"
        "problem.total_at(-65.0)\n"
        "print(time.perf_counter() - start)"
    )


def warm_solve() -> float:
    """Return the time of one warm solve of A, voltage, kind and residual read, s."""
    import pumpleak as pl

    membrane = pl.load(EXAMPLES / "reference_a.toml")
    pl.rest(membrane)
    count = 500
    start = time.perf_counter()
    for _ in range(count):
        state = pl.rest(membrane)[0]
        _ = state.V_mV, state.kind, state.residual_pA
    return (time.perf_counter() - start) / count


def warm_steady() -> float:
    """Return the time of one warm local solve of B, state, stability and residual read, s."""
    import pumpleak as pl

    membrane = pl.load(EXAMPLES / "reference_b.toml")
    pl.steady(membrane, starts=0)
    count = 200
    start = time.perf_counter()
    for _ in range(count):
        state = pl.steady(membrane, starts=0)[0]
        _ = state.V_mV, state.inside_mM, state.volume_fL, state.kind, state.residual
    return (time.perf_counter() - start) / count


def time_course() -> float:
    """Return the time that 30 min of B take, its pump stopped after one, s."""
    import pumpleak as pl

    membrane = pl.load(EXAMPLES / "reference_b.toml")
    start = time.perf_counter()
    pl.relax(membrane, until="30 min", events=["60 s: pump.density = 0 uA/cm^2"])
    return time.perf_counter() - start


def measured(repeat: int) -> dict[str, list[float]]:
    """Return every figure, `repeat` times in turn, s."""
    tool = str(Path(sys.executable).with_name("pumpleak"))
    neuron = str(EXAMPLES / "neuron.toml")
    figures: dict[str, Callable[[], float]] = {
        "python -c 'import numpy, sympy'": lambda: cold(
            sys.executable, "-c", "import numpy, sympy"
        ),
        "warm solve of A, result read": warm_solve,
        "pumpleak rest, cold": lambda: cold(tool, "rest", neuron),
        "pumpleak plugins list, cold": lambda: cold(tool, "plugins", "list"),
        "A from definition to kernel": definition_to_kernel,
        "warm solve of B, result read": warm_steady,
        "30 min of B after its pump stops": time_course,
    }
    for figure in figures.values():
        figure()  # once unmeasured, so that files are in the page cache
    found: dict[str, list[float]] = {name: [] for name in figures}
    for _ in range(repeat):
        for name, figure in figures.items():
            found[name].append(figure())
    return found


def limits(folder: str) -> dict[str, float]:
    """Return members per second of the hand-written kernels in `folder`."""
    found = subprocess.run(
        [sys.executable, str(Path(folder) / "run.py"), "--members", "200000"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    return {row["membrane"]: row["members_per_s"] for row in rows}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeat", type=int, default=7)
    options.add_argument("--json", action="store_true")
    options.add_argument("--limits")
    given = options.parse_args()
    found = {name: statistics.median(times) for name, times in measured(given.repeat).items()}
    yardstick = limits(given.limits) if given.limits else {}
    if given.json:
        print(json.dumps({"seconds": found, "wanted": WANTED, "members_per_s": yardstick}))
        return
    bare = next(iter(found.values()))
    print(f"{'':34} {'median':>11} {'/ bare import':>14} {'wanted':>11}")
    for name, seconds in found.items():
        wanted = WANTED.get(name)
        mark = "" if wanted is None else f"{wanted * 1e3:8.1f} ms"
        if wanted is not None and seconds > wanted:
            mark += "  MISSED"
        print(f"{name:34} {seconds * 1e3:8.3f} ms {seconds / bare:14.4f} {mark:>11}")
    for name, per_s in yardstick.items():
        ours = found[f"warm solve of {name}, result read"] * per_s
        print(f"hand-written {name}: {per_s / 1e6:.1f} million a second; one solve is {ours:.0f}")


if __name__ == "__main__":
    main()
