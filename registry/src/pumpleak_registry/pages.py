"""Drawing what is made out of the signed state: the index for pip and uv, and pages for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import simple
from ._state import State


def draw(folder: Path, state: State, projects: Sequence[str], *, everything: bool = False) -> None:
    """Draw the pages of projects that changed, and the lists they stand in.

    Args:
        folder: the registry.
        state: its signed state.
        projects: in the form in which names are compared.
        everything: draw all pages.
    """
    catalogue = state.catalogue()
    rows = {row.project: row for row in catalogue.projects}
    wanted = list(rows) if everything else [project for project in projects if project in rows]
    labs = {lab: state.index(lab) for lab in {rows[project].lab for project in wanted}}
    for project in wanted:
        releases = labs[rows[project].lab].of(project)
        simple.draw_project(folder, rows[project].name, releases)
    simple.draw_list(folder, rows.values())
