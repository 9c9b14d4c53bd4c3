"""A registry as its owner changes it: init, add a lab, admit, publish, yank, rotate, refresh.

Each method makes one change or none. It takes the registry's lock, finishes what an interrupted
change left, checks everything, signs, and moves the files into place so that readers see the state
before or the state after (see `pumpleak_registry._files`).

>>> import tempfile, pathlib
>>> place = pathlib.Path(tempfile.mkdtemp())
>>> repository, done = Repository.create(place / "registry", keys=[place / "keys"])
>>> print(repository.add_lab("lab-a").did[0])
Added lab-a, which may sign labs/lab-a/* and nothing else.
>>> repository.labs
('lab-a',)
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from securesystemslib.signer import Key
from tuf.api.metadata import Targets

from . import _admitted, _rotate, layout, pages
from ._create import create
from ._errors import RegistryError
from ._files import Change, beginning, finished, is_begun, locked, unfinished
from ._project import described
from ._prune import prune
from ._publication import (
    check,
    check_name,
    is_spelt,
    is_version,
    published,
    put_lists,
    put_release,
)
from ._signing import Clock, Days, Done, Signing, utc
from ._state import State, no_registry
from .artifact import Artifact, read_artifact
from .findings import Findings
from .keys import KeyRing, NewKeys, Passphrase, no_passphrase, short
from .layout import LabIndex, Names
from .report import Report

Examine = Callable[[Artifact, Path], Findings]
Place = str | os.PathLike[str]


class Repository:
    """A registry in a folder, with the keys that are at hand.

    Args:
        folder: the registry.
        keys: folders in which private keys are looked for; new ones go to the first.
        passphrase: asked for the passphrase of an encrypted key file.
        clock: tells the time.
    """

    def __init__(
        self,
        folder: Place,
        keys: Iterable[Place] = (),
        *,
        passphrase: Passphrase = no_passphrase,
        clock: Clock = utc,
    ) -> None:
        self.folder = Path(folder)
        self._ring = KeyRing(folders=keys, passphrase=passphrase)
        self._clock = clock
        self._new = NewKeys(self._ring)

    @classmethod
    def create(
        cls,
        folder: Place,
        keys: Iterable[Place],
        *,
        days: Days | None = None,
        root_keys: int = 3,
        threshold: int = 2,
        passphrase: Passphrase = no_passphrase,
        clock: Clock = utc,
    ) -> tuple[Repository, Done]:
        """Make a registry in an empty or missing folder.

        Args:
            folder: the registry.
            keys: the first folder receives the keys; it may not be inside the registry.
            days: how long signatures hold.
            root_keys: how many keys the root has.
            threshold: how many of them must sign a new root.
            passphrase: asked for the passphrase of each new key file.
            clock: tells the time.

        Returns:
            The registry, and what was done.

        Raises:
            RegistryError: there is something in the folder, or the keys would stand inside it.
        """
        made = cls(folder, keys, passphrase=passphrase, clock=clock)
        with beginning(made.folder):
            made._finish()
            done = create(
                made.folder,
                made._ring,
                days or Days(),
                clock,
                root_keys=root_keys,
                threshold=threshold,
            )
            made._finish()
        return made, done

    @property
    def state(self) -> State:
        """The signed state, read anew and checked."""
        return State(self.folder)

    @property
    def labs(self) -> tuple[str, ...]:
        """The labs, in name order."""
        return self.state.labs

    def add_lab(self, lab: str, public: Key | None = None) -> Done:
        """Let a lab sign releases of its own; signed by ``targets`` and by the lab.

        Args:
            lab: its name.
            public: the lab's public key, where the lab made its own; its private part must be at
                hand once, to sign the lab's empty list. Without it a key is made here.

        Raises:
            RegistryError: the name is taken or cannot be one, or a key is missing.
        """
        role = layout.lab_role(lab)
        with self._changing() as signing:
            if lab in signing.state.labs:
                raise RegistryError(
                    "R302",
                    f"there is a lab {lab!r} already",
                    "take another name, or rotate its key",
                )
            signing.need(Targets.type)
            key = public or self._new.make(role)
            signing.delegate(role, key, layout.lab_paths(lab))
            signing.put_record(role, layout.lab_index(lab), LabIndex(lab=lab))
        where = "." if public else f", in {self._ring.home}: hand it to the lab."
        return Done(
            did=(
                f"Added {lab}, which may sign labs/{lab}/* and nothing else.",
                f"Its key is {short(key)}{where}",
            ),
            keys=tuple(signing.used),
        )

    def admit(
        self,
        path: Place,
        lab: str,
        *,
        project: Place | None = None,
        examine: Examine | None = None,
    ) -> Report:
        """Look at a wheel or card for a lab, keep the signed report, and reserve a new name.

        The report is signed by ``catalogue``, and a new name by ``targets``.

        Args:
            path: the wheel or card.
            lab: for whom.
            project: the folder that a wheel was built from, whose ``[tool.pumpleak]`` has more.
            examine: what runs it; the default installs it in a clean environment and runs the kit.

        Returns:
            The report. If its ``runs`` is false nothing was changed, and `publish` will refuse the
            file; its problems say why.

        Raises:
            RegistryError: it is refused before it is run; nothing was changed.
        """
        return self.admit_all([path], lab, project=project, examine=examine)[0][0]

    def admit_all(
        self,
        paths: Sequence[Place],
        lab: str,
        *,
        project: Place | None = None,
        examine: Examine | None = None,
    ) -> tuple[list[Report], Done]:
        """Admit several files in one change; see `admit`."""
        from .admission import examine as examine_in_full

        look = examine or examine_in_full
        artifacts = [read_artifact(path) for path in paths]
        if project is not None:
            artifacts = [described(artifact, Path(project), lab) for artifact in artifacts]
        state = self.state
        for artifact in artifacts:
            check(state, artifact, lab)
        # plugins run for minutes, so they run before the lock is taken
        found = [look(artifact, self.folder) for artifact in artifacts]
        reports = [
            findings.report(artifact, lab, self._clock())
            for artifact, findings in zip(artifacts, found, strict=True)
        ]
        good = [report for report in reports if report.runs]
        if not good:
            return reports, Done(did=("Nothing was admitted, and nothing was changed.",))
        with self._changing() as signing:
            signer = signing.need(layout.CATALOGUE_ROLE)
            did = []
            names = dict(signing.state.names().names)
            for artifact, findings, report in zip(artifacts, found, reports, strict=True):
                if report.runs:
                    check(signing.state, artifact, lab, report.provides)
                    _admitted.keep(signing.change, report, findings.files(artifact), signer)
                    signing.note(layout.CATALOGUE_ROLE, signer.public_key)
                    did.append(f"Admitted {report.file} for {lab}.")
                    if report.project not in names:
                        names[report.project] = lab
                        did.append(f"The name {report.name} belongs to {lab} from now on.")
            if names != signing.state.names().names:
                record = Names(names=dict(sorted(names.items())))
                signing.put_record(Targets.type, layout.NAMES, record)
        return reports, Done(did=tuple(did), keys=tuple(signing.used))

    def publish(self, path: Place, lab: str) -> Done:
        """Publish an admitted wheel or card; signed by the lab and ``catalogue``.

        Args:
            path: the same file that was admitted.
            lab: whose release it is.

        Raises:
            RegistryError: it was not admitted as it is now, its version is published already, its
                name belongs to another lab, or a key is missing; nothing was changed.
        """
        return self.publish_all([path], lab)

    def publish_all(self, paths: Sequence[Place], lab: str) -> Done:
        """Publish several admitted files in one change; see `publish`."""
        role = layout.lab_role(lab)
        artifacts = [read_artifact(path) for path in paths]
        with self._changing() as signing:
            releases = list(signing.state.index(lab).releases)
            reports: dict[tuple[str, str], Report] = {}
            for artifact in artifacts:
                check_name(signing.state, artifact, lab)
                keys = signing.state.keys(layout.CATALOGUE_ROLE)
                report, data, figures = _admitted.take(self.folder, artifact, lab, keys)
                check(signing.state, artifact, lab, report.provides)
                if any(is_version(release, artifact) for release in releases):
                    raise published(artifact)
                release = put_release(signing, artifact, report, data, figures)
                releases.append(release)
                reports[release.project, release.version] = report
            put_lists(signing, lab, releases, reports)
            signing.need(role)
        for report in reports.values():
            _admitted.forget(self.folder, report)
        return Done(
            did=tuple(f"Published {a.name} {a.version} of {lab}." for a in artifacts),
            keys=tuple(signing.used),
        )

    def yank(self, name: str, version: str, reason: str) -> Done:
        """Mark a version as not to be chosen any more; its files stay; signed by the lab.

        Args:
            name: the project.
            version: of it.
            reason: for people, such as "the sign of the current was wrong".

        Raises:
            RegistryError: there is no such version, it is yanked already, or a key is missing.
        """
        if not reason.strip():
            raise RegistryError("R307", "a yank needs a reason", "say why in a few words")
        with self._changing() as signing:
            lab = signing.state.names().owner(name)
            releases = list(signing.state.index(lab).releases) if lab else []
            known = [
                release for release in releases if release.project == layout.project_name(name)
            ]
            found = [release for release in known if is_spelt(release.version, version)]
            if not found or not lab:
                listed = ", ".join(release.version for release in known) or "no version of it"
                raise RegistryError(
                    "R306",
                    f"there is no {name} {version} to yank (published: {listed})",
                    "see 'pumpleak info' for what there is",
                )
            [release] = found
            if release.yanked is not None:
                raise RegistryError(
                    "R307",
                    f"{name} {version} is yanked already: {release.yanked}",
                    "publish a newer version instead",
                )
            marked = attrs.evolve(release, yanked=reason.strip())
            releases[releases.index(release)] = marked
            put_lists(signing, lab, releases, {}, {marked.project})
        return Done(
            did=(f"Yanked {name} {version} of {lab}: {reason.strip()}", "Its files stay."),
            keys=tuple(signing.used),
        )

    def rotate(self, role: str, *, replace: str | None = None, public: Key | None = None) -> Done:
        """Trust a new key for a role instead of its old one.

        Args:
            role: ``targets``, ``snapshot``, ``timestamp``, ``catalogue``, a lab's name, or
                ``root``.
            replace: for ``root``, the identifier of the key to replace; without it the root is
                only signed anew, with a new date.
            public: a lab's new public key, if its private part is kept elsewhere.

        Raises:
            RegistryError: there is no such role, or too few keys to sign are at hand.
        """
        with self._changing() as signing:
            did = _rotate.rotate(signing, self._ring, role, replace, public, self._new.make)
        return Done(did=did, keys=tuple(signing.used))

    def refresh(self, also: Iterable[str] = ()) -> Done:
        """Sign snapshot and timestamp anew, and other roles that are named.

        Args:
            also: ``targets``, ``catalogue`` or a lab's name.

        Raises:
            RegistryError: a key is missing, or there is no such role.
        """
        with self._changing() as signing:
            for name in also:
                role = name if name in {Targets.type, layout.CATALOGUE_ROLE} else f"lab-{name}"
                signing.role(role)
            signing.always = True
        days = Days.of(signing.state.root.signed)
        return Done(
            did=(
                f"Signed anew: the timestamp holds for {_days(days.timestamp)}, the snapshot for "
                f"{_days(days.snapshot)}.",
            ),
            keys=tuple(signing.used),
        )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Signing]:
        """Hold the lock, finish what was left, and commit what is put into the signing."""
        if not is_begun(self.folder):
            raise no_registry(self.folder)  # before a lock is left in a stranger's folder
        with locked(self.folder):
            self._finish()
            change = Change(self.folder)
            try:
                signing = Signing(self.state, change, self._ring, self._clock)
                yield signing
                signing.finish()
            except BaseException:
                change.abandon()
                self._new.unmake()
                raise
            change.commit({"projects": sorted(signing.touched), "roles": sorted(signing.roles)})
            self._new.keep()
            self._finish(signing.written)

    def _finish(self, written: Mapping[str, layout.Record] | None = None) -> None:
        """Finish the change in ``.staging/``, if there is one: moves, pages, old versions."""
        drawing = unfinished(self.folder)
        if drawing is None:
            return
        state = State(self.folder, written)
        pages.draw(self.folder, state, drawing["projects"], everything="everything" in drawing)
        prune(self.folder, state, drawing["roles"])
        finished(self.folder)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
