"""Reports of resting states: text for terminals, HTML for notebooks, JSON, and a picture.

All of them draw on one analysis, `breakdown`, so that no two can disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._breakdown import Breakdown as Breakdown
from ._breakdown import breakdown as breakdown

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

    from ..equilibria._equilibria import Equilibria

__all__ = ["Breakdown", "as_dict", "as_html", "as_text", "breakdown", "iv"]


def as_text(
    equilibria: Equilibria | Breakdown, width: int = 100, *, parameters: bool = False
) -> str:
    """Return the report as tables of plain text.

    Args:
        equilibria: what a solver returned, or its breakdown.
        width: columns to stay within.
        parameters: whether to list every parameter with its source.
    """
    from ._document import document
    from ._text import render

    return render(document(_analysed(equilibria), parameters=parameters), width)


def as_html(equilibria: Equilibria | Breakdown, *, parameters: bool = False) -> str:
    """Return the report as an HTML fragment, for notebooks.

    Args:
        equilibria: what a solver returned, or its breakdown.
        parameters: whether to list every parameter with its source.
    """
    from ._document import document
    from ._html import render

    return render(document(_analysed(equilibria), parameters=parameters))


def as_dict(equilibria: Equilibria | Breakdown) -> dict[str, Any]:
    """Return the documented JSON form; a number that is not finite becomes None.

    Args:
        equilibria: what a solver returned, or its breakdown.
    """
    from ._json import as_dict

    return as_dict(_analysed(equilibria))


def iv(equilibria: Equilibria | Breakdown, path: str | os.PathLike[str] | None = None) -> Figure:
    """Draw the I-V curve, total and parts, with the resting states and their votes.

    Args:
        equilibria: what a solver returned, or its breakdown.
        path: where to write the picture, whole or not at all; its suffix says the format.

    Raises:
        PumpleakError: matplotlib is not installed, or the suffix is of no known format.
        OSError: the file cannot be written.
    """
    from ._plot import draw, save

    figure = draw(_analysed(equilibria))
    if path is not None:
        save(figure, path)
    return figure


def _analysed(given: Equilibria | Breakdown) -> Breakdown:
    return given if isinstance(given, Breakdown) else breakdown(given)
