"""What came of a run of the kit, as data and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import attrs

from .._words import counted, wrapped

Outcome = Literal["passed", "failed", "not applicable", "expected failure"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("passed", "failed", "not applicable", "expected failure")
FORMAT: Final = 1
_WIDTH: Final = 100
#: Columns of the longest outcome.
_OUTCOME: Final = max(map(len, OUTCOMES))


@attrs.frozen(kw_only=True)
class Result:
    """One check on one object.

    Args:
        object: what was checked.
        kind: what it is.
        code, check: of the rule.
        outcome: what came of it.
        message: where and by how much it failed, why it does not apply, or why it had to fail.
        fix: what to do where it failed.
    """

    object: str
    kind: str
    code: str
    check: str
    outcome: Outcome
    message: str = ""
    fix: str = ""


@attrs.frozen(kw_only=True, repr=False)
class Report:
    """A run of the kit.

    Args:
        target: what was asked for.
        results: one per object and check.
        versions: distributions that took part, pumpleak among them.
        date: when, ISO 8601 with the zone.
        strict: whether an expected failure counts as one.
    """

    target: str
    results: tuple[Result, ...]
    versions: Mapping[str, str]
    date: str
    strict: bool = False

    def __repr__(self) -> str:
        return f"Report({self.target}: {self.summary})"

    @property
    def objects(self) -> tuple[str, ...]:
        """What was checked."""
        return tuple(dict.fromkeys(result.object for result in self.results))

    @property
    def counts(self) -> dict[str, int]:
        """How many results had each outcome, and how many checks ran: all but not applicable."""
        found = Counter(result.outcome for result in self.results)
        counts: dict[str, int] = {outcome: found[outcome] for outcome in OUTCOMES}
        counts["ran"] = len(self.results) - counts["not applicable"]
        return counts

    @property
    def failures(self) -> tuple[Result, ...]:
        """The results that failed; with `strict`, those that were expected to as well."""
        bad = ("failed", "expected failure") if self.strict else ("failed",)
        return tuple(result for result in self.results if result.outcome in bad)

    @property
    def ok(self) -> bool:
        """Whether something ran on every object and nothing failed."""
        ran = {item.object for item in self.results if item.outcome != "not applicable"}
        return bool(ran) and ran == set(self.objects) and not self.failures

    @property
    def summary(self) -> str:
        """How many checks ran on how many objects, and what came of them, in a sentence."""
        counts = self.counts
        return (
            f"{counted(counts['ran'], 'check')} ran on {counted(len(self.objects), 'object')}: "
            f"{counts['passed']} passed, "
            f"{counts['failed']} failed, {counts['expected failure']} failed as expected; "
            f"{counts['not applicable']} did not apply"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "target": self.target,
            "date": self.date,
            "versions": dict(self.versions),
            "strict": self.strict,
            "ok": self.ok,
            "counts": self.counts,
            "results": [attrs.asdict(result) for result in self.results],
        }

    def __str__(self) -> str:
        return self.text()

    def table(self) -> str:
        """Return every result, a line each, as text."""
        return self.text(every=True)

    def text(self, width: int = _WIDTH, *, every: bool = False) -> str:
        """Return an object's verdict a line, and under it what is worth reading.

        Args:
            width: columns to stay within.
            every: list every check, not only those that failed.
        """
        lines = list(self._all_lines(width) if every else self._lines(width))
        return "\n".join([*lines, wrapped(f"{self.summary}.", width)])

    def _all_lines(self, width: int) -> Iterator[str]:
        for name in self.objects:
            mine = [result for result in self.results if result.object == name]
            yield wrapped(f"{name} ({mine[0].kind})", width)
            for result in mine:
                said = f": {result.message}" if result.message else ""
                head = f"  {result.code} {result.outcome:{_OUTCOME}} "
                yield wrapped(f"{head}{result.check}{said}", width, hang=len(head) - 2)

    def _lines(self, width: int) -> Iterator[str]:
        for name in self.objects:
            mine = [result for result in self.results if result.object == name]
            found = Counter(result.outcome for result in mine)
            ran = len(mine) - found["not applicable"]
            verdict = "FAILED" if found["failed"] or not ran else "ok"
            passed = f"{found['passed']} of {counted(ran, 'check')} passed"
            yield wrapped(f"{name} ({mine[0].kind}): {verdict}, {passed}", width, hang=2)
            for result in mine:
                if result.outcome in ("failed", "expected failure"):
                    yield from _told(result, width)


def _told(result: Result, width: int) -> Iterator[str]:
    label = "FAILED" if result.outcome == "failed" else "expected failure"
    yield wrapped(f"  {result.code} {result.check}: {label}: {result.message}", width, hang=5)
    if result.outcome == "failed" and result.fix:
        yield wrapped(f"       fix: {result.fix}", width)
