"""What running a wheel or card told, before it is made into a report."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from typing import Any

import attrs

from .artifact import Artifact
from .report import Figure, Problem, Report


@attrs.frozen(kw_only=True)
class Drawing:
    """A figure of a sheet as it was drawn: SVG, and what it shows in words."""

    svg: bytes = attrs.field(repr=False)
    text: str


@attrs.frozen(kw_only=True)
class Findings:
    """What was found by running a wheel or card.

    Args:
        runs: whether it installed alone and passed the kit, reference points aside.
        reproduces: whether it met its own reference points; None if it states none.
        provides: identities, ``plugin.thing``.
        makes, ions: as in `pumpleak_registry.layout.CatalogueRow`.
        problems: what is wrong, worst first.
        checks: the kit's report as data.
        sheet: what the page for people shows beside it.
        drawings: figures for that page.
    """

    runs: bool
    reproduces: bool | None = None
    provides: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    ions: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    checks: Mapping[str, Any] = attrs.field(factory=dict)
    sheet: Mapping[str, Any] = attrs.field(factory=dict)
    drawings: tuple[Drawing, ...] = ()

    def files(self, artifact: Artifact) -> dict[str, bytes]:
        """Return the figures by the names under which they are published."""
        return {
            f"{artifact.file}.{number}.svg": drawing.svg
            for number, drawing in enumerate(self.drawings, 1)
        }

    def report(self, artifact: Artifact, lab: str, now: datetime) -> Report:
        """Return the report on a file for a lab."""
        return Report(
            name=artifact.name,
            kind=artifact.kind,
            version=artifact.version,
            lab=lab,
            file=artifact.file,
            sha256=artifact.sha256,
            size=len(artifact.data),
            summary=artifact.summary,
            license=artifact.license,
            requires_python=artifact.requires_python,
            requires=artifact.requires,
            provides=self.provides,
            makes=self.makes,
            ions=self.ions,
            runs=self.runs,
            reproduces=self.reproduces,
            checked=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            host=metadata.version("pumpleak"),
            python=platform.python_version(),
            checks=self.checks,
            problems=self.problems,
            sheet=self.sheet,
            figures=tuple(
                Figure(
                    name=name,
                    sha256=hashlib.sha256(drawing.svg).hexdigest(),
                    text=drawing.text,
                )
                for name, drawing in zip(self.files(artifact), self.drawings, strict=True)
            ),
        )
