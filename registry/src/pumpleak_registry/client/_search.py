"""Searching in what was fetched and verified before, without TUF where nothing can have changed.

A registry in a folder is read anew whenever its timestamp is another than the one verified last, or
a newer root stands beside it; one on a server after `MAX_AGE_S`, or with ``--refresh``. Metadata
that is past its date is never searched.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from pumpleak._atomic import written_whole

from .._errors import RegistryError
from ._place import Place, trusted_root

FORMAT = 1
#: For how long a registry on a server is not asked again, seconds.
MAX_AGE_S = 600.0

#: The fields of a row, in the order in which they are kept.
FIELDS = (
    "name",
    "lab",
    "kind",
    "version",
    "summary",
    "makes",
    "ions",
    "provides",
    "license",
    "runs",
    "reproduces",
    "checked",
    "yanked",
)


@attrs.frozen(kw_only=True)
class Listing:
    """The catalogue as it was verified.

    Args:
        rows: the values of `FIELDS`, and last the text that is searched, in name order.
        verified: when it was, seconds since 1970.
        stranger: names that the catalogue gives to a lab that does not own them; left out of rows.
        note: why it is not of this moment, or empty.
    """

    rows: Sequence[Sequence[Any]]
    verified: float
    stranger: tuple[str, ...]
    note: str = ""


def listing(
    where: Place, root: str | os.PathLike[str] | None = None, *, refresh: bool = False
) -> Listing:
    """Return the catalogue of a registry, of this moment as far as can be.

    Args:
        where: the registry.
        root: the root to trust it by, when it is given.
        refresh: whether to ask the registry in any case.

    Raises:
        RegistryError: it cannot be trusted, or was never fetched and is not to be had.
    """
    kept = None if refresh or root is not None else _kept(where)
    if kept is not None and _is_fresh(where, kept):
        return _listing(kept)
    try:
        return _listing(_fetched(where, root))
    except RegistryError as error:
        # what was verified and holds still is better than nothing, if it is said
        if error.code != "R522" or kept is None or _is_past(kept):
            raise
        minutes = (time.time() - kept["verified"]) / 60
        note = f"as of {minutes:.0f} min ago: {error.cause}"
        return attrs.evolve(_listing(kept), note=note)


def found(listing: Listing, words: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows in which every word stands, those with a word in their name first."""
    wanted = [word.casefold() for word in words]
    hits = [row for row in listing.rows if all(word in row[-1] for word in wanted)]
    hits.sort(key=lambda row: (not any(word in row[0].casefold() for word in wanted), row[0]))
    return [dict(zip(FIELDS, row, strict=False)) for row in hits]


def _file(where: Place) -> Path:
    return where.state / "search.json"


def _kept(where: Place) -> dict[str, Any] | None:
    """Return what was kept of a registry; None if there is none, or it cannot be read."""
    try:
        data = json.loads(_file(where).read_bytes())
        whole = data["format"] == FORMAT and data["fields"] == list(FIELDS)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return data if whole else None


def _is_fresh(where: Place, kept: dict[str, Any]) -> bool:
    if _is_past(kept):
        return False
    age = time.time() - float(kept["verified"])
    if where.folder is None:
        return 0 <= age < MAX_AGE_S
    metadata = where.folder / "metadata"
    try:
        now = hashlib.sha256((metadata / "timestamp.json").read_bytes()).hexdigest()
    except OSError:
        return False
    newer = metadata / f"{kept['root_version'] + 1}.root.json"
    return now == str(kept["timestamp"]) and not newer.exists()


def _is_past(kept: dict[str, Any]) -> bool:
    return datetime.fromisoformat(kept["expires"]) <= datetime.now(UTC)


def _fetched(where: Place, root: str | os.PathLike[str] | None) -> dict[str, Any]:
    # TUF and its cryptography take longer to import than the search takes
    from ._trusted import opened

    with opened(where, trusted_root(where, root)) as trusted:
        catalogue = trusted.catalogue()
        rows, stranger = [], []
        for item in sorted(catalogue.projects, key=lambda row: row.name.casefold()):
            if trusted.names.owner(item.name) != item.lab:
                stranger.append(item.name)
                continue
            plain = item.to_dict()
            row = [plain[field] for field in FIELDS]
            words = (item.name, item.lab, item.summary, *item.makes, *item.ions, *item.provides)
            rows.append([*row, " ".join(words).casefold()])
        data = {
            "format": FORMAT,
            "fields": list(FIELDS),
            "verified": time.time(),
            "expires": trusted.expires,
            "timestamp": hashlib.sha256(trusted.timestamp).hexdigest(),
            "root_version": trusted.root_version,
            "stranger": stranger,
            "rows": rows,
        }
        with written_whole(_file(where)) as temporary:
            temporary.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
    return data


def _listing(data: dict[str, Any]) -> Listing:
    return Listing(rows=data["rows"], verified=data["verified"], stranger=tuple(data["stranger"]))
