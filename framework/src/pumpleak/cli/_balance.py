"""``pumpleak balance``: the smallest change to densities that makes a wanted rest one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._plugins import _plugin_output_to_stderr
from ._rest import _pair, _print, _told
from ._terminal import width

if TYPE_CHECKING:
    from ..budgets._balance import Balanced
    from ..membranes._membrane import Membrane


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--free",
    "free",
    multiple=True,
    required=True,
    metavar="NAMES",
    help="Mechanisms whose densities may change, such as pump,leak; repeatable.",
)
@click.option("--voltage", "-V", metavar="V", help="Where it is to rest, such as '-68 mV'.")
@click.option(
    "--mode",
    type=click.Choice(["clamped", "steady"]),
    help="No total current, or none of any free ion; by default steady where FILE has [steady].",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Wanted concentrations and other values, such as inside.Na='12 mM'; repeatable.",
)
@click.option(
    "--input-resistance", metavar="R", help="Input resistance wanted as well, such as '200 MOhm'."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Where to write the balanced membrane; by default FILE with '-balanced' in its name.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def balance(
    context: click.Context,
    file: Path,
    free: tuple[str, ...],
    voltage: str | None,
    mode: Any,
    changes: tuple[str, ...],
    input_resistance: str | None,
    out: Path | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Change the densities named by --free as little as can be, so that the membrane in FILE rests.

    Nothing else changes, but at steady ions the impermeant solute where charge or osmolarity ask
    for it. The balanced membrane is written beside FILE.

    The exit code is 0 if it was balanced, 1 if it cannot be (then nothing is written, and it is
    said which demand fails and by how much), 2 if something is wrong with what was given.
    """
    pairs = dict(_pair(change) for change in changes)
    names = [name.strip() for given in free for name in given.split(",") if name.strip()]
    target = file.with_stem(f"{file.stem}-balanced") if out is None else out
    with _told():
        with _plugin_output_to_stderr():
            from ..budgets._balance import balance as balanced
            from ..membranes._file import load, save

            found = balanced(
                load(file),
                free=names,
                V=voltage,
                at=pairs,
                mode=mode,
                input_resistance=input_resistance,
            )
            text = (
                json.dumps(found.to_dict(), indent=2, allow_nan=False)
                if as_json
                else found.as_text(width())
            )
            if found.membrane is not None and not dry_run:
                if target.exists() and not force:
                    raise click.UsageError(
                        f"{target} is there already; give --force to write over it, or --out PATH"
                    )
                save(_with_record(found, file.name), target)
        _print(text)
        if found.membrane is not None and not dry_run and not as_json:
            _print(f"\nWritten to {target}.")
    if found.status != "balanced":
        context.exit(1)


def _with_record(found: Balanced, origin: str) -> Membrane:
    """Return the balanced membrane, its sources saying what was changed and from what."""
    import attrs

    assert found.membrane is not None
    moved = [f"{c.name} from {c.old} to {c.new}" for c in found.changes if c.old != c.new]
    record = f"balanced from {origin}: {', '.join(moved) or 'no density had to change'}"
    return attrs.evolve(found.membrane, sources=(*found.membrane.sources, record))
