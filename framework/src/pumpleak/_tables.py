"""Tables of text, and the one way in which every command draws them.

Nothing of the physics is imported here: listings draw tables too.
"""

from __future__ import annotations

import io

import attrs

#: Fewer columns than this hold no table.
LEAST_WIDTH = 40
#: Words of a text column stay whole up to so many letters, fewer where the table is narrow; those
#: that are longer are broken, and then take no less than the second. Numbers are never broken.
_LONGEST_WORD, _FOLDED_WORD = 28, 24
_GAP = 3


@attrs.frozen(kw_only=True)
class Column:
    """A column's heading, with its unit, and whether it holds numbers."""

    heading: str
    numeric: bool = True
    #: per cent of a whole, which HTML shows as a bar too
    share: bool = False


@attrs.frozen(kw_only=True)
class Table:
    """Rows of text.

    Args:
        columns: headings.
        rows: cells, as many a row as there are columns.
        total: whether the last row is a sum.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: bool = False


def drawn(table: Table, width: int) -> list[str]:
    """Return the table's lines.

    A table that does not fit is cut between columns into several, one below the other; each begins
    with the columns that name the rows.

    Args:
        table: what to draw.
        width: columns of the terminal to stay within; at least 40 are taken.
    """
    width = max(width, LEAST_WIDTH)
    lines: list[str] = []
    for part in _parts(table, width):
        if lines:
            lines.append("")
        lines += _drawn(part, width)
    return lines


def _drawn(table: Table, width: int) -> list[str]:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable

    widths = _widths(table, width)
    rich = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for position, column in enumerate(table.columns):
        rich.add_column(
            column.heading,
            justify="right" if column.numeric else "left",
            overflow="fold",
            width=widths[position],
        )
    for index, row in enumerate(table.rows):
        if table.total and index == len(table.rows) - 1:
            rich.add_section()
        rich.add_row(*row)
    out = io.StringIO()
    Console(
        file=out,
        width=width,
        color_system=None,
        force_terminal=False,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    ).print(rich)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def _parts(table: Table, width: int) -> list[Table]:
    """Return the table, cut between columns where it is too wide."""
    least = [_least(table, position, width) for position in range(len(table.columns))]
    if _together(least) <= width or len(least) < 3:
        return [table]
    keys = _keys(table, least, width)
    groups: list[list[int]] = [[*range(keys)]]
    for position in range(keys, len(least)):
        chosen = [least[other] for other in groups[-1]]
        if len(chosen) > keys and _together([*chosen, least[position]]) > width:
            groups.append([*range(keys)])
        groups[-1].append(position)
    return [_only(table, group) for group in groups]


def _keys(table: Table, least: list[int], width: int) -> int:
    """Return how many columns name the rows: those of text before the first of numbers."""
    numeric = [column.numeric for column in table.columns]
    keys = numeric.index(True) if True in numeric else 1
    while keys > 1 and _together(least[:keys]) > width // 2:
        keys -= 1
    return max(1, keys)


def _only(table: Table, positions: list[int]) -> Table:
    return Table(
        columns=tuple(table.columns[position] for position in positions),
        rows=tuple(tuple(row[position] for position in positions) for row in table.rows),
        total=table.total,
    )


def _together(widths: list[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _widths(table: Table, width: int) -> list[int]:
    """Return each column's width: its longest cell's, the widest cut back until all fit.

    None is cut below what keeps its words whole: a number broken over two lines is two numbers.
    """
    places = range(len(table.columns))
    least = [_least(table, position, width) for position in places]
    found = [max(least[position], _most(table, position)) for position in places]
    while _together(found) > width:
        loose = [position for position in places if found[position] > least[position]]
        if not loose:
            break
        found[max(loose, key=lambda position: found[position])] -= 1
    return found


def _most(table: Table, position: int) -> int:
    cells = [table.columns[position].heading, *(row[position] for row in table.rows)]
    return max(len(line) for cell in cells for line in cell.split("\n"))


def _least(table: Table, position: int, width: int) -> int:
    """Return the least width of a column: that of its numbers, or of its words."""
    column = table.columns[position]
    words = column.heading.split()
    if column.numeric:
        words += [row[position] for row in table.rows]
        return max(map(len, words), default=1) or 1
    for row in table.rows:
        words += row[position].split()
    longest = max(_FOLDED_WORD, min(_LONGEST_WORD, width // 2))
    # what is broken in any case claims no more than it must
    whole = (len(word) if len(word) <= longest else _FOLDED_WORD for word in words)
    return max(whole, default=1) or 1
