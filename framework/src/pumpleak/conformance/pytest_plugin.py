"""The kit in pytest: ``pytest --pumpleak-plugin NAME`` adds one item per object and check.

Without the option this does nothing and imports nothing but pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._check import Check
    from ._subject import Subject


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("pumpleak", "conformance of pumpleak plugins")
    group.addoption(
        "--pumpleak-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="check a plugin, one of its objects, a plugin's folder or a card; repeatable",
    )
    group.addoption(
        "--pumpleak-strict",
        action="store_true",
        help="with --pumpleak-plugin: an expected failure counts as a failure",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the kit's items behind the others."""
    for target in config.getoption("--pumpleak-plugin"):
        collector = Conformance.from_parent(session, name=f"pumpleak:{target}", target=target)
        items.extend(collector.collect())


class Conformance(pytest.Collector):
    """Everything that one name stands for.

    Args:
        target: as `pumpleak.conformance.run_checks` takes it.
        given: pytest's own.
    """

    def __init__(self, *, target: str, **given: Any) -> None:
        super().__init__(**given)
        self.target = target

    def collect(self) -> Iterator[ConformanceItem]:
        """Yield one item per object and check.

        Raises:
            pytest.UsageError: there is no such thing.
        """
        from .._errors import PumpleakError
        from ._run import items
        from ._targets import subjects

        try:
            chosen = list(subjects(self.target))
        except PumpleakError as error:
            raise pytest.UsageError(f"--pumpleak-plugin {self.target}: {error}") from error
        for subject, check in items(chosen):
            yield ConformanceItem.from_parent(
                self, name=f"{subject.name}::{check.code}", subject=subject, check=check
            )


class ConformanceItem(pytest.Item):
    """One check on one object.

    Args:
        subject: the object.
        check: the rule.
        given: pytest's own.
    """

    def __init__(self, *, subject: Subject, check: Check, **given: Any) -> None:
        super().__init__(**given)
        self.subject, self.check = subject, check

    def runtest(self) -> None:
        """Run the check; what it does not speak of is skipped, an expected failure xfails."""
        from ._run import run_one

        result = run_one(self.subject, self.check)
        if result.outcome == "not applicable":
            pytest.skip(result.message)
        strict = self.config.getoption("--pumpleak-strict")
        if result.outcome == "expected failure" and not strict:
            pytest.xfail(result.message)
        if result.outcome != "passed":
            fix = f"\nfix: {result.fix}" if result.fix else ""
            pytest.fail(f"{result.code} {result.check}: {result.message}{fix}", pytrace=False)

    def reportinfo(self) -> tuple[str, None, str]:
        """Return how pytest names the item."""
        return self.name, None, f"{self.subject.name}: {self.check.name}"
