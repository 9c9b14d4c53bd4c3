"""Whether a plugin's requirement on pumpleak admits this host."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from ._specs import PROJECT

_IS_OURS = re.compile(rf"\s*{PROJECT}\s*(?![\w.-])", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Verdict:
    """What a distribution's metadata asks of the host.

    Args:
        requires: the requirement as text, empty if there is none.
        compatible: whether the host meets it.
        error: why the requirement cannot be read.
        warnings: what the requirement leaves open.
    """

    requires: str = ""
    compatible: bool = True
    error: str | None = None
    warnings: tuple[str, ...] = ()


def judge(requirements: Iterable[str], host_version: str | None) -> Verdict:
    """Check a distribution's requirements against the host's version.

    For a lower bound, a pre-release or development version of the host counts as the release it
    leads to: ``1.0.dev3`` meets ``>=1.0``, and does not meet ``<1.0``.

    Args:
        requirements: the texts of ``Requires-Dist``.
        host_version: the version of pumpleak; None if it is not known.

    Returns:
        The verdict.

    >>> judge(["pumpleak>=9", "numpy"], "0.1.0").compatible
    False
    >>> judge(["pumpleak>=0.1,<0.2"], "0.1.3").compatible
    True
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    asked = SpecifierSet()
    for text in requirements:
        if not _IS_OURS.match(text):
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return Verdict(
                requires=text, error=f"its requirement {text!r} cannot be read as a version range"
            )
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            asked &= requirement.specifier

    clauses = ",".join(sorted(map(str, asked), reverse=True))
    requires = f"{PROJECT}{clauses}" if clauses else ""
    warnings = tuple(_open_ends({clause.operator for clause in asked}))
    if host_version is None:
        unknown = f"{PROJECT} itself is not installed, so {requires or 'no bound'} was not checked"
        return Verdict(requires=requires, warnings=(*warnings, unknown))
    try:
        host = Version(host_version)
    except InvalidVersion:
        return Verdict(
            requires=requires, error=f"the host's version {host_version!r} is no version"
        )
    release = Version(host.base_version) if host.is_prerelease else host
    compatible = all(
        clause.contains(host, prereleases=True)
        or (clause.operator in {">=", "~="} and clause.contains(release))
        for clause in asked
    )
    return Verdict(requires=requires, compatible=compatible, warnings=warnings)


def _open_ends(operators: set[str]) -> Iterable[str]:
    advice = f"declare a range such as '{PROJECT}>=1,<2' in its dependencies"
    if not operators:
        yield f"it does not say which versions of {PROJECT} it works with; {advice}"
    elif not operators & {"~=", "==", "==="}:
        if not operators & {">=", ">"}:
            yield f"it gives no lowest version of {PROJECT}; {advice}"
        if not operators & {"<", "<="}:
            yield f"it gives no version of {PROJECT} at which it stops working; {advice}"
