"""Admission: a wheel is installed in a clean environment and must pass the conformance kit there.

Everything that can be told without running it is told first. What runs, runs as a process of its
own with a time limit, without our environment variables, and sees only what it declares. That keeps
accidents apart; it is no jail. A registry that admits the work of strangers runs admission in a
container or a machine of its own (see docs/guide/run-a-registry.md).
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from ._environment import HOST, Environment, needs_of
from ._errors import RegistryError
from ._state import State
from .artifact import Artifact
from .findings import Findings
from .layout import TARGETS_DIR, Release, consistent
from .report import Problem

#: How long a plugin may take to load and to be checked, in seconds.
SECONDS = 900.0
_INSIDE = Path(__file__).with_name("_inside.py")
_REFERENCE = "reference"


def examine(artifact: Artifact, registry: Path, *, seconds: float = SECONDS) -> Findings:
    """Run a wheel or card in a clean environment and return what was found.

    Args:
        artifact: what to look at.
        registry: the registry, whose other projects it may need.
        seconds: how long it may take.
    """
    problems = list(_before(artifact))
    if problems:
        return Findings(runs=False, problems=tuple(problems))
    needs = needs_of(artifact, _releases(registry))
    if needs.missing:
        return Findings(
            runs=False,
            problems=tuple(
                Problem(
                    code="A201",
                    cause=text,
                    fix="have it published here, install it on the host that admits, or do "
                    "without it",
                )
                for text in needs.missing
            ),
        )
    with tempfile.TemporaryDirectory(prefix="pumpleak-admission-") as name:
        folder = Path(name)
        result = folder / "result.json"
        wheel = folder / artifact.file
        wheel.write_bytes(artifact.data)
        try:
            environment = Environment(folder, needs.host)
            _check_shadows(artifact, environment.visible)
            environment.install([wheel, *(_wheel(registry, folder, r) for r in needs.wheels)])
            errors = environment.run(_INSIDE, [str(result), "plugin", *artifact.plugins], seconds)
        except RegistryError as error:
            return _refused(error)
        try:
            found = json.loads(result.read_bytes())
        except (OSError, ValueError):
            last = errors.strip().splitlines()[-1:] or ["it wrote nothing"]
            return _refused(
                RegistryError(
                    "A203",
                    f"it ended the process that loaded it ({last[0][:300]})",
                    "load it by 'pumpleak plugins doctor --load' and mend what that says",
                )
            )
    return findings_of(found)


def findings_of(found: Mapping[str, Any]) -> Findings:
    """Return the findings that data from inside the environment tells."""
    if "failed" in found:
        return _refused(
            RegistryError(
                "A203",
                f"it does not load: {str(found['failed'])[:1000]}",
                "load it by 'pumpleak plugins doctor --load' and mend what that says",
            )
        )
    objects = found["objects"]
    results = [result for checks in found["checks"] for result in checks["results"]]
    problems = []
    points = [result for result in results if _REFERENCE in result["check"]]
    for result in results:
        if result["outcome"] == "failed":
            problems.append(
                Problem(
                    code="A205" if result in points else "A204",
                    cause=f"{result['object']} fails {result['code']} {result['check']}: "
                    f"{result['message']}",
                    fix=result["fix"] or "run 'pumpleak check' on it and mend what that says",
                )
            )
    if not objects:
        problems.append(
            Problem(code="A207", cause="it supplies nothing", fix="register a record in its plugin")
        )
    stated = [result["outcome"] for result in points if result["outcome"] != "not applicable"]
    return Findings(
        runs=bool(results) and not any(problem.code != "A205" for problem in problems),
        reproduces=all(outcome == "passed" for outcome in stated) if stated else None,
        provides=tuple(item["id"] for item in objects),
        makes=tuple(dict.fromkeys(item["kind"] for item in objects)),
        ions=tuple(dict.fromkeys(ion for item in objects for ion in item["ions"])),
        problems=tuple(problems),
        checks=found["checks"][0] if len(found["checks"]) == 1 else {"all": found["checks"]},
        sheet={"objects": objects},
    )


def _before(artifact: Artifact) -> Sequence[Problem]:
    """Return what forbids to run it at all."""
    from pumpleak.host._versions import judge

    problems = []
    version = metadata.version(HOST)
    verdict = judge(artifact.requires, version)
    if not verdict.compatible:
        problems.append(
            Problem(
                code="A108",
                cause=f"it needs {verdict.requires}, and this host is {HOST} {version}",
                fix=f"admit it on a host that it is made for, or widen what it says of {HOST}",
            )
        )
    for text in verdict.warnings:
        cause, _, fix = text.partition("; ")
        problems.append(Problem(code="A110", cause=cause, fix=fix))
    python = platform.python_version()
    if artifact.requires_python and not SpecifierSet(artifact.requires_python).contains(python):
        problems.append(
            Problem(
                code="A109",
                cause=f"it needs Python {artifact.requires_python}, and this is {python}",
                fix="admit it under a Python that it is made for",
            )
        )
    return problems


def _releases(registry: Path) -> list[Release]:
    state = State(registry)
    return [release for lab in state.labs for release in state.index(lab).releases]


def _wheel(registry: Path, folder: Path, release: Release) -> Path:
    file = release.payload
    path = folder / file.name
    path.write_bytes((registry / TARGETS_DIR / consistent(file.path, file.sha256)).read_bytes())
    return path


def _check_shadows(artifact: Artifact, visible: frozenset[str]) -> None:
    """Refuse a wheel whose packages would stand in front of the host's."""
    both = sorted(visible & {top.casefold() for top in artifact.tops})
    if both:
        raise RegistryError(
            "A111",
            f"it brings {both[0]!r}, which belongs to a package of the host",
            "name its own package after the plugin, such as pumpleak_foo",
        )


def _refused(error: RegistryError) -> Findings:
    problem = Problem(code=error.code, cause=error.cause, fix=error.fix)
    return Findings(runs=False, problems=(problem,))
