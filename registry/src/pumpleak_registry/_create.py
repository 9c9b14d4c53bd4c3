"""Making a registry: its keys, its first root, and an empty signed index."""

from __future__ import annotations

from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from . import layout
from ._errors import RegistryError
from ._files import Change
from ._signing import ONLINE, Clock, Days, Done
from .keys import KeyRing, NewKeys, short


def create(
    folder: Path, ring: KeyRing, days: Days, clock: Clock, *, root_keys: int, threshold: int
) -> Done:
    """Make a registry in an empty or missing folder.

    Args:
        folder: the registry; not the folder of keys.
        ring: the first of its folders receives the keys.
        days: how long signatures hold.
        clock: tells the time.
        root_keys: how many keys the root has.
        threshold: how many of them must sign a new root.

    Returns:
        What was made, and which keys signed.

    Raises:
        RegistryError: there is something already, or the keys would stand inside the registry.
    """
    _check_place(folder, ring.home)
    if not 1 <= threshold <= root_keys:
        raise RegistryError(
            "R106",
            f"{threshold} of {root_keys} root keys cannot sign",
            "ask for at least as many keys as must sign",
        )
    new = NewKeys(ring)
    try:
        made = {Root.type: [new.make(f"root-{n}") for n in range(1, root_keys + 1)]}
        for role in (Targets.type, *ONLINE):
            made[role] = [new.make(role)]
    except BaseException:
        new.unmake()
        raise

    now = clock()
    root = Root(
        consistent_snapshot=True,
        expires=days.until(Root.type, now),
        roles={
            Root.type: Role([], threshold),
            **{role: Role([], 1) for role in (Targets.type, Snapshot.type, Timestamp.type)},
        },
    )
    for role in (Root.type, Targets.type, Snapshot.type, Timestamp.type):
        for key in made[role]:
            root.add_key(key, role)
    days.write(root)

    names = layout.to_json(layout.Names())
    catalogue = layout.to_json(layout.Catalogue())
    [key] = made[layout.CATALOGUE_ROLE]
    delegated = DelegatedRole(layout.CATALOGUE_ROLE, [key.keyid], 1, True, paths=[layout.CATALOGUE])
    targets = Targets(
        expires=days.until(Targets.type, now),
        targets={layout.NAMES: TargetFile.from_data(layout.NAMES, names, ["sha256"])},
        delegations=Delegations({key.keyid: key}, {layout.CATALOGUE_ROLE: delegated}),
    )
    catalogued = Targets(
        expires=days.until(layout.CATALOGUE_ROLE, now),
        targets={layout.CATALOGUE: TargetFile.from_data(layout.CATALOGUE, catalogue, ["sha256"])},
    )

    change = Change(folder)
    used: list[str] = []

    def sign(metadata: Metadata, role: str, keys: list[Key]) -> bytes:  # type: ignore[type-arg]
        for key in keys:
            metadata.sign(ring.signer(role, [key]), append=True)
            used.append(f"{role} ({short(key)})")
        return metadata.to_bytes()

    signed_root = sign(Metadata(root), Root.type, made[Root.type])
    change.put(layout.FIRST_ROOT, signed_root)
    change.put(f"{layout.METADATA_DIR}/1.root.json", signed_root)
    change.put_target(targets.targets[layout.NAMES], names)
    change.put_target(catalogued.targets[layout.CATALOGUE], catalogue)
    meta: dict[str, MetaFile] = {}
    for role, signed in ((Targets.type, targets), (layout.CATALOGUE_ROLE, catalogued)):
        data = sign(Metadata(signed), role, made[role])
        change.put(f"{layout.METADATA_DIR}/1.{role}.json", data)
        meta[f"{role}.json"] = MetaFile.from_data(1, data, ["sha256"])
    snapshot = Snapshot(expires=days.until(Snapshot.type, now), meta=meta)
    data = sign(Metadata(snapshot), Snapshot.type, made[Snapshot.type])
    change.put(f"{layout.METADATA_DIR}/1.snapshot.json", data)
    timestamp = Timestamp(
        expires=days.until(Timestamp.type, now),
        snapshot_meta=MetaFile.from_data(1, data, ["sha256"]),
    )
    data = sign(Metadata(timestamp), Timestamp.type, made[Timestamp.type])
    change.put(f"{layout.METADATA_DIR}/timestamp.json", data, last=True)
    change.commit({"everything": True, "projects": [], "roles": []})

    return Done(
        did=(
            f"Made a registry in {folder}, with its keys in {ring.home}.",
            f"{threshold} of its {root_keys} root keys must sign a new root: move them apart, off "
            "this machine, and the targets key with them.",
            f"Hand {folder / layout.FIRST_ROOT} to those who will use it; by it they know it.",
        ),
        keys=tuple(used),
    )


def _check_place(folder: Path, keys: Path) -> None:
    if any(path.name != ".lock" for path in folder.iterdir()):
        raise RegistryError(
            "R107", f"{folder} is not an empty folder", "give a new one, or empty it first"
        )
    here, there = folder.resolve(), keys.resolve()
    if there == here or here in there.parents:
        raise RegistryError(
            "R206",
            f"the keys would stand in {keys}, inside the registry that everybody reads",
            "give another folder with --keys",
        )
