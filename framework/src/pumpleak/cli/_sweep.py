"""``pumpleak sweep``: a population, solved chunk by chunk into a store."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _told
from ._terminal import say, warn

if TYPE_CHECKING:
    from ..sweep import Finished

#: What a shell reports of a program that Ctrl-C ended, and of one that was told to end.
_INTERRUPTED, _TERMINATED = 130, 143
#: So many failed chunks are told one by one.
_TOLD = 5


class _Terminated(KeyboardInterrupt):
    """SIGTERM came, as batch systems send it before they kill."""


@contextlib.contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    def stop(*_: object) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="PATH", help="Store to fill, such as a.zarr."
)
@click.option("--members", type=click.IntRange(min=1), help="Instead of what FILE says.")
@click.option("--seed", type=click.IntRange(min=0), help="Instead of what FILE says.")
@click.option("--reduce-only", is_flag=True, help="Keep the summary only, not every member.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes on this machine; 0 does all in this one.  [default: this one, and one a "
    "processor if more than 30 s of work are left]",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of a Dask scheduler, tcp://host:8786.")
@click.option(
    "--chunk", type=click.IntRange(min=1), metavar="N", help="Members a worker solves at a time."
)
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="When going on, read what is stored and do again what is damaged.",
)
@click.option(
    "--status",
    "status_of",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Say how far the sweep in OUT is, and do nothing.",
)
@click.pass_context
def sweep(
    context: click.Context,
    file: Path | None,
    out: Path | None,
    members: int | None,
    seed: int | None,
    reduce_only: bool,
    workers: int | None,
    scheduler: str | None,
    chunk: int | None,
    verify: bool,
    status_of: Path | None,
) -> None:
    """Solve every member of the population in FILE, chunk by chunk, into the store --out.

    Stopped at any moment and started again with the same command, it goes on from the finished
    chunks and ends with the same bits. A store that holds another sweep is refused.

    The exit code is 0 if all was solved, 1 if a chunk failed (the rest is kept, and the same
    command tries it again), 2 if something is wrong with what was given, 130 after Ctrl-C,
    143 after SIGTERM.
    """
    if status_of is not None:
        with _told():
            say(_status(status_of), hang=2)
        return
    if file is None or out is None:
        raise click.UsageError("give FILE and --out PATH, or --status OUT")
    if scheduler is not None and workers is not None:
        raise click.UsageError("--workers are those of this machine; --scheduler has its own")
    with _told():
        try:
            with _sigterm_like_ctrl_c(), _plugin_output_to_stderr():
                from ..sweep import run

                found = run(
                    file,
                    out,
                    members=members,
                    seed=seed,
                    scheduler=scheduler,
                    workers=workers,
                    rows=not reduce_only,
                    chunk=chunk,
                    verify=verify,
                    log=lambda line: warn(line, hang=2),
                )
        except KeyboardInterrupt as stop:
            again = " ".join(["pumpleak", *map(shlex.quote, sys.argv[1:])])
            click.echo(
                f"\nStopped. What is finished is kept; to go on:\n  {again}\n"
                f"How far it is: pumpleak sweep --status {shlex.quote(str(out))}",
                err=True,
            )
            context.exit(_TERMINATED if isinstance(stop, _Terminated) else _INTERRUPTED)
        say(_summary(found), hang=2)
    if not found.complete:
        warn(_failures(found), hang=2)
        context.exit(1)


def _summary(found: Finished) -> str:
    from ..population._reduce import KINDS, STATUSES
    from ..population._tally import ADD
    from ..sweep._progress import time_text

    lines = [f"{found.out}: {found.members:,} members in {_chunks(found.chunks)}"]
    if found.resumed == found.chunks:
        lines[0] += ", complete already"
    elif found.complete:
        lines[0] += f", complete after {time_text(found.seconds)}"
    for name, words in (("status", STATUSES), ("kind", KINDS)):
        counts = found.tally.get(f"count.{name}{ADD}")
        if counts is not None:
            told = [f"{word} {count:,}" for word, count in zip(words, counts, strict=True) if count]
            lines.append(f"{name}: {', '.join(told)}")
    lines.append(f"Open it with xarray.open_zarr({str(found.out)!r}).")
    return "\n".join(lines)


def _chunks(count: int) -> str:
    return f"{count:,} chunk{'' if count == 1 else 's'}"


def _failures(found: Finished) -> str:
    import attrs

    count = len(found.failures)
    lines = [
        f"{count} of {_chunks(found.chunks)} failed; the rest is kept, and the same command tries "
        "them again:"
    ]
    for item in sorted(found.failures, key=lambda failed: failed.chunk)[:_TOLD]:
        lines.append(f"  - {_failure(item.chunk, attrs.asdict(item))}")
    if count > _TOLD:
        lines.append(f"  - and {count - _TOLD} more; see pumpleak sweep --status {found.out}")
    return "\n".join(lines)


def _failure(chunk: int, what: dict[str, object]) -> str:
    where = f"chunk {chunk} (members {what['start']} to {what['stop']})"
    if what.get("member") is not None:
        where += f", first at member {what['member']} ({what['values']})"
    return f"{where}: {what['error']}"


def _status(out: Path) -> str:
    from ..sweep._status import status

    found = status(out)
    share = found.finished_members / found.members
    lines = [
        f"{out}: {'complete' if found.complete else 'not complete'}",
        f"members: {found.finished_members:,} of {found.members:,} ({share:.1%})",
        f"chunks: {found.finished} of {found.chunks} finished, {len(found.failures)} failed",
        f"varied: {', '.join(found.names)}; mode {found.mode}, seed {found.seed}",
        "versions: " + ", ".join(f"{name} {version}" for name, version in found.versions.items()),
    ]
    for chunk, what in list(found.failures.items())[:_TOLD]:
        lines.append(f"failed: {_failure(chunk, what)}")
    if not found.complete:
        left = "Only the summary is left. " if found.finished == found.chunks else ""
        lines.append(f"{left}The command that began it goes on from here.")
    return "\n".join(lines)
