"""``pumpleak check``: does a plugin, a folder or a card obey the rules of the kit?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _print, _told
from ._terminal import width


@click.command()
@click.argument("target", metavar="NAME|FOLDER|CARD")
@click.option(
    "--json",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the results as JSON too; '-' prints them in place of the table.",
)
@click.option("--strict", is_flag=True, help="An expected failure counts as a failure.")
@click.option("--all", "every", is_flag=True, help="List every check, not only those that failed.")
@click.pass_context
def check(
    context: click.Context, target: str, path: Path | None, strict: bool, every: bool
) -> None:
    """Check a plugin (k2p), one of its objects (k2p.TREK1), a plugin's folder, or a card.

    The exit code is 0 if checks ran on everything and none failed, 1 if one failed, 2 if there is
    no such thing.
    """
    with _told():
        with _plugin_output_to_stderr():
            from .._atomic import check_place, written_whole
            from ..conformance import run_checks

            if path is not None and str(path) != "-":
                check_place(path)
            report = run_checks(target, strict=strict)
            text = json.dumps(report.to_dict(), indent=2, allow_nan=False) + "\n"
        if str(path) != "-":
            _print(report.text(width(), every=every))
        else:
            click.echo(text, nl=False)
        if path is not None and str(path) != "-":
            with written_whole(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
    if not report.ok:
        context.exit(1)
