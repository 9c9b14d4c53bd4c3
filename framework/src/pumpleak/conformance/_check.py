"""A check: one rule, its code, and how to mend what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn

import attrs

if TYPE_CHECKING:
    from ._subject import Subject

#: What can be checked.
KINDS: Final = ("channel", "transporter", "ion", "solution", "filter", "solver")
MECHANISMS: Final = ("channel", "transporter")


class BrokenRuleError(Exception):
    """The object breaks the rule; the text says where and by how much.

    Args:
        what: is wrong.
        fix: what to do about it, where that is not what mends most that break the rule.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.fix = fix


class NotApplicableError(Exception):
    """The rule does not speak of this object; the text says why."""


def broken(what: str, fix: str = "") -> NoReturn:
    """End a check: the rule is broken.

    Args:
        what: is wrong.
        fix: what to do about it, where that is not what mends most that break the rule.

    Raises:
        BrokenRuleError: always.
    """
    raise BrokenRuleError(what, fix)


def not_applicable(why: str) -> NoReturn:
    """End a check: it does not speak of this object.

    Raises:
        NotApplicableError: always.
    """
    raise NotApplicableError(why)


@attrs.frozen(kw_only=True)
class Check:
    """One rule.

    Args:
        code: its number, ``"C020"``, which never means another rule.
        name: the rule in a few words.
        kinds: what it speaks of.
        says: the rule in a sentence.
        fix: what to do where it is broken.
        in_card: the same for a card, whose author writes no Python.
        function: called with the subject; ends quietly, or by `broken` or `not_applicable`.
    """

    code: str
    name: str
    kinds: tuple[str, ...]
    says: str
    fix: str
    in_card: str
    function: Callable[[Subject], None] = attrs.field(repr=False)


#: Every check by code, filled by the modules of `checks`.
REGISTERED: Final[dict[str, Check]] = {}


def check(
    code: str, *kinds: str, fix: str, in_card: str = ""
) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
    """Register a function as a check; its name and docstring say the rule.

    Args:
        code: its number.
        kinds: what it speaks of.
        fix: what to do where it is broken.
        in_card: the same for a card; by default what Python is told.
    """

    def register(function: Callable[[Subject], None]) -> Callable[[Subject], None]:
        if code in REGISTERED:
            raise ValueError(f"two checks have the code {code}")
        REGISTERED[code] = Check(
            code=code,
            name=function.__name__.replace("_", " "),
            kinds=kinds,
            says=(function.__doc__ or "").strip(),
            fix=fix,
            in_card=in_card or fix,
            function=function,
        )
        return function

    return register
