"""What the first use of a new membrane costs, and what a later process pays.

    python tests/benchmarks/starting.py [--repeat 5] [--json] [--quick]

Three fresh processes by turns, for each membrane, start of Python and imports included:
cold, that solves a thousand members with an empty folder of kernels, so that it derives, compiles
and solves; cached, the same once the kernel is kept; and bare, that asks where one membrane rests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from typing import Any

from cells import CELLS
from turns import Timing, fresh_process, medians, table

#: Seconds that a cold process may take, and a cached one more than a bare one.
WANTED = {"cold_s": 4.0, "cached_more_s": 0.5}

_BARE = """
import pumpleak as pl
membrane = pl.loads({text!r})
{rest}(membrane)
"""
_MANY = """
import numpy as np
import pumpleak as pl
membrane = pl.loads({text!r})
found = pl.solve_many(
    membrane, {{"outside.K": np.linspace(3.4, 3.6, 1000)}}, mode={mode!r}, threads=1
)
assert (found.status == 0).all(), found
"""


def measured(name: str, repeat: int) -> dict[str, Any]:
    """Return the medians of one membrane's three processes."""
    text, mode = CELLS[name]
    rest = "pl.rest" if mode == "clamped" else "pl.steady"
    bare = _BARE.format(text=text, rest=rest)
    many = _MANY.format(text=text, mode=mode)
    if repeat > 1:
        fresh_process(bare)  # once unmeasured, so that files are in the page cache
    turns: dict[str, list[Timing]] = {"cold": [], "cached": [], "bare": []}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            for kind, code in (("cold", many), ("cached", many), ("bare", bare)):
                turns[kind].append(fresh_process(code, PUMPLEAK_CACHE=folder)[0])
    cold, cached, alone = (medians(turns[kind]) for kind in ("cold", "cached", "bare"))
    return {
        "case": name,
        "cold_s": cold.wall_s,
        "cold_cpu_s": cold.cpu_s,
        "cached_s": cached.wall_s,
        "cached_cpu_s": cached.cpu_s,
        "bare_s": alone.wall_s,
        "bare_cpu_s": alone.cpu_s,
        "cached_more_s": cached.wall_s - alone.wall_s,
        "cached_more_cpu_s": cached.cpu_s - alone.cpu_s,
    }


def markdown(found: list[dict[str, Any]]) -> str:
    """Return the figures as a table; a figure that is not as wanted says so."""
    head = [
        "case",
        "cold over bare, processor time",
        "cached over bare",
        "cold, s",
        "cached, s",
        "bare, s",
    ]
    head += ["cached more, s", "processor time: cold, cached, bare, s"]
    body = []
    for row in found:
        marks = {key: " MISSED" if row[key] > most else "" for key, most in WANTED.items()}
        body.append(
            [
                row["case"],
                f"{row['cold_cpu_s'] / row['bare_cpu_s']:.2f}",
                f"{row['cached_cpu_s'] / row['bare_cpu_s']:.2f}",
                f"{row['cold_s']:.2f}{marks['cold_s']}",
                f"{row['cached_s']:.2f}",
                f"{row['bare_s']:.2f}",
                f"{row['cached_more_s']:.2f}{marks['cached_more_s']}",
                f"{row['cold_cpu_s']:.2f}, {row['cached_cpu_s']:.2f}, {row['bare_cpu_s']:.2f}",
            ]
        )
    return table(head, body)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="one membrane, one turn")
    given = options.parse_args()
    names = list(CELLS)[:1] if given.quick else list(CELLS)
    found = [measured(name, 1 if given.quick else given.repeat) for name in names]
    print(json.dumps({"starting": found, "wanted": WANTED}) if given.json else markdown(found))


if __name__ == "__main__":
    main()
