"""Measuring by turns: what is compared runs alternately, so that load hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Timing(NamedTuple):
    """Medians over the turns.

    Args:
        wall_s: what a clock on the wall says of one call, s.
        cpu_s: what all its threads used of the processors, s; other people's work disturbs it less.
    """

    wall_s: float
    cpu_s: float


def by_turns(
    calls: Mapping[str, Callable[[], Any]], repeat: int, least_s: float = 0.02
) -> dict[str, Timing]:
    """Return how long each call takes.

    Args:
        calls: what to measure, by name; each has run before, so that nothing is compiled here.
        repeat: how many turns.
        least_s: shorter calls are repeated within a turn until it lasts about so long.
    """
    times = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        once = time.perf_counter() - start
        times[name] = max(1, round(least_s / once))
    found: dict[str, list[Timing]] = {name: [] for name in calls}
    for _ in range(repeat):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(times[name]):
                call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            found[name].append(Timing(wall / times[name], cpu / times[name]))
    return {name: medians(turns) for name, turns in found.items()}


def medians(turns: list[Timing]) -> Timing:
    """Return the median of each column."""
    return Timing(*(statistics.median(column) for column in zip(*turns, strict=True)))


def fresh_process(code: str, **environment: str) -> tuple[Timing, str]:
    """Run code in a new interpreter; return its whole time, start included, and what it said."""
    before = os.times()
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    wall = time.perf_counter() - start
    after = os.times()
    cpu = after.children_user + after.children_system
    return Timing(wall, cpu - before.children_user - before.children_system), done.stdout


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
