"""A registry as it is trusted: every byte verified by TUF, every refusal in words of its own."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from tuf.api import exceptions
from tuf.api.metadata import TargetFile
from tuf.ngclient import Updater, UpdaterConfig

from pumpleak._atomic import written_whole

from .._errors import RegistryError
from ..layout import (
    CATALOGUE,
    CATALOGUE_ROLE,
    MAX_TARGETS_METADATA,
    METADATA_DIR,
    NAMES,
    TARGETS_DIR,
    Catalogue,
    LabIndex,
    Names,
    Record,
    ReleaseFile,
    from_json,
    lab_index,
    project_name,
    to_json,
)
from ._alone import alone
from ._fetch import FastForwardError, Fetcher, SlowError, version_of
from ._place import Place, keep_root

R = TypeVar("R", bound=Record)

_KEEPER = "ask the registry's keeper; nothing was changed here"


@contextlib.contextmanager
def opened(where: Place, root: bytes) -> Iterator[Trusted]:
    """Open a registry and bring its metadata up to date.

    Args:
        where: the registry.
        root: the root that it is trusted by.

    Raises:
        RegistryError: something about it cannot be trusted; each reason has its own code.
    """
    with alone(where.state / "lock", where.location):
        trusted = Trusted(where, root)
        keep_root(where, root)
        yield trusted


class Trusted:
    """A registry whose metadata was verified just now.

    Args:
        where: the registry.
        root: the root that it is trusted by.
    """

    def __init__(self, where: Place, root: bytes) -> None:
        self.place = where
        self._metadata = where.state / METADATA_DIR
        self._targets = where.state / TARGETS_DIR
        self._memory = where.state / "accepted"
        for folder in (self._metadata, self._targets):
            folder.mkdir(parents=True, exist_ok=True)
        for rest in self._metadata.glob("tmp*"):
            rest.unlink(missing_ok=True)  # of a process that was killed while it wrote
        self._fetcher = Fetcher(where.location, where.folder, self._metadata)
        with self._told():
            self._updater = Updater(
                str(self._metadata),
                where.address(METADATA_DIR),
                target_dir=str(self._targets),
                target_base_url=where.address(TARGETS_DIR),
                fetcher=self._fetcher,
                config=UpdaterConfig(targets_max_length=MAX_TARGETS_METADATA),
                bootstrap=root,
            )
            self._updater.refresh()
        self.names = self._names()

    @property
    def timestamp(self) -> bytes:
        """The newest metadata of all, verified: what tells whether anything changed."""
        return (self._metadata / "timestamp.json").read_bytes()

    @property
    def root_version(self) -> int:
        """The version of the newest root."""
        return version_of((self._metadata / "root.json").read_bytes())

    @property
    def expires(self) -> str:
        """When the first of all that the catalogue rests on is past its date, UTC."""
        names = ("root", "timestamp", "snapshot", "targets", CATALOGUE_ROLE)
        texts = [(self._metadata / f"{name}.json").read_bytes() for name in names]
        # one form of date, so that the least text is the first date
        return str(min(json.loads(text)["signed"]["expires"] for text in texts))

    def catalogue(self) -> Catalogue:
        """Return the list of all projects."""
        return self._record(CATALOGUE, Catalogue)

    def index(self, lab: str) -> LabIndex:
        """Return a lab's releases; those of names that it does not own are refused.

        Raises:
            RegistryError: it cannot be trusted.
        """
        index = self._record(lab_index(lab), LabIndex)
        if index.lab != lab:
            raise RegistryError(
                "R518", f"the index of lab {lab} says that it is lab {index.lab}'s", _KEEPER
            )
        for release in index.releases:
            if (owner := self.names.owner(release.name)) != lab:
                raise RegistryError(
                    "R518",
                    f"lab {lab} signed a release of {release.name}, a name that belongs to "
                    f"{'nobody' if owner is None else f'lab {owner}'}",
                    f"do not use what {lab} signs until it is explained; {_KEEPER}",
                )
        before = self._accepted_before(lab_index(lab), index)
        known = {} if before is None else {(r.project, r.version): r for r in before.releases}
        for release in index.releases:
            old = known.get((release.project, release.version))
            if old is not None and old.payload.sha256 != release.payload.sha256:
                raise RegistryError(
                    "R524",
                    f"{release.name} {release.version} is another file than it was before",
                    f"what is published is never replaced; ask lab {lab}, and to accept it delete "
                    f"{self._memory / lab_index(lab)}",
                )
        self._accept(lab_index(lab), index)
        return index

    def file(self, file: ReleaseFile) -> Path:
        """Return a release's file, fetched if need be and verified byte for byte.

        Raises:
            RegistryError: it cannot be trusted.
        """
        parts = file.path.split("/")
        if self.names.owner(parts[2]) != parts[1]:
            raise RegistryError(
                "R518", f"{file.path} is not of the lab that owns {parts[2]}", _KEEPER
            )
        target = self._target(file.path)
        if (target.hashes.get("sha256"), target.length) != (file.sha256, file.size):
            raise RegistryError(
                "R517",
                f"lab {parts[1]}'s index and its signature do not agree about {file.path}",
                _KEEPER,
            )
        return self._fetched(target)

    def _names(self) -> Names:
        """Return who owns which name; a name never changes hands."""
        names = self._record(NAMES, Names)
        before = self._accepted_before(NAMES, names)
        for name, lab in {} if before is None else before.names.items():
            if (now := names.owner(name)) != lab:
                raise RegistryError(
                    "R523",
                    f"the name {name} belonged to lab {lab}, and now to "
                    f"{'nobody' if now is None else f'lab {now}'}",
                    f"names do not change hands; ask both labs, and to accept it delete "
                    f"{self._memory / NAMES}",
                )
        self._accept(NAMES, names)
        return names

    def _accepted_before(self, path: str, now: R) -> R | None:
        """Return a record as it was accepted the last time; None if never, or if it is the same."""
        try:
            data = (self._memory / path).read_bytes()
            return None if data == to_json(now) else from_json(type(now), data)
        except (OSError, RegistryError):
            return None

    def _accept(self, path: str, record: Record) -> None:
        where, data = self._memory / path, to_json(record)
        if where.exists() and where.read_bytes() == data:
            return
        where.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(where) as temporary:
            temporary.write_bytes(data)

    def _record(self, path: str, kind: type[R]) -> R:
        return from_json(kind, self._fetched(self._target(path)).read_bytes())

    def _target(self, path: str) -> TargetFile:
        with self._told():
            found = self._updater.get_targetinfo(path)
        if found is None:
            raise RegistryError(
                "R519", f"nobody who may has signed {path} in {self.place.location}", _KEEPER
            )
        return found

    def _fetched(self, target: TargetFile) -> Path:
        # the path is checked: a name that a stranger signed must not lead out of the folder
        where = self._targets / target.path
        if not where.resolve().is_relative_to(self._targets.resolve()):
            raise RegistryError("R519", f"{target.path} leads out of the registry", _KEEPER)
        where.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            if self._updater.find_cached_target(target, str(where)) is not None:
                return where
            part = where.with_name(f".{where.name}.part")
            try:
                self._updater.download_target(target, str(part))
                os.replace(part, where)
            finally:
                part.unlink(missing_ok=True)
        return where

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what TUF refuses in the registry's own words."""
        try:
            yield
        except (exceptions.RepositoryError, exceptions.DownloadError) as error:
            raise self._refusal(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RegistryError(
                "R516", f"{self._what()} cannot be read ({type(error).__name__})", _KEEPER
            ) from error

    def _what(self) -> str:
        return f"{self._fetcher.path or 'the trusted root'} of {self.place.location}"

    def _refusal(self, error: Exception) -> RegistryError:
        what = self._what()
        if isinstance(error, exceptions.DownloadError):
            return self._not_fetched(error, what)
        if isinstance(error, exceptions.UnsignedMetadataError):
            return RegistryError(
                "R511",
                f"{what} is not signed by as many of the keys as must sign it ({error})",
                f"somebody without those keys made it; {_KEEPER}",
            )
        if isinstance(error, exceptions.ExpiredMetadataError):
            return RegistryError(
                "R513",
                f"frozen: {self.place.location} shows metadata that is past its date ({error})",
                "either nobody signs it any more, or somebody holds newer metadata back; ask its "
                "keeper, and look at the clock here",
            )
        if isinstance(error, exceptions.BadVersionNumberError):
            return self._wrong_version(error, what)
        if isinstance(error, exceptions.LengthOrHashMismatchError):
            if self._fetcher.path.startswith(METADATA_DIR):
                return self._mixed(what, str(error))
            return RegistryError(
                "R517", f"altered: {what} is not what its lab signed ({error})", _KEEPER
            )
        return RegistryError("R516", f"{what} cannot be trusted ({error})", _KEEPER)

    def _wrong_version(self, error: Exception, what: str) -> RegistryError:
        name = self._fetcher.path.rpartition("/")[2]
        number = name.partition(".")[0]
        if number.isdigit() and int(number) != version_of(self._fetcher.body):
            return self._mixed(what, str(error))
        return RegistryError(
            "R512",
            f"rolled back: {what} is older than what was seen here before ({error})",
            f"somebody shows a past state of the registry; {_KEEPER}",
        )

    def _mixed(self, what: str, detail: str) -> RegistryError:
        return RegistryError(
            "R514",
            f"mixed: {what} is of another moment than the rest of the metadata ({detail})",
            f"somebody puts together what was never published together; {_KEEPER}",
        )

    def _not_fetched(self, error: Exception, what: str) -> RegistryError:
        if isinstance(error, exceptions.DownloadLengthMismatchError):
            return RegistryError(
                "R515", f"too long: {what} has more bytes than were signed ({error})", _KEEPER
            )
        if isinstance(error, FastForwardError):
            return RegistryError(
                "R521",
                f"fast-forward: {error}; honest signing does not come so far",
                "somebody has a signing key who must not; its keeper has to change the online "
                "keys by a new root, and then this goes away by itself",
            )
        if isinstance(error, exceptions.DownloadHTTPError) and error.status_code in (403, 404):
            return RegistryError("R520", f"{what} is not there", _KEEPER)
        if isinstance(error, SlowError):
            return RegistryError("R522", f"too slow: {what} ({error})", "try again later")
        return RegistryError(
            "R522",
            f"{what} cannot be fetched ({error})",
            "look at the address and the network; what was fetched before is kept",
        )


def resolve(trusted: Trusted, given: str) -> str:
    """Return the project that a name stands for: itself, a plugin, or what supplies an identity.

    Args:
        trusted: the registry.
        given: such as ``pumpleak-leaky``, ``leaky``, ``leaky.leak`` or ``lab-a.leak``.

    Raises:
        RegistryError: nobody owns such a name.
    """
    from pumpleak._errors import near

    project = project_name(given)
    for name in (project, f"pumpleak-{project}"):
        if trusted.names.owner(name) is not None:
            return name
    for row in trusted.catalogue().projects:
        if given in row.provides and trusted.names.owner(row.name) == row.lab:
            return row.project
    hint = near(project, trusted.names.names)
    raise RegistryError(
        "R601",
        f"{trusted.place.location} has no {given!r}{hint}",
        f"'pumpleak search {given}' looks for it",
    )
