"""Time and memory of many membranes against members, threads, mechanisms and free quantities.

    python tests/benchmarks/scaling.py [--only members,threads,...] [--repeat 5] [--threads 2]
                                       [--most 10000000] [--json] [--quick]

What is compared runs by turns, and each figure is a median over the turns. Wall times mean little
on a shared machine; processor time per member is disturbed less. Ratios are to the row that the
part says.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cells import CELLS, Cell, population, with_free, with_mechanisms
from turns import by_turns, fresh_process, table

import pumpleak as pl

CELLS_FOLDER = Path(__file__).parent
#: Members at a time.
COUNTS = (1, 100, 10_000, 100_000, 1_000_000, 10_000_000)
#: How many members the parts that compare membranes solve at a time.
MANY = 200_000


def solver(cell: Cell, count: int, threads: int) -> Callable[[], Any]:
    """Return a call that solves so many members of a cell."""
    membrane = cell.membrane
    values = population(membrane, count)
    return lambda: pl.solve_many(membrane, values, mode=cell.mode, threads=threads)


def outcome(found: Any) -> dict[str, int]:
    """Return how many members rest, and how many took the robust path."""
    return {"found": int((found.status == 0).sum()), "retried": int(found.retried.sum())}


def rows(
    calls: dict[str, tuple[Callable[[], Any], int]], beside: str, repeat: int
) -> list[dict[str, Any]]:
    """Return one row a call: its members, times a member, and both over those of `beside`."""
    ended = {name: outcome(call()) for name, (call, _) in calls.items()}
    found = by_turns({name: call for name, (call, _) in calls.items()}, repeat)
    _, count = calls[beside]
    wall, cpu = (value / count for value in found[beside])
    return [
        {
            "case": name,
            "members": count,
            "ratio": found[name].wall_s / count / wall,
            "cpu_ratio": found[name].cpu_s / count / cpu,
            "ns_per_member": found[name].wall_s / count * 1e9,
            "cpu_ns_per_member": found[name].cpu_s / count * 1e9,
            **ended[name],
        }
        for name, (_, count) in calls.items()
    ]


def members(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Members at a time, beside 1,000,000 (or the most) at a time of the same membrane."""
    found = []
    counts = [count for count in COUNTS if count <= given.most]
    for name in list(CELLS)[:2] if given.quick else CELLS:
        membrane = CELLS[name].membrane
        most = population(membrane, counts[-1])
        calls = {}
        for count in counts:
            values = {key: array[:count] for key, array in most.items()}
            solve = partial(
                pl.solve_many, membrane, values, mode=CELLS[name].mode, threads=given.threads
            )
            calls[f"{name}, {count:,}"] = (solve, count)
        found += rows(calls, f"{name}, {min(1_000_000, given.most):,}", given.repeat)
    return found


def threads(given: argparse.Namespace) -> list[dict[str, Any]]:
    """One thread and more, beside one thread of the same membrane."""
    count = min(given.most, 1_000_000)
    found = []
    for name in list(CELLS)[:1] if given.quick else CELLS:
        calls = {
            f"{name}, {many} thread{'s' * (many > 1)}": (solver(CELLS[name], count, many), count)
            for many in (1, given.threads)
        }
        found += rows(calls, f"{name}, 1 thread", given.repeat)
    return found


def mechanisms(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Channels in a membrane with clamped ions, beside one channel."""
    count = min(given.most, MANY)
    numbers = (1, 2) if given.quick else (1, 2, 5, 10, 15, 20)
    calls = {str(n): (solver(with_mechanisms(n), count, given.threads), count) for n in numbers}
    return rows(calls, "1", given.repeat)


def free(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Free concentrations and volume of a cell with steady ions, beside one that is free."""
    count = min(given.most, MANY)
    numbers = (1, 2) if given.quick else range(1, 9)
    calls = {str(n): (solver(with_free(n), count, given.threads), count) for n in numbers}
    return rows(calls, "1", given.repeat)


# The peak is read from /proc: what getrusage says of a child counts its parent's memory too.
_MEMORY = """
import sys
sys.path.insert(0, {here!r})
from cells import CELLS, population
import pumpleak as pl
def resident(which):
    with open("/proc/self/status") as now:
        return next(int(line.split()[1]) for line in now if line.startswith(which))
cell = CELLS[{name!r}]
membrane = cell.membrane
pl.solve_many(membrane, population(membrane, 1), mode=cell.mode, threads={threads})
start = resident("VmRSS")
values = population(membrane, {count})
found = pl.solve_many(membrane, values, mode=cell.mode, threads={threads})
kept = [found.V_mV, found.residual, found.slope_nS, found.status, found.kind, found.retried]
kept += found.unknowns.values()
print(start, resident("VmHWM"), sum(array.nbytes for array in values.values()),
      sum(array.nbytes for array in kept))
"""


def memory(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Peak resident memory of a process that draws and solves so many members, beyond what it held
    after one, over the bytes of values given and of results.
    """
    found = []
    for name in list(CELLS)[:1] if given.quick else CELLS:
        for count in (100_000,) if given.quick else (1_000_000, 10_000_000):
            code = _MEMORY.format(
                here=str(CELLS_FOLDER), name=name, threads=given.threads, count=count
            )
            _, printed = fresh_process(code)
            start, peak, given_bytes, kept_bytes = (int(word) for word in printed.split())
            found.append(
                {
                    "case": f"{name}, {count:,}",
                    "members": count,
                    "peak_MiB": peak / 1024,
                    "before_MiB": start / 1024,
                    "values_MiB": given_bytes / 2**20,
                    "results_MiB": kept_bytes / 2**20,
                    "ratio": (peak - start) * 1024 / (given_bytes + kept_bytes),
                }
            )
    return found


PARTS = {
    "members": members,
    "threads": threads,
    "mechanisms": mechanisms,
    "free": free,
    "memory": memory,
}


def markdown(found: dict[str, list[dict[str, Any]]]) -> str:
    """Return the parts as tables."""
    said = []
    for part, lines in found.items():
        said.append(" ".join(str(PARTS[part].__doc__).split()) + "\n")
        if part == "memory":
            head = ["case", "beyond, over values and results", "peak, MiB", "after one member, MiB"]
            head += ["values, MiB", "results, MiB"]
            body = [
                [row["case"], f"{row['ratio']:.2f}", f"{row['peak_MiB']:.0f}"]
                + [f"{row[key]:.0f}" for key in ("before_MiB", "values_MiB", "results_MiB")]
                for row in lines
            ]
        else:
            head = ["case", "processor time ratio", "wall ratio", "processor ns/member"]
            head += ["wall ns/member", "found", "retried"]
            body = [
                [
                    row["case"],
                    f"{row['cpu_ratio']:.2f}",
                    f"{row['ratio']:.2f}",
                    f"{row['cpu_ns_per_member']:,.0f}",
                    f"{row['ns_per_member']:,.0f}",
                    "all" if row["found"] == row["members"] else f"{row['found']:,}",
                    f"{row['retried']:,}",
                ]
                for row in lines
            ]
        said.append(table(head, body) + "\n")
    return "\n".join(said)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--most", type=int, default=10_000_000)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="few members, membranes and turns")
    given = options.parse_args()
    wanted = given.only.split(",")
    for part in wanted:
        if part not in PARTS:
            options.error(f"--only: no part {part!r}; there are {', '.join(PARTS)}")
    if given.most not in COUNTS:
        options.error(f"--most: one of {', '.join(map(str, COUNTS))} (got {given.most})")
    if given.quick:
        given.repeat, given.most = min(given.repeat, 2), min(given.most, 10_000)
    found = {part: PARTS[part](given) for part in wanted}
    print(json.dumps(found) if given.json else markdown(found))


if __name__ == "__main__":
    main()
