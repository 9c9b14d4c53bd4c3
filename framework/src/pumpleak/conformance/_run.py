"""Running the checks."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from types import MappingProxyType
from typing import Any, Final

from .._errors import PhysicsError, PumpleakError
from ..host import Host, Record
from ..parts._claims import Claims
from ._check import MECHANISMS, REGISTERED, BrokenRuleError, Check, NotApplicableError
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
#: Whether the physics runs at all; where it does not, no other check can be believed.
_REST_ON: Final = ("C002", "C003")
_RAISED: Final = "Mend what is named: here its physics did not run, so that the rule was not tried."


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
    """Run one check on one object.

    A check that fails where one that it rests on has failed does not apply: the first tells why.
    """
    outcome, message, fix = _outcome(subject, check)
    if check.code in _REST_ON:
        subject.failed[check.code] = outcome == "failed"
    elif outcome == "failed" and (earlier := _failed_earlier(subject)):
        outcome, message = "not applicable", f"{earlier} failed first: mend that, and check again"
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
        fix=fix if outcome == "failed" else "",
    )


_DID: Final = {"passed": "passed", "not applicable": "does not apply: "}


def _failed_earlier(subject: Subject) -> str:
    """Return the code of the failed check that others rest on; what is expected to fail is none.

    Checks may be run one by one and in any order, as pytest does.
    """
    if subject.kind not in MECHANISMS:
        return ""
    for code in _REST_ON:
        if code not in subject.failed:
            subject.failed[code] = _outcome(subject, CHECKS[code])[0] == "failed"
        if subject.failed[code] and code not in subject.claims.expected_failures:
            return code
    return ""


def _outcome(subject: Subject, check: Check) -> tuple[Outcome, str, str]:
    """Return what came of a check, in which words, and what mends it where it failed."""
    fix = check.in_card if subject.is_card else check.fix
    raised = _RAISED if subject.kind in MECHANISMS and check.code != _FIRST else fix
    if subject.trouble and check.code != _FIRST:
        return "not applicable", f"{_FIRST} failed first: mend that, and check again", ""
    unknown = set(subject.claims.expected_failures) - set(REGISTERED)
    if unknown and check.code == _FIRST:
        return (
            "failed",
            f"its claims expect {', '.join(sorted(unknown))} to fail: no such check",
            fix,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            check.function(subject)
    except NotApplicableError as error:
        return "not applicable", str(error), ""
    except BrokenRuleError as error:
        return "failed", str(error), error.fix or fix
    except PhysicsError as error:  # under conditions that only this check tries
        return "failed", str(error), raised
    except PumpleakError as error:
        return "failed", str(error), fix
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin that calls sys.exit() must not end the run
        return "failed", f"it raised {type(error).__name__}: {error}", raised
    return "passed", "", ""


def _versions(chosen: list[Subject]) -> dict[str, str]:
    versions = {"pumpleak": metadata.version("pumpleak")}
    for subject in chosen:
        versions.update(subject.versions)
    return versions
