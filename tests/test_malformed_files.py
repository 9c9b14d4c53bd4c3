"""A membrane file that is wrong is told so, by file and field; it never ends in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from malformed import SEED, VALID, Malformed, malformed, text

import pumpleak as pl
from pumpleak.cli import main

FILES = malformed()
LONGEST_MESSAGE = 6000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cell.toml"


def test_the_file_they_are_made_from_is_valid(file: Path) -> None:
    """Without its one fault each of them would rest."""
    file.write_bytes(text(VALID))

    assert pl.rest(file).status == "found"


def test_a_byte_order_mark_is_legal(file: Path) -> None:
    """Editors write one without asking."""
    file.write_bytes(b"\xef\xbb\xbf" + text(VALID))

    assert pl.rest(file).status == "found"


def test_there_are_at_least_300_and_all_differ() -> None:
    """The generator repeats itself from its seed, and not within."""
    assert SEED == 20240229
    assert malformed() == FILES
    assert len({case.data for case in FILES}) >= 300


@pytest.mark.parametrize(
    "case",
    FILES,
    ids=[f"{i}-{case.what}"[:60].encode("unicode_escape").decode() for i, case in enumerate(FILES)],
)
def test_is_told_by_file_and_field(case: Malformed, file: Path) -> None:
    """`load` and the command line raise nothing but a message with file and field in it."""
    file.write_bytes(case.data)
    with pytest.raises(pl.FileError) as caught:
        pl.load(file)
    message = str(caught.value)

    assert str(file) in message
    assert case.field is None or case.field in message
    assert len(message) < LONGEST_MESSAGE

    shown = CliRunner().invoke(main, ["rest", str(file)])

    assert shown.exit_code == 2, shown.output
    assert isinstance(shown.exception, SystemExit)
    assert "Traceback" not in shown.output
    assert "cell.toml" in shown.output
