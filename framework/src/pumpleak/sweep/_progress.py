"""Progress of a sweep: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Seconds between lines where there is no terminal.
_EVERY_S = 10.0


def rate_text(per_s: float) -> str:
    """Return a rate in words.

    >>> rate_text(2.5e6), rate_text(1234.0), rate_text(3.21)
    ('2.5 million/s', '1.23 thousand/s', '3.21/s')
    """
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if per_s >= size:
            return f"{per_s / size:.3g}{word}/s"
    return f"{per_s:.3g}/s"


def time_text(seconds: float) -> str:
    """Return a duration in words.

    >>> time_text(42.4), time_text(125), time_text(7300), time_text(200000)
    ('42 s', '2 min 5 s', '2 h 1 min', '2 d 7 h')
    """
    whole = round(seconds)
    for size, word, small, smaller in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            return f"{whole // size} {word} {whole % size // small} {smaller}"
    return f"{whole} s"


@contextmanager
def progress(total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Show how far a sweep is.

    Args:
        total: members.
        done: of them, before this run.

    Yields:
        A function that is told how many members more are done.
    """
    with _bar(total, done) if sys.stderr.isatty() else _lines(total, done) as advance:
        yield advance


@contextmanager
def _lines(total: int, done: int) -> Iterator[Callable[[int], None]]:
    began = last = time.monotonic()
    here = told = 0

    def advance(members: int) -> None:
        nonlocal here, last, told
        here += members
        now = time.monotonic()
        if now - last >= _EVERY_S:
            last, told = now, here
            _line(total, done + here, here / (now - began))

    yield advance
    took = time.monotonic() - began
    if here > told and took > 0:
        _line(total, done + here, here / took)


def _line(total: int, done: int, per_s: float) -> None:
    left = f", {time_text((total - done) / per_s)} left" if done < total and per_s else ""
    print(  # noqa: T201 - what a log file shows
        f"{done:,} of {total:,} members ({done / total:.1%}), {rate_text(per_s)}{left}",
        file=sys.stderr,
        flush=True,
    )


@contextmanager
def _bar(total: int, done: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    began = time.monotonic()
    bar = Progress(
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,} members, {task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        speed_estimate_period=120,
    )
    here = 0
    with bar:
        task: Any = bar.add_task("members", total=total, completed=done, rate="starting")

        def advance(members: int) -> None:
            nonlocal here
            here += members
            rate = here / max(time.monotonic() - began, 1e-9)
            bar.update(task, advance=members, rate=rate_text(rate))

        yield advance
