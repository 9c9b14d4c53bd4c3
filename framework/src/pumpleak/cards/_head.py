"""What a list of cards shows: identity and version, read from the first table alone."""

from __future__ import annotations

import re
from typing import Any

import attrs

from .._errors import CardError
from ._source import Source, tables_of

FORMAT = 1
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_THING = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
_LONGEST = 60


@attrs.frozen(kw_only=True)
class Head:
    """Who a card is.

    Args:
        id: ``namespace.name``.
        version: as packages have it.
        kind: channel, pump, cotransporter or exchanger.
        summary: one line.
    """

    id: str
    version: str
    kind: str
    summary: str

    @property
    def namespace(self) -> str:
        """The lab's or collection's name."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The mechanism's name."""
        return self.id.partition(".")[2]


def read_head(source: Source) -> Head:
    """Read a card's identity; no more of the text is parsed than its first table.

    Raises:
        CardError: it does not begin with [card], or its identity is none.
    """
    first = source.text[source.tables[0] :] if source.tables else ""
    if not re.match(r"\[[ \t]*card[ \t]*\]", first):
        raise CardError(["does not begin with the table [card]; a card says first who it is"],
                        source.path)  # fmt: skip
    table = tables_of(source.head, source.path).get("card")
    problems = list(head_problems(table if isinstance(table, dict) else {}))
    if problems:
        raise CardError(problems, source.path)
    assert isinstance(table, dict)
    return Head(**{key: table[key] for key in ("id", "version", "kind", "summary")})


def head_problems(table: dict[str, Any]) -> list[str]:
    """Return what is wrong with the identity in a card's first table."""
    from packaging.version import InvalidVersion, Version

    from ..host._records import MECHANISM_KINDS

    problems = []
    identity = table.get("id")
    space, _, thing = identity.partition(".") if isinstance(identity, str) else ("", "", "")
    if not _NAMESPACE.fullmatch(space) or not _THING.fullmatch(thing) or len(thing) > _LONGEST:
        problems.append(
            "card.id: expected 'namespace.name' of ASCII letters, digits, '_' and '-', such as "
            f"'lab-a.leak', got {_short(identity)}"
        )
    version = table.get("version")
    try:
        Version(version if isinstance(version, str) and len(version) <= _LONGEST else "")
    except InvalidVersion:
        problems.append(f"card.version: expected a version such as '1.0.0', got {_short(version)}")
    if table.get("kind") not in MECHANISM_KINDS:
        problems.append(
            f"card.kind: expected one of {', '.join(MECHANISM_KINDS)}, got "
            f"{_short(table.get('kind'))}"
        )
    summary = table.get("summary")
    if (
        not isinstance(summary, str)
        or not 0 < len(summary.strip()) <= 300
        or not summary.isprintable()
    ):
        problems.append(f"card.summary: expected one line of text, got {_short(summary)}")
    return problems


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
