"""``pumpleak relax``: a membrane in time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _membrane, _pair, _print, _told
from ._terminal import width

#: A bar that comes and goes at once tells nothing.
_PATIENCE_S = 0.5


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--until", default="30 min", show_default=True, help="How long, such as 30min or 1h.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="TIME: NAME = VALUE",
    help="What changes when, such as '60 s: pump.density = 0 uA/cm^2' or '2 min: outside.K *= 2'; "
    "repeatable.",
)
@click.option(
    "--start",
    multiple=True,
    default=("rest",),
    metavar="rest|given|NAME=VALUE",
    help="Begin at the stable state (rest), at the file's own values (given), or with V or other "
    "values of your own, repeatable.  [default: rest]",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a value of the file before all begins; repeatable.",
)
@click.option(
    "--points", default=600, show_default=True, help="Instants kept, beside those near events."
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Draw it; the suffix (png, svg, pdf) says how.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Store it: .nc (NetCDF, with labels and units) or .csv.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def relax(
    context: click.Context,
    file: Path,
    until: str,
    events: tuple[str, ...],
    start: tuple[str, ...],
    changes: tuple[str, ...],
    points: int,
    plot: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Follow the membrane in FILE in time, while events change its parameters.

    The exit code is 0 if it came to rest or still moves, 1 if something runs away or the integrator
    gave up, 2 if something is wrong with what was given.
    """
    pairs = dict(_pair(change) for change in changes)
    begin = _start(start)
    with _told():
        with _plugin_output_to_stderr(), _bar() as progress:
            from ..report._plot import check_picture
            from ..report._timecourse_text import as_dict, as_text
            from ..timecourses._timecourse import relax as follow
            from ..timecourses._timecourse_record import check_file, save_timecourse

            if out is not None:
                check_file(out)
            if plot is not None:
                check_picture(plot)
            found = follow(
                _membrane(file, pairs, None),
                until,
                events,
                start=begin,
                points=points,
                progress=progress,
            )
            data = as_dict(found) if as_json else None
            text = as_text(found, width()) if data is None else json.dumps(data, allow_nan=False)
        # before writing: a file that cannot be written must not cost the table
        _print(text)
        with _plugin_output_to_stderr():
            if out is not None:
                save_timecourse(found, out)
            if plot is not None:
                from ..report._timecourse_plot import plot_timecourse

                plot_timecourse(found, plot)
        if not as_json:
            if out is not None:
                _print(f"Stored in {out}.")
            if plot is not None:
                _print(f"Drawn in {plot}.")
    if found.attrs["status"] in ("runs away", "not converged"):
        context.exit(1)


def _start(given: tuple[str, ...]) -> str | dict[str, object]:
    if len(given) == 1 and "=" not in given[0]:
        return given[0].strip()
    values: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.UsageError(
                f"--start takes rest, given, or NAME=VALUE such as V='-50 mV', got {text!r}"
            )
        values[name.strip()] = value.strip()
    return values


@contextmanager
def _bar() -> Iterator[Callable[[float, float], None] | None]:
    """Show how far the simulated time has come, on a terminal and if it takes a while."""
    if not sys.stderr.isatty():
        yield None
        return
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.4g} of {task.total:.4g} s"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    began = time.monotonic()
    tasks: list[Any] = []

    def show(done_s: float, until_s: float) -> None:
        if not tasks:
            if time.monotonic() - began < _PATIENCE_S:
                return
            bar.start()
            tasks.append(bar.add_task("simulated", total=until_s))
        bar.update(tasks[0], completed=done_s)

    try:
        yield show
    finally:
        bar.stop()
