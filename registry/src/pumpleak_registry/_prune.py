"""Removing old versions of what is replaced at every change: metadata and lists, never releases.

A reader that began before a change may still ask for the version that was current then, so the last
few are kept. Roots are all kept, since a reader goes through every one of them.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from tuf.api.metadata import Metadata, Targets

from . import layout
from ._state import State

_KEPT = 3


def prune(folder: Path, state: State, roles: list[str]) -> None:
    """Remove versions of these roles, and of the snapshot, that are older than the last few."""
    metadata = folder / layout.METADATA_DIR
    versions = {role: state.role(role).signed.version for role in roles}
    versions["snapshot"] = state.snapshot.signed.version
    for role, version in versions.items():
        for old in range(version - _KEPT, 0, -1):
            path = metadata / f"{old}.{role}.json"
            if not path.exists():
                break
            if role != "snapshot":
                _prune_lists(folder, state.role(role).signed, path)
            path.unlink()


def _prune_lists(folder: Path, current: Targets, path: Path) -> None:
    old = Metadata[Targets].from_file(str(path)).signed
    for name, target in old.targets.items():
        present = current.targets.get(name)
        # a release's files stay the same for good; a list of the same name was replaced
        if present is not None and present.hashes != target.hashes:
            where = layout.consistent(name, target.hashes["sha256"])
            with contextlib.suppress(FileNotFoundError):
                (folder / layout.TARGETS_DIR / where).unlink()
