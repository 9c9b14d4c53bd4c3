"""What may be published, and how a release and the lists that name it are put into a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from packaging.version import InvalidVersion, Version

from . import layout
from ._catalogue import newest, row_of, with_rows
from ._errors import RegistryError
from ._signing import Signing
from ._state import State
from .artifact import Artifact
from .layout import CatalogueRow, LabIndex, Release, ReleaseFile
from .report import Report


def check(state: State, artifact: Artifact, lab: str, provides: Iterable[str] = ()) -> None:
    """Refuse what a lab may not publish, whatever is in it.

    Args:
        state: of the registry.
        artifact: the wheel or card.
        lab: for whom.
        provides: identities that it was found to supply.

    Raises:
        RegistryError: its name or its plugin's belongs to somebody else, or its version is there.
    """
    releases = state.index(lab).releases
    owner = state.names().owner(artifact.name)
    if owner not in {None, lab}:
        raise RegistryError(
            "R303",
            f"the name {artifact.name} belongs to {owner}, not to {lab}",
            "take a name of your own",
        )
    if any(is_version(release, artifact) for release in releases):
        raise published(artifact)
    claimed = {identity.partition(".")[0] for identity in provides} | set(artifact.plugins)
    for name in sorted(claimed):
        row = state.namespaces.get(name)
        if row and row.project != artifact.project and _is_taken(row, artifact, lab):
            raise RegistryError(
                "R308",
                f"{artifact.file} supplies '{name}.…', as {row.name} of {row.lab} does",
                "take another name for the plugin; a host refuses two of one name",
            )


def check_name(state: State, artifact: Artifact, lab: str) -> None:
    """Refuse a file whose name admission never gave to anybody."""
    if state.names().owner(artifact.name) is None:
        state.index(lab)  # refuses a lab that is not there, which is the better word
        raise RegistryError(
            "R305",
            f"{artifact.file} was not admitted, as it is now",
            f"admit it first: 'pumpleak registry admit {artifact.path} --lab {lab}'",
        )
    check(state, artifact, lab)


def is_spelt(version: str, given: str) -> bool:
    """Return whether what somebody typed is a version, however it is spelt."""
    try:
        return Version(version) == Version(given)
    except InvalidVersion:
        return False


def is_version(release: Release, artifact: Artifact) -> bool:
    """Return whether a release is of the version of a file, however the version is spelt."""
    return release.project == artifact.project and Version(release.version) == Version(
        artifact.version
    )


def published(artifact: Artifact) -> RegistryError:
    """Return the error that a version is published already."""
    return RegistryError(
        "R304",
        f"{artifact.name} {artifact.version} is published already, and what is published stays",
        "raise its version",
    )


def _is_taken(row: CatalogueRow, artifact: Artifact, lab: str) -> bool:
    """Return whether a plugin's name, or a card's namespace, is not free for this file.

    A lab may have many cards in one namespace, and none beside a plugin of that name.
    """
    return row.lab != lab or not row.kind == artifact.kind == "card"


def put_release(
    signing: Signing,
    artifact: Artifact,
    report: Report,
    data: bytes,
    figures: Mapping[str, bytes],
) -> Release:
    """Put the files of a release into a change, and return the release.

    Args:
        signing: the change.
        artifact: the wheel or card.
        report: on it.
        data: the report as it was signed.
        figures: of the sheet, by name.
    """
    role = layout.lab_role(report.lab)
    files = []
    for name, content in {artifact.file: artifact.data, **figures}.items():
        path = layout.release_file(report.lab, report.project, name)
        sha256 = signing.put(role, path, content).hashes["sha256"]
        files.append(ReleaseFile(path=path, sha256=sha256, size=len(content)))
    path = layout.release_file(report.lab, report.project, layout.report_name(artifact.file))
    signing.put(role, path, data)
    if artifact.kind == "distribution":
        home = f"{layout.SIMPLE_DIR}/{report.project}"
        wheel = layout.consistent(files[0].path, files[0].sha256)
        signing.change.put_copy(f"{home}/{artifact.file}", f"{layout.TARGETS_DIR}/{wheel}")
        signing.change.put(f"{home}/{artifact.file}.metadata", artifact.metadata)
    return Release(
        name=report.name,
        kind=report.kind,
        version=report.version,
        summary=report.summary,
        license=report.license,
        files=tuple(files),
        requires_python=report.requires_python,
        requires=report.requires,
        provides=report.provides,
        uploaded=signing.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        yanked=None,
        report=path,
    )


def put_lists(
    signing: Signing,
    lab: str,
    releases: Sequence[Release],
    reports: Mapping[tuple[str, str], Report],
    projects: Iterable[str] = (),
) -> None:
    """Put a lab's list and the catalogue into a change, with new rows for what changed.

    Args:
        signing: the change.
        lab: whose list.
        releases: all of the lab's, oldest first.
        reports: on new releases, by project and version.
        projects: others that changed.
    """
    role = layout.lab_role(lab)
    index = LabIndex(lab=lab, releases=tuple(releases))
    signing.put_record(role, layout.lab_index(lab), index)
    touched = {project for project, _ in reports} | set(projects)
    several = index.by_project()
    rows: dict[str, CatalogueRow] = {}
    for project in touched:
        shown = newest(several[project])
        report = reports.get((project, shown.version))
        if report is None:
            assert shown.report is not None  # every release is admitted
            data = signing.state.read_target(role, shown.report)
            report = layout.from_json(Report, data)
        rows[project] = row_of(shown, lab, report)
    catalogue = with_rows(signing.state.catalogue(), rows)
    signing.put_record(layout.CATALOGUE_ROLE, layout.CATALOGUE, catalogue)
    signing.touched.update(touched)
