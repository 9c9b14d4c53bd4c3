"""What of a distribution is installed here, and whether it still is as it was installed.

Read from metadata and from the files themselves; nothing of the distribution is imported.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import json
import marshal
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

import attrs

from ..host._discover import canonical

#: Written by whoever installs, so that two installations of one wheel differ in them.
_INSTALLERS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
_STRONG = ("sha256", "sha384", "sha512")
_HEADER_BYTES = 16


@attrs.frozen(kw_only=True)
class Installed:
    """A distribution as it is installed.

    Args:
        name: in the form in which names are compared.
        version: its version.
        place: the folder that its files are recorded against.
        files: recorded path to ``algorithm=digest``, as RECORD has them; empty digest where none.
        editable: whether it points at sources elsewhere, which RECORD does not list.
        recorded: whether there is a RECORD at all.
    """

    name: str
    version: str
    place: Path
    files: Mapping[str, str]
    editable: bool
    recorded: bool

    @property
    def label(self) -> str:
        """Name and version, as sentences name it."""
        return f"{self.name} {self.version}"

    @property
    def unverifiable(self) -> str | None:
        """Why its files cannot be verified, or None."""
        if self.editable:
            return (
                f"{self.label} is installed editable: it runs from sources that may change at any "
                "time, and cannot be verified; install it from a wheel"
            )
        if not self.recorded:
            return f"{self.label} has no list of its files (RECORD); install it from a wheel"
        return None

    @property
    def digest(self) -> str:
        """One hash over all files that came out of the wheel, the same wherever it is installed."""
        return digest(self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        """The top-level names that it can be imported by."""
        found = set()
        for path in self.files:
            first, _, rest = path.partition("/")
            if rest and first.isidentifier():
                found.add(first)
            elif not rest and path.endswith(".py"):
                found.add(path.removesuffix(".py"))
        return tuple(sorted(found))

    def problems(self, *, bytecode: bool = True) -> Iterator[str]:
        """Yield a sentence for every file that is not as it was installed.

        Args:
            bytecode: whether to look into cached bytecode too.
        """
        if (why := self.unverifiable) is not None:
            yield why
            return
        yield from self.altered()
        for path in sorted(self.files) if bytecode else ():
            if path.endswith(".py"):
                yield from self._bytecode(path)
        yield from self._added()
        yield from self._shadowed()

    def altered(self) -> Iterator[str]:
        """Yield a sentence for every file that is not as its RECORD has it."""
        for path, recorded in sorted(self.files.items()):
            if not _bookkeeping(path) and not path.endswith(".pyc"):
                yield from self._altered(path, recorded)

    def _altered(self, path: str, recorded: str) -> Iterator[str]:
        algorithm, _, expected = recorded.partition("=")
        if algorithm not in _STRONG:
            yield f"{self.label}: {path} has no hash in RECORD; reinstall it"
            return
        try:
            data = (self.place / path).read_bytes()
        except FileNotFoundError:
            yield f"{self.label}: {path} is missing; reinstall it"
            return
        except OSError as error:
            yield f"{self.label}: {path} cannot be read ({error.strerror})"
            return
        got = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).decode().rstrip("=")
        if got != expected:
            yield f"{self.label}: {path} was altered after installation; reinstall it"

    def _bytecode(self, path: str) -> Iterator[str]:
        """Compare what Python would run in place of a source file with that source."""
        source = self.place / path
        for level in ("", 1, 2):
            cached = Path(importlib.util.cache_from_source(str(source), optimization=level))
            try:
                data, text, stat = cached.read_bytes(), source.read_bytes(), source.stat()
            except OSError:
                continue
            if not _would_run(data, int(stat.st_mtime), stat.st_size):
                continue
            try:
                wanted = compile(
                    text, str(source), "exec", dont_inherit=True, optimize=int(level or 0)
                )
                same = marshal.loads(data[_HEADER_BYTES:]) == wanted
            except (ValueError, EOFError, TypeError, SyntaxError):
                same = False
            if not same:
                yield (
                    f"{self.label}: {PurePosixPath(path).parent}/__pycache__/{cached.name} is not "
                    f"the bytecode of {path}; delete it"
                )

    def _added(self) -> Iterator[str]:
        """Look for what stands in its packages beside what was installed, and could be imported."""
        for package in self.packages:
            folder = self.place / package
            if not folder.is_dir():
                continue
            for found in sorted(folder.rglob("*")):
                inside = found.relative_to(self.place)
                path = inside.as_posix()
                if path in self.files or found.is_dir():
                    continue
                if "__pycache__" in inside.parts and found.suffix == ".pyc":
                    continue
                if not _owned_by_another(path, self):
                    yield f"{self.label}: {path} was added after installation; delete it"

    def _shadowed(self) -> Iterator[str]:
        for package in self.packages:
            try:
                spec = importlib.util.find_spec(package)
            except (ImportError, ValueError):
                spec = None
            places = [] if spec is None else list(spec.submodule_search_locations or ())
            if spec is not None and spec.origin and spec.has_location:
                places.append(str(Path(spec.origin).parent) if places else spec.origin)
            ours = (self.place / package, self.place / f"{package}.py")
            strangers = [p for p in places if Path(p).resolve() not in map(Path.resolve, ours)]
            if spec is None or strangers:
                where = strangers[0] if strangers else "nowhere"
                yield (
                    f"{self.label}: Python finds {package!r} in {where}, not where it is "
                    f"installed ({self.place}); look at PYTHONPATH"
                )


def digest(files: Mapping[str, str]) -> str:
    """Return one hash over recorded files, leaving out what installers write.

    >>> digest({"a.py": "sha256=x", "a-1.dist-info/RECORD": ""}) == digest({"a.py": "sha256=x"})
    True
    """
    whole = hashlib.sha256()
    for path, recorded in sorted(files.items()):
        if not (_bookkeeping(path) or path.endswith(".pyc") or _outside(path)):
            whole.update(f"{path} {recorded}\n".encode())
    return f"sha256:{whole.hexdigest()}"


def read_record(text: str) -> dict[str, str]:
    """Return the rows of a RECORD: path to ``algorithm=digest``."""
    rows = (row for row in csv.reader(io.StringIO(text)) if len(row) == 3)
    return {row[0].replace("\\", "/"): row[1] for row in rows}


def installed(name: str) -> Installed | None:
    """Return what is installed under a distribution's name, the first on the path; None if nothing.

    Args:
        name: in any spelling.
    """
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    return as_installed(found)


def as_installed(found: metadata.Distribution) -> Installed:
    """Return what a distribution's metadata says of its files."""
    record = found.read_text("RECORD")
    files = read_record(record or "")
    return Installed(
        name=canonical(found.metadata["Name"] or "unnamed-distribution"),
        version=found.version,
        place=Path(str(found.locate_file(""))),
        files=files,
        editable=_editable(found, files),
        recorded=bool(files),
    )


def _editable(found: metadata.Distribution, files: Mapping[str, str]) -> bool:
    try:
        url = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        url = {}
    said = isinstance(url, dict) and isinstance(url.get("dir_info"), dict)
    return (said and bool(url["dir_info"].get("editable"))) or any(
        path.endswith(".pth") for path in files
    )


def _bookkeeping(path: str) -> bool:
    parent, _, name = path.rpartition("/")
    return parent.endswith(".dist-info") and name in _INSTALLERS


def _outside(path: str) -> bool:
    # scripts name the interpreter that they were installed for
    return path.startswith(("..", "/", "bin/", "Scripts/"))


def _would_run(data: bytes, mtime: int, size: int) -> bool:
    if len(data) < _HEADER_BYTES or data[:4] != importlib.util.MAGIC_NUMBER:
        return False
    if int.from_bytes(data[4:8], "little") & 1:
        return True  # checked by hash, or not at all
    stamp = (int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little"))
    return stamp == (mtime & 0xFFFFFFFF, size & 0xFFFFFFFF)


def _owned_by_another(path: str, owner: Installed) -> bool:
    """Return whether another distribution in the same place recorded a file: shared namespaces."""
    return any(
        path in read_record(other.read_text("RECORD") or "")
        for other in metadata.distributions(path=[str(owner.place)])
        if canonical(other.metadata["Name"] or "") != owner.name
    )


def interpreter() -> str:
    """Return Python's version, as lock files note it."""
    return ".".join(map(str, sys.version_info[:3]))
