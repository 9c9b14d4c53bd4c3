"""The code that took part in a result, by the hash of its files: versions alone miss an edit."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from ..membranes._membrane import Membrane

#: A script or notebook; its classes travel with what they are part of.
_SCRIPT = "__main__"


def code_hashes(membrane: Membrane, supplied: Iterable[str]) -> dict[str, str]:
    """Return the hash of each package or script that supplied physics, by name.

    Packages are those of the classes of all mechanisms and their parts, of what these classes
    derive from (so the core is among them), and of the plugins of species, filters and solver.

    Args:
        membrane: what is solved.
        supplied: ids of what plugins supplied, its solver among them.
    """
    found: dict[str, str] = {}
    for cls in sorted(_classes(membrane), key=lambda cls: (cls.__module__, cls.__qualname__)):
        if cls.__module__ == _SCRIPT:
            found[f"{_SCRIPT}.{cls.__qualname__}"] = _source_hash(cls)
        elif (package := _package(cls.__module__)) is not None:
            found.setdefault(package, "")
    for module in _registered(supplied):
        if (package := _package(module)) is not None:
            found.setdefault(package, "")
    return {name: found[name] or files_hash(name) for name in sorted(found)}


def files_hash(package: str) -> str:
    """Return one hash over the names and bytes of all files of a package or module.

    Args:
        package: its name, as an import has it.
    """
    origin = importlib.import_module(package).__file__
    whole = hashlib.sha256()
    if origin is None:
        return whole.hexdigest()
    for name, path in _files(Path(origin)):
        there = path.stat()
        hashed = _bytes_hash(path, there.st_size, there.st_mtime_ns, there.st_ctime_ns)
        whole.update(f"{name}\n{hashed}\n".encode())
    return whole.hexdigest()


@lru_cache(maxsize=4096)
def _bytes_hash(path: Path, *_when: int) -> str:
    # read once a process, until the file changes
    return hashlib.sha256(path.read_bytes()).hexdigest()


def owner(package: str) -> str:
    """Return a package with the plugin that it is of, as sentences name it."""
    from ..host import default_host

    for state in default_host().plugins():
        if f"{state.module}.".startswith(f"{package}."):
            return f"{package}, {state.label}"
    return package


def has_files(name: str) -> bool:
    """Whether what was hashed lies in files of its own, and not in a script that travels."""
    return not name.startswith(f"{_SCRIPT}.")


def _files(origin: Path) -> Iterator[tuple[str, Path]]:
    if origin.name != "__init__.py":
        yield origin.name, origin
        return
    top = origin.parent
    # os.walk, not rglob, which takes ten times as long
    for folder, inner, names in os.walk(top):
        inner[:] = sorted(name for name in inner if name != "__pycache__")
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix != ".pyc" and path.is_file():
                yield path.relative_to(top).as_posix(), path


def _classes(membrane: Membrane) -> set[type]:
    """Return the classes of mechanisms and of the parts they hold, and all they derive from."""
    waiting: list[Any] = [*membrane.mechanisms]
    found: set[type] = set()
    while waiting:
        item = waiting.pop()
        found |= set(type(item).__mro__)
        for field in attrs.fields(type(item)):
            value = getattr(item, field.name)
            held = value.values() if isinstance(value, Mapping) else value
            several = isinstance(value, Mapping | tuple | list)
            waiting += [part for part in (held if several else [value]) if attrs.has(type(part))]
    return found


def _registered(supplied: Iterable[str]) -> Iterator[str]:
    """Yield the modules of what plugins supplied beside classes: species, filters, the solver."""
    from ..host import default_host

    host = default_host()
    for identity in supplied:
        yield host.locate(identity).record.factory.partition(":")[0]


def _package(module: str) -> str | None:
    """Return the outermost package of a module that has files; None for Python's own."""
    parts = module.split(".")
    if parts[0] in sys.stdlib_module_names:
        return None
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        try:
            found: ModuleType = importlib.import_module(name)
        except ImportError:
            return None
        if found.__file__ is not None:  # folders that several distributions share have none
            return name
    return None


def _source_hash(cls: type) -> str:
    try:
        text = inspect.getsource(cls)
    except (OSError, TypeError):  # typed in, and not kept
        text = ""
    return hashlib.sha256(text.encode()).hexdigest()
