"""Admission: a wheel is installed in a clean environment and must pass the conformance kit there.

Everything that can be told without running it is told first. What runs, runs as a process of its
own with a time limit, without our environment variables, and sees only what it declares. That keeps
accidents apart; it is no jail. A registry that admits the work of strangers runs admission in a
container or a machine of its own (see docs/guide/run-a-registry.md). A card is data and installs
nothing, and goes through the same kit.
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
from packaging.specifiers import SpecifierSet

from ._environment import HOST, Environment, needs_of
from ._errors import RegistryError
from ._figure import iv_curve
from ._state import State
from .artifact import Artifact
from .findings import Drawing, Findings
from .layout import MAX_REPORT, TARGETS_DIR, Release, consistent
from .report import Problem

#: How long a plugin may take to load and to be checked, in seconds.
SECONDS = 900.0
_INSIDE = Path(__file__).with_name("_inside.py")
_MOST_FIGURES = 12


def examine(artifact: Artifact, registry: Path, *, seconds: float = SECONDS) -> Findings:
    """Run a wheel or card in a clean environment and return what was found.

    Args:
        artifact: what to look at.
        registry: the registry, whose other projects it may need.
        seconds: how long it may take.
    """
    problems = [*_before(artifact)]
    if problems:
        return Findings(runs=False, problems=tuple(problems))
    needs = needs_of(artifact, _releases(registry))
    if needs.missing:
        fix = "publish that here, install it on the host that admits, or do without it"
        missing = (Problem(code="A201", cause=text, fix=fix) for text in needs.missing)
        return Findings(runs=False, problems=tuple(missing))
    with tempfile.TemporaryDirectory(prefix="pumpleak-admission-") as name:
        folder = Path(name)
        result = folder / "result.json"
        file = folder / artifact.file
        file.write_bytes(artifact.data)
        try:
            environment = Environment(folder, needs.host)
            if artifact.kind == "card":
                arguments = ["card", str(file)]
            else:
                _check_shadows(artifact, environment.visible)
                environment.install([file, *(_wheel(registry, folder, r) for r in needs.wheels)])
                arguments = ["plugin", *artifact.plugins]
            errors = environment.run(_INSIDE, [str(result), *arguments], seconds)
            found = _result(result, errors)
        except RegistryError as error:
            return _refused(error)
    try:
        findings = findings_of(found)
        names = {identity.partition(".")[0] for identity in findings.provides}
        if not names <= set(artifact.plugins):
            raise ValueError("an identity of somebody else")
        return _with_sheet(findings, artifact)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return _refused(_unreadable("it left a result of another form"))


def findings_of(found: Mapping[str, Any]) -> Findings:
    """Return the findings that data from inside the environment tells."""
    if "failed" in found:
        return _refused(
            RegistryError(
                "A203",
                f"it does not load: {str(found['failed'])[:1000]}",
                "see 'pumpleak plugins doctor --load' or 'pumpleak card check', and mend it",
            )
        )
    objects = found["objects"]
    results = [result for checks in found["checks"] for result in checks["results"]]
    points = [result for result in results if result["code"] in found["reference"]]
    problems = [
        Problem(
            code="A205" if result in points else "A204",
            cause=f"{result['object']} fails {result['code']} {result['check']}: "
            f"{result['message']}",
            fix=result["fix"] or "run 'pumpleak check' on it and mend what that says",
        )
        for result in results
        if result["outcome"] == "failed"
    ]
    problems.sort(key=lambda problem: problem.code)
    if not any(result["outcome"] == "passed" for result in results):
        problems.append(
            Problem(code="A207", cause="no check ran on it", fix="register what it supplies")
        )
    stated = [result["outcome"] for result in points if result["outcome"] != "not applicable"]
    return Findings(
        runs=all(problem.code == "A205" for problem in problems),
        reproduces=all(outcome == "passed" for outcome in stated) if stated else None,
        provides=tuple(item["id"] for item in objects),
        makes=tuple(dict.fromkeys(item["kind"] for item in objects)),
        ions=tuple(dict.fromkeys(ion for item in objects for ion in item["ions"])),
        problems=tuple(problems),
        checks={"runs": found["checks"]},
        sheet={"objects": objects},
    )


def _with_sheet(findings: Findings, artifact: Artifact) -> Findings:
    """Add figures, and what the metadata says for people."""
    drawings: list[Drawing] = []
    objects = []
    for item in findings.sheet.get("objects", ()):
        told = dict(item)
        drawing = iv_curve(item) if len(drawings) < _MOST_FIGURES else None
        told.pop("curve", None)
        if drawing is not None:
            drawings.append(drawing)
            told["figure"] = len(drawings)
        objects.append(told)
    sheet = {
        "objects": objects,
        "authors": list(artifact.authors),
        "urls": {label: url for label, url in artifact.urls.items() if _is_web(url)},
    }
    return attrs.evolve(findings, sheet=sheet, drawings=tuple(drawings))


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _before(artifact: Artifact) -> Iterator[Problem]:
    """Yield what forbids to run it at all."""
    from pumpleak.host._versions import judge

    if artifact.kind == "card":
        return
    version = metadata.version(HOST)
    verdict = judge(artifact.requires, version)
    if not verdict.compatible:
        yield Problem(
            code="A108",
            cause=f"it needs {verdict.requires}, and this host is {HOST} {version}",
            fix=f"admit it on a host that it is made for, or widen what it says of {HOST}",
        )
    for text in (*verdict.warnings, verdict.error):
        if text:
            cause, _, fix = text.partition("; ")
            yield Problem(code="A110", cause=cause, fix=fix or "mend its dependencies")
    python = platform.python_version()
    if artifact.requires_python and not SpecifierSet(artifact.requires_python).contains(python):
        yield Problem(
            code="A109",
            cause=f"it needs Python {artifact.requires_python}, and this is {python}",
            fix="admit it under a Python that it is made for",
        )


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


def _result(path: Path, errors: str) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found: dict[str, Any] = json.loads(file.read(MAX_REPORT))
    except (OSError, ValueError, RecursionError):
        last = errors.strip().splitlines()[-1:] or ["it said nothing"]
        raise _unreadable(last[0][:300]) from None
    return found


def _unreadable(said: str) -> RegistryError:
    return RegistryError(
        "A203",
        f"it ended or disturbed the process that loaded it ({said})",
        "see 'pumpleak plugins doctor --load', and mend it",
    )


def _refused(error: RegistryError) -> Findings:
    problem = Problem(code=error.code, cause=error.cause, fix=error.fix)
    return Findings(runs=False, problems=(problem,))
