"""Population files: read by field, and everything wrong told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pumpleak as pl
from pumpleak.population import load_population

MEMBRANE = (Path(__file__).parents[2] / "docs" / "examples" / "reference_a.toml").read_text()
NAMED = '[population]\nmembrane = "a.toml"\n'


def read(folder: Path, text: str, **more: int) -> pl.Population:
    (folder / "a.toml").write_text(MEMBRANE)
    (folder / "cells.csv").write_text("temperature (degC)\n36\n38\n")
    path = folder / "population.toml"
    path.write_text(text)
    return load_population(path, **more)


FULL = """
members = 100
seed = 3
sampling = "latin hypercube"
outputs = ["ATP_per_s"]

[population.vary]
outside.K = { from = "3 mM", to = "12 mM", points = 4, spacing = "log" }
"inside.Na" = { distribution = "normal", mean = "15 mM", sd = "1 mM" }
outside.Na = { values = [140, 145], unit = "mM" }
inside.K = { distribution = "lognormal", median = "140 mM", cv = 0.05 }

[population.correlation]
of = ["inside.Na", "K.in"]
matrix = [[1, -0.5], [-0.5, 1]]

[population.table]
file = "cells.csv"

[[population.summary]]
kind = "histogram"
low = "-100 mV"
high = "0 mV"

[[population.summary]]
kind = "map"
by = ["outside.K", { of = "inside.Na", low = "10 mM", high = "20 mM", bins = 5 }]
"""


def test_everything_a_file_can_say_is_read(tmp_path: Path) -> None:
    """Dotted names quoted or not, grids, lists, laws, a table, a correlation, summaries."""
    found = read(tmp_path, NAMED + FULL)

    assert found.size == 4 * 2 * 2 * 100
    assert [of.name for of in found.varied] == [
        "outside.K",
        "outside.Na",
        "temperature",
        "inside.Na",
        "inside.K",
    ]
    assert found.values(0, 1)["outside.K"][0] == 3.0
    assert len(found.summary) == 2
    other = read(tmp_path, NAMED + FULL, members=7, seed=9)
    assert other.size == 4 * 2 * 2 * 7
    assert other.seed == 9


def test_a_membrane_named_or_contained_is_the_same(tmp_path: Path) -> None:
    """Its tables are those of a membrane file, read by the same reader."""
    vary = '[population.vary]\noutside.K = ["3 mM", "5 mM"]\n'
    named = read(tmp_path, NAMED + vary)
    contained = read(tmp_path, f"{MEMBRANE}\n[population]\n{vary}")

    assert named.digest == contained.digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MEMBRANE, ["population: missing"]),
        ("[population]\n", ["population.membrane: missing"]),
        (f'{MEMBRANE}\n[population]\nmembrane = "a.toml"', ["give one of the two"]),
        ("[population]\nmembrane = 3\n", ["expected the path of a file"]),
        ('[population]\nmembrane = "b.toml"\n', ["b.toml: no such file"]),
        (NAMED, ["population.vary: nothing varies"]),
        (
            NAMED + 'membrs = 3\n[population.vary]\noutside.Kx = ["3 mM"]\ninside.Na = [3]\n',
            [
                "population.membrs: unknown field (did you mean 'members'?)",
                "this membrane has no 'outside.Kx' (did you mean 'outside.K'?)",
                "population.vary.inside.Na: expected a concentration such as '4 mM', got the bare",
            ],
        ),
        (
            NAMED + '[population.vary]\noutside.K = { distribution = "lognorm", median = "3 mM" }',
            ["population.vary.outside.K: no distribution 'lognorm' (did you mean 'lognormal'?)"],
        ),
        (
            NAMED + '[population.vary]\noutside.K = { distribution = "normal", avg = "3 mM" }',
            ["a normal distribution has no 'avg'"],
        ),
        (
            NAMED + '[population.vary]\noutside.K = { distribution = "normal", sd = "3 mM" }',
            ["a normal distribution needs mean"],
        ),
        (NAMED + '[population.vary]\noutside.K = { from = "3 mM", point = 3 }', ["'points'"]),
        (NAMED + '[population.vary]\noutside.K = { from = "3 mM", to = "4 mM" }', ["needs points"]),
        (NAMED + "[population.vary]\noutside = {}", ["population.vary.outside: an empty table"]),
        (NAMED + "vary = 3", ["population.vary: expected a table"]),
        (
            NAMED + '[population.table]\nfil = "cells.csv"',
            ["population.table.fil: unknown field", "'file'"],
        ),
        (NAMED + 'table = "cels.csv"', ["No such file"]),
        (
            NAMED + "[population.correlation]\nof = []",
            ["population.correlation.matrix: missing"],
        ),
        (NAMED + 'summary = "all"', ["write each summary as [[population.summary]]"]),
        (NAMED + '[[population.summary]]\nkind = "histo"', ["did you mean 'histogram'"]),
        (NAMED + '[[population.summary]]\nkind = "map"\nby = 3', ["a map needs by"]),
        (NAMED + '[[population.summary]]\nkind = "map"\nby = [{low = "1 mM"}]', ["bins need of"]),
        (NAMED + 'outputs = "ATP"', ["expected a list of names"]),
        (NAMED + "all_states = 1", ["true or false, got 1"]),
        (NAMED + "together = {outside.K = 3}", ["population.together.outside.K: expected a list"]),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_field(
    tmp_path: Path, text: str, says: list[str]
) -> None:
    """All of it at once, with near names."""
    with pytest.raises(pl.FileError) as caught:
        read(tmp_path, text)
    for sentence in says:
        assert re.search(re.escape(sentence), str(caught.value)), caught.value
