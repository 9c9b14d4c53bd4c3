"""The bibliographies of the bundled plugins: whole, without dead wood, at one with each other."""

from __future__ import annotations

from pathlib import Path

import bibtex
import pytest
from pages import EXAMPLES, ROOT

import pumpleak as pl
from pumpleak.cite import citations
from pumpleak.cite._collect import references_in
from pumpleak.cite._references import parse, plain

FILES = sorted([*ROOT.glob("plugins/*/src/*/references.toml")])
CORE = ROOT / "framework" / "src" / "pumpleak" / "references.toml"
ALL_FILES = [CORE, *FILES]
IDS = [path.parent.name for path in FILES]

#: Sources that name no work: what they were taken from says no more about itself.
UNRESOLVED = {
    "as coded in Myokit's lr-1991.mmt",
    "coefficients as in public code of Dijkstra et al",
    "Form: the pump-leak models of Kay and of Aminzare, public code",
}


def sources_of(plugin: str) -> set[str]:
    """Return everything that a plugin's objects say about where they are from."""
    from pumpleak.host import default_host

    host = default_host()
    found: set[str] = set()
    for kind in ("mechanisms", "filters", "solutions", "species", "solvers"):
        for identity in host.records(kind):
            if identity.partition(".")[0] != plugin:
                continue
            made = host.make(kind, identity)
            if hasattr(made, "parameter_table"):
                found |= {row["source"] for row in made.parameter_table()}
            for cls in type.mro(made) if isinstance(made, type) else [made]:
                if getattr(cls, "__module__", "").startswith(f"pumpleak_{plugin}"):
                    found |= set(references_in(cls.__doc__))
    return found


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_work_is_listed_that_nothing_cites(path):
    """Each entry is referred to by a source of its own plugin."""
    plugin = path.parent.name.removeprefix("pumpleak_")
    said = [plain(text) for text in sources_of(plugin)]

    unused = [
        key
        for key, work in parse(path.read_text(encoding="utf-8")).items()
        if not any(work.named_in(text) for text in said)
    ]

    assert [] == unused


def test_a_work_is_the_same_wherever_it_is_listed():
    """Two plugins that list a key mean one work, to the letter."""
    known: dict[str, object] = {}
    for path in ALL_FILES:
        for key, work in parse(path.read_text(encoding="utf-8")).items():
            assert work == known.setdefault(key, work), key


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_source_that_names_a_work_leads_to_it(path):
    """Of what the plugins' mechanisms rest on, only sources without an author stay notes."""
    plugin = path.parent.name.removeprefix("pumpleak_")
    works = [
        work for file in (path, CORE) for work in parse(file.read_text(encoding="utf-8")).values()
    ]
    lost = {
        text
        for text in sources_of(plugin)
        if not plain(text).startswith(("assumed", "given by", "by definition"))
        and "assumed" not in text
        and not any(work.named_in(plain(text)) for work in works)
    }

    assert lost <= UNRESOLVED, lost - UNRESOLVED


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_can_be_cited(path: Path):
    """BibTeX can be read, keys are unique, and every mechanism leads to its plugin."""
    found = citations(path)

    assert list(found.keys) == list(bibtex.entries(found.bibtex()))
    assert "pumpleak" == found.keys[0]
    users = {name for entry in found for name in entry.used_by}
    for mechanism in pl.load(path).mechanisms:
        if type(mechanism) is not pl.CustomChannel:
            assert mechanism.label in users


def test_a_steady_membrane_cites_both_solvers_once():
    """Both modes are served by one distribution, which is one entry."""
    found = citations(EXAMPLES / "neuron_steady.toml")
    (entry,) = [entry for entry in found if entry.key == "pumpleak-solvers"]

    assert ("solvers.scan", "solvers.newton") == entry.used_by
    (alone,) = [
        entry
        for entry in citations(EXAMPLES / "neuron_steady.toml", mode="steady")
        if entry.key == "pumpleak-solvers"
    ]
    assert ("solvers.newton",) == alone.used_by
