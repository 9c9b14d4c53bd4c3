"""The works that a distribution cites: records from its ``references.toml``."""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Iterable, Mapping
from importlib import metadata, resources
from typing import Any

import attrs

from .._errors import near
from ..host import PluginWarning

FILE = "references.toml"
KINDS = (
    "article",
    "book",
    "incollection",
    "inproceedings",
    "misc",
    "phdthesis",
    "software",
    "techreport",
    "unpublished",
)
#: Fields of text, in the order in which an entry shows them; author and year stand before them.
FIELDS = (
    "title",
    "journal",
    "booktitle",
    "editor",
    "publisher",
    "school",
    "institution",
    "edition",
    "volume",
    "number",
    "pages",
    "version",
    "doi",
    "pmid",
    "pmcid",
    "url",
    "note",
)
LONGEST = 2000

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.:+-]*")
# what a reader follows stands in an entry as it is, so nothing that TeX reads may be in it
_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:<>-]+")
_URL = re.compile(r"https?://[A-Za-z0-9._;()/:?=&+,@!*'-]+")


class _WrongError(ValueError):
    """A bibliography that does not say what it must."""


@attrs.frozen(kw_only=True)
class Person:
    """An author; a group is written as it stands."""

    name: str
    group: bool = False


@attrs.frozen(kw_only=True)
class Reference:
    """A work that is cited.

    Args:
        key: what it is called in a bibliography.
        kind: article, book, software and so on, as BibTeX has them.
        authors: in order; a last one called ``others`` stands for those not named.
        year: of publication; None if not said.
        fields: the rest, by name: journal, volume, pages, doi and so on; never empty.
        cited_as: texts by which sources refer to it.
    """

    key: str
    kind: str = "misc"
    authors: tuple[Person, ...] = ()
    year: int | None = None
    fields: Mapping[str, str] = attrs.field(factory=dict)
    cited_as: tuple[str, ...] = attrs.field(default=(), eq=False)

    @property
    def doi(self) -> str:
        """The digital object identifier in small letters, empty if there is none."""
        return self.fields.get("doi", "").lower()

    def named_in(self, text: str) -> bool:
        """Return whether a source, as `plain` gives it, refers to this work."""
        names = [*map(plain, self.cited_as)]
        if any(letter.isdigit() for letter in self.key):
            names.append(self.key.lower())
        patterns = [rf"(?<![\w.]){re.escape(name)}(?!\w)" for name in names]
        if self.doi:
            # one DOI may begin another
            patterns.append(rf"(?<![\w.]){re.escape(self.doi)}(?!\w|[-./():;]\w)")
        return any(re.search(pattern, text) for pattern in patterns)


def plain(text: str) -> str:
    """Return a text as sources are compared: small letters, single spaces, 'and' for '&'."""
    return " ".join(text.replace("&", " and ").lower().split())


def parse(text: str) -> dict[str, Reference]:
    """Return the works that the text of a ``references.toml`` lists.

    Raises:
        ValueError: it does not say what it must; the message names table and field.
    """
    found: dict[str, Reference] = {}
    for key, given in tomllib.loads(text).items():
        if not KEY.fullmatch(key) or len(key) > 80:
            raise _WrongError(
                f"[{key!s:.60}]: a key is made of letters, digits and '-', a letter first, such as "
                "'goldman1943'"
            )
        if key.lower() in (known.lower() for known in found):
            raise _WrongError(f"[{key}]: differs from another key in capitals only; rename one")
        if not isinstance(given, dict):
            raise _WrongError(f"{key}: expected a table [{key}] with the work's fields")
        found[key] = _reference(key, given)
    return found


def of_package(package: str, owner: str) -> dict[str, Reference]:
    """Return the works that a package lists; one that is wrong is a warning, and lists none.

    Args:
        package: the import package that holds the file.
        owner: whose it is, in words.
    """
    try:
        text = resources.files(package).joinpath(FILE).read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError, NotADirectoryError, TypeError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        return _told(owner, error)
    try:
        return parse(text)
    except (ValueError, RecursionError) as error:
        return _told(owner, error)


def of_distribution(name: str, listed: Mapping[str, Reference]) -> Reference:
    """Return how a distribution itself is cited.

    Args:
        name: of the distribution.
        listed: the works it lists; the one with its own name wins over its metadata.
    """
    version = ""
    described: Any = {}
    try:
        described = metadata.metadata(name)
        version = str(described["Version"] or "")
    except metadata.PackageNotFoundError:
        described = {}
    own = listed.get(name)
    if own is not None:
        return attrs.evolve(own, fields={**own.fields, **({"version": version} if version else {})})
    summary = str(described.get("Summary") or "")
    fields = {"title": f"{name}: {summary}" if summary else name}
    if version:
        fields["version"] = version
    for url in described.get_all("Project-URL") or () if described else ():
        doi = _DOI.search(url)
        if doi and url.lower().startswith("doi"):
            fields["doi"] = doi[0]
    return Reference(key=name, kind="software", authors=_authors_of(described), fields=fields)


def of_card(card: Any) -> Reference:
    """Return how a mechanism card is cited: by its own authors, version and DOI."""
    fields = {"title": f"{card.id}: {one_line(card.summary)}", "version": str(card.version)}
    if _DOI.fullmatch(card.doi or ""):
        fields["doi"] = card.doi
    return Reference(
        key=card.id,
        kind="software",
        authors=tuple(Person(name=one_line(author.name), group=True) for author in card.authors),
        fields=fields,
    )


def _authors_of(described: Any) -> tuple[Person, ...]:
    from email.utils import getaddresses

    names = [part.strip() for part in str(described.get("Author") or "").split(",")]
    mailed = [str(described.get("Author-email") or "")]
    names += [name for name, _ in getaddresses(mailed) if name]
    return tuple(Person(name=one_line(name), group=True) for name in names if name.strip())


def _told(owner: str, error: Exception) -> dict[str, Reference]:
    warnings.warn(
        f"{owner}: its {FILE} cannot be read, so what it cites stands as plain notes: {error}",
        PluginWarning,
        stacklevel=4,
    )
    return {}


def _reference(key: str, given: Mapping[str, Any]) -> Reference:
    known = ("type", "author", "year", "cited_as", *FIELDS)
    for field in given:
        if field not in known:
            raise _WrongError(f"[{key}]: no field is called {field!r:.60}{near(field, known)}")
    kind = given.get("type", "misc")
    if kind not in KINDS:
        raise _WrongError(
            f"[{key}]: 'type' must be one of {', '.join(KINDS)} (got {kind!r:.60})"
            f"{near(str(kind), KINDS)}"
        )
    year = given.get("year")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        raise _WrongError(f"[{key}]: 'year' must be a whole number such as 1949 (got {year!r:.60})")
    if year is not None and not 1500 <= year <= 2999:
        raise _WrongError(f"[{key}]: 'year' must be a year such as 1949 (got {year})")
    fields = {name: _field(key, name, given[name]) for name in FIELDS if name in given}
    return Reference(
        key=key,
        kind=kind,
        authors=tuple(_persons(key, given.get("author", []))),
        year=year,
        fields=fields,
        cited_as=tuple(_texts(key, given.get("cited_as", []))),
    )


def _field(key: str, name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(key, name, value)
    shape = {"doi": _DOI, "url": _URL}.get(name)
    if shape is not None and not shape.fullmatch(text):
        like = "10.1113/jphysiol.1952.sp004764" if name == "doi" else "https://example.org/paper"
        raise _WrongError(f"[{key}]: {name!r} must look like {like!r} (got {text!r:.80})")
    return text


def _persons(key: str, given: object) -> Iterable[Person]:
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list):
        raise _WrongError(f"[{key}]: 'author' must be a list of names (got {given!r:.60})")
    for item in given:
        if isinstance(item, dict) and set(item) == {"name"}:
            yield Person(name=_text(key, "author", item["name"]), group=True)
        else:
            yield Person(name=_text(key, "author", item))


def _texts(key: str, given: object) -> Iterable[str]:
    if not isinstance(given, list):
        raise _WrongError(f"[{key}]: 'cited_as' must be a list of texts (got {given!r:.60})")
    for item in given:
        text = _text(key, "cited_as", item)
        if len(plain(text)) < 4:
            raise _WrongError(f"[{key}]: 'cited_as' is too short to tell works apart: {text!r}")
        yield text


def _text(key: str, name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise _WrongError(
            f"[{key}]: {name!r} must be a line of text (got {value!r:.60}); leave out what is not "
            "known"
        )
    return one_line(value)


def one_line(text: str) -> str:
    """Return a text on one line, without characters that cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
