"""Tables: one drawing for all commands, at any width."""

import subprocess
import sys

import pytest

from pumpleak._tables import Column, Table, drawn

NUMBERS = ("-123.4567", "1.23e-15", "-0.0001")


def table(columns: int) -> Table:
    """Return a table with a name and many columns of numbers."""
    headings = [Column(heading=f"quantity {n} (mM)") for n in range(columns)]
    return Table(
        columns=(Column(heading="mechanism", numeric=False), *headings),
        rows=tuple((f"channel{i}", *[number] * columns) for i, number in enumerate(NUMBERS)),
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_numbers_stay_whole_at_any_width(width: int) -> None:
    """Every number stands whole on a line, and no line is wider than asked."""
    lines = drawn(table(9), width)

    assert all(len(line) <= width for line in lines)
    words = [word for line in lines for word in line.split()]
    assert [9] * 3 == [words.count(number) for number in NUMBERS]


def test_a_wide_table_is_cut_and_every_part_names_its_rows() -> None:
    """Below its least width a table comes in parts, each with the column of names."""
    text = "\n".join(drawn(table(9), 60))

    assert text.count("mechanism") == text.count("channel0") > 1


def test_a_table_that_fits_is_not_stretched() -> None:
    """More room changes nothing."""
    assert drawn(table(3), 100) == drawn(table(3), 400)


def test_text_is_wrapped_between_words() -> None:
    """Sentences in a cell wrap; none of their words is broken."""
    reason = "no free mechanism carries chloride at this voltage; free one that does"
    why = Table(
        columns=(Column(heading="demand", numeric=False), Column(heading="why", numeric=False)),
        rows=(("Cl", reason),),
    )
    lines = drawn(why, 40)

    assert all(len(line) <= 40 for line in lines)
    assert reason.split() == " ".join(lines[2:]).removeprefix("Cl").split()


def test_drawing_imports_no_physics() -> None:
    """Listings draw tables and stay quick."""
    code = (
        "import sys; from pumpleak._tables import *; drawn(Table(columns=(Column(heading='a'),),"
        " rows=(('1',),)), 80); print([m for m in ('numpy', 'sympy', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == found.stdout.strip()
