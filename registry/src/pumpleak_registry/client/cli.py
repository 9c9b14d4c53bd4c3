"""``pumpleak search | info | get | lock | sync | verify``: what others share, and what is run."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpleak.cli._terminal import fitted, width

from .._told import Refused, told

if TYPE_CHECKING:
    from ._get import Outcome

#: With fewer columns left for it, a summary stands below what it is of.
_LEAST_SUMMARY = 24

_registry = click.option(
    "--registry",
    metavar="FOLDER|URL",
    help="The registry; by default PUMPLEAK_REGISTRY, or else the one of your own.",
)
_root = click.option(
    "--root",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The root to trust it by (1.root.json), the first time; it is kept.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_installer = click.option(
    "--installer",
    type=click.Choice(["uv", "pip"]),
    help="What installs; by default uv if it is here.",
)
_cards = click.option(
    "--cards",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where cards go; by default your own folder for them.",
)
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("words", nargs=-1)
@_options(_registry, _root)
@click.option("--refresh", is_flag=True, help="Ask the registry even if it was asked just now.")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Show so many at most.",
)
@_json
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    registry: str | None,
    root: Path | None,
    refresh: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List the plugins and cards in which every one of WORDS stands; all of them without WORDS.

    Looked at are names, labs, summaries, ions, and what they supply. The exit code is 1 if nothing
    was found, 2 if the registry is refused or not to be had.
    """
    with told():
        from ._place import place
        from ._search import found, listing

        where = place(registry)
        known = listing(where, root, refresh=refresh)
        hits = found(known, words)
    shown = hits[:limit]
    if as_json:
        verified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(known.verified))
        document = {
            "format": 1,
            "registry": where.location,
            "verified": verified,
            "note": known.note,
            "found": len(hits),
            "projects": shown,
        }
        _print(json.dumps(document, indent=2))
    else:
        _print_hits(shown)
        if len(hits) > len(shown):
            _say(f"... and {len(hits) - len(shown)} more; --limit N shows more")
        if not hits:
            _say(f"nothing in {where.location} has {' '.join(words)!r}")
    for name in known.stranger:
        _say(f"Note: {name} is listed by a lab that does not own the name: left out", err=True)
    if known.note:
        _say(f"Note: {known.note}", err=True)
    if not hits:
        context.exit(1)


@click.command()
@click.argument("name")
@_options(_registry, _root, _json)
def info(name: str, registry: str | None, root: Path | None, as_json: bool) -> None:
    """Show what the registry says of NAME: who owns it, its versions, and what they need.

    The exit code is 0, or 2 if there is no such name, or the registry is refused or not to be had.
    """
    with told():
        from ._place import place, trusted_root
        from ._trusted import opened, resolve

        where = place(registry)
        with opened(where, trusted_root(where, root)) as trusted:
            project = resolve(trusted, name)
            lab = str(trusted.names.owner(project))
            releases = trusted.index(lab).of(project)
            rows = [row for row in trusted.catalogue().projects if row.project == project]
    data = {
        "format": 1,
        "registry": where.location,
        "name": project,
        "lab": lab,
        "report": rows[0].to_dict() if rows and rows[0].lab == lab else None,
        "releases": [release.to_dict() for release in reversed(releases)],
    }
    if as_json:
        _print(json.dumps(data, indent=2))
    else:
        _print_info(data)


@click.command()
@click.argument("name", metavar="NAME[==VERSION]")
@_options(_registry, _root, _installer, _cards, _dry_run)
def get(
    name: str,
    registry: str | None,
    root: Path | None,
    installer: str | None,
    cards: Path | None,
    dry_run: bool,
) -> None:
    """Fetch a plugin or card from the registry, verify it, and install it.

    A plugin is installed by uv or pip out of the verified file, without any index, beside the
    environment's own packages: neither pumpleak nor anything that it needs is ever replaced. What a
    plugin needs must be here already, or in the same registry. A card is a file of data, put among
    your cards; nothing in it is run.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        from ._get import get as fetched
        from ._place import place

        where = place(registry)
        done = fetched(
            where,
            name,
            say=_announcing(where.location, dry_run),
            root=root,
            installer=installer,
            cards=cards,
            dry_run=dry_run,
        )
    _print_done(done, dry_run)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options(_registry, _dry_run)
def lock(file: Path, registry: str | None, dry_run: bool) -> None:
    """Write down which plugins and cards FILE uses, with versions and hashes.

    The lock stands beside FILE, as pylock.NAME.toml. 'pumpleak rest FILE --locked' then runs with
    those alone, 'pumpleak sync FILE' installs them elsewhere.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        from ._lock import lock as locked
        from ._place import fetched_from

        done = locked(file, fetched_from(registry), dry_run=dry_run)
    for item in done.lock.distributions:
        known = "its wheel is known" if item.name in done.wheels else "to be compared only"
        _say(f"{item.name} {item.version}: {known}")
    for card in done.lock.cards:
        _say(f"card {card.identity} {card.version}")
    _say(f"{'Would be written' if dry_run else 'Written'} to {done.path}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options(_registry, _root, _installer, _cards, _dry_run)
def sync(
    file: Path,
    registry: str | None,
    root: Path | None,
    installer: str | None,
    cards: Path | None,
    dry_run: bool,
) -> None:
    """Install what FILE's lock names, exactly; FILE is a membrane file, or a lock file itself.

    The exit code is 0, or 2 if something is refused or cannot be done; then nothing was changed.
    """
    with told():
        from pumpleak.lock import read_lock

        from ._get import sync as synced
        from ._place import place

        path, membrane = _lock_of(file)
        where = place(registry or read_lock(path).registry or None)
        done = synced(
            where,
            path,
            membrane,
            say=_announcing(where.location, dry_run),
            root=root,
            installer=installer,
            cards=cards,
            dry_run=dry_run,
        )
    _print_done(done, dry_run)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_json
@click.pass_context
def verify(context: click.Context, file: Path, as_json: bool) -> None:
    """Compare what is installed with FILE's lock; FILE is a membrane file, or a lock file itself.

    The exit code is 0 if all is as locked, 1 if anything is missing, altered, of another version or
    cannot be verified, 2 if there is no lock or it cannot be read.
    """
    with told():
        from pumpleak.lock import compare, notes, read_lock

        path, membrane = _lock_of(file)
        lock = read_lock(path)
        rows = compare(lock, membrane)
        remarks = notes(lock)
    bad = any(row.problems for row in rows)
    if as_json:
        document = {
            "format": 1,
            "lock": str(path),
            "ok": not bad,
            "notes": list(remarks),
            "parts": [
                {
                    "name": row.name,
                    "locked": row.locked,
                    "found": row.found,
                    "problems": list(row.problems),
                }
                for row in rows
            ],
        }
        _print(json.dumps(document, indent=2))
    else:
        for row in rows:
            _say(f"{row.name} {row.locked}: {'differs' if row.problems else 'as locked'}")
            for problem in row.problems:
                _say(f"  {problem}")
        for note in remarks:
            _say(f"Note: {note}", err=True)
    if bad:
        context.exit(1)


def _lock_of(file: Path) -> tuple[Path, Path]:
    """Return the lock that is meant, and its membrane file."""
    from pumpleak.lock import lock_path, read_lock

    if file.name.startswith("pylock.") and file.suffix == ".toml":
        # the membrane's name alone is in the lock: it stands beside it, or nowhere
        return file, file.parent / Path(read_lock(file).file).name
    path = lock_path(file)
    if not path.exists() and not file.is_file():
        what = "is a folder" if file.is_dir() else "no such file"
        raise Refused(f"{file}: {what}; give a membrane file, or a lock file pylock.NAME.toml")
    return path, file


def _print_hits(rows: Sequence[dict[str, Any]]) -> None:
    # rich would take longer to import than the search takes
    cells = [
        (
            _called(row["name"], row),
            row["version"],
            row["lab"],
            row["kind"] if row["kind"] == "card" else "plugin",
            "yanked" if row["yanked"] else _standing(row),
            row["summary"],
        )
        for row in rows
    ]
    widths = [max((len(cell[i]) for cell in cells), default=0) for i in range(5)]
    before = sum(widths) + 2 * len(widths)
    beside = width() - before >= _LEAST_SUMMARY
    for cell in cells:
        line = "  ".join(text.ljust(wide) for text, wide in zip(cell[:5], widths, strict=True))
        if beside:
            _say(_shown(f"{line}  {cell[5]}").rstrip(), hang=before)
        else:
            _say(_shown(line).rstrip())
            _say(_shown(f"    {cell[5]}").rstrip(), hang=0)


def _called(project: str, row: Mapping[str, Any]) -> str:
    """Return the name by which it is got: a card's is the identity that membrane files use."""
    return str(row["provides"][0]) if row.get("kind") == "card" and row["provides"] else project


def _standing(row: dict[str, Any]) -> str:
    if not row["runs"]:
        return "fails its checks"
    return {True: "reproduces", False: "misses its points", None: "runs"}[row["reproduces"]]


def _print(text: str, *, err: bool = False) -> None:
    # a terminal that cannot show a letter shows '?', which beats an error
    encoding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "replace").decode(encoding), err=err)


def _say(text: str, *, err: bool = False, hang: int = 2) -> None:
    """Print a sentence within the terminal's width; what goes on is indented."""
    _print(fitted(text, sys.stderr if err else sys.stdout, hang=hang), err=err)


def _shown(text: str) -> str:
    """Return a stranger's text without what would steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _print_info(data: dict[str, Any]) -> None:
    row = data["report"]
    newest = data["releases"][0] if data["releases"] else {}
    _say(_shown(f"{_called(data['name'], newest)}, of lab {data['lab']}, in {data['registry']}"))
    if row is not None:
        _say(_shown(row["summary"]))
        _say(f"{_standing(row)} (checked {row['checked']})")
    for release in data["releases"]:
        yanked = release["yanked"]
        line = f"{release['version']}  {release['uploaded']}  {release['license']}"
        _say(_shown(line).rstrip())
        if yanked is not None:
            _say(_shown(f"    yanked: {yanked or 'no reason given'}"))
        needs = [f"Python {release['requires_python']}"] if release["requires_python"] else []
        needs += [text for text in release["requires"] if "extra ==" not in text]
        if needs:
            _say(_shown(f"    needs {', '.join(needs)}"))
        if release["provides"]:
            _say(_shown(f"    supplies {', '.join(release['provides'])}"))


def _announcing(location: str, dry_run: bool) -> Callable[[Outcome], None]:
    """Return what prints a change before it is made."""
    from ._get import CardChange

    def say(outcome: Outcome) -> None:
        if not outcome.changes:
            _say("Nothing to change: it is here as it should be.")
            return
        _say(f"Verified: {location}")
        if all(isinstance(change, CardChange) for change in outcome.changes):
            # a card is a file of data: no environment changes
            _say(f"{'This would put' if dry_run else 'This puts'} among your cards:")
        else:
            _say(f"{'This would change' if dry_run else 'This changes'} in {outcome.place}:")
        for change in outcome.changes:
            _say(f"  {change}")

    return say


def _print_done(done: Outcome, dry_run: bool) -> None:
    if done.installer is not None and not dry_run:
        _say(f"Installed by {done.installer}, offline, out of the verified files.")
    for note in done.notes:
        _say(f"Note: {note}", err=True)
