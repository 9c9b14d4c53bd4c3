"""BibTeX stays BibTeX whatever the texts contain."""

from __future__ import annotations

import bibtex
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak.cite import _bibtex
from pumpleak.cite._references import Person, Reference

HOSTILE = [
    "}",
    "{",
    "}} @article{evil, title = {x}",
    "100 % of it\n@string{a = {b}}",
    r"\input{/etc/passwd}",
    r"\write18{rm -rf /}",
    "\\",
    '"quoted" $x_1^2$ ~ & # @',
    "a\x00b\x1b[31m\u202ec",
    "and",
    "Smith and Wesson",
    " and ",
    "é 漢字 😀",
    "% a comment",
]


def entry(text: str) -> tuple[str, dict[str, str]]:
    reference = Reference(
        key="hostile2026",
        authors=(Person(name=text), Person(name=text, group=True)),
        year=2026,
        fields={"title": text, "journal": text, "note": text},
    )
    return "hostile2026", bibtex.entries(_bibtex.entry(reference, "hostile2026"))["hostile2026"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside_its_field(text):
    """No text can close a field, begin an entry or give TeX a command."""
    _, fields = entry(text)

    assert {"type", "author", "title", "journal", "note", "year"} == set(fields)
    assert "2026" == fields["year"]
    visible = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert visible == bibtex.shown(fields["note"])


@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and text.isprintable()))
def test_any_text_is_printed_as_it_is(text):
    """Escaping loses nothing, and leaves the entry in order."""
    _, fields = entry(text)

    assert " ".join(text.split()) == bibtex.shown(fields["journal"])


@given(st.text(max_size=80))
def test_a_comment_stays_a_comment(text):
    """Between entries BibTeX looks for an '@' alone, so none may stand there."""
    line = _bibtex.comment(text)

    assert "@" not in line
    assert line.startswith("%")
    assert "\n" not in line


def test_groups_and_double_names_are_not_taken_apart():
    """'and' parts authors, so a name that holds one is kept together by braces."""
    reference = Reference(
        key="x1",
        authors=(
            Person(name="Hodgkin, A. L."),
            Person(name="The A and B group", group=True),
            Person(name="Smith and Wesson"),
            Person(name="others"),
        ),
        fields={"note": "x"},
    )

    fields = bibtex.entries(_bibtex.entry(reference, "x1"))["x1"]

    assert (
        "Hodgkin, A. L. and {The A and B group} and {Smith and Wesson} and others"
        == (fields["author"])
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "@misc{a,\n  note = {x}\n",
        "@misc{a,\n  note = {x}}\n}",
        "@misc{a,\n  note = {50%}\n}",
        "@misc{a,\n  note = {a_b}\n}",
        "@misc{a,\n  note = {\\input{x}}\n}",
        "@misc{a,\n  note = {x}\n}\n\n@misc{A,\n  note = {x}\n}",
        "@misc{a b,\n  note = {x}\n}",
        "@misc{a,\n}",
    ],
)
def test_the_reader_refuses_what_is_wrong(wrong):
    """The checker of these tests is no rubber stamp."""
    with pytest.raises(AssertionError):
        bibtex.entries(wrong)
