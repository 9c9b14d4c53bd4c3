"""BibTeX: one entry per work, whatever its texts contain."""

from __future__ import annotations

from ._references import Person, Reference, one_line

# BibTeX counts braces whether or not a backslash stands before them, so none may be written alone
_SPELLED = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{letter: f"\\{letter}" for letter in "$&%#_"},
}
#: Links are followed, not set in type; `_references` lets nothing into them that TeX would read.
_VERBATIM = ("doi", "url")


def escaped(text: str) -> str:
    r"""Return a text that TeX prints as it is, on one line.

    >>> print(escaped("50% of P_Na {sic} & more"))
    50\% of P\_Na \textbraceleft{}sic\textbraceright{} \& more
    """
    return "".join(_SPELLED.get(letter, letter) for letter in one_line(text))


def entry(reference: Reference, key: str) -> str:
    """Return a work as a BibTeX entry.

    Args:
        reference: the work.
        key: its key in this bibliography.
    """
    fields: dict[str, str] = {}
    if reference.authors:
        fields["author"] = " and ".join(map(_name, reference.authors))
    for name, text in reference.fields.items():
        fields[name] = text if name in _VERBATIM else escaped(text)
        if name == "title":
            fields[name] = f"{{{fields[name]}}}"  # styles would change capitals
        if name == "pages":
            fields[name] = fields[name].replace("–", "--")
    if reference.year is not None:
        fields["year"] = str(reference.year)
    kind = "misc" if reference.kind == "software" else reference.kind
    if reference.kind == "software":
        fields["howpublished"] = "software"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", ",\n".join(lines), "}"])


def comment(text: str) -> str:
    """Return text as lines between entries, where BibTeX skips all but an '@'."""
    return f"% {one_line(text).replace('@', '(at)')}"


def _name(person: Person) -> str:
    text = escaped(person.name)
    # 'and' parts the names of a list
    return f"{{{text}}}" if person.group or " and " in f" {text.lower()} " else text
