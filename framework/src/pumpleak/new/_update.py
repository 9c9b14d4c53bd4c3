"""Bring a distribution up to date with the template, keeping what its author wrote."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import attrs

from .._atomic import written_whole
from .._errors import PluginError
from . import _template


@attrs.frozen(kw_only=True)
class Updated:
    """What an update did.

    Args:
        folder: of the distribution.
        before: the template's version that it was at.
        after: the version that it is at now.
        written: files that were changed or added.
        removed: files that the template no longer has and the author had not touched.
        conflicts: files in which the author and the template changed the same lines; both stand
            there, between markers.
    """

    folder: Path
    before: int
    after: int
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def update(
    folder: str | os.PathLike[str], *, template: str | os.PathLike[str] | None = None
) -> Updated:
    """Bring a distribution made by `make` to the newest version of the template.

    The work is done on a copy; the folder's own files change when all of it went well, and the
    answers file last, so that an update cut off in between can be done again.

    Args:
        folder: of the distribution.
        template: folder with one folder per version; by default the one that pumpleak carries.

    Returns:
        What was changed.

    Raises:
        PluginError: the folder was not made by `make`, or git or copier is missing.
    """
    where = Path(folder)
    source = _template.SHIPPED if template is None else Path(template)
    known = _template.versions(source)
    before = _version(where)
    if before > known[-1]:
        raise PluginError(
            f"{where} was made from template {before}, and this pumpleak has {known[-1]}; update "
            "pumpleak first"
        )
    if before not in known:
        raise PluginError(f"{where} was made from template {before}, which is not known here")
    if before == known[-1]:
        return Updated(folder=where, before=before, after=before)
    with tempfile.TemporaryDirectory(prefix="pumpleak-new-", ignore_cleanup_errors=True) as named:
        space = Path(named)
        repository = _template.repository(source, space / "template")
        copy = _copy(where, space, repository)
        _template.update(copy, known[-1])
        return _take_over(copy, where, before, known[-1])


def _version(folder: Path) -> int:
    """Return the version of the template that a folder was made from."""
    try:
        answers: Any = _read(folder)
    except OSError:
        raise PluginError(
            f"{folder} has no {_template.ANSWERS}, so 'pumpleak new' did not make it; only what it "
            "made can be updated"
        ) from None
    made = isinstance(answers, dict) and answers.get("_src_path") == _template.SOURCE
    version = str(answers.get("_commit", "")) if made else ""
    if not version.isdecimal():
        raise PluginError(
            f"{folder / _template.ANSWERS} is not as 'pumpleak new' wrote it; bring it back from "
            "your history, and try again"
        )
    return int(version)


def _read(folder: Path) -> Any:
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError as error:
        raise PluginError(
            f"pumpleak new needs copier ({error}); pip install 'pumpleak[new]'"
        ) from error
    try:
        return yaml.safe_load((folder / _template.ANSWERS).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


def _copy(folder: Path, space: Path, repository: Path) -> Path:
    """Return a git work tree with the author's files, whose answers name the repository."""
    kept, copy = space / "author", space / "work"
    kept.mkdir()
    _template.git(kept, "init", "--quiet")
    _template.git(kept, "add", "--all", tree=folder.resolve())
    _template.git(kept, "add", "--force", "--", _template.ANSWERS, tree=folder.resolve())
    _template.git(kept, "commit", "--quiet", "--message", "as it was", tree=folder.resolve())
    _template.git(space, "clone", "--quiet", str(kept), str(copy))
    answers = copy / _template.ANSWERS
    place = f"_src_path: '{repository.as_posix()}'"
    text = re.sub(
        r"^_src_path:.*$",
        lambda _: place,
        answers.read_text(encoding="utf-8"),
        count=1,
        flags=re.M,
    )
    answers.write_text(text, encoding="utf-8")
    _template.git(copy, "commit", "--quiet", "--all", "--message", "where the template is")
    return copy


def _take_over(copy: Path, folder: Path, before: int, after: int) -> Updated:
    """Write what changed in the copy into the author's folder."""
    unmerged = _names(_template.git(copy, "diff", "--name-only", "--diff-filter=U", "-z"))
    _template.git(copy, "add", "--all")
    listed = _template.git(copy, "diff", "--cached", "--name-status", "--no-renames", "-z", "HEAD~")
    fields = _names(listed)
    changes = sorted(
        zip(fields[::2], fields[1::2], strict=True), key=lambda pair: pair[1] == _template.ANSWERS
    )
    written, removed = [], []
    for what, name in changes:
        target = folder / name
        if what == "D":
            target.unlink(missing_ok=True)
            removed.append(name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as temporary:
            shutil.copyfile(copy / name, temporary)
            if target.exists():
                shutil.copymode(target, temporary)
        written.append(name)
    return Updated(
        folder=folder,
        before=before,
        after=after,
        written=tuple(written),
        removed=tuple(removed),
        conflicts=tuple(unmerged),
    )


def _names(listed: str) -> list[str]:
    return [name for name in listed.split("\0") if name]
