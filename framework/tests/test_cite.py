"""Citations by use: what took part is cited, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import attrs
import bibtex
import pytest
from building import INSIDE, OUTSIDE, SPECIES

import pumpleak as pl
from pumpleak import Channel, Membrane, Ohmic, Solution, parameter
from pumpleak.cite import Reference, citations
from pumpleak.cite._collect import _Bibliography, _Source, references_in
from pumpleak.cite._references import parse


class Cited(Channel):
    """A leak whose numbers are from somewhere.

    References:
        Goldman 1943, J Gen Physiol 27:37; a notebook of
        ours, page 3.
        Hille 2001, chapter 1.
    """

    permeation = Ohmic("K")
    unitary = parameter("10 pS", source="Nobody 1999, table 2")
    share = parameter(0.5, source="assumed, after Nobody 1998", bounds=(0, 1))
    unit_share = parameter(1.0, source="by definition of the share", bounds=(0, 1))

    def open_probability(self, s):
        return self.share * self.unit_share


def membrane(*mechanisms, **changes) -> Membrane:
    given = {
        "mechanisms": mechanisms or (Cited(name="leak", density="1 / um^2"),),
        "inside": Solution(concentrations=INSIDE, source="Hodgkin and Katz 1949, table 1"),
        "outside": Solution(concentrations=OUTSIDE, source="assumed"),
        "temperature": "37 degC",
        "area": "100 um^2",
        "species": SPECIES,
    }
    return Membrane(**{**given, **changes})


def by_key(found: pl.Citations) -> dict[str, tuple[str, ...]]:
    return {entry.key: entry.used_by for entry in found}


def test_every_source_is_cited_or_told_as_assumed():
    """Each parameter, docstring and solution leads to an entry, or is listed as assumed."""
    found = citations(pl.rest(membrane()))

    used = by_key(found)
    assert ("leak",) == used["goldman1943"]
    assert ("leak",) == used["hille2001"]
    assert ("inside",) == used["hodgkin1949"]
    assert ("gas_constant", "faraday") == used["codata2018"]
    assert {"leak.share": "assumed, after Nobody 1998", "outside": "assumed"} == {
        name: said for name, said in found.assumed if name in ("leak.share", "outside")
    }
    assert "leak.density" in found.given
    assert not any("definition" in str(entry) for entry in found)


def test_what_no_bibliography_lists_is_cited_in_its_own_words_and_counted():
    """Nothing that was said is lost: it stands as a note."""
    found = citations(membrane())

    notes = {entry.reference.fields["note"]: entry.used_by for entry in found.unresolved}
    assert {"Nobody 1999, table 2": ("leak.unitary",), "a notebook of ours, page 3": ("leak",)} == (
        notes
    )
    assert "2 of them plain notes" in repr(found)
    assert "note-nobody-1999-table-2" in found.keys


def test_pumpleak_and_the_solver_that_found_it_are_cited_first():
    """Software comes before the works, with its version."""
    found = pl.rest(membrane()).citations()

    assert ("pumpleak", "pumpleak-solvers") == found.keys[:2]
    fields = bibtex.entries(found.bibtex())["pumpleak"]
    assert "{The pumpleak developers}" == fields["author"]
    assert fields["version"]


def test_a_plugin_that_is_installed_but_unused_is_not_cited():
    """The neuron uses five plugins with mechanisms and ions; two others stand by."""
    found = citations(pl.bundled())
    text = found.bibtex() + found.text()

    assert "pumpleak-k2p" in found.keys
    assert "pumpleak-gated" not in text
    assert "pumpleak-cotransporters" not in text
    # of a plugin that is used, only what the mechanisms in use rest on: no THIK-1, no TWIK-1
    assert "kang2004" in found.keys
    assert "kang2014" not in text
    assert "lesage1996" not in text


def test_using_a_mechanism_adds_what_it_rests_on():
    """With THIK-1 in the membrane its source is cited, and with none of k2p's the plugin is not."""
    from pumpleak.host import default_host

    thik = default_host().make("mechanisms", "k2p.THIK1")

    with_it = citations(membrane(thik(name="THIK", density="1 / um^2")))

    assert ("THIK",) == by_key(with_it)["kang2014"]
    assert ("THIK",) == by_key(with_it)["pumpleak-k2p"]
    assert "pumpleak-k2p" not in citations(membrane()).keys


def test_a_number_that_the_user_gives_is_not_cited():
    """Once its value is changed, a parameter no longer rests on the work it came from."""
    neuron = pl.load(pl.bundled())

    assert "elife19267" in citations(neuron).keys
    changed = citations(neuron.evolve({"pump.q10": "2.5"}))
    assert "elife19267" not in changed.keys
    assert "pump.q10" in changed.given


def test_ions_are_cited_where_a_filter_weighs_them():
    """Hydration and size matter to a selectivity filter alone."""
    from pumpleak.host import default_host

    host = default_host()
    site = host.make("filters", "k2p.TVGYG")
    ions = {name: host.make("species", f"ions.{name}") for name in SPECIES}
    channel = Cited(
        name="leak",
        density="1 / um^2",
        permeation=pl.ThroughFilter(filter=site, ions=("K", "Na")),
    )

    plain = citations(membrane(species=ions))
    weighed = citations(membrane(channel, species=ions))

    assert "eisenman1962" not in plain.keys
    assert not any("hydration" in name for name, _ in plain.assumed)
    assert ("leak",) == by_key(weighed)["eisenman1962"]
    assert {"K.hydration", "Na.hydration"} <= {name for name, _ in weighed.assumed}
    assert "Cl.hydration" not in {name for name, _ in weighed.assumed}


def test_results_of_every_kind_can_be_cited():
    """Resting states, audits and balances know their membrane; a file is read."""
    neuron = pl.load(pl.bundled())
    found = pl.rest(neuron)

    whole = found.citations().keys
    works = tuple(key for key in whole if key != "pumpleak-solvers")
    assert works == citations(found[0]).keys
    assert works == pl.audit(found[0]).citations().keys
    assert whole == citations(neuron, mode="clamped").keys
    assert whole == citations(pl.bundled()).keys


def test_a_thing_without_a_membrane_is_refused():
    """What cannot be cited for is told, with what could."""
    with pytest.raises(TypeError, match="give a result, a membrane or its file"):
        citations(3)  # type: ignore[arg-type]


def test_bibtex_is_valid_and_says_what_rests_on_what():
    """Every entry can be read, keys are unique, and comments name the users."""
    found = citations(pl.bundled())

    read = bibtex.entries(found.bibtex())

    assert list(found.keys) == list(read)
    assert "% used by pump.q10" in found.bibtex()
    assert "% Assumed, not cited:" in found.bibtex()


def test_hostile_sources_are_cited_harmlessly():
    """Whatever a source says stands inside a note."""
    hostile = ["}", "@article{evil,", "\\input{x}", "50 %\n@misc{x,", "a\x1b[31mb", "{" * 50]
    found = citations(membrane(sources=hostile, inside=Solution(concentrations=INSIDE)))

    read = bibtex.entries(found.bibtex())

    assert len(hostile) + 2 == len(found.unresolved)
    assert "evil" not in read
    assert {"misc", "article", "book"} >= {fields["type"] for fields in read.values()}
    assert "\x1b" not in found.text()


def bibliography(**listed: str) -> _Bibliography:
    """Return works by plugin, none of which is installed."""
    plugins = {
        name: (SimpleNamespace(name=name, distribution=f"lab-{name}", module="", title=name), ["x"])
        for name in listed
    }
    made = _Bibliography(plugins)  # type: ignore[arg-type]
    made._listed.update({name: parse(text) for name, text in listed.items()})
    return made


def test_two_works_of_one_key_are_told_apart():
    """Each plugin's sources lead to its own work, under a key of its own."""
    works = bibliography(
        a='[kim2001]\ncited_as = ["Kim 2001"]\njournal = "J Physiol"',
        b='[Kim2001]\ncited_as = ["Kim 2001"]\njournal = "Cell"',
    )

    found = works.citations(
        [
            _Source(used_by="one", text="Kim 2001", plugin="a"),
            _Source(used_by="two", text="Kim 2001", plugin="b"),
        ]
    )

    assert {"kim2001": ("one",), "Kim2001-b": ("two",)} == {
        key: users for key, users in by_key(found).items() if "im2001" in key
    }
    assert found.keys == tuple(bibtex.entries(found.bibtex()))


@pytest.mark.parametrize("doi", ["", 'doi = "10.1000/x"\n'])
def test_one_work_in_two_plugins_is_one_entry(doi):
    """Equal entries are one, and so are those of one DOI, whatever their keys."""
    other = "kimetal" if doi else "kim2001"
    works = bibliography(
        a=f'[kim2001]\n{doi}cited_as = ["Kim 2001"]\nyear = 2001',
        b=f'[{other}]\n{doi.upper().replace("DOI", "doi")}cited_as = ["Kim (2001)"]\nyear = 2001',
    )

    found = works.citations(
        [
            _Source(used_by="one", text="Kim 2001", plugin="a"),
            _Source(used_by="two", text="Kim (2001)", plugin="b"),
        ]
    )

    assert ("one", "two") == by_key(found)["kim2001"]


def test_a_source_may_name_several_works_and_assume_besides():
    """What is sure is cited; a clause that assumes is listed and cites nothing."""
    works = bibliography(
        a='[kim2001]\ncited_as = ["Kim 2001"]\n[lee2002]\ncited_as = ["Lee 2002"]\n'
        '[roy2003]\ncited_as = ["Roy 2003"]'
    )

    found = works.citations(
        [_Source(used_by="g", text="Kim 2001 and Lee 2002; pH assumed, after Roy 2003", plugin="a")]
    )

    assert {"kim2001", "lee2002"} <= set(found.keys)
    assert "roy2003" not in found.keys
    assert ["g"] == [name for name, _ in found.assumed]


def test_a_card_is_cited_by_its_authors_and_doi():
    """A mechanism made from a card names the card itself, beside the sources it holds."""

    class FromCard(Cited):
        card = SimpleNamespace(
            id="lab-a.leak",
            version="1.2",
            summary="a leak",
            doi="10.1000/card",
            citation="Hodgkin and Katz 1949",
            authors=[SimpleNamespace(name="Ada Lovelace", orcid="")],
        )

    found = citations(membrane(FromCard(name="mine", density="1 / um^2")))

    (entry,) = [entry for entry in found if entry.key == "lab-a.leak"]
    assert ("mine",) == entry.used_by
    assert "Ada Lovelace" in str(entry)
    assert "10.1000/card" == bibtex.entries(found.bibtex())["lab-a.leak"]["doi"]
    assert "mine" in by_key(found)["hodgkin1949"]


def test_a_card_that_was_exported_and_loaded_is_cited():
    """A real card: its own entry, its authors, and the sources that it holds as notes or works."""
    from pumpleak.cards import Author

    ada = (Author(name="Ada Lovelace"),)
    card = pl.loads_card(pl.export_card("k2p.TREK1", id="lab-a.trek", authors=ada))

    found = citations(membrane(card.mechanism(name="mine", density="1 / um^2")))

    entry = bibtex.entries(found.bibtex())["lab-a.trek"]
    assert "Ada Lovelace" in entry["author"]
    said = [entry for entry in found if "mine.unitary" in entry.used_by]
    assert "Goldstein" in str(said[0])


def test_docstrings_are_read_as_they_are_written():
    """Works end at a semicolon or at a line's full stop; wrapped lines are joined."""
    assert [
        "Goldman 1943, J Gen Physiol 27:37",
        "a notebook of ours, page 3",
        "Hille 2001, chapter 1",
    ] == references_in(Cited.__doc__)
    assert [] == references_in(None)
    assert [] == references_in("References are good.")


def test_plain_data_says_the_same():
    """`to_dict` holds every entry with its fields, what is assumed and what was given."""
    found = citations(pl.bundled())
    data = found.to_dict()

    assert list(found.keys) == [entry["key"] for entry in data["entries"]]
    assert len(found.assumed) == len(data["assumed"])
    (luo,) = [entry for entry in data["entries"] if entry["key"] == "luo1994"]
    assert (1994, ["Luo", "Rudy"], True) == (luo["year"], luo["authors"], luo["resolved"])


def test_sentences_for_people_read_as_references_do():
    """Journal, volume and page stand together; others become et al."""
    work = parse(
        '[kang2004]\nauthor = ["Kang", "others"]\nyear = 2004\njournal = "J Physiol"\n'
        'volume = 554\npages = "64"\npmid = 14678492'
    )["kang2004"]
    entry = pl.cite.Citation(key="kang2004", reference=work, used_by=("x",))

    assert "Kang et al. (2004). J Physiol 554:64. PMID 14678492." == str(entry)
    nameless = attrs.evolve(
        entry, reference=Reference(key="n", year=2018, fields={"title": "CODATA"})
    )
    assert "CODATA (2018)." == str(nameless)
