"""Make a new distribution, whole or not at all."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.version import InvalidVersion, Version

from .._errors import PluginError
from . import _names, _template


def make(
    kind: str,
    name: str,
    *,
    into: str | os.PathLike[str] = ".",
    called: str | None = None,
    author: str | None = None,
    lab: str = "",
    orcid: str = "",
    template: str | os.PathLike[str] | None = None,
) -> Path:
    """Make a distribution that works, with one channel, transporter, ion or solver in it.

    Args:
        kind: ``"channel"``, ``"transporter"``, ``"ion"`` or ``"solver"``.
        name: of the plugin, the first half of every id; the distribution is ``pumpleak-NAME``.
        into: the folder in which the distribution's folder is made.
        called: of the thing itself, the second half of its id.
        author: who wrote it.
        lab: who shares it.
        orcid: the author's.
        template: folder with one folder per version; by default the one that pumpleak carries.

    Returns:
        The folder of the new distribution.

    Raises:
        PluginError: a name that cannot be, a folder that is in use, or copier is not installed.
    """
    kind, name = _names.checked_kind(kind), _names.checked_name(name)
    answers = {
        "kind": kind,
        "name": name,
        "called": _names.checked_called(called, kind, name),
        "author": _names.checked_line(author or f"The authors of {name}", "the author"),
        "lab": _names.checked_lab(lab),
        "orcid": _names.checked_orcid(orcid),
        "year": datetime.date.today().year,
        "needs": _needs(),
    }
    parent = Path(into)
    target = parent / _names.distribution_of(name)
    if not parent.is_dir():
        raise PluginError(f"{parent} is no folder; make it first, or name another (--into)")
    if target.is_symlink() or (target.exists() and not _is_empty_folder(target)):
        raise PluginError(
            f"{target} exists already and is not empty; move it away, name another folder "
            "(--into), or bring it up to date with 'pumpleak new --update'"
        )
    source = _template.SHIPPED if template is None else Path(template)
    newest = source / str(_template.versions(source)[-1])
    # rendered beside the target, so that one rename makes it appear, finished
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=parent))
    try:
        _template.render(newest, part / target.name, answers)
        with contextlib.suppress(FileNotFoundError):
            target.rmdir()
        (part / target.name).rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _needs() -> str:
    """Return the bounds within which a plugin written today can be expected to work."""
    try:
        have = Version(metadata.version("pumpleak"))
    except (metadata.PackageNotFoundError, InvalidVersion) as error:
        raise PluginError(f"pumpleak's own version is not known ({error}); reinstall it") from error
    low = f"{have.major}.{have.minor}"
    high = f"{have.major}.{have.minor + 1}" if have.major == 0 else f"{have.major + 1}"
    return f"pumpleak>={low},<{high}"
