"""Signing the next state of a registry into a change, remembering which key signed what."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import (
    DelegatedRole,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from . import layout
from ._errors import RegistryError
from ._files import Change
from ._state import State
from .keys import KeyRing, short

#: Roles of the root, whose keys stay off the machine that serves, and those that sign every change.
OFFLINE = (Root.type, Targets.type)
ONLINE = (layout.CATALOGUE_ROLE, Snapshot.type, Timestamp.type)

_DAYS_FIELD = "x-pumpleak-days"

Clock = Callable[[], datetime]


def utc() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


@attrs.frozen(kw_only=True)
class Days:
    """How many days a signature of each role holds.

    A client refuses a registry whose timestamp or snapshot ran out, so that nobody can keep it on
    an old state: short periods notice that sooner, and ask for `refresh` more often.
    """

    root: int = 365
    targets: int = 365
    labs: int = 365
    catalogue: int = 90
    snapshot: int = 7
    timestamp: int = 1

    @classmethod
    def of(cls, root: Root) -> Days:
        """Return the periods that a root was made with."""
        given = root.unrecognized_fields.get(_DAYS_FIELD, {})
        known = {field.name for field in attrs.fields(cls)}
        return cls(**{name: int(value) for name, value in given.items() if name in known})

    def write(self, root: Root) -> None:
        """Keep the periods in a root, so that every later signature follows them."""
        root.unrecognized_fields[_DAYS_FIELD] = attrs.asdict(self)

    def until(self, role: str, now: datetime) -> datetime:
        """Return when a signature of a role that is made now runs out."""
        days: int = getattr(self, role, self.labs)
        return now.replace(microsecond=0) + timedelta(days=days)


@attrs.frozen(kw_only=True)
class Done:
    """What a command did, in sentences, and with which keys.

    Args:
        did: one sentence each.
        keys: role and identifier of each key that signed, in signing order.
    """

    did: tuple[str, ...]
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = list(self.did)
        if self.keys:
            lines.append(f"Signed with: {', '.join(self.keys)}.")
        return "\n".join(lines)


class Signing:
    """The next state, made out of the present one.

    Args:
        state: the present state.
        change: what the files are put into.
        ring: where private keys are looked for.
        clock: tells the time.

    Attributes:
        used: role and identifier of each key that signed.
        touched: the projects whose pages are to be drawn again.
        written: the records that were put, by the hash of their file.
        now: when the change is made.
        always: sign snapshot and timestamp even if nothing else changed.
    """

    def __init__(self, state: State, change: Change, ring: KeyRing, clock: Clock) -> None:
        self.state = state
        self.change = change
        self.used: list[str] = []
        self.touched: set[str] = set()
        self.written: dict[str, layout.Record] = {}
        self.always = False
        self._ring = ring
        self.now = clock()
        self._days = Days.of(state.root.signed)
        self._changed: dict[str, Metadata[Targets]] = {}
        self._trusted: dict[str, list[Key]] = {}
        self._also: dict[str, list[CryptoSigner]] = {}
        self._root: Metadata[Root] | None = None
        self._root_first = False

    @property
    def roles(self) -> set[str]:
        """The targets roles that were changed."""
        return set(self._changed)

    def role(self, name: str) -> Targets:
        """Return a role's targets to be changed; they are signed by `finish`."""
        if name not in self._changed:
            found = _copied(self.state.role(name))
            found.signed.version += 1
            self._changed[name] = found
        return self._changed[name].signed

    def put(self, role: str, path: str, data: bytes) -> TargetFile:
        """Add or replace a signed file."""
        target = TargetFile.from_data(path, data, ["sha256"])
        self.role(role).targets[path] = target
        self.change.put_target(target, data)
        return target

    def put_record(self, role: str, path: str, record: layout.Record) -> None:
        """Add or replace a signed file that holds a record."""
        target = self.put(role, path, layout.to_json(record))
        self.written[target.hashes["sha256"]] = record

    def delegate(self, name: str, key: Key, paths: list[str]) -> None:
        """Trust a key for a new delegated role."""
        targets = self.role(Targets.type)
        delegations = targets.delegations
        assert delegations is not None  # the catalogue is delegated from the beginning
        assert delegations.roles is not None  # and by name
        delegations.roles[name] = DelegatedRole(name, [], 1, True, paths)
        targets.add_key(key, name)
        self._trusted[name] = [key]
        self._changed[name] = Metadata(Targets())

    def retrust(self, name: str, new: Key) -> None:
        """Let a delegated role be signed by a new key instead of its old ones."""
        targets = self.role(Targets.type)
        for key in self.state.keys(name):
            targets.revoke_key(key.keyid, name)
        targets.add_key(new, name)
        self._trusted[name] = [new]
        self.role(name)

    def root(self) -> Root:
        """Return the root to be changed; `finish` signs it by the old root's keys and its own."""
        if self._root is None:
            self._root = copy.deepcopy(self.state.root)
            self._root.signed.version += 1
            self._root.signed.expires = self._days.until(Root.type, self.now)
        return self._root.signed

    def sign_by_both(self, role: str, new: Key) -> None:
        """Sign a top-level role by its old key and the new one, so that it holds under both roots.

        If the old key is lost the new one signs alone, and the new root has to come first.
        """
        if role == Targets.type:
            self.role(role)
        self.always = True
        old = self.state.keys(role)
        if any(map(self._ring.has, old)):
            self._also[role] = [self._ring.signer(role, [new])]
        else:
            self._trusted[role] = [new]
            self._root_first = True

    def need(self, role: str) -> CryptoSigner:
        """Return the signer of a role, or raise before anything is made."""
        return self._ring.signer(role, self._trusted.get(role) or self.state.keys(role))

    def finish(self) -> None:
        """Sign what was changed, then snapshot and timestamp, and put them all into the change."""
        if self._root is not None and self._root_first:
            self._finish_root()
        if self._changed or self.always:
            files = self._finish_roles()
            timestamp = copy.deepcopy(self.state.timestamp)
            timestamp.signed.snapshot_meta = self._finish_snapshot(files)
            timestamp.signed.version += 1
            timestamp.signed.expires = self._days.until(Timestamp.type, self.now)
            data = self._sign(timestamp, Timestamp.type)
            self.change.put(f"{layout.METADATA_DIR}/timestamp.json", data, last=True)
        if self._root is not None and not self._root_first:
            self._finish_root()

    def _finish_roles(self) -> dict[str, MetaFile]:
        files: dict[str, MetaFile] = {}
        # those whose keys are elsewhere first, so that a missing one is found before others sign
        for name in sorted(self._changed, key=lambda name: (name in ONLINE, name)):
            metadata = self._changed[name]
            metadata.signed.expires = self._days.until(name, self.now)
            data = self._sign(metadata, name)
            version = metadata.signed.version
            self.change.put(f"{layout.METADATA_DIR}/{version}.{name}.json", data)
            files[f"{name}.json"] = MetaFile.from_data(version, data, ["sha256"])
        return files

    def _finish_snapshot(self, files: dict[str, MetaFile]) -> MetaFile:
        snapshot = copy.deepcopy(self.state.snapshot)
        snapshot.signed.meta.update(files)
        snapshot.signed.version += 1
        snapshot.signed.expires = self._days.until(Snapshot.type, self.now)
        data = self._sign(snapshot, Snapshot.type)
        version = snapshot.signed.version
        self.change.put(f"{layout.METADATA_DIR}/{version}.snapshot.json", data)
        return MetaFile.from_data(version, data, ["sha256"])

    def _finish_root(self) -> None:
        assert self._root is not None
        old, new = self.state.root.signed, self._root.signed
        metadata = self._root
        metadata.signatures.clear()
        for id in dict.fromkeys([*old.roles[Root.type].keyids, *new.roles[Root.type].keyids]):
            key = new.keys.get(id) or old.keys[id]
            if self._ring.has(key):
                metadata.sign(self._ring.signer(Root.type, [key]), append=True)
                self.note(Root.type, key)
        verdict = new.get_root_verification_result(old, metadata.signed_bytes, metadata.signatures)
        if not verdict:
            missing = max(verdict.first.missing, verdict.second.missing)
            raise RegistryError(
                "R201",
                f"{new.roles[Root.type].threshold} root keys must sign a new root, and "
                f"{missing} more of them must be at hand",
                "add the folders that hold them with more --keys",
            )
        path = f"{layout.METADATA_DIR}/{new.version}.root.json"
        self.change.put(path, metadata.to_bytes(), last=True)

    def _sign(self, metadata: Metadata[Any], role: str) -> bytes:
        metadata.signatures.clear()
        for signer in [self.need(role), *self._also.get(role, [])]:
            metadata.sign(signer, append=True)
            self.note(role, signer.public_key)
        return metadata.to_bytes()

    def note(self, role: str, key: Key) -> None:
        """Remember that a key signed for a role."""
        if (word := f"{role} ({short(key)})") not in self.used:
            self.used.append(word)


def _copied(role: Metadata[Targets]) -> Metadata[Targets]:
    """Return a copy of a role to be changed; its targets, of which there are many, are shared.

    They are replaced, and never changed themselves.
    """
    found = copy.copy(role)
    found.signatures = dict(role.signatures)
    found.signed = copy.copy(role.signed)
    found.signed.targets = dict(role.signed.targets)
    found.signed.delegations = copy.deepcopy(role.signed.delegations)
    return found
