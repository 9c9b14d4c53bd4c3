"""Clean environments for tests: wheels of ours, everything else as it is here, a home of their own.

Third-party packages are linked, not installed, so that an environment takes a fraction of a second
and no network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
#: What a membrane needs to rest, and the client.
OURS = ("framework", "plugins/ions", "plugins/solvers", "registry")


def build(sources: Iterable[Path], folder: Path) -> list[Path]:
    """Build a wheel of each source folder; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels = []
    for source in sources:
        before = set(folder.glob("*.whl"))
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (new,) = set(folder.glob("*.whl")) - before
        wheels.append(new)
    return wheels


@attrs.frozen(kw_only=True)
class CleanEnvironment:
    """A virtual environment with a home folder of its own."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "env" / "bin" / "python"

    @property
    def prefix(self) -> Path:
        return self.folder / "env"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def site(self) -> Path:
        (found,) = (self.prefix / "lib").glob("python*/site-packages")
        return found

    def variables(self, given: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the variables that commands run with: none of the user's own."""
        return {
            "PATH": os.pathsep.join(
                [str(self.folder / "tools"), str(self.prefix / "bin"), os.defpath]
            ),
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PYTHONIOENCODING": "utf-8",
            "LANG": "C.UTF-8",
            **(given or {}),
        }

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start `pumpleak WORDS` in a process group of its own, and return the process."""
        command = [str(self.python), "-m", "pumpleak", *map(str, words)]
        return subprocess.Popen(
            command,
            env=self.variables(),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *words: str | Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `pumpleak WORDS` in it."""
        command = [str(self.python), "-m", "pumpleak", *map(str, words)]
        done = subprocess.run(
            command,
            env=self.variables(variables),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def good(self, *words: str | Path, variables: Mapping[str, str] | None = None) -> str:
        """Run `pumpleak WORDS`, which must succeed; return what it printed."""
        done = self.run(*words, variables=variables)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *words: str | Path, variables: Mapping[str, str] | None = None) -> str:
        """Run `pumpleak WORDS`, which must be refused with exit code 2; return what it said."""
        done = self.run(*words, variables=variables)
        assert done.returncode == 2, f"{words}: {done.stdout}{done.stderr}"
        return " ".join(done.stderr.split())

    def plugin_file(self, name: str) -> Path:
        """Return a file of the fetched plugins that are in use."""
        line = (self.site / "pumpleak-plugins.pth").read_text().strip()
        return self.site / line / name

    def snapshot(self) -> dict[str, str]:
        """Return every file of the environment with a hash of its bytes; caches are left out."""
        found = {}
        for path in sorted(self.prefix.rglob("*")):
            if "__pycache__" in path.parts:
                continue
            name = path.relative_to(self.prefix).as_posix()
            if path.is_symlink():
                found[name] = f"-> {os.readlink(path)}"
            elif path.is_file():
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found[name] = "folder"
        return found


def make(folder: Path, wheels: Iterable[Path]) -> CleanEnvironment:
    """Make an environment with some wheels of ours, compiled, so that its copies start quickly."""
    made = CleanEnvironment(folder=folder)
    uv = find_uv_bin()
    _call([uv, "venv", "--quiet", "--offline", "--python", sys.executable, str(made.prefix)])
    here = Path(sysconfig.get_path("purelib"))
    for entry in here.iterdir():
        ours = entry.name.lstrip("_").startswith(("pumpleak", "editable"))
        if not ours and entry.suffix != ".pth" and not (made.site / entry.name).exists():
            (made.site / entry.name).symlink_to(entry)
    (made.prefix / "bin" / "uv").symlink_to(uv)
    install(made, wheels)
    packages = [str(path) for path in made.site.glob("pumpleak*") if path.is_dir()]
    _call([str(made.python), "-m", "compileall", "-q", *packages])
    return _at_home(made)


def copied(environment: CleanEnvironment, folder: Path) -> CleanEnvironment:
    """Return a copy of an environment, with a home of its own."""
    made = CleanEnvironment(folder=folder)
    shutil.copytree(environment.prefix, made.prefix, symlinks=True)
    return _at_home(made)


def _at_home(made: CleanEnvironment) -> CleanEnvironment:
    """Give an environment its home, and the commands that people type there."""
    made.home.mkdir(parents=True)
    tools = made.folder / "tools"
    tools.mkdir()
    for name in ("pumpleak", "pip"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{made.python}" -m {name} "$@"\n')
        tool.chmod(0o755)
    return made


def install(environment: CleanEnvironment, wheels: Iterable[Path]) -> None:
    """Install wheels into an environment's own site-packages, as people do."""
    command = ["pip", "install", "--quiet", "--offline", "--no-deps", "--no-index", "--no-config"]
    _call([find_uv_bin(), *command, "--python", str(environment.python), *map(str, wheels)])


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
