"""Read a card: strictly, with everything that is wrong told at once, and nothing run."""

from __future__ import annotations

import os
import re
from typing import Any

from .._errors import CardError
from ..membranes._problems import short
from ..units._quantity import CURRENT, NUMBER, TEMPERATURE, VOLTAGE
from ._head import FORMAT, head_problems
from ._limits import PROBLEMS, REFERENCES
from ._model import Author, Card, CardClaims, CardReference
from ._parameters import form_of, read_parameters
from ._physics import read_physics
from ._source import Source, read_source, source_of, tables_of
from ._table import Reading, Table

BIOLOGY = (
    "gene", "motif", "species", "cell", "construct", "temperature", "Q10", "solutions",
    "junction_potential",
)  # fmt: skip
_DOI = re.compile(r"10\.\d{4,9}/[\x21-\x7e]+")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def load_card(path: str | os.PathLike[str]) -> Card:
    """Read a mechanism card.

    Args:
        path: of a ``*.card.toml`` file.

    Raises:
        CardError: everything found wrong with it, each with the path of its field.
    """
    return card_from(read_source(path))


def loads_card(text: str, *, path: str | None = None) -> Card:
    """Read a mechanism card from its text.

    Args:
        text: TOML.
        path: of the file, for messages.

    Raises:
        CardError: everything found wrong with it.
    """
    return card_from(source_of(text, path))


def card_from(source: Source) -> Card:
    """Read a card from its source.

    Raises:
        CardError: everything found wrong with it.
    """
    reading = Reading()
    root = Table(tables_of(source.text, source.path), "", reading)
    if root.take("format") != FORMAT:
        root.wrong(
            "format", f"expected format = {FORMAT}, got {short(root.given.get('format'))}; a later "
            "format needs a later pumpleak"
        )  # fmt: skip
        raise CardError(reading.problems.found, source.path)
    if not source.head.rstrip().endswith("]") and not source.tables:
        raise CardError(["has no table [card]"], source.path)
    head, known = _head(root)
    direct = isinstance(root.given.get("physics"), dict) and "currents" in root.given["physics"]
    cls = form_of(str(known.get("kind")), direct)
    known["parameters"] = read_parameters(root, "parameters", cls)
    known["biology"] = _biology(root.table("biology"))
    known["claims"] = _claims(root.table("claims"))
    if not root.has("physics"):
        root.wrong("physics", "missing; give the equations in [physics]")
    physics = read_physics(root.table("physics"), str(known.get("kind")), known["parameters"], cls)
    references = tuple(_references(root))
    root.done()
    head.done()
    found = reading.problems.found
    if found:
        told = found[:PROBLEMS] + (["and more"] if len(found) > PROBLEMS else [])
        raise CardError([text[:400] for text in told], source.path)
    return Card(source=source, physics=physics, references=references, **known)


def _head(root: Table) -> tuple[Table, dict[str, Any]]:
    table = root.table("card")
    for problem in head_problems(table.given):
        root.reading.problems.found.append(problem)
    known: dict[str, Any] = {key: table.take(key) for key in ("id", "version", "kind", "summary")}
    known["license"] = _license(table)
    known["authors"] = _authors(table)
    known["description"] = table.prose("description")
    known["citation"] = table.prose("citation")
    known["doi"] = table.prose("doi", lines=False)
    if known["doi"] and not _DOI.fullmatch(known["doi"]):
        table.wrong("doi", f"expected a DOI such as '10.1085/jgp.1', got {short(known['doi'])}")
    return table, known


def _license(table: Table) -> str:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    given = table.prose(
        "license", needed="give an SPDX expression such as 'CC-BY-4.0'", lines=False
    )
    if not given:
        return ""
    try:
        return str(canonicalize_license_expression(given[:200]))
    except InvalidLicenseExpression:
        table.wrong("license", f"expected an SPDX expression such as 'MIT', got {short(given)}")
        return ""


def _authors(table: Table) -> tuple[Author, ...]:
    found = []
    listed = table.listed("authors")
    for position, entry in enumerate(listed):
        within = Table(entry, f"card.authors[{position}]", table.reading)
        name = within.prose("name", needed="give the author's name", lines=False)
        orcid = within.prose("orcid", lines=False)
        if orcid and not is_orcid(orcid):
            within.wrong("orcid", f"is no ORCID (a digit is wrong?), got {short(orcid)}")
        within.done()
        found.append(Author(name=name, orcid=orcid))
    if not listed:
        table.wrong("authors", 'missing; give for example [{ name = "A. Author" }]')
    return tuple(found)


def is_orcid(text: str) -> bool:
    """Return whether a text is an ORCID, its check digit included (ISO 7064, mod 11-2)."""
    if not _ORCID.fullmatch(text) or not text.isascii():
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1]


def _biology(table: Table) -> dict[str, str]:
    found = {}
    for key in BIOLOGY:
        if not table.has(key):
            continue
        if key == "temperature":
            given = table.quantity(key, TEMPERATURE)
            found[key] = "" if given is None else str(given)
        elif key == "Q10":
            given = table.quantity(key, NUMBER)
            found[key] = "" if given is None else str(given)
        else:
            found[key] = table.prose(key)
    table.done()
    return found


def _claims(table: Table) -> CardClaims:
    voltage = None
    if table.has("voltage"):
        ends = table.listed("voltage")
        read = [Table({"end": end}, table.at("voltage"), table.reading) for end in ends[:2]]
        values = [within.quantity("end", VOLTAGE) for within in read]
        if len(ends) != 2 or None in values:
            table.wrong("voltage", "expected two voltages such as ['-100 mV', '40 mV']")
        else:
            low, high = values
            assert low is not None
            assert high is not None
            voltage = (str(low), str(high))
            if not low.value < high.value:
                table.wrong("voltage", "the first must be below the second")
    monotone = table.take("monotone")
    if monotone not in (None, "rising", "falling"):
        table.wrong("monotone", f"expected 'rising' or 'falling', got {short(monotone)}")
    failures = table.table("expected_failures")
    reasons = {code: failures.prose(code) for code, _ in failures.named()}
    found = CardClaims(
        voltage=voltage,
        monotone=monotone,
        irreversible=table.prose("irreversible") or None,
        expected_failures=reasons,
    )
    table.done()
    return found


def _references(root: Table) -> list[CardReference]:
    found = []
    for position, entry in enumerate(root.listed("reference", REFERENCES)):
        table = Table(entry, f"reference[{position}]", root.reading)
        for key in ("V", "inside", "outside", "temperature", "current", "source"):
            if not table.has(key):
                table.wrong(key, "missing; a reference point has V, inside, outside, temperature, "
                            "current and source")  # fmt: skip
        current = table.take("current")
        if isinstance(current, dict):
            current = _values(table, "current")
            within = Table(current, table.at("current"), root.reading)
            for ion in current:
                within.quantity(ion, CURRENT)
        else:
            table.quantity("current", CURRENT)
        table.quantity("V", VOLTAGE)
        table.quantity("temperature", TEMPERATURE)
        tolerance = table.number("tolerance")
        if tolerance is not None and not 0 < tolerance < 1:
            table.wrong("tolerance", f"expected a share between 0 and 1, got {tolerance!r}")
        found.append(
            CardReference(
                V=table.prose("V", lines=False),
                inside=_values(table, "inside"),
                outside=_values(table, "outside"),
                temperature=table.prose("temperature", lines=False),
                current=current if current is not None else "",
                values=_values(table, "values"),
                states=_values(table, "states"),
                tolerance=1e-6 if tolerance is None else float(tolerance),
                source=table.prose("source"),
            )
        )
        table.done()
    return found


def _values(table: Table, key: str) -> dict[str, Any]:
    within = table.table(key)
    found: dict[str, Any] = {}
    for name in within.given:
        value = within.take(name)
        if isinstance(value, str) and len(value) <= 100:
            found[name] = value
        else:
            found[name] = within.number(name)
    return found
