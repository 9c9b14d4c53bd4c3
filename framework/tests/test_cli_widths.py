"""What commands print on terminals of 60, 80 and 120 columns, and into files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from carding import FULL
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pumpleak._tables import Column, Table, drawn
from pumpleak._words import wrapped
from pumpleak.cli import main

WIDTHS = [60, 80, 120]


def printed(*args: str, columns: int | None = None, exit_code: int = 0, **more: Any) -> str:
    """Return what a command prints, errors included."""
    result = CliRunner(env={"COLUMNS": None if columns is None else str(columns)}).invoke(
        main, args, prog_name="pumpleak", **more
    )

    assert exit_code == result.exit_code, result.output
    return result.output


def overflowing(text: str, columns: int) -> list[str]:
    """Return the lines that are too wide, but for those of one word or of a command."""
    return [
        line
        for line in text.splitlines()
        if len(line) > columns and " " in line.strip() and " && " not in line
    ]


@pytest.fixture
def card_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full.card.toml").write_text(FULL, encoding="utf-8")
    return "full.card.toml"


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "args",
    [
        ("filter", "--sweep"),
        ("cite", "--format", "text"),
        ("plugins", "list"),
        ("new", "channel", "hcn"),
        ("card", "show"),
        ("card", "check"),
        ("check",),
    ],
    ids=" ".join,
)
def test_no_line_is_wider_than_the_terminal(
    args: tuple[str, ...], columns: int, card_file: str
) -> None:
    """Whatever is printed; a long path or a command may stand alone on its line."""
    whole = (*args, card_file) if args[0] in ("card", "check") else args
    fails = "check" in args  # the card claims what is not so: what is said of that is long

    text = printed(*whole, columns=columns, exit_code=1 if fails else 0)

    assert [] == overflowing(text, columns)


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_help_keeps_to_the_terminal(columns: int) -> None:
    """Of each command, and of each command of a group."""
    context = click.Context(main)
    asked = [()]
    for name in main.list_commands(context):
        asked.append((name,))
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            asked += [(name, child) for child in command.list_commands(context)]

    assert len(asked) > 15
    for args in asked:
        if (args or ("",))[0] in ("search", "info", "get", "lock", "sync", "verify", "registry"):
            continue  # of another distribution, which need not be installed
        assert [] == overflowing(printed(*args, "--help", terminal_width=columns), columns)


@pytest.mark.parametrize("columns", WIDTHS)
def test_an_error_is_wrapped_between_words_on_a_terminal(columns: int) -> None:
    """And says the same words as the line that a file gets."""
    args = ("card", "export", "nobody.nothing")
    whole = printed(*args, exit_code=2)
    told = printed(*args, columns=columns, exit_code=2)

    assert [] == overflowing(told, columns)
    assert whole.split() == told.split()
    assert 1 == whole.count("\n")


def test_a_wrapped_error_keeps_its_exit_code_and_its_usage() -> None:
    """A command that is used wrongly says how it is used, at any width."""
    told = printed("card", "export", "k2p.TREK1", "--out", "a.toml", columns=40, exit_code=2)

    assert told.startswith("Usage: pumpleak card export")
    assert "Error: a.toml: the name of a card ends in .card.toml" in " ".join(told.split())


def test_the_hash_of_a_card_is_whole_on_a_narrow_terminal(card_file: str) -> None:
    """So that it can be copied."""
    words = printed("card", "show", card_file, columns=40).split()

    assert 64 == len(words[words.index("sha256:") + 1])


def test_a_cards_values_stand_beside_their_units(card_file: str) -> None:
    """Numbers in a column of their own, right-aligned, as in 'plugins show'."""
    lines = printed("card", "show", card_file, columns=120).splitlines()
    head = next(line for line in lines if line.startswith("parameter"))
    end = head.index("value") + len("value")
    rows = lines[lines.index(head) + 2 :]
    rows = rows[: rows.index("")]

    assert "unit" in head
    values = [row[:end].split()[-1] for row in rows if row[0] != " "]
    assert values
    for value in values:
        assert value == "given" or float(value) == float(value)


@given(
    st.lists(st.from_regex(r"[a-z0-9./_^-]{1,30}", fullmatch=True), min_size=1, max_size=30),
    st.integers(10, 100),
    st.integers(0, 6),
)
def test_wrapping_keeps_every_word(words: list[str], width: int, hang: int) -> None:
    """In order and whole; a line that is too wide holds one word."""
    lines = wrapped(" ".join(words), width, hang=hang).splitlines()

    assert words == " ".join(lines).split()
    assert [] == overflowing("\n".join(lines), width)


@given(
    st.lists(st.integers(1, 26), min_size=2, max_size=7),
    st.integers(60, 130),
    st.data(),
)
def test_a_table_of_text_is_never_cut_at_its_edge(
    lengths: list[int], width: int, data: st.DataObject
) -> None:
    """All its words are there and whole: the widest columns give way first, never below a word."""
    rows = [
        tuple(" ".join(["ab" * 13][0][:length] for _ in range(repeat)) for length in lengths)
        for repeat in data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    ]
    columns = tuple(Column(heading=f"c{at}", numeric=False) for at in range(len(lengths)))
    lines = drawn(Table(columns=columns, rows=tuple(rows)), width)
    found = " ".join(lines).split()

    assert all(len(line) <= width for line in lines)
    for at, length in enumerate(lengths):
        assert f"c{at}" in found
        assert ("ab" * 13)[:length] in found
