"""Membrane files: read, written, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import reference_a, voltages
from malformed import VALID, text

import pumpleak as pl
from pumpleak import CompositionError, FileError

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.toml"))
FILES = [*EXAMPLES, pl.bundled()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_written_and_read_again_it_is_the_same_membrane(path: Path) -> None:
    """Values, structure, provenance, text, and where it rests, to the last bit."""
    first = pl.load(path)
    written = pl.dumps(first)
    second = pl.loads(written, path=str(path))  # whose cards lie beside it

    assert second.values == first.values
    assert second.structure == first.structure
    assert second.defaulted == first.defaulted
    assert second.range == first.range
    assert second.name == first.name
    assert second.sources == first.sources
    assert [
        (info.path, info.value, info.is_default)
        for m in second.mechanisms
        for info in m.parameters()
    ] == [
        (info.path, info.value, info.is_default)
        for m in first.mechanisms
        for info in m.parameters()
    ]
    assert pl.dumps(second) == written
    assert voltages(pl.rest(second)) == voltages(pl.rest(first))


def test_every_field_of_a_file_survives() -> None:
    """Of the file that uses all of them."""
    first = pl.loads(text(VALID).decode())
    written = pl.dumps(first)
    second = pl.loads(written)

    assert second.values == first.values
    assert second.structure == first.structure
    assert second.inside.pH == first.inside.pH
    assert second.inside.impermeant_valence == first.inside.impermeant_valence
    assert second.solver == first.solver
    for word in ("boltzmann", "two-state", "ghk", "ohmic", "reversal", "symmetric", "gas_constant"):
        assert word in written


def test_changed_values_are_written() -> None:
    """What `evolve` did is in the file."""
    changes = {
        "outside.K": "8 mM",
        "leak.gating.z_g": 0.4,
        "TREK1.density": "0.25 / um^2",
        "range": ("-100 mV", "0 mV"),
    }
    cell = pl.loads(text(VALID).decode()).evolve(changes)

    assert pl.loads(pl.dumps(cell)).values == cell.values
    assert pl.loads(pl.dumps(cell)).range == (-100.0, 0.0)


def test_what_no_file_can_name_is_refused() -> None:
    """A class that no plugin registers."""
    with pytest.raises(CompositionError, match="no plugin supplies K2P"):
        pl.dumps(reference_a())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A failed write leaves the old file and no other."""
    path = tmp_path / "cell.toml"
    cell = pl.loads(text(VALID).decode())
    pl.save(cell, path)
    before = path.read_bytes()

    assert pl.load(path).values == cell.values
    with pytest.raises(CompositionError):
        pl.save(reference_a(), path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["cell.toml"]


def test_where_there_is_no_file(tmp_path: Path) -> None:
    """A folder, nothing, and a name that no system has."""
    with pytest.raises(FileError, match="no such file"):
        pl.load(tmp_path / "none.toml")
    with pytest.raises(FileError, match="is a folder"):
        pl.load(tmp_path)
    with pytest.raises(FileError, match="cannot be read"):
        pl.load("a\x00b.toml")


def test_the_bundled_neuron_rests() -> None:
    """Without any file of one's own."""
    assert pl.rest(pl.bundled()).status == "found"
    assert pl.rest(str(pl.bundled())).status == "found"
