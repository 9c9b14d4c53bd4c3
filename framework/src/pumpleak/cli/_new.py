"""``pumpleak new``: a distribution of one's own, from a template that works."""

from __future__ import annotations

from pathlib import Path

import click

from ._terminal import say


@click.command()
@click.argument("kind", required=False, metavar="[channel|transporter|ion|solver]")
@click.argument("name", required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("."),
    metavar="FOLDER",
    help="Where the folder pumpleak-NAME is made.  [default: here]",
)
@click.option("--called", metavar="THING", help="What the thing itself is called, such as HCN1.")
@click.option("--author", metavar="TEXT", help="Who wrote it.")
@click.option("--lab", default="", metavar="LAB", help="The lab that shares it, such as lab-a.")
@click.option("--orcid", default="", metavar="ORCID", help="The author's ORCID.")
@click.option(
    "--update",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Bring a folder made before up to date instead, keeping what you wrote.",
)
@click.pass_context
def new(
    context: click.Context,
    kind: str | None,
    name: str | None,
    into: Path,
    called: str | None,
    author: str | None,
    lab: str,
    orcid: str,
    folder: Path | None,
) -> None:
    """Make a distribution with a channel, transporter, ion or solver that works.

    It is whole: physics, metadata, tests with known answers, licence, citation. Put your own
    physics in the place of the example's. NAME becomes the plugin's, the first half of its ids.

    The exit code is 0 if all went well, 1 if an update left conflicts to settle, 2 if something is
    wrong with what was given.
    """
    from ._rest import _told

    with _told():
        if folder is not None:
            if kind is not None or name is not None:
                raise click.UsageError("--update takes a folder alone, without a kind and a name")
            _update(context, folder)
        elif kind is None or name is None:
            raise click.UsageError(
                "say what to make and what to call it, such as 'pumpleak new channel hcn'"
            )
        else:
            _make(kind, name, into, called, author, lab, orcid)


def _make(
    kind: str, name: str, into: Path, called: str | None, author: str | None, lab: str, orcid: str
) -> None:
    from ..new import make

    made = make(kind, name, into=into, called=called, author=author, lab=lab, orcid=orcid)
    say(f"Made {made}: the {kind} works as it is. Put your own physics in")
    click.echo(f"  {made / 'src' / f'pumpleak_{name}' / f'{name}.py'}")
    say("and what you know about it beforehand in")
    click.echo(f"  {made / 'tests' / f'test_{name}.py'}")
    # to be copied: a command is never broken
    click.echo("To try it:")
    click.echo(f"  cd {made} && pip install -e '.[test]' && python -m pytest")


def _update(context: click.Context, folder: Path) -> None:
    from ..new import update

    done = update(folder)
    if done.before == done.after:
        say(f"{folder} is up to date with template {done.after}; nothing was changed.")
        return
    say(f"{folder} went from template {done.before} to {done.after}.")
    for names, what in (
        (done.written, "written"),
        (done.removed, "removed"),
        (done.conflicts, "CONFLICT"),
    ):
        for name in names:
            click.echo(f"  {what}  {name}")
    if done.conflicts:
        say(
            "In the files marked CONFLICT you and the template changed the same lines; both stand "
            "between <<<<<<< and >>>>>>>. Keep what you want, and take the markers out."
        )
        context.exit(1)
