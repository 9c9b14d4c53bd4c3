"""``pumpleak cite``: the works behind the numbers of a membrane."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _pair, _print, _told
from ._terminal import width


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["clamped", "steady"]),
    help="Whose solver is cited; by default clamped ions', and where FILE has [steady] both.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["bibtex", "text"]),
    default="bibtex",
    show_default=True,
    help="For a program that sets references, or for people.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a value, as with 'pumpleak rest'; what you give is not cited.",
)
def cite(
    file: Path | None, mode: str | None, form: str, as_json: bool, changes: tuple[str, ...]
) -> None:
    """List the works behind the membrane in FILE; without FILE, behind the bundled neuron.

    Cited is what takes part: pumpleak, the plugins used, and the source of every mechanism and
    parameter. A source that no bibliography lists is cited in its own words. What was assumed is
    listed as assumed.

    The exit code is 0, or 2 if something is wrong with what was given.
    """
    pairs = dict(_pair(change) for change in changes)
    with _told():
        with _plugin_output_to_stderr():
            from ..cite import citations
            from ..membranes._file import bundled, load

            membrane = load(bundled() if file is None else file)
            found = citations(membrane.evolve(pairs) if pairs else membrane, mode=mode)
        if as_json:
            _print(json.dumps(found.to_dict(), indent=2, allow_nan=False))
        else:
            _print(found.bibtex().rstrip("\n") if form == "bibtex" else found.text(width()))
