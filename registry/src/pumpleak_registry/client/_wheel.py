"""What a wheel says of itself, read out of the file without unpacking or running anything."""

from __future__ import annotations

import email.parser
import zipfile
from collections.abc import Mapping
from pathlib import Path

import attrs
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from pumpleak.lock import digest, read_record

from .._errors import RegistryError

#: Python runs these whenever it starts; the others lead elsewhere.
_OUTSIDE = ("/", "..", "sitecustomize", "usercustomize")
_LARGEST_METADATA = 5_000_000


@attrs.frozen(kw_only=True)
class Wheel:
    """A wheel that was verified and lies on this disk.

    Args:
        path: of the file.
        sha256: its hash.
        name: of the distribution, in the form in which names are compared.
        version: of the distribution.
        requires: its requirements, PEP 508.
        requires_python: the Pythons that it runs on, or None.
        record: path to recorded hash, of every file in it.
        lab: who signed it.
    """

    path: Path
    sha256: str
    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str | None
    record: Mapping[str, str]
    lab: str

    @property
    def label(self) -> str:
        """Name and version, as sentences name it."""
        return f"{self.name} {self.version}"

    @property
    def files(self) -> str:
        """The hash over its files, as locks hold it."""
        return digest(self.record)

    @property
    def tops(self) -> tuple[str, ...]:
        """What it puts at the top of the folder that Python looks in, metadata left out."""
        tops = {path.partition("/")[0] for path in self.record}
        return tuple(sorted(top for top in tops if not top.endswith(".dist-info")))


def read_wheel(path: Path, sha256: str, lab: str) -> Wheel:
    """Read a wheel's metadata and list of files.

    Raises:
        RegistryError: it is no wheel, or would reach outside of the folder that it is installed in.
    """
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as archive:
            tops = {entry.partition("/")[0] for entry in archive.namelist()}
            infos = [top for top in tops if top.endswith(".dist-info")]
            if len(infos) != 1:
                raise ValueError(f"{len(infos)} folders of metadata")
            metadata = email.parser.Parser().parsestr(_text(archive, f"{infos[0]}/METADATA"))
            record = read_record(_text(archive, f"{infos[0]}/RECORD"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, InvalidWheelFilename) as error:
        raise RegistryError(
            "R610", f"{path.name} is no wheel that can be read ({error})", "tell its lab"
        ) from error
    said = (canonicalize_name(metadata["Name"] or ""), metadata["Version"])
    if said != (name, str(version)):
        raise RegistryError(
            "R610", f"{path.name} says that it is {said[0]} {said[1]} inside", "tell its lab"
        )
    outside = [
        entry
        for entry in record
        if ".data/" in entry or entry.endswith(".pth") or entry.startswith(_OUTSIDE)
    ]
    if outside:
        raise RegistryError(
            "R611",
            f"{path.name} would write outside of its own folder, or into Python's start "
            f"({outside[0]})",
            "tell its lab: a plugin is a package and its metadata, no more",
        )
    return Wheel(
        path=path,
        sha256=sha256,
        name=str(name),
        version=str(version),
        requires=tuple(metadata.get_all("Requires-Dist") or ()),
        requires_python=metadata["Requires-Python"],
        record=record,
        lab=lab,
    )


def runs_here(filename: str) -> bool:
    """Return whether a wheel is made for this interpreter and system."""
    try:
        tags = parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return False
    return not tags.isdisjoint(sys_tags())


def _text(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > _LARGEST_METADATA:
        raise ValueError(f"{name} is too large")
    return archive.read(name).decode("utf-8")
