"""The index that pip, uv and other tools read: PEP 503 pages and PEP 691 JSON with PEP 700 fields.

The wheels stand beside their page, with their metadata (PEP 658, 714), hashes, upload times and
yanks (PEP 592). A server that knows the two content types may give ``index.v1+json`` to those who
ask for it; any other serves ``index.html``. Cards are no wheels and are not listed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from packaging.version import Version

from . import layout
from ._files import write_whole
from .layout import CatalogueRow, Release

_HTML = "index.html"
_JSON = "index.v1+json"
_HEAD = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
_META = '<meta name="pypi:repository-version" content="1.1">\n'


def draw_project(folder: Path, name: str, releases: Sequence[Release]) -> None:
    """Write the two pages of a project.

    Args:
        folder: the registry.
        name: the project.
        releases: all of them, oldest first.
    """
    wheels = [release for release in releases if release.kind == "distribution"]
    if not wheels:
        return
    home = folder / layout.SIMPLE_DIR / layout.project_name(name)
    entries = [(release, _metadata_hash(home, release)) for release in wheels]
    links = "".join(_link(release, hash) for release, hash in entries)
    title = f"<title>Links for {escape(name)}</title></head>\n<body>\n"
    page = f"{_HEAD}{_META}{title}<h1>Links for {escape(name)}</h1>\n{links}</body></html>\n"
    data = {
        "meta": {"api-version": "1.1"},
        "name": layout.project_name(name),
        "versions": sorted({release.version for release in wheels}, key=Version),
        "files": [_file(release, hash) for release, hash in entries],
    }
    write_whole(home / _HTML, page.encode())
    write_whole(home / _JSON, json.dumps(data).encode())


def draw_list(folder: Path, rows: Iterable[CatalogueRow]) -> None:
    """Write the two lists of all projects that have wheels."""
    home = folder / layout.SIMPLE_DIR
    names = [row.project for row in rows if row.kind == "distribution"]
    links = "".join(f'<a href="{name}/">{name}</a><br>\n' for name in names)
    page = f"{_HEAD}{_META}<title>Projects</title></head>\n<body>\n{links}</body></html>\n"
    data = {"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in names]}
    write_whole(home / _HTML, page.encode())
    write_whole(home / _JSON, json.dumps(data).encode())


def _metadata_hash(home: Path, release: Release) -> str:
    import hashlib

    return hashlib.sha256((home / f"{release.payload.name}.metadata").read_bytes()).hexdigest()


def _link(release: Release, metadata: str) -> str:
    wheel = release.payload
    attributes = f'href="{escape(wheel.name)}#sha256={wheel.sha256}"'
    if release.requires_python:
        attributes += f' data-requires-python="{escape(release.requires_python)}"'
    for word in ("core-metadata", "dist-info-metadata"):
        attributes += f' data-{word}="sha256={metadata}"'
    if release.yanked is not None:
        attributes += f' data-yanked="{escape(release.yanked)}"'
    return f"<a {attributes}>{escape(wheel.name)}</a><br>\n"


def _file(release: Release, metadata: str) -> dict[str, Any]:
    wheel = release.payload
    data: dict[str, Any] = {
        "filename": wheel.name,
        "url": wheel.name,
        "hashes": {"sha256": wheel.sha256},
        "size": wheel.size,
        "upload-time": release.uploaded,
        "yanked": False if release.yanked is None else release.yanked,
        "core-metadata": {"sha256": metadata},
        "dist-info-metadata": {"sha256": metadata},
    }
    if release.requires_python:
        data["requires-python"] = release.requires_python
    return data
