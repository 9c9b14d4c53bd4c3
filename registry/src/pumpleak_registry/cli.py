"""``pumpleak registry``: making and keeping a registry; each command says which key it used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pumpleak.cli._terminal import say

from ._told import told

if TYPE_CHECKING:
    from .layout import Record
    from .report import Report
    from .repository import Repository

VARIABLE = "PUMPLEAK_REGISTRY"
KEYS_VARIABLE = "PUMPLEAK_REGISTRY_KEYS"
SECRET_VARIABLE = "PUMPLEAK_REGISTRY_PASSPHRASE"

#: For how long a signature may be made to hold; dates have an end.
MOST_DAYS = 3650
_MOST_KEYS = 100

F = TypeVar("F", bound=Callable[..., Any])


def _places(command: F) -> F:
    for option in (
        click.option(
            "--keys",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Folder of private keys; may be given several times. New keys go to the first. "
            f"Default: {KEYS_VARIABLE}, or a folder beside the embedded registry.",
        ),
        click.option(
            "--registry",
            "folder",
            metavar="FOLDER",
            help=f"The registry. Default: {VARIABLE}, or the embedded folder of this user.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def registry() -> None:
    """Make and keep a registry of plugins and cards."""


@registry.command()
@_places
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase that encrypts the key files.")
@click.option(
    "--root-keys",
    default=3,
    show_default=True,
    type=click.IntRange(1, _MOST_KEYS),
    metavar="N",
    help="How many keys the root has.",
)
@click.option(
    "--threshold",
    default=2,
    show_default=True,
    type=click.IntRange(1, _MOST_KEYS),
    metavar="N",
    help="How many of them must sign a new root.",
)
@click.option(
    "--snapshot-days",
    type=click.IntRange(1, MOST_DAYS),
    metavar="N",
    help="How long a snapshot holds.  [default: 7, or 365 in the embedded folder]",
)
@click.option(
    "--timestamp-days",
    type=click.IntRange(1, MOST_DAYS),
    metavar="N",
    help="How long a timestamp holds.  [default: 1, or 365 in the embedded folder]",
)
def init(
    folder: str | None,
    keys: tuple[Path, ...],
    encrypt: bool,
    root_keys: int,
    threshold: int,
    snapshot_days: int | None,
    timestamp_days: int | None,
) -> None:
    """Make an empty registry and its keys.

    A snapshot holds for 7 days and a timestamp for 1, so that readers notice if they are kept on an
    old state. In the embedded folder, which nobody else writes, both hold for a year.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    from ._signing import Days
    from .keys import no_passphrase
    from .repository import Repository

    where = _folder(folder)
    alone = where == embedded()
    days = Days(
        snapshot=snapshot_days or (365 if alone else Days().snapshot),
        timestamp=timestamp_days or (365 if alone else Days().timestamp),
    )
    with told():
        _, done = Repository.create(
            where,
            _keys(keys),
            days=days,
            root_keys=root_keys,
            threshold=threshold,
            passphrase=_new_passphrase() if encrypt else no_passphrase,
        )
        say(str(done), hang=2)


@registry.command("key", short_help="Make a key pair for a lab.")
@click.argument("name")
@_places
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase that encrypts the key file.")
def make(name: str, folder: str | None, keys: tuple[Path, ...], encrypt: bool) -> None:
    """Make a key pair for a lab, to keep here and hand over the public part of.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    from .keys import make_key, short
    from .layout import lab_role

    with told():
        [home, *_] = _keys(keys)
        role = lab_role(name)
        key = make_key(home, role, _new_passphrase()(home) if encrypt else None)
        stem = home / f"{role}.{short(key)}"
        say(f"Made the key {short(key)}: {stem}.pem, which you keep to yourself,")
        say(f"and {stem}.pub.pem, which the registry's owner gives to add-lab --public.")


@registry.command("add-lab", short_help="Let a lab sign releases of its own.")
@click.argument("lab")
@_places
@click.option(
    "--public",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The lab's own public key; without it, a key is made here.",
)
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase that encrypts a new key file.")
def add_lab(
    lab: str, folder: str | None, keys: tuple[Path, ...], public: Path | None, encrypt: bool
) -> None:
    """Let LAB sign releases of its own, and nothing else.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    from .keys import read_public

    with told():
        key = read_public(public) if public else None
        say(str(_open(folder, keys, encrypt=encrypt).add_lab(lab, key)), hang=2)


@registry.command(short_help="Check wheels or cards, and keep the report.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lab", required=True, metavar="LAB", help="For which lab.")
@click.option(
    "--project",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder that a wheel was built from: its [tool.pumpleak] goes to the sheet.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the report as JSON.",
)
@_places
@click.pass_context
def admit(
    context: click.Context,
    files: tuple[Path, ...],
    lab: str,
    project: Path | None,
    json_file: Path | None,
    folder: str | None,
    keys: tuple[Path, ...],
) -> None:
    """Look at wheels or cards: clean installation, conformance kit, report.

    A new name is reserved for the lab.

    The exit code is 0 if all were admitted, 1 if one was not (its report says why), 2 if something
    is refused or cannot be done; then nothing was changed.
    """
    if len(files) > 1 and (json_file is not None or project is not None):
        raise click.UsageError("--json and --project are of one file; admit the files one by one")
    from pumpleak._atomic import check_place

    with told():
        if json_file is not None:
            check_place(json_file)  # before minutes of looking
        reports, done = _open(folder, keys).admit_all(files, lab, project=project)
        for report in reports:
            _print_report(report)
        if json_file is not None:
            _write(json_file, reports[0])
        say(str(done), hang=2)
    if not all(report.runs for report in reports):
        context.exit(1)


@registry.command(short_help="Publish admitted wheels or cards.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lab", required=True, metavar="LAB", help="Whose releases they are.")
@_places
def publish(files: tuple[Path, ...], lab: str, folder: str | None, keys: tuple[Path, ...]) -> None:
    """Publish admitted wheels or cards; what is published stays.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        say(str(_open(folder, keys).publish_all(files, lab)), hang=2)


@registry.command(short_help="Mark a version as not to be chosen any more.")
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True, help="Why it should not be chosen any more.")
@_places
def yank(name: str, version: str, reason: str, folder: str | None, keys: tuple[Path, ...]) -> None:
    """Mark VERSION of NAME as not to be chosen any more; its files stay.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        say(str(_open(folder, keys).yank(name, version, reason)), hang=2)


@registry.command(short_help="Trust a new key for a role or a lab.")
@click.argument("role")
@click.option(
    "--replace", metavar="ID", help="The root key to replace; without it, the root is signed anew."
)
@click.option(
    "--public",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The lab's own new public key; without it, a key is made here.",
)
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase that encrypts a new key file.")
@_places
def rotate(
    role: str,
    replace: str | None,
    public: Path | None,
    encrypt: bool,
    folder: str | None,
    keys: tuple[Path, ...],
) -> None:
    """Trust a new key for ROLE: root, targets, catalogue, snapshot, timestamp or a lab's name.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    from .keys import read_public

    with told():
        key = read_public(public) if public else None
        opened = _open(folder, keys, encrypt=encrypt)
        say(str(opened.rotate(role, replace=replace, public=key)), hang=2)


@registry.command(short_help="Sign snapshot and timestamp anew.")
@click.option(
    "--also",
    multiple=True,
    metavar="ROLE",
    help="Another role to sign anew: targets, catalogue or a lab's name; repeatable.",
)
@_places
def refresh(also: tuple[str, ...], folder: str | None, keys: tuple[Path, ...]) -> None:
    """Sign snapshot and timestamp anew, before they run out; a daily job for a public registry.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        say(str(_open(folder, keys).refresh(also)), hang=2)


def embedded() -> Path:
    """Return the folder of the registry that every user has without a server."""
    import platformdirs

    return Path(platformdirs.user_data_dir("pumpleak", appauthor=False)) / "registry"


def _folder(given: str | None) -> Path:
    named = given or os.environ.get(VARIABLE)
    if named and "://" in named:
        raise click.UsageError(
            f"a registry is kept in a folder (got {named}); give --registry FOLDER, and let a "
            "server show that folder"
        )
    return Path(named) if named else embedded()


def _keys(given: tuple[Path, ...]) -> list[Path]:
    if given:
        return list(given)
    if named := os.environ.get(KEYS_VARIABLE):
        return [Path(part) for part in named.split(os.pathsep) if part]
    return [embedded().with_name("registry-keys")]


def _open(folder: str | None, keys: tuple[Path, ...], *, encrypt: bool = False) -> Repository:
    from .repository import Repository

    new = _new_passphrase() if encrypt else None
    return Repository(_folder(folder), _keys(keys), passphrase=_passphrase(new))


def _passphrase(new: Callable[[Path], str | None] | None) -> Callable[[Path], str | None]:
    """Return what asks for the passphrase of a file that exists, or of one that is to be made."""
    asked: dict[Path, str | None] = {}

    def ask(path: Path) -> str | None:
        if not path.exists():
            return new(path) if new else None
        if SECRET_VARIABLE in os.environ:
            return os.environ[SECRET_VARIABLE]
        if path not in asked:
            asked[path] = click.prompt(f"Passphrase of {path.name}", hide_input=True, err=True)
        return asked[path]

    return ask


def _new_passphrase() -> Callable[[Path], str | None]:
    asked: list[str] = []

    def ask(_: Path) -> str:
        if SECRET_VARIABLE in os.environ:
            return os.environ[SECRET_VARIABLE]
        if not asked:
            asked.append(
                click.prompt(
                    "Passphrase for the new key files",
                    hide_input=True,
                    confirmation_prompt=True,
                    err=True,
                )
            )
        return asked[0]

    return ask


def _print_report(report: Report) -> None:
    words = {True: "yes", False: "no", None: "it states none"}
    click.echo(f"{report.name} {report.version} ({report.file})")
    click.echo(f"  runs: {words[report.runs]}")
    click.echo(f"  reproduces its reference points: {words[report.reproduces]}")
    for problem in report.problems:
        say(f"  {problem.code}: {problem.cause}", hang=6)
        say(f"        fix: {problem.fix}")


def _write(path: Path, record: Record) -> None:
    from pumpleak._atomic import written_whole

    from .layout import to_json

    with written_whole(path) as temporary:
        temporary.write_bytes(to_json(record))
