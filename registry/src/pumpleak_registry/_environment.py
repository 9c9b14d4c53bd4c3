"""A clean environment for one plugin: it sees the host, what it declares, and nothing else.

A fresh virtual environment receives the plugin's wheel, and those of other projects of the registry
that it needs. Of the host's own packages it sees pumpleak, and what the wheels and pumpleak declare
that they need; a package that happens to be installed here but is not declared stays out of sight,
so that a forgotten dependency is found here and not at the other lab. Nothing is fetched.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ._errors import RegistryError
from .artifact import Artifact
from .layout import Release

HOST = "pumpleak"
_LAST = 4000  # bytes of what it wrote to standard error


@attrs.frozen(kw_only=True)
class Needs:
    """What a wheel needs, and where it is.

    Args:
        host: distributions of this host, to be seen by the plugin.
        wheels: releases of the registry, to be installed beside it.
        missing: requirements that neither can meet, in words.
    """

    host: tuple[metadata.Distribution, ...]
    wheels: tuple[Release, ...]
    missing: tuple[str, ...]


@attrs.frozen(kw_only=True)
class _Wish:
    """A requirement, who asks for it, and the extras under which it was asked."""

    requirement: Requirement
    asker: str
    extras: tuple[str, ...] = ("",)

    @property
    def applies(self) -> bool:
        marker = self.requirement.marker
        return marker is None or any(marker.evaluate({"extra": extra}) for extra in self.extras)

    @property
    def name(self) -> str:
        return str(canonicalize_name(self.requirement.name))

    def further(self, texts: Iterable[str]) -> list[_Wish]:
        """Return the wishes of the distribution that meets this one."""
        extras = ("", *sorted(self.requirement.extras))
        return [_Wish(requirement=Requirement(t), asker=self.name, extras=extras) for t in texts]


def needs_of(artifact: Artifact, releases: Iterable[Release] = ()) -> Needs:
    """Return what a wheel needs, followed through to the end.

    Args:
        artifact: the wheel.
        releases: what the registry has.
    """
    known: dict[str, list[Release]] = {}
    for release in releases:
        if release.kind == "distribution" and release.yanked is None:
            known.setdefault(release.project, []).append(release)
    host: dict[str, metadata.Distribution] = {}
    wheels: dict[str, Release] = {}
    missing: list[str] = []
    wishes = [_Wish(requirement=Requirement(HOST), asker=artifact.name)]
    wishes += [_Wish(requirement=Requirement(t), asker=artifact.name) for t in artifact.requires]
    met = set()
    for wish in wishes:  # grows while it is gone through
        key = (wish.name, str(wish.requirement.specifier), frozenset(wish.requirement.extras))
        if wish.name == artifact.project or not wish.applies or key in met:
            continue
        met.add(key)
        there = _installed(wish.name)
        specifier = wish.requirement.specifier
        if there is not None and specifier.contains(there.version, prereleases=True):
            host[wish.name] = there
            wishes += wish.further(there.requires or ())
            continue
        fitting = [r for r in known.get(wish.name, ()) if specifier.contains(r.version)]
        if not fitting:
            have = f"this host has {there.version}" if there else "it is not installed here"
            missing.append(f"{wish.asker} needs {wish.requirement}, and {have}")
            continue
        chosen = max(fitting, key=lambda release: Version(release.version))
        wheels[wish.name] = chosen
        wishes += wish.further(chosen.requires)
    return Needs(host=tuple(host.values()), wheels=tuple(wheels.values()), missing=tuple(missing))


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


class Environment:
    """A virtual environment for one plugin.

    Args:
        folder: an empty one; the environment is made below it.
        host: the host's distributions that it sees.
    """

    def __init__(self, folder: Path, host: Iterable[metadata.Distribution]) -> None:
        self._folder = folder
        self._home = folder / "environment"
        venv.create(self._home, with_pip=False, symlinks=os.name == "posix")
        [self._site] = (self._home / "lib").glob("python*/site-packages")
        self._show(host)

    def _show(self, host: Iterable[metadata.Distribution]) -> None:
        """Let the environment see distributions, by links outside of what is installed into it."""
        links = self._folder / "host"
        links.mkdir()
        for distribution in host:
            base = Path(str(distribution.locate_file("")))
            files = distribution.files or ()
            for top in sorted({file.parts[0] for file in files} - {"..", "/", "__pycache__"}):
                link, origin = links / top, base / top
                if origin.exists() and not link.exists():
                    link.symlink_to(origin, target_is_directory=origin.is_dir())
        # addsitedir, since editable installs are made of .pth files
        text = f"import site; site.addsitedir({str(links)!r})\n"
        (self._site / "host.pth").write_text(text)

    @property
    def visible(self) -> frozenset[str]:
        """The top-level names of the host's packages."""
        return frozenset(path.name.casefold() for path in (self._folder / "host").iterdir())

    def install(self, wheels: Sequence[Path]) -> None:
        """Install wheels, and nothing that they need.

        Raises:
            RegistryError: the installer refuses one.
        """
        from uv import find_uv_bin

        command = [find_uv_bin(), "pip", "install", "--offline", "--no-index", "--no-deps"]
        command += ["--no-config", "--no-cache", "--quiet", "--python", str(self._python)]
        done = subprocess.run(
            [*command, *map(str, wheels)],
            capture_output=True,
            text=True,
            env=self._variables(),
            check=False,
        )
        if done.returncode:
            raise RegistryError(
                "A202",
                f"it cannot be installed ({' '.join(done.stderr.split())[:500]})",
                "install the wheel into an empty environment and mend what that says",
            )

    def run(self, script: Path, arguments: Sequence[str], seconds: float) -> str:
        """Run a script of ours in the environment; return the end of its standard error.

        Raises:
            RegistryError: it took too long, and was ended with all that it had started.
        """
        said = self._folder / "errors.txt"
        with said.open("wb") as errors:
            process = subprocess.Popen(
                [str(self._python), "-I", str(script), *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=self._variables(),
                start_new_session=True,
            )
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise RegistryError(
                    "A206",
                    f"it was not done after {seconds:.0f} s, and was ended",
                    "look for a loop that does not end",
                ) from None
            finally:
                _end(process)
        with said.open("rb") as errors:
            errors.seek(max(0, said.stat().st_size - _LAST))
            return errors.read().decode("utf-8", "replace")

    @property
    def _python(self) -> Path:
        return self._home / "bin" / "python"

    def _variables(self) -> dict[str, str]:
        """Return the environment variables of the plugin: nothing of ours, no secret among them."""
        home = str(self._folder)
        return {"PATH": os.defpath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started and left running."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
