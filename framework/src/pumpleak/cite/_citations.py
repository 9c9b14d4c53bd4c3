"""What is to be cited for one membrane, as data, as BibTeX and as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .._words import wrapped
from . import _bibtex
from ._references import Reference

WIDTH = 100


@attrs.frozen(kw_only=True)
class Citation:
    """A work that took part.

    Args:
        key: in this bibliography; unique, also without regard to capitals.
        reference: the work.
        used_by: what rests on it: parameters by their full names, mechanisms by theirs.
        resolved: whether a bibliography lists it; else its text stands as a note.
    """

    key: str
    reference: Reference
    used_by: tuple[str, ...]
    resolved: bool = True

    def __str__(self) -> str:
        return _sentence(self.reference)


@attrs.frozen(kw_only=True, repr=False)
class Citations:
    """Every work behind one membrane, and what rests on none.

    Args:
        entries: software first, then works by key, then sources that no bibliography lists.
        assumed: (name, what its author said) of every number that was assumed.
        given: numbers that the user gave without a source.
    """

    entries: tuple[Citation, ...]
    assumed: tuple[tuple[str, str], ...] = ()
    given: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"Citations({len(self.entries)} entries, {len(self.unresolved)} of them plain notes; "
            f"{len(self.assumed)} values assumed, {len(self.given)} given)"
        )

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Citation]:
        return iter(self.entries)

    @property
    def keys(self) -> tuple[str, ...]:
        """The entries' keys, in order."""
        return tuple(entry.key for entry in self.entries)

    @property
    def unresolved(self) -> tuple[Citation, ...]:
        """Sources that no bibliography lists; they are cited as notes."""
        return tuple(entry for entry in self.entries if not entry.resolved)

    @property
    def summary(self) -> str:
        """How much is cited, noted, assumed and given, in a sentence."""
        return (
            f"{_count(len(self.entries), 'entry', 'entries')}, {len(self.unresolved)} of them a "
            "source in its own words that no bibliography lists; "
            f"{_count(len(self.assumed), 'value', 'values')} assumed, {len(self.given)} given by "
            "the user."
        )

    def bibtex(self) -> str:
        """Return BibTeX, with what rests on each work, and what is assumed, as comments."""
        blocks = [_bibtex.comment(self.summary)]
        for entry in self.entries:
            used = _bibtex.comment(f"used by {', '.join(entry.used_by)}")
            blocks.append(f"{used}\n{_bibtex.entry(entry.reference, entry.key)}")
        if self.assumed:
            lines = [_bibtex.comment(line) for line in self._assumed_lines()]
            blocks.append("\n".join([_bibtex.comment("Assumed, not cited:"), *lines]))
        return "\n\n".join(blocks) + "\n"

    def text(self, width: int = WIDTH) -> str:
        """Return sentences for people.

        Args:
            width: columns to stay within.
        """
        lines = []
        for entry in self.entries:
            lines += [wrapped(str(entry), width, hang=2)]
            used = f"used by {', '.join(entry.used_by)}"
            lines += [wrapped(f"    {used}", width)]
        if self.assumed:
            lines += ["", "Assumed, not cited:"]
            for line in self._assumed_lines():
                lines += [wrapped(f"  {line}", width, hang=2)]
        return "\n".join([*lines, "", wrapped(self.summary, width)])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "format": 1,
            "entries": [
                {
                    "key": entry.key,
                    "type": entry.reference.kind,
                    "authors": [person.name for person in entry.reference.authors],
                    "year": entry.reference.year,
                    **entry.reference.fields,
                    "used_by": list(entry.used_by),
                    "resolved": entry.resolved,
                }
                for entry in self.entries
            ],
            "assumed": [{"name": name, "said": said} for name, said in self.assumed],
            "given": list(self.given),
        }

    def __str__(self) -> str:
        return self.text()

    def _assumed_lines(self) -> list[str]:
        """Return what was assumed, values of which the same was said on one line."""
        by_text: dict[str, list[str]] = {}
        for name, said in self.assumed:
            by_text.setdefault(said, []).append(name)
        return [f"{', '.join(names)}: {said}" for said, names in by_text.items()]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _sentence(reference: Reference) -> str:
    """Return a work as a list of references shows it."""
    fields = dict(reference.fields)
    names = [person.name for person in reference.authors]
    if names and names[-1] == "others":
        who = f"{', '.join(names[:-1])} et al."
    else:
        who = " and ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])
    year = f" ({reference.year})" if reference.year is not None else ""
    opening = f"{who}{year}. " if who else ""
    where = fields.pop("journal", "")
    if "volume" in fields:
        where += f" {fields.pop('volume')}"
        if "number" in fields:
            where += f"({fields.pop('number')})"
        if "pages" in fields:
            where += f":{fields.pop('pages')}"
    parts = [fields.pop("title", ""), where.strip()]
    if "version" in fields:
        parts.append(f"version {fields.pop('version')}")
    parts.append(fields.pop("note", ""))
    parts += [f"{_LABELS.get(name, name)} {text}" for name, text in fields.items()]
    rest = [part.rstrip(".") for part in parts if part]
    if rest and not who:
        rest[0] += year
    return f"{opening}{'. '.join(rest)}".strip().rstrip(".") + "."


_LABELS = {"pmid": "PMID", "pmcid": "PMCID", "url": "at"}
