"""``references.toml``: what it may say, and how sources refer to it."""

from __future__ import annotations

import pytest

from pumpleak.cite._references import Person, Reference, of_distribution, of_package, parse, plain
from pumpleak.host import PluginWarning

LUO = """
[luo1994]
type = "article"
cited_as = ["Luo & Rudy 1994"]
author = ["Luo", { name = "The lab" }]
journal = "Circ Res"
volume = 74
pages = "1071"
year = 1994
doi = "10.1000/x(1)<2>"
"""


def test_a_work_is_read_with_all_its_fields():
    """Numbers become text; a group of authors is told from a person."""
    (work,) = parse(LUO).values()

    assert work.authors == (Person(name="Luo"), Person(name="The lab", group=True))
    assert (1994, "74", "10.1000/x(1)<2>") == (work.year, work.fields["volume"], work.doi)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("Luo & Rudy 1994, Circ Res 74:1071", True),
        ("law: Luo and Rudy 1994", True),
        ("LUO  &  RUDY\n1994", True),
        ("after luo1994, table 2", True),
        ("doi 10.1000/X(1)<2>", True),
        ("Luo & Rudy 19945", False),
        ("Luo & Rudy 1991", False),
        ("Paluo & Rudy 1994", False),
        ("doi 10.1000/x(1)<2>: 14 pS", True),
        ("doi 10.1000/x", False),
        ("doi 10.1000/x(1)<2>.b", False),
        ("doi 110.1000/x(1)<2>", False),
        ("luo19940", False),
    ],
)
def test_a_source_refers_to_a_work_in_its_own_words(source, named):
    """By a text of `cited_as`, by DOI or by key; whole words only."""
    (work,) = parse(LUO).values()

    assert named == work.named_in(plain(source))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("luo1994 = 3", r"expected a table \[luo1994\]"),
        ('["luo 1994"]\nyear = 1994', "a key is made of letters"),
        ('["x}@article{y"]\nyear = 1994', "a key is made of letters"),
        ("[a1]\nyear = 1994\n[A1]\nyear = 1995", "in capitals only"),
        ('[a1]\njurnal = "x"', "did you mean 'journal'"),
        ('[a1]\ntype = "artcle"', "did you mean 'article'"),
        ("[a1]\ntype = 3", "'type' must be one of"),
        ('[a1]\nyear = "1994"', "'year' must be a whole number"),
        ("[a1]\nyear = 94", "'year' must be a year"),
        ("[a1]\nyear = true", "'year' must be a whole number"),
        ('[a1]\ndoi = "doi:10.1/x"', "'doi' must look like"),
        ('[a1]\ndoi = "10.1000/x}"', "'doi' must look like"),
        ('[a1]\ndoi = "10.1000/x%20y"', "'doi' must look like"),
        ('[a1]\nurl = "javascript:x"', "'url' must look like"),
        ('[a1]\nurl = "https://x.org/{y}"', "'url' must look like"),
        ('[a1]\nauthor = [{ surname = "X" }]', "'author' must be a line of text"),
        ("[a1]\nauthor = 3", "'author' must be a list"),
        ('[a1]\ntitle = ""', "'title' must be a line of text"),
        ("[a1]\ntitle = []", "'title' must be a line of text"),
        (f'[a1]\ntitle = "{"x" * 3000}"', "'title' must be a line of text"),
        ('[a1]\ncited_as = "Luo 1994"', "'cited_as' must be a list"),
        ('[a1]\ncited_as = ["et"]', "too short"),
        ("[a1", "at end of document"),
    ],
)
def test_what_is_wrong_is_told_by_table_and_field(text, said):
    """Nothing odd becomes an entry."""
    with pytest.raises(ValueError, match=said):
        parse(text)


@pytest.mark.parametrize("content", [b"[a1]\ntype = 3\n", b"\xff\xfe", b"x = " + b"[" * 5000])
def test_a_bibliography_that_is_wrong_is_a_warning(content, tmp_path, monkeypatch):
    """Its plugin's sources then stand as notes; nobody else's citations are lost."""
    package = tmp_path / "pumpleak_wrong_bibliography"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "references.toml").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.warns(PluginWarning, match="Plugin 'wrong'.*references.toml cannot be read"):
        assert {} == of_package("pumpleak_wrong_bibliography", "Plugin 'wrong'")


@pytest.mark.parametrize("package", ["json", "no_such_package_at_all"])
def test_a_package_without_one_lists_nothing(package):
    """No bibliography is no fault."""
    assert {} == of_package(package, "it")


def test_a_distribution_is_cited_by_its_metadata():
    """Without an entry of its own: name, summary, authors and version."""
    work = of_distribution("pumpleak-k2p", {})

    assert ("pumpleak-k2p", "software") == (work.key, work.kind)
    assert (Person(name="The pumpleak developers", group=True),) == work.authors
    assert work.fields["title"].startswith("pumpleak-k2p: ")
    assert "0.1.0" == work.fields["version"]


def test_a_distribution_with_an_entry_of_its_own_is_cited_by_that():
    """What its authors wrote wins; the version is the installed one."""
    own = Reference(key="pumpleak-k2p", kind="software", fields={"title": "Mine"})

    work = of_distribution("pumpleak-k2p", {"pumpleak-k2p": own})

    assert {"title": "Mine", "version": "0.1.0"} == work.fields


def test_a_distribution_that_is_not_installed_is_cited_by_name():
    """A plugin put together in a session has no metadata."""
    assert {"title": "pumpleak-nowhere"} == of_distribution("pumpleak-nowhere", {}).fields
