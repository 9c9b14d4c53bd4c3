"""A registry for tests: labs that publish small wheels and cards without waiting for admission."""

from __future__ import annotations

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from tuf.api.metadata import Metadata, MetaFile

from pumpleak_registry.artifact import Artifact
from pumpleak_registry.client._place import Place
from pumpleak_registry.findings import Findings
from pumpleak_registry.keys import KeyRing
from pumpleak_registry.layout import FIRST_ROOT
from pumpleak_registry.repository import Repository


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = ("pumpleak>=0.1,<0.2",),
    python: str = ">=3.11",
    plugin: str | None = None,
    files: Mapping[str, str] | None = None,
    tag: str = "py3-none-any",
) -> Path:
    """Write a wheel as build tools do; return it."""
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    point = plugin or stem.removeprefix("pumpleak_")
    contents = {f"{stem}/__init__.py": f'VERSION = "{version}"\n'} if files is None else dict(files)
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Summary: a test"]
    head += [f"Requires-Python: {python}", *(f"Requires-Dist: {need}" for need in requires)]
    contents[f"{info}/METADATA"] = "\n".join(head) + "\n"
    contents[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    )
    contents[f"{info}/entry_points.txt"] = f"[pumpleak.plugins]\n{point} = {stem}\n"
    rows = []
    for path, text in contents.items():
        raw = hashlib.sha256(text.encode()).digest()
        rows.append(
            f"{path},sha256={base64.urlsafe_b64encode(raw).decode().rstrip('=')},{len(text)}"
        )
    contents[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for entry, text in contents.items():
            archive.writestr(entry, text)
    return path


def looked_at(artifact: Artifact, _: Path) -> Findings:
    """Find a wheel or card good without running it."""
    plugin = artifact.plugins[0] if artifact.plugins else artifact.name.partition(".")[0]
    identity = f"{plugin}.leak" if artifact.plugins else artifact.name
    return Findings(runs=True, provides=(identity,), makes=("channel",), ions=("K",))


@attrs.frozen(kw_only=True)
class Market:
    """A registry, its keys, and what its labs do.

    Args:
        folder: of the registry.
        keys: where all private keys lie.
        work: for wheels.
        repository: the registry as its keeper has it.
    """

    folder: Path
    keys: Path
    work: Path
    repository: Repository

    @property
    def place(self) -> Place:
        return Place(location=str(self.folder.resolve()))

    @property
    def root(self) -> Path:
        return self.folder / FIRST_ROOT

    @property
    def metadata(self) -> Path:
        return self.folder / "metadata"

    def publish(self, path: Path, lab: str = "lab-a") -> Path:
        """Admit and publish a wheel or card."""
        self.repository.admit(path, lab, examine=looked_at)
        self.repository.publish(path, lab)
        return path

    def plugin(self, name: str, version: str = "1.0", lab: str = "lab-a", **options: Any) -> Path:
        """Make and publish a wheel."""
        return self.publish(wheel(self.work, name, version, **options), lab)

    def target(self, name: str) -> Path:
        """Return the newest signed file of some name, as it lies in the registry."""
        found = sorted(
            (self.folder / "targets").rglob(f"*.{name}"), key=lambda path: path.stat().st_mtime_ns
        )
        return found[-1]

    def newest(self, role: str) -> Path:
        """Return the newest metadata file of a role."""
        if role == "timestamp":
            return self.metadata / "timestamp.json"
        found = self.metadata.glob(f"*.{role}.json")
        return max(found, key=lambda path: int(path.name.partition(".")[0]))

    def forge(self, role: str, change: Callable[[Any], None], *, signed_by: str | None) -> Path:
        """Make a role's metadata anew as somebody would who has one key, or none.

        Args:
            role: the metadata to begin with.
            change: is given its signed part.
            signed_by: the role whose key signs; None leaves the old signatures, now wrong.

        Returns:
            Where it was written: under the version that it has now.
        """
        forged = Metadata.from_file(str(self.newest(role)))
        change(forged.signed)
        if signed_by is not None:
            forged.signatures.clear()
            ring = KeyRing(folders=[self.keys])
            keys = self.repository.state.keys(signed_by)
            forged.sign(ring.signer(signed_by, keys))
        number = "" if role == "timestamp" else f"{forged.signed.version}."
        path = self.metadata / f"{number}{role}.json"
        path.write_bytes(forged.to_bytes())
        return path

    def sign_along(self, role: str) -> None:
        """Let snapshot and timestamp speak for a forged role, as somebody with the online keys."""
        data = self.newest(role).read_bytes()
        version = Metadata.from_bytes(data).signed.version

        def in_snapshot(signed: Any) -> None:
            signed.version += 1
            signed.meta[f"{role}.json"] = MetaFile.from_data(version, data, ["sha256"])

        self.forge("snapshot", in_snapshot, signed_by="snapshot")
        self.stamp()

    def stamp(self, steps: int = 1) -> None:
        """Let the timestamp speak for the newest snapshot, as somebody with the online key."""
        data = self.newest("snapshot").read_bytes()
        version = Metadata.from_bytes(data).signed.version

        def in_timestamp(signed: Any) -> None:
            signed.version += steps
            signed.snapshot_meta = MetaFile.from_data(version, data, ["sha256"])

        self.forge("timestamp", in_timestamp, signed_by="timestamp")


def copied(market: Market, folder: Path) -> Market:
    """Return a copy of a registry in a folder of its own."""
    shutil.copytree(market.folder.parent, folder)
    keys = folder / market.keys.name
    return Market(
        folder=folder / market.folder.name,
        keys=keys,
        work=folder / market.work.name,
        repository=Repository(folder / market.folder.name, [keys]),
    )


def open_market(folder: Path, *, clock: Callable[[], datetime] | None = None) -> Market:
    """Make a registry with two labs."""
    keys = folder / "keys"
    options: dict[str, Any] = {} if clock is None else {"clock": clock}
    repository, _ = Repository.create(folder / "registry", [keys], **options)
    for lab in ("lab-a", "lab-b"):
        repository.add_lab(lab)
    return Market(
        folder=folder / "registry", keys=keys, work=folder / "work", repository=repository
    )
