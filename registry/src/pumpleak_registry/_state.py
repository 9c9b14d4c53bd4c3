"""The signed state of a registry as its owner reads it: from the root down, signatures checked.

A client reads the same through python-tuf's ``Updater``; the owner reads the folder itself, and
does not mind expired metadata, since signing anew is how it is mended.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Key,
    Metadata,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization import DeserializationError

from . import layout
from ._errors import RecordError, RegistryError

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)
R = TypeVar("R", bound=layout.Record)


def damaged(what: str) -> RegistryError:
    """Return the error that the registry's own folder does not hold what was signed."""
    return RegistryError(
        "R105",
        f"the registry is damaged: {what}",
        "restore its folder from a copy; nothing was changed",
    )


def no_registry(folder: Path) -> RegistryError:
    """Return the error that a folder is no registry."""
    return RegistryError(
        "R101",
        f"there is no registry in {folder}",
        "make one with 'pumpleak registry init', or give its folder with --registry",
    )


class State:
    """The state that ``metadata/timestamp.json`` names.

    Args:
        folder: the registry.
        written: records that this process wrote itself, by the hash of their file: they need not
            be read again.

    Raises:
        RegistryError: there is no registry, or its files are not as they were signed.
    """

    def __init__(self, folder: Path, written: Mapping[str, layout.Record] | None = None) -> None:
        self._folder = folder
        self._metadata = folder / layout.METADATA_DIR
        if not (self._metadata / "timestamp.json").exists():
            raise no_registry(folder)
        self.root = self._latest_root()
        self.timestamp = self._top("timestamp.json", Timestamp)
        version = self.timestamp.signed.snapshot_meta.version
        self.snapshot = self._top(f"{version}.snapshot.json", Snapshot)
        version = self.snapshot.signed.meta["targets.json"].version
        self.targets = self._top(f"{version}.targets.json", Targets)
        self._roles: dict[str, Metadata[Targets]] = {}
        self._records: dict[str, layout.Record] = {}
        self._written = written or {}

    def _latest_root(self) -> Metadata[Root]:
        root = self._read("1.root.json", Root)
        self._verify(root.signed, Root.type, root)
        while (self._metadata / (name := f"{root.signed.version + 1}.root.json")).exists():
            following = self._read(name, Root)
            self._verify(root.signed, Root.type, following)
            self._verify(following.signed, Root.type, following)
            root = following
        return root

    def _top(self, name: str, kind: type[S]) -> Metadata[S]:
        found = self._read(name, kind)
        self._verify(self.root.signed, kind.type, found)
        return found

    def _read(self, name: str, kind: type[S]) -> Metadata[S]:
        try:
            found = Metadata[S].from_bytes((self._metadata / name).read_bytes())
        except PermissionError as error:
            raise RegistryError(
                "R102",
                f"{self._metadata / name} cannot be read ({error.strerror})",
                "see its permissions, and whose it is",
            ) from None
        except (OSError, DeserializationError, RepositoryError, ValueError) as error:
            raise damaged(
                f"metadata/{name} cannot be read ({type(error).__name__}: {error})"
            ) from None
        if not isinstance(found.signed, kind):
            raise damaged(f"metadata/{name} is no {kind.type}")
        return found

    def _verify(self, delegator: Root | Targets, role: str, found: Metadata[S]) -> None:
        try:
            delegator.verify_delegate(role, found.signed_bytes, found.signatures)
        except (RepositoryError, ValueError) as error:
            raise damaged(f"{role} is not signed as it must be ({error})") from None

    @property
    def labs(self) -> tuple[str, ...]:
        """The labs, in name order."""
        prefix = len(layout.lab_role("x")) - 1
        return tuple(
            sorted(name[prefix:] for name in self.delegated if name != layout.CATALOGUE_ROLE)
        )

    @property
    def delegated(self) -> dict[str, DelegatedRole]:
        """The roles that the top-level targets role trusts, by name."""
        delegations = self.targets.signed.delegations
        return dict(delegations.roles or {}) if delegations else {}

    def keys(self, role: str) -> list[Key]:
        """Return the public keys that a role trusts."""
        delegator: Root | Targets = self.root.signed
        if role in self.delegated:
            delegator = self.targets.signed
        return [delegator.get_key(id) for id in delegator.get_delegated_role(role).keyids]

    def role(self, name: str) -> Metadata[Targets]:
        """Return the metadata of a delegated role, or of ``targets`` itself."""
        if name == Targets.type:
            return self.targets
        if name not in self._roles:
            if (file := f"{name}.json") not in self.snapshot.signed.meta:
                lab = name.removeprefix("lab-")
                listed = ", ".join(self.labs) or "none yet"
                raise RegistryError(
                    "R301",
                    f"the registry has no lab {lab!r} (it has: {listed})",
                    f"add it with 'pumpleak registry add-lab {lab}'",
                )
            version = self.snapshot.signed.meta[file].version
            found = self._read(f"{version}.{file}", Targets)
            self._verify(self.targets.signed, name, found)
            self._roles[name] = found
        return self._roles[name]

    def target(self, role: str, path: str) -> TargetFile | None:
        """Return what a role has signed about a path, or None."""
        return self.role(role).signed.targets.get(path)

    def read_target(self, role: str, path: str) -> bytes:
        """Return a signed file's content, its hash checked."""
        signed = self.target(role, path)
        if signed is None:
            raise damaged(f"{path} is not signed by {role}")
        sha256 = signed.hashes["sha256"]
        where = self._folder / layout.TARGETS_DIR / layout.consistent(path, sha256)
        try:
            data = where.read_bytes()
        except OSError as error:
            raise damaged(f"{where} cannot be read ({error.strerror})") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise damaged(f"{where} was altered")
        return data

    def names(self) -> layout.Names:
        """Return which lab owns which name."""
        return self._record(layout.Names, Targets.type, layout.NAMES)

    def catalogue(self) -> layout.Catalogue:
        """Return the catalogue."""
        return self._record(layout.Catalogue, layout.CATALOGUE_ROLE, layout.CATALOGUE)

    def index(self, lab: str) -> layout.LabIndex:
        """Return the releases of a lab."""
        return self._record(layout.LabIndex, layout.lab_role(lab), layout.lab_index(lab))

    @functools.cached_property
    def namespaces(self) -> dict[str, layout.CatalogueRow]:
        """Which project supplies the plugin or namespace of a name, ``foo`` in ``foo.leak``."""
        return {
            identity.partition(".")[0]: row
            for row in self.catalogue().projects
            for identity in row.provides
        }

    def _record(self, kind: type[R], role: str, path: str) -> R:
        if path not in self._records:
            data = self.read_target(role, path)
            known = self._written.get(hashlib.sha256(data).hexdigest())
            try:
                self._records[path] = known or layout.from_json(kind, data)
            except RecordError as error:
                raise damaged(f"{path}: {error.cause}") from None
        found = self._records[path]
        assert isinstance(found, kind)  # a path holds one kind of record
        return found
