"""Where fetched plugins are installed, and how that changes in one step.

What is fetched goes into a folder of its own inside the environment, a *generation*: it holds all
fetched plugins together, and Python looks in it after everything else, so nothing in it can stand
in the place of pumpleak or of anything that it needs. A change builds the next generation beside
the present one and then renames one small file (``pumpleak-plugins.pth``) that says which is meant.
A process that is killed at any moment leaves either the old generation or the new one, whole.

    SITE/pumpleak-plugins.pth                 one line: which generation
    PREFIX/share/pumpleak/wheels/SHA256/      the wheels, as they were verified
    PREFIX/share/pumpleak/generations/ID/     site/ and generation.json
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import attrs

from pumpleak._atomic import written_whole
from pumpleak.lock import as_installed

from .._errors import RegistryError
from ._alone import alone
from ._installer import install
from ._place import data_folder
from ._wheel import Wheel, read_wheel

POINTER = "pumpleak-plugins.pth"
_MANIFEST = "generation.json"


@attrs.frozen(kw_only=True)
class Environment:
    """A Python environment: where its packages and where its shared files are.

    Args:
        site: the folder that holds installed packages and ``.pth`` files.
        home: the folder for generations and wheels.
    """

    site: Path
    home: Path

    @property
    def pointer(self) -> Path:
        """The file that says which generation is in use."""
        return self.site / POINTER

    @property
    def current(self) -> Path | None:
        """The generation in use, or None."""
        try:
            line = self.pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        folder = (self.site / line).resolve().parent
        return folder if (folder / _MANIFEST).is_file() else None

    def holds(self, path: Path) -> bool:
        """Return whether something is among what was fetched."""
        return path.resolve().is_relative_to((self.home / "generations").resolve())

    def wheels(self) -> dict[str, Wheel]:
        """Return what the generation in use was made of, by name.

        What was uninstalled since by pip is left out.

        Raises:
            RegistryError: a wheel that it was made of is gone or altered.
        """
        if (current := self.current) is None:
            return {}
        still = {item.name for item in metadata.distributions(path=[str(current / "site")])}
        wheels = [
            self._kept(row["sha256"], row["file"], row["lab"])
            for row in _rows(current)
            if row["name"] in {_plain(name) for name in still}
        ]
        return {wheel.name: wheel for wheel in wheels}

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Keep other processes from changing the environment while the body runs."""
        # outside of the environment: looking must not change it
        key = hashlib.sha256(str(self.site).encode()).hexdigest()[:16]
        with alone(data_folder() / "client" / "environments" / f"{key}.lock", str(self.site)):
            yield

    def change(self, wheels: Sequence[Wheel], installer: str) -> None:
        """Make the next generation out of wheels, and put it in place of the present one.

        Args:
            wheels: everything fetched that shall be here afterwards.
            installer: ``uv`` or ``pip``.

        Raises:
            RegistryError: nothing was changed.
        """
        generations = self.home / "generations"
        before = self.current
        building = generations / f".building-{secrets.token_hex(4)}"
        new = [
            folder for folder in (self.home.parent, self.home, generations) if not folder.exists()
        ]
        try:
            self._clean(keep=(before,))
            self._build(building, wheels, installer)
            for wheel in wheels:
                self._keep(wheel)
            after = generations / secrets.token_hex(6)
            os.rename(building, after)
            line = os.path.relpath(after / "site", self.site)
            with written_whole(self.pointer) as temporary:
                temporary.write_text(f"{line}\n", encoding="utf-8")
        except (OSError, RegistryError) as error:
            shutil.rmtree(building, ignore_errors=True)
            self._clean(keep=(before,))
            for folder in reversed(new):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if isinstance(error, RegistryError):
                raise
            raise RegistryError(
                "R622",
                f"{error.filename or self.home} cannot be written ({error.strerror})",
                "nothing was changed; use an environment of your own (python -m venv)",
            ) from error
        # what runs now may still import from the generation that it began with
        self._clean(keep=(before, after))

    def _build(self, building: Path, wheels: Sequence[Wheel], installer: str) -> None:
        site, chosen = building / "site", building / "chosen"
        site.mkdir(parents=True)
        chosen.mkdir()
        if wheels:
            for wheel in wheels:
                shutil.copyfile(wheel.path, chosen / wheel.path.name)
            install(installer, wheels, chosen, site)
        shutil.rmtree(chosen)
        _check(site, wheels)
        rows = [
            {
                "name": wheel.name,
                "version": wheel.version,
                "sha256": wheel.sha256,
                "file": wheel.path.name,
                "lab": wheel.lab,
            }
            for wheel in wheels
        ]
        text = json.dumps({"format": 1, "wheels": rows}, indent=2)
        (building / _MANIFEST).write_text(text + "\n", encoding="utf-8")

    def _keep(self, wheel: Wheel) -> None:
        """Copy a wheel into the environment, whole or not at all."""
        kept = self.home / "wheels" / wheel.sha256 / wheel.path.name
        if wheel.path != kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(kept) as temporary:
                shutil.copyfile(wheel.path, temporary)

    def _kept(self, sha256: str, file: str, lab: str) -> Wheel:
        path = self.home / "wheels" / sha256 / file
        try:
            same = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        except OSError:
            same = False
        if not same:
            raise RegistryError(
                "R623",
                f"{path} is gone or altered",
                f"delete {self.pointer} and get the plugins again",
            )
        return read_wheel(path, sha256, lab)

    def _clean(self, keep: tuple[Path | None, ...]) -> None:
        """Remove what no process of now can need, and what a killed one left behind."""
        folders = {folder for folder in (*keep, self.current) if folder is not None}
        kept = {folder.name for folder in folders}
        wheels = {row["sha256"] for folder in folders for row in _rows(folder)}
        for place, names in ((self.home / "generations", kept), (self.home / "wheels", wheels)):
            for folder in place.iterdir() if place.is_dir() else ():
                if folder.name not in names:
                    shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            (self.home / "wheels").rmdir()  # if it is empty
        for rest in self.site.glob(f".{POINTER}.*.part"):
            rest.unlink(missing_ok=True)


def here() -> Environment:
    """Return the environment that this interpreter runs in."""
    return Environment(
        site=Path(sysconfig.get_path("purelib")),
        home=Path(sys.prefix) / "share" / "pumpleak",
    )


def _rows(generation: Path) -> list[dict[str, str]]:
    """Return what a generation was made of."""
    try:
        data = json.loads((generation / _MANIFEST).read_text(encoding="utf-8"))
        rows: list[dict[str, str]] = data["wheels"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegistryError(
            "R623",
            f"{generation / _MANIFEST} cannot be read ({error})",
            f"delete {generation} and get the plugins again",
        ) from error
    return rows


def _check(site: Path, wheels: Sequence[Wheel]) -> None:
    """Refuse what was not installed as its wheel has it."""
    found = {
        item.name: item for item in map(as_installed, metadata.distributions(path=[str(site)]))
    }
    if set(found) != {wheel.name for wheel in wheels}:
        raise RegistryError(
            "R624",
            f"the installer made {', '.join(sorted(found)) or 'nothing'} of "
            f"{', '.join(sorted(wheel.name for wheel in wheels))}",
            "nothing was changed; use the other installer with --installer",
        )
    for wheel in wheels:
        here = found[wheel.name]
        # a wheel can lie about its own files, and uv takes its word
        wrong = next(here.altered(), None)
        if here.digest != wheel.files or wrong is not None:
            raise RegistryError(
                "R624",
                f"the files of {wheel.label} are not those that its wheel lists"
                f"{'' if wrong is None else f' ({wrong})'}",
                "nothing was changed; tell its lab",
            )


def _plain(name: str) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name))
