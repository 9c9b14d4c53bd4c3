"""Running the checks."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from types import MappingProxyType
from typing import Any, Final

from .._errors import PumpleakError
from ..host import Host, Record
from ..parts._claims import Claims
from ._check import REGISTERED, BrokenRuleError, Check, NotApplicableError
from ._report import Outcome, Report, Result
from ._subject import Subject, subject_of
from ._targets import subjects

_MODULES: Final = (
    "mechanisms",
    "channels",
    "transporters",
    "ions",
    "solutions",
    "filters",
    "solvers",
)
for _module in _MODULES:
    importlib.import_module(f".checks.{_module}", __package__)

#: Every check by code.
CHECKS: Final[Mapping[str, Check]] = MappingProxyType(dict(sorted(REGISTERED.items())))
#: The check that every object must pass before another can speak of it.
_FIRST: Final = "C001"


def run_checks(
    target: Any,
    *,
    strict: bool = False,
    claims: Claims | None = None,
    record: Record | None = None,
    host: Host | None = None,
) -> Report:
    """Check an object, everything a plugin supplies, or a card.

    Args:
        target: a mechanism's class or instance, an ion, a solution, a filter, a solver's function;
            a record; a registered id (``"k2p.TREK1"``) or a plugin's name (``"k2p"``); the folder
            of a plugin or of cards; a card or its file.
        strict: whether an expected failure counts as one.
        claims: what is claimed of an object that carries no claims itself.
        record: what is said of an object that no plugin registers; a solver needs it.
        host: where names are looked up; by default the one of this process.

    Returns:
        One result per object and check.

    Raises:
        PumpleakError: there is no such thing, or nothing that could be checked.

    >>> from pumpleak import Channel, Ohmic
    >>> class Leak(Channel):
    ...     permeation = Ohmic("K")
    >>> run_checks(Leak).ok
    True
    """
    if claims is not None or record is not None:
        given: dict[str, Any] = {} if claims is None else {"claims": claims}
        chosen = [subject_of(target, record=record, **given)]
    else:
        chosen = list(subjects(target, host))
    results = [run_one(subject, check) for subject, check in items(chosen)]
    return Report(
        target=target if isinstance(target, str) else ", ".join(item.name for item in chosen),
        results=tuple(results),
        versions=_versions(chosen),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        strict=strict,
    )


def items(chosen: list[Subject]) -> Iterator[tuple[Subject, Check]]:
    """Yield every pair of an object and a check that speaks of its kind."""
    for subject in chosen:
        for check in CHECKS.values():
            if subject.kind in check.kinds:
                yield subject, check


def run_one(subject: Subject, check: Check) -> Result:
    """Run one check on one object."""
    outcome, message = _outcome(subject, check)
    reason = subject.claims.expected_failures.get(check.code)
    if reason is not None:
        if outcome == "failed":
            outcome, message = "expected failure", f"{reason} ({message})"
        else:
            message = (
                f"it was expected to fail ({reason}), but it {_DID[outcome]}{message}; take the "
                "expectation out of its claims"
            )
            outcome = "failed"
    return Result(
        object=subject.name,
        kind=subject.kind,
        code=check.code,
        check=check.name,
        outcome=outcome,
        message=message,
        fix=check.fix if outcome == "failed" else "",
    )


_DID: Final = {"passed": "passed", "not applicable": "does not apply: "}


def _outcome(subject: Subject, check: Check) -> tuple[Outcome, str]:
    if subject.trouble and check.code != _FIRST:
        return "not applicable", f"see {_FIRST}"
    unknown = set(subject.claims.expected_failures) - set(REGISTERED)
    if unknown and check.code == _FIRST:
        return "failed", f"its claims expect {', '.join(sorted(unknown))} to fail: no such check"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            check.function(subject)
    except NotApplicableError as error:
        return "not applicable", str(error)
    except BrokenRuleError as error:
        return "failed", str(error)
    except PumpleakError as error:
        return "failed", str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin that calls sys.exit() must not end the run
        return "failed", f"it raised {type(error).__name__}: {error}"
    return "passed", ""


def _versions(chosen: list[Subject]) -> dict[str, str]:
    versions = {"pumpleak": metadata.version("pumpleak")}
    for subject in chosen:
        versions.update(subject.versions)
    return versions
