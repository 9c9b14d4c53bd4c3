"""uv and pip, told to install from a folder and from nowhere else.

Neither sees the user's settings: an index, a mirror or a constraint named there must not decide
what comes in.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from .._errors import RegistryError
from ._wheel import Wheel

NAMES = ("uv", "pip")


def choose(wanted: str | None) -> str:
    """Return the installer to use: as wanted, or else uv, or else pip.

    Raises:
        RegistryError: it is not here.
    """
    here = [name for name in NAMES if importlib.util.find_spec(name) is not None]
    if wanted is not None and wanted not in here:
        raise RegistryError(
            "R620",
            f"{wanted} is not installed in {sys.prefix}",
            f"use --installer {here[0]}" if here else f"install {wanted} there",
        )
    if not here:
        raise RegistryError(
            "R620", f"neither uv nor pip is installed in {sys.prefix}", "install one of them there"
        )
    return wanted or here[0]


def uninstalling(name: str) -> str:
    """Return the command that takes out what was installed here by other means."""
    return f"{'' if importlib.util.find_spec('pip') else 'uv '}pip uninstall {name}"


def install(installer: str, wheels: Iterable[Wheel], folder: Path, target: Path) -> None:
    """Install wheels out of a folder into another, by hash, without an index.

    Args:
        installer: ``uv`` or ``pip``.
        wheels: what is to be installed, all of it.
        folder: holds their files and nothing else; the list of them is written there.
        target: an empty folder.

    Raises:
        RegistryError: the installer refuses; what it said is in the message.
    """
    listed = folder / "requirements.txt"
    lines = [f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels]
    listed.write_text("".join(lines), encoding="utf-8")
    common = ["--no-index", "--require-hashes", "--no-deps", "--target", str(target)]
    chosen = ["--find-links", str(folder), "--requirement", str(listed)]
    if installer == "uv":
        from uv import find_uv_bin

        command = [find_uv_bin(), "pip", "install", "--quiet", "--offline", "--no-config"]
        command += ["--no-cache", "--no-build", "--link-mode", "copy", "--python", sys.executable]
    else:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--isolated"]
        command += ["--disable-pip-version-check", "--no-cache-dir", "--no-compile"]
        command += ["--only-binary", ":all:", "--no-input"]
    done = subprocess.run(
        [*command, *common, *chosen],
        env=_plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[-1000:]
        raise RegistryError(
            "R621", f"{installer} refused: {said}", "nothing was changed; tell the lab"
        )


def _plain_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("UV_", "PIP_", "PYTHON"))
    }
