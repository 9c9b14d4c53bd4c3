"""Drawing what is made out of the signed state: the index for pip and uv, and pages for people.

Only the pages of projects that changed are drawn, and the lists that they stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import layout, people, simple
from ._catalogue import newest
from ._state import State
from .people._sheet import sheet_of
from .report import Report


def draw(folder: Path, state: State, projects: Sequence[str], *, everything: bool = False) -> None:
    """Draw the pages of projects that changed, and the lists they stand in.

    Args:
        folder: the registry.
        state: its signed state.
        projects: in the form in which names are compared.
        everything: draw all pages.
    """
    if everything:
        people.draw_static(folder)
    if not projects and not everything:
        return
    catalogue = state.catalogue()
    rows = {row.project: row for row in catalogue.projects}
    wanted = list(rows) if everything else [project for project in projects if project in rows]
    labs = {lab: state.index(lab).by_project() for lab in {rows[p].lab for p in wanted}}
    for project in wanted:
        lab = rows[project].lab
        releases = labs[lab][project]
        simple.draw_project(folder, rows[project].name, releases)
        _draw_sheet(folder, state, lab, releases)
    simple.draw_list(folder, rows.values())
    people.draw_catalogue(folder, rows.values())


def _draw_sheet(folder: Path, state: State, lab: str, releases: Sequence[layout.Release]) -> None:
    role = layout.lab_role(lab)
    shown = newest(releases)
    assert shown.report is not None  # every release is admitted
    report = layout.from_json(Report, state.read_target(role, shown.report))
    hashes = {
        release.report: target.hashes["sha256"]
        for release in releases
        if release.report and (target := state.target(role, release.report))
    }
    people.draw_sheet(folder, sheet_of(lab, releases, report, hashes))
