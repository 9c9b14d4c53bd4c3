"""What each peer's script does alike: read members, solve by turns, write what it found."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def members(name: str) -> Any:
    """Return the parameters of membrane `name`'s members, shape (parameters, members)."""
    return np.load(Path(sys.argv[1]) / f"{name}.npy")


def report(
    solve: dict[str, tuple[Callable[[], Any], int]], from_starts: Callable[[], list[Any]], note: str
) -> None:
    """Solve each membrane in three turns and print one line of JSON; voltages go into the folder.

    Args:
        solve: by membrane: a call that returns the voltages of so many members, and how many.
        from_starts: returns what A2 is said to rest at, by start; None where the tool says no.
        note: how the tool was used, and its version.
    """
    answer: dict[str, Any] = {"note": note, "A2": from_starts(), "membranes": {}}
    for name, (call, count) in solve.items():
        found = call()
        turns = []
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            found = call()
            turns.append((time.perf_counter() - wall, time.process_time() - cpu))
        np.save(Path(sys.argv[1]) / f"{name}.found.npy", np.asarray(found, dtype=float))
        wall, cpu = (statistics.median(column) for column in zip(*turns, strict=True))
        answer["membranes"][name] = {"members": count, "wall_s": wall, "cpu_s": cpu}
    print(json.dumps(answer))
