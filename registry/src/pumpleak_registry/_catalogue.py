"""The rows of the catalogue, made out of releases and their reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.version import Version

from .layout import Catalogue, CatalogueRow, Release
from .report import Report


def newest(releases: Iterable[Release]) -> Release:
    """Return the release to show: the newest, final and not yanked where there is such."""

    def rank(release: Release) -> tuple[bool, bool, Version]:
        version = Version(release.version)
        return (release.yanked is None, not version.is_prerelease, version)

    return max(releases, key=rank)


def row_of(release: Release, lab: str, report: Report) -> CatalogueRow:
    """Return the row of a project whose newest release this is."""
    return CatalogueRow(
        name=release.name,
        lab=lab,
        kind=release.kind,
        makes=report.makes,
        version=release.version,
        summary=release.summary,
        license=release.license,
        ions=report.ions,
        provides=release.provides,
        uploaded=release.uploaded,
        yanked=release.yanked is not None,
        runs=report.runs,
        reproduces=report.reproduces,
        checked=report.checked,
    )


def with_rows(catalogue: Catalogue, rows: Mapping[str, CatalogueRow]) -> Catalogue:
    """Return the catalogue with rows added or replaced, by project, in name order."""
    kept = {row.project: row for row in catalogue.projects} | dict(rows)
    return Catalogue(projects=tuple(kept[project] for project in sorted(kept)))
