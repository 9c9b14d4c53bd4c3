"""Searching: what is found, in which order, and how it is shown."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clean_env import CleanEnvironment
from click.testing import CliRunner
from market import Market

from pumpleak_registry import layout
from pumpleak_registry.client._search import FIELDS, Listing, found, listing
from pumpleak_registry.client.cli import search
from pumpleak_registry.layout import Catalogue, CatalogueRow, Names, to_json

MANY = 10_000


def row(name: str, summary: str = "a leak", **given: object) -> CatalogueRow:
    stated: dict[str, object] = {
        "name": name,
        "lab": "lab-a",
        "kind": "distribution",
        "makes": ("channel",),
        "version": "1.0",
        "summary": summary,
        "license": "BSD-3-Clause",
        "ions": ("K", "Na"),
        "provides": (f"{name.removeprefix('pumpleak-')}.leak",),
        "uploaded": "2026-01-31T12:00:00Z",
        "yanked": False,
        "runs": True,
        "reproduces": True,
        "checked": "2026-01-31T12:00:00Z",
        **given,
    }
    return CatalogueRow(**stated)  # type: ignore[arg-type]


def fill(market: Market, rows: list[CatalogueRow]) -> None:
    """Sign a catalogue of these rows, without the wheels that it speaks of."""
    names = {item.project: item.lab for item in rows}
    with market.repository._changing() as signing:
        signing.put("targets", layout.NAMES, to_json(Names(names=names)))
        signing.put(
            layout.CATALOGUE_ROLE, layout.CATALOGUE, to_json(Catalogue(projects=tuple(rows)))
        )


def names(listing: Listing, *words: str) -> list[str]:
    return [hit["name"] for hit in found(listing, words)]


def test_every_word_must_stand_somewhere_and_names_come_first(market: Market, home: Path) -> None:
    """Whatever the case, in name, lab, summary, ions and what is supplied."""
    fill(
        market,
        [
            row("pumpleak-alpha", "a window current like that of zeta cells"),
            row("pumpleak-zeta", "A Sodium leak"),
            row("lab-a.chloride", kind="card", ions=("Cl",), provides=("lab-a.chloride",)),
        ],
    )
    known = listing(market.place, market.root)

    assert ["pumpleak-zeta", "pumpleak-alpha"] == names(known, "ZETA")
    assert ["pumpleak-zeta"] == names(known, "zeta", "sodium")
    assert ["lab-a.chloride"] == names(known, "cl", "lab-a.chloride")
    assert ["pumpleak-zeta"] == names(known, "zeta.leak")
    assert [] == names(known, "zeta", "chloride")
    assert 3 == len(names(known))
    assert all(set(FIELDS) == set(hit) for hit in found(known, []))


def test_a_change_in_a_folder_is_found_at_once(market: Market, home: Path) -> None:
    """A new plugin, and a new root, without being asked to look."""
    fill(market, [row("pumpleak-one")])
    first = names(listing(market.place, market.root))
    fill(market, [row("pumpleak-one"), row("pumpleak-two")])
    second = names(listing(market.place))
    market.repository.rotate("root")
    before = listing(market.place).verified

    assert ["pumpleak-one"] == first
    assert ["pumpleak-one", "pumpleak-two"] == second
    assert listing(market.place).verified == before > 0


def test_what_is_shown(market: Market, environment: CleanEnvironment) -> None:
    """One line each; how it stands in its checks; a stranger's text cannot steer the terminal."""
    fill(
        market,
        [
            row("pumpleak-one", "bold \x1b[1m and\nbroken"),
            row("pumpleak-two", reproduces=False),
            row("pumpleak-three", yanked=True),
            row("pumpleak-four", reproduces=None),
            row("lab-a.five", kind="card", provides=("lab-a.five",), runs=False),
        ],
    )
    where = ["--registry", str(market.folder)]
    shown = environment.good("search", *where, "--root", market.root)
    data = json.loads(environment.good("search", "pumpleak", "--json", "--limit", "2", *where))
    nothing = environment.run("search", "nosuchthing", *where)
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.splitlines()}

    assert "1.0 lab-a plugin reproduces bold [1m and broken" == lines["pumpleak-one"]
    assert "1.0 lab-a plugin misses its points a leak" == lines["pumpleak-two"]
    assert "1.0 lab-a plugin yanked a leak" == lines["pumpleak-three"]
    assert "1.0 lab-a plugin runs a leak" == lines["pumpleak-four"]
    assert "1.0 lab-a card fails its checks a leak" == lines["lab-a.five"]
    assert (4, 2) == (data["found"], len(data["projects"]))
    assert 1 == nothing.returncode
    assert "has 'nosuchthing'" in nothing.stdout


def test_hits_fit_the_terminal_and_a_file_gets_a_line_each(
    market: Market, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word of a summary is lost, however narrow the terminal."""
    summary = "a leak of the axon " * 8 + "end"
    fill(market, [row("pumpleak-alpha", summary), row("pumpleak-beta", "short")])
    listing(market.place, market.root)
    where = ["--registry", market.place.location]
    for columns in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        told = CliRunner().invoke(search, where)

        assert 0 == told.exit_code, told.output
        assert max(map(len, told.stdout.splitlines())) <= columns
        assert " ".join(summary.split()) in " ".join(told.stdout.split())
    monkeypatch.delenv("COLUMNS")

    assert 2 == len(CliRunner().invoke(search, where).stdout.splitlines())


def test_a_search_among_ten_thousand_finds_one(market: Market, home: Path) -> None:
    """Out of the listing that is kept, in which every project has a line."""
    rows = [
        row(f"pumpleak-made-up-{number:05d}", f"potassium channel {number} of some tissue, made up")
        for number in range(MANY)
    ]
    fill(market, rows)
    listing(market.place, market.root)
    command = [sys.executable, "-m", "pumpleak", "search", "channel 77", "--registry"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*command, str(market.folder)], capture_output=True, text=True, check=True
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"search among {MANY}: {work:.3f} s of work, {wall:.3f} s")

    assert "pumpleak-made-up-00077" in done.stdout


def test_a_search_imports_nothing_slow(market: Market, home: Path) -> None:
    """Neither TUF nor physics, where nothing changed since the last one."""
    fill(market, [row("pumpleak-one")])
    listing(market.place, market.root)
    slow = ["tuf", "securesystemslib", "cryptography", "numpy", "sympy", "scipy", "rich"]
    code = (
        "import sys; from click.testing import CliRunner; from pumpleak.cli import main\n"
        f"done = CliRunner().invoke(main, ['search', '--registry', {str(market.folder)!r}])\n"
        f"assert done.exit_code == 0, done.output\n"
        f"print([name for name in {slow!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True
    )

    assert "[]" == done.stdout.strip()
