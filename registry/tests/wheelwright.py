"""Small real wheels, a quick admission, and what a client sees: shared by the registry's tests."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from pumpleak_registry import layout
from pumpleak_registry.findings import Findings

LEAK = '''
from pumpleak import Channel, Ohmic, parameter


class Leak(Channel):
    """A leak of K."""

    unitary = parameter("10 pS", source="assumed")
    permeation = Ohmic("K")

    def open_probability(self, s):
        """Return one: it is always open."""
        return 1.0
'''

PLUGIN = '''
from pumpleak.host import MechanismRecord, hookimpl


@hookimpl
def pumpleak_mechanisms():
    """Register the leak."""
    yield MechanismRecord(
        name="leak", factory="{package}.leak:Leak", summary="{summary}", kind="channel", ions=("K",)
    )
'''


def make_wheel(
    folder: Path,
    name: str = "pumpleak-foo",
    version: str = "1.0",
    *,
    plugin: str | None = "foo",
    requires: tuple[str, ...] = ("pumpleak>=0.1,<0.2",),
    requires_python: str | None = ">=3.11",
    summary: str = "A leak channel",
    files: dict[str, str] | None = None,
    metadata: str | None = None,
    file_name: str | None = None,
    extra: str = "",
    record: bool = True,
) -> Path:
    """Write a wheel of a plugin with one leak channel, with changes, and return its path."""
    package = name.replace("-", "_").replace(".", "_").lower()
    content = {
        f"{package}/__init__.py": "",
        f"{package}/leak.py": LEAK,
        f"{package}/_plugin.py": PLUGIN.format(package=package, summary="A leak of K"),
    } | (files or {})
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Summary: {summary}", "License-Expression: BSD-3-Clause"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    info = f"{package}-{version}.dist-info"
    content[f"{info}/METADATA"] = metadata or "\n".join([*lines, ""]) + extra
    content[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    if plugin is not None:
        content[f"{info}/entry_points.txt"] = f"[pumpleak.plugins]\n{plugin} = {package}._plugin\n"
    rows = [f"{path},{_digest(text)},{len(text.encode())}" for path, text in content.items()]
    if record:
        content[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (file_name or f"{package}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in content.items():
            # a fixed date, so that the same content is the same file
            archive.writestr(zipfile.ZipInfo(inner, (2026, 1, 1, 0, 0, 0)), text)
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def quick(artifact, registry):
    """Admit without running anything, for tests of what comes after admission."""
    plugins = artifact.plugins
    return Findings(
        runs=True,
        provides=tuple(f"{plugin}.leak" for plugin in plugins),
        makes=("channel",),
        ions=("K",),
    )


class FromFolder(FetcherInterface):
    """Lets python-tuf's client read a registry in a folder."""

    def _fetch(self, url):
        from tuf.api.exceptions import DownloadHTTPError

        path = Path(url.removeprefix("file://"))
        if not path.is_file():
            raise DownloadHTTPError("not found", 404)
        yield path.read_bytes()


class View:
    """What python-tuf's own client sees of a registry, keeping its trust in a folder."""

    def __init__(self, registry: Path, trust: Path) -> None:
        self._registry = registry
        self._trust = trust
        self._root = (registry / layout.FIRST_ROOT).read_bytes()

    def updater(self) -> Updater:
        """A client that knows the first root, refreshed."""
        (self._trust / "files").mkdir(parents=True, exist_ok=True)
        base = f"file://{self._registry}"
        updater = Updater(
            str(self._trust),
            f"{base}/{layout.METADATA_DIR}",
            str(self._trust / "files"),
            f"{base}/{layout.TARGETS_DIR}",
            fetcher=FromFolder(),
            bootstrap=self._root,
            config=UpdaterConfig(targets_max_length=layout.MAX_TARGETS_METADATA),
        )
        updater.refresh()
        return updater

    def read(self, path: str) -> bytes | None:
        """A file's content, verified; None if it is not signed."""
        updater = self.updater()
        info = updater.get_targetinfo(path)
        return None if info is None else Path(updater.download_target(info)).read_bytes()

    def index(self, lab: str) -> layout.LabIndex:
        """A lab's releases, every file of them fetched and verified."""
        updater = self.updater()

        def fetch(path):
            info = updater.get_targetinfo(path)
            assert info is not None, path
            return Path(updater.download_target(info)).read_bytes()

        index = layout.from_json(layout.LabIndex, fetch(layout.lab_index(lab)))
        for release in index.releases:
            for path in [file.path for file in release.files] + [release.report]:
                fetch(path)
        catalogue = layout.from_json(layout.Catalogue, fetch(layout.CATALOGUE))
        names = layout.from_json(layout.Names, fetch(layout.NAMES))
        published = {release.project for release in index.releases}
        rows = {row.project for row in catalogue.projects if row.lab == lab}
        assert published == rows <= {name for name, owner in names.names.items() if owner == lab}
        return index
