"""Reading a wheel or a card without running anything of it, and refusing what cannot be trusted.

Everything here is decided from the bytes alone: the kind, size, name and version, that the file's
name and its metadata agree, that nothing in the archive leads out of it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath

import attrs
from packaging.metadata import InvalidMetadata, Metadata
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from . import layout
from ._errors import RecordError, RegistryError

_MAX_ENTRIES = 10_000
_MAX_UNPACKED = 4 * layout.MAX_FILE
_GROUP = "pumpleak.plugins"


@attrs.frozen(kw_only=True)
class Artifact:
    """A wheel or card as its bytes tell it.

    Args:
        path: where it was read.
        file: its name in the index.
        data: its bytes.
        kind: ``distribution`` or ``card``.
        name, version, summary, license, requires_python, requires: its metadata.
        plugins: the plugin names that it claims; identities begin with one of them.
        metadata: the core metadata file of a wheel, empty for a card.
        authors: names, as the metadata gives them.
        urls: label to address.
        tops: top-level names that it would install.
    """

    path: Path
    file: str
    data: bytes = attrs.field(repr=False)
    kind: str
    name: str
    version: str
    summary: str
    license: str
    requires_python: str | None = None
    requires: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    metadata: bytes = attrs.field(default=b"", repr=False)
    authors: tuple[str, ...] = ()
    urls: dict[str, str] = attrs.field(factory=dict)
    tops: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def project(self) -> str:
        """The form of the name that is owned and compared."""
        return layout.project_name(self.name)


def read_artifact(path: str | os.PathLike[str]) -> Artifact:
    """Read a wheel or a card.

    Raises:
        RegistryError: it is neither, too large, damaged, or says different things of itself.
    """
    where = Path(path)
    data = _bounded(where)
    try:
        layout.file_name(where.name)
    except RecordError as error:
        raise RegistryError("A102", error.cause, error.fix) from None
    if where.name.endswith(layout.CARD_SUFFIX):
        from ._card import read_card

        return read_card(where, data)
    if where.suffix == ".whl":
        return _read_wheel(where, data)
    raise RegistryError(
        "A101",
        f"{where.name} is neither a wheel (.whl) nor a card ({layout.CARD_SUFFIX})",
        "build a wheel with 'uv build --wheel' or 'pip wheel --no-deps'; source archives are not "
        "admitted, since building them would run their code",
    )


def _bounded(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(layout.MAX_FILE + 1)
    except OSError as error:
        raise RegistryError(
            "A101", f"{path} cannot be read ({error.strerror})", "give the path of a file"
        ) from None
    if len(data) > layout.MAX_FILE:
        raise RegistryError(
            "A103",
            f"{path.name} is larger than {layout.MAX_FILE // 1_000_000} MB",
            "keep recordings and figures out of the wheel, and point at them in the README",
        )
    return data


def _read_wheel(path: Path, data: bytes) -> Artifact:
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise RegistryError(
            "A102",
            f"{path.name} is not named as a wheel ({error})",
            "keep the name it was built by",
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = dict(_unpacked(path.name, archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise RegistryError(
            "A104", f"{path.name} is a damaged archive ({error})", "build it again"
        ) from None
    info = _dist_info(path.name, files)
    _check_record(path.name, files, info)
    text = files.get(f"{info}/METADATA", b"")
    try:
        core = Metadata.from_email(text)
    except (ExceptionGroup, InvalidMetadata) as error:
        causes = error.exceptions if isinstance(error, ExceptionGroup) else [error]
        listed = "; ".join(str(cause) for cause in causes)
        raise RegistryError(
            "A106", f"the metadata of {path.name} is not valid ({listed})", "mend pyproject.toml"
        ) from None
    own = (layout.project_name(core.name), core.version)
    if own != (str(name), version) or info != f"{'-'.join(path.name.split('-')[:2])}.dist-info":
        raise RegistryError(
            "A105",
            f"{path.name} says of itself that it is {core.name} {core.version} (in {info})",
            "build it again; a wheel must not be renamed",
        )
    plugins = _plugins(files, info)
    if not plugins:
        raise RegistryError(
            "A107",
            f"{path.name} has no entry point in the group {_GROUP!r}, so pumpleak would not see it",
            f'add [project.entry-points."{_GROUP}"] to its pyproject.toml',
        )
    return Artifact(
        path=path,
        file=path.name,
        data=data,
        kind="distribution",
        name=core.name,
        version=str(core.version),
        summary=core.summary or "",
        license=core.license_expression or core.license or "",
        requires_python=str(core.requires_python) if core.requires_python else None,
        requires=tuple(map(str, core.requires_dist or ())),
        plugins=plugins,
        metadata=text,
        authors=tuple(filter(None, (core.author, core.author_email))),
        urls=dict(core.project_urls or {}),
        tops=_tops(path.name, files, info),
    )


def _unpacked(name: str, archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_ENTRIES or size > _MAX_UNPACKED:
        raise RegistryError(
            "A103",
            f"{name} unpacks to {len(entries)} files of {size / 1e6:.0f} MB together",
            f"keep to {_MAX_ENTRIES} files of {_MAX_UNPACKED // 1_000_000} MB",
        )
    seen: set[str] = set()
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        odd = (
            not parts
            or entry.filename.startswith("/")
            or ".." in parts
            or not entry.filename.isprintable()
            or "\\" in entry.orig_filename
            or ":" in parts[0]
            or entry.filename.casefold() in seen
            or (entry.external_attr >> 28) == 0o12  # a symbolic link
        )
        if odd:
            raise RegistryError(
                "A104",
                f"{name} holds {entry.orig_filename[:80]!r}, which could be written elsewhere than "
                "where it stands",
                "build it again with an ordinary build tool",
            )
        seen.add(entry.filename.casefold())
        if not entry.is_dir():
            # no more than it says, whatever its compressed stream would give
            with archive.open(entry) as file:
                yield entry.filename, file.read(entry.file_size)


def _tops(name: str, files: dict[str, bytes], info: str) -> tuple[str, ...]:
    """Return the top-level names, and refuse those by which code would run without being asked."""
    tops = sorted({path.split("/")[0] for path in files} - {info})
    for top in tops:
        if (
            top.endswith((".pth", ".data"))
            or top.removesuffix(".py") in {"sitecustomize", "usercustomize"}
            or top.startswith("__editable__")
        ):
            raise RegistryError(
                "A104",
                f"{name} holds {top!r}, by which files or code would reach beyond its own package",
                "keep to one ordinary package; build it without editable installs and data files",
            )
    return tuple(tops)


def _dist_info(name: str, files: dict[str, bytes]) -> str:
    found = sorted({path.split("/")[0] for path in files if ".dist-info/" in path})
    if len(found) != 1 or f"{found[0]}/METADATA" not in files:
        raise RegistryError(
            "A106",
            f"{name} must have one .dist-info folder with METADATA (got {found or 'none'})",
            "build it again",
        )
    return found[0]


def _check_record(name: str, files: dict[str, bytes], info: str) -> None:
    """Refuse a wheel whose own list of files does not tell its files."""
    text = files.get(f"{info}/RECORD", b"").decode("utf-8", "replace")
    told = {row[0]: row[1] for row in csv.reader(io.StringIO(text)) if len(row) == 3}
    for path, data in files.items():
        if path in {f"{info}/RECORD", f"{info}/RECORD.jws", f"{info}/RECORD.p7s"}:
            continue
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        if told.get(path) != f"sha256={digest}":
            raise RegistryError(
                "A104",
                f"{name}: {path[:80]} is not as its RECORD tells it",
                "build it again; it was altered after it was built",
            )


class _InWheel(Distribution):
    """Lets importlib.metadata read the entry points of a wheel that is not installed."""

    def __init__(self, files: dict[str, bytes], info: str) -> None:
        self._files = files
        self._info = info

    def read_text(self, filename: str) -> str | None:
        data = self._files.get(f"{self._info}/{filename}")
        return None if data is None else data.decode("utf-8", "replace")

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        raise NotImplementedError("a wheel that is not installed has no files on disk")


def _plugins(files: dict[str, bytes], info: str) -> tuple[str, ...]:
    points = _InWheel(files, info).entry_points.select(group=_GROUP)
    return tuple(sorted(point.name for point in points))
