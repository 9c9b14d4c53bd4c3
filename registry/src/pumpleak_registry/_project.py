"""What a project's ``[tool.pumpleak]`` says for its sheet: a wheel has no room for it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import attrs

from . import layout
from ._errors import RecordError, RegistryError
from .artifact import Artifact

_DOI = re.compile(r"10\.\d{4,9}/[!-~]{1,200}")
_ORCID = re.compile(r"(\d{4}-){3}\d{3}[\dX]")


def described(artifact: Artifact, folder: Path, lab: str) -> Artifact:
    """Return a wheel with the DOI and ORCID of its project.

    Args:
        artifact: the wheel.
        folder: holds the project's ``pyproject.toml``.
        lab: for whom it is admitted.

    Raises:
        RegistryError: it is another project or another lab's, or says what is no DOI or ORCID.
    """
    path = folder / "pyproject.toml"
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(f"{path} cannot be read ({error})") from None
    project, tools = _table(given, "project"), _table(given, "tool")
    said = _table(tools, "pumpleak")
    try:
        name = layout.project_name(project.get("name"))
    except RecordError as error:
        raise _refused(f"{path}: {error.cause}") from None
    if name != artifact.project:
        raise _refused(f"{path} is of {name}, and {artifact.file} of {artifact.project}")
    if said.get("lab") not in {None, "", lab}:
        raise _refused(f"{path} says that its lab is {said['lab']!r}, not {lab!r}")
    urls = dict(artifact.urls)
    for key, pattern, base in (
        ("doi", _DOI, "https://doi.org/"),
        ("orcid", _ORCID, "https://orcid.org/"),
    ):
        text = said.get(key) or ""
        if not isinstance(text, str) or (text and not pattern.fullmatch(text)):
            raise _refused(f"{path}: tool.pumpleak.{key} is none (got {text!r})")
        if text:
            urls[key.upper()] = base + text
    return attrs.evolve(artifact, urls=urls)


def _table(given: dict[str, Any], key: str) -> dict[str, Any]:
    found = given.get(key)
    return found if isinstance(found, dict) else {}


def _refused(cause: str) -> RegistryError:
    return RegistryError("A112", cause, "give the folder that the wheel was built from, mended")
