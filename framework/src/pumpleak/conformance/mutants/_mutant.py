"""A mutant: an object with one thing wrong, and the check that must find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...parts._claims import Claims
from .._report import Report

if TYPE_CHECKING:
    from ...host import Record


@attrs.frozen(kw_only=True)
class Specimen:
    """An object for the kit, with what a plugin would say of it.

    Args:
        thing: the object.
        record: what a plugin would register it with.
        claims: what its author would claim, where it is no class.
    """

    thing: Any
    record: Record | None = None
    claims: Claims | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return str(getattr(self.thing, "__name__", None) or getattr(self.thing, "name", ""))

    def check(self) -> Report:
        """Run the kit on it."""
        from .._run import run_checks

        return run_checks(self.thing, record=self.record, claims=self.claims)


@attrs.frozen(kw_only=True)
class Mutant(Specimen):
    """An object with one thing wrong.

    Args:
        code: of the check that must find it.
        wrong: what is wrong with it.
    """

    code: str
    wrong: str
