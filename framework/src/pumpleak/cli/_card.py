"""``pumpleak card``: write a mechanism as a card, look at one, check one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._words import counted
from ._plugins import _plugin_output_to_stderr, _print_table
from ._rest import _print, _told
from ._terminal import tell, width

if TYPE_CHECKING:
    from ..cards import Card

_SUFFIX = ".card.toml"


@click.group()
def card() -> None:
    """Channels and transporters as data: one TOML file each, nothing of it is run."""


@card.command()
@click.argument("name")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take NAME from this membrane file, with the values that it has there.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Where to write it, a name that ends in {_SUFFIX}; by default it is printed.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--id", "identity", metavar="ID", help="The card's id, such as lab-a.leak.")
@click.option("--version", metavar="V", help="The card's version.")
@click.option("--license", "licensed", metavar="SPDX", help="The card's licence.")
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Repeatable.")
def export(
    name: str,
    file: Path | None,
    out: Path | None,
    force: bool,
    identity: str | None,
    version: str | None,
    licensed: str | None,
    authors: tuple[str, ...],
) -> None:
    """Write the card of an installed mechanism, such as k2p.TREK1.

    What it says about itself is what the plugin says, unless it is given here. A mechanism that is
    declared opaque, or that decides by a Python 'if' on a number, has no equations and is refused.
    """
    if out is not None and not out.name.endswith(_SUFFIX):
        raise click.UsageError(f"{out}: the name of a card ends in {_SUFFIX}")
    with _told():
        with _plugin_output_to_stderr():
            from ..cards import Author, export_card

            text = export_card(
                name if file is None else _mechanism(name, file),
                id=identity,
                version=version,
                license=licensed,
                authors=tuple(Author(name=author) for author in authors) or None,
            )
        if out is None:
            click.echo(text, nl=False)
            return
        if out.exists() and not force:
            raise click.UsageError(f"{out} is there already; give --force to write over it")
        from .._atomic import written_whole

        with written_whole(out) as temporary:
            temporary.write_text(text, encoding="utf-8")
    _print(f"Written to {out}.")


def _mechanism(name: str, file: Path) -> Any:
    from .._errors import CompositionError, near
    from ..membranes._file import load

    labels = {mechanism.label: mechanism for mechanism in load(file).mechanisms}
    if name not in labels:
        raise CompositionError(
            f"{file} has no mechanism {name!r}{near(name, labels)}; it has {', '.join(labels)}"
        )
    return labels[name]


@card.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(file: Path, as_json: bool) -> None:
    """Show what a card says: who it is, its parameters with their sources, its equations."""
    show_card(file, as_json)


def show_card(file: Path, as_json: bool) -> None:
    """Print what a card says, as tables or as JSON."""
    with _told():
        from ..cards import load_card

        found = load_card(file)
    if as_json:
        from ..cards._write import tables_of_card

        data = {"path": found.path, "sha256": found.sha256, **tables_of_card(found)}
        click.echo(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
        return
    tell(f"{found.id} {found.version}: {found.summary}", hang=2)
    _print_table(("field", "value"), list(_about(found)))
    # for copying: a table would break them where it is narrow
    for word, text in (("file", found.path), ("sha256", found.sha256)):
        if text is not None:
            tell(f"{word}: {text}")
    click.echo()
    rows = list(_parameters(found))
    if rows:
        _print_parameters(rows)
    _print_table(("equation", "text"), list(_equations(found)))


def _print_parameters(rows: list[tuple[str, ...]]) -> None:
    columns = ("parameter", "value", "uncertainty", "unit", "source", "basis")
    # a column without a word only takes room
    kept = [at for at in range(len(columns)) if at < 2 or any(row[at] for row in rows)]
    _print_table(
        [columns[at] for at in kept],
        [[row[at] for at in kept] for row in rows],
        ("value", "uncertainty"),
    )


@card.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def check(context: click.Context, file: Path) -> None:
    """Read a card strictly, then run the conformance kit on it, its reference points included.

    The exit code is 0 if all is well, 1 if a check failed, 2 if it cannot be read.
    """
    with _told():
        with _plugin_output_to_stderr():
            from ..cards import load_card
            from ..conformance import run_checks

            found = load_card(file)
            report = run_checks(found)
        equations = sum(1 for _ in _equations(found))
        tell(
            f"{file}: {found.id} {found.version} can be read; "
            f"{counted(len(found.parameters), 'parameter')}, {counted(equations, 'equation')}, "
            f"{counted(len(found.references), 'reference point')}."
        )
        _print(report.text(width()))
    if not report.ok:
        context.exit(1)


def _about(found: Card) -> Iterator[tuple[str, str]]:
    yield "kind", found.kind
    yield "license", found.license
    for author in found.authors:
        yield "author", f"{author.name} {author.orcid}".strip()
    for field in ("doi", "citation", "description"):
        if getattr(found, field):
            yield field, getattr(found, field)
    for field, text in found.biology.items():
        yield field, text
    if found.claims.voltage is not None:
        yield "holds from .. to", " .. ".join(found.claims.voltage)


def _parameters(found: Card) -> Iterator[tuple[str, ...]]:
    permeation = getattr(found.physics.permeation, "parameters", {})
    every = {**found.parameters, **{f"permeation.{key}": it for key, it in permeation.items()}}
    for name, entry in every.items():
        basis = "measured" if entry.measured else "cited"
        if entry.source.lower().startswith("assumed"):
            basis = "assumed"
        value, unit = "to be given", ""
        if entry.value is not None:
            value, unit = f"{entry.value.magnitude:.6g}", entry.value.unit
        spread = "" if entry.uncertainty is None else f"{entry.uncertainty:g}"
        yield name, value, spread, unit, entry.source, basis


def _equations(found: Card) -> Iterator[tuple[str, str]]:
    from ..cards._write import tables_of_card

    def told(path: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, item in value.items():
                if key != "parameters":
                    yield from told(f"{path}.{key}" if path else str(key), item)
        else:
            yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    yield from told("", tables_of_card(found)["physics"])
