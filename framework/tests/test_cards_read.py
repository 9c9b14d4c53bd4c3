"""Reading a card: strictly, all that is wrong at once, running nothing."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from typing import Any

import pytest
from building import SPECIES, membrane
from carding import FULL, LEAK, PUMP
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak.cards import _build, dumps_card, loads_card
from pumpleak.cards._read import is_orcid
from pumpleak.cards._write import tables_of_card

CARDS = {"leak": LEAK, "full": FULL, "pump": PUMP}
every = pytest.mark.parametrize("text", CARDS.values(), ids=CARDS)


def refusal(text: str) -> tuple[str, ...]:
    """Return what is said against a card."""
    with pytest.raises(pl.CardError) as caught:
        loads_card(text)
    return caught.value.problems


def test_a_card_says_who_it_is_and_where_its_numbers_are_from() -> None:
    """Identity, authors, biology, claims, parameters, reference points."""
    card = loads_card(LEAK)
    half = card.parameters["V_half"]

    assert ("lab-a.leak", "1.0.0", "leak") == (card.id, card.version, card.name)
    assert "0000-0002-1825-0097" == card.authors[0].orcid
    assert {"gene": "KCNK2", "Q10": "1.4"}.items() <= card.biology.items()
    assert ("-120 mV", "60 mV") == card.claims.voltage
    assert (2.5, (-100, 100), "half opening") == (half.uncertainty, half.bounds, half.doc)
    assert 64 == len(card.sha256)
    assert "-200 pA" == card.references[0].current


def test_a_cards_class_is_an_ordinary_channel() -> None:
    """Parameters with sources and bounds, near names for misspelt ones, one class per card."""
    card = loads_card(LEAK)
    made = card.mechanism(density="1000 channels", V_half="-10 mV")
    rows = {row["name"]: row for row in type(made).parameter_table()}

    assert isinstance(made, pl.Channel)
    assert type(made) is loads_card(LEAK).mechanism_class
    assert "leak" == made.label
    assert (-100, 100) == rows["V_half"]["bounds"]
    assert "measured" == rows["unitary"]["basis"]
    assert "given" == {info.path: info.basis for info in made.parameters()}["V_half"]
    with pytest.raises(pl.CompositionError, match="did you mean 'V_half'"):
        card.mechanism(V_hal="1 mV")
    with pytest.raises(pl.UnitError, match="expected a voltage"):
        card.mechanism(V_half="1 nS")


def test_a_card_comes_to_the_number_worked_out_by_hand() -> None:
    """At half opening of 1000 channels of 20 pS, 20 mV from E_K: 200 pA inward."""
    found = pl.evaluate(
        loads_card(LEAK).mechanism(density="1000 channels"), V="-20 mV", species=SPECIES,
        inside={"K": "100 mM"}, outside={"K": "100 mM"}, temperature="22 degC",
    )  # fmt: skip

    assert -200.0 == pytest.approx(found["K"], rel=1e-12)


def test_a_full_card_has_its_gates_pools_scheme_and_link_in_the_equations() -> None:
    """All of it is traced, dimension-checked and rests beside the mechanism it reads."""

    class Delayed(pl.Channel):
        permeation = pl.Ohmic("K")

        def gates(self, s: Any) -> dict[str, pl.Gate]:
            return {"n": pl.Gate(steady=1 / (1 + s.xp.exp(-s.V / s.mV / 10)))}

    full = loads_card(FULL).mechanism()
    equations = pl.trace(membrane(full, Delayed(name="kdr", density="1 nS")))
    names = {state.name for state in equations.states}

    assert {"full.n", "full.m", "full.Ca", "full.C", "full.O1"} == names
    assert "kdr.n" in {str(item) for _, tape in equations.tape for item in tape.free_symbols} | {
        str(symbol) for symbol, _ in equations.tape
    }
    with pytest.raises(pl.PhysicsError, match=r"'kdr\.n', which nobody has"):
        pl.trace(membrane(full))
    moved = loads_card(FULL).mechanism(other="Delayed.n")
    assert pl.trace(membrane(moved, Delayed(density="1 nS"))).states


def test_a_density_of_another_kind_than_the_card_accepts_is_refused() -> None:
    """As the card's `accepts` says."""
    with pytest.raises(pl.UnitError, match="density: expected a conductance"):
        loads_card(FULL).mechanism(density="100 channels")
    leak = loads_card(FULL.replace('accepts = ["nS", "nS/um^2"]', 'accepts = ["nS", "fL/ms"]'))
    with pytest.raises(pl.CompositionError, match="its permeation needs a conductance"):
        pl.trace(membrane(leak.mechanism(density="1 fL/ms")))


def test_a_transporter_counts_its_charge_and_atp() -> None:
    """From the stoichiometry, as in Python."""
    pump = loads_card(PUMP).mechanism(density="30 pA")
    found = pl.evaluate(
        pump, V="-60 mV", species=SPECIES, temperature="37 degC",
        inside={"Na": "10 mM", "K": "140 mM"}, outside={"Na": "145 mM", "K": "4 mM"},
    )  # fmt: skip

    assert isinstance(pump, pl.Transporter)
    assert 1 == pump.atp
    assert {"Na": 45.0, "K": -30.0} == pytest.approx(found, rel=1e-12)


@every
def test_what_is_written_is_read_as_the_same_card(text: str) -> None:
    """All fields and equations."""
    card = loads_card(text)
    again = loads_card(dumps_card(card))

    assert tables_of_card(card) == tables_of_card(again)
    assert card.physics == again.physics
    assert card.parameters == again.parameters


@every
def test_mechanisms_of_cards_travel_between_processes(text: str) -> None:
    """Pickled with their card, they come back of the same class, values and parts included."""
    made = loads_card(text).mechanism(name="other", density="2 nS" if text is not PUMP else "2 pA")
    again = pickle.loads(pickle.dumps(made))

    assert type(made) is type(again)
    assert made.structure() == again.structure()
    assert [*map(str, made.parameters())] == [*map(str, again.parameters())]


def test_where_the_card_was_never_read_its_mechanism_is_made_anew() -> None:
    """What is pickled carries the card's text, and comes to the same number from there."""
    where: dict[str, Any] = {
        "V": "-31 mV", "species": SPECIES, "temperature": "22 degC",
        "inside": {"K": "100 mM"}, "outside": {"K": "7 mM"},
    }  # fmt: skip
    made = loads_card(LEAK).mechanism(density="3 nS", V_half="-11 mV")
    pickled = pickle.dumps(made)
    _build._classes.clear()
    again = pickle.loads(pickled)

    assert type(made) is not type(again)
    assert pl.evaluate(made, **where) == pl.evaluate(again, **where)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "expected format = 1"),
        ('id = "lab-a.leak"', 'id = "leak"', "'namespace.name'"),
        ('id = "lab-a.leak"', 'id = "läb.leak"', "ASCII"),
        ('version = "1.0.0"', 'version = "one"', "expected a version"),
        ('summary = "a', 'summary = "\\u202ea', "expected one line of text"),
        ('summary = "a', '"\\u001b[2J" = 1\nsummary = "a', "card.'\\x1b[2J': unknown field"),
        ('kind = "channel"', 'kind = "chanel"', "expected one of channel, pump"),
        ('license = "CC-BY-4.0"', 'license = "free"', "expected an SPDX expression"),
        ("0000-0002-1825-0097", "0000-0002-1825-0098", "a digit is wrong"),
        ('doi = "10.1234/made.up"', 'doi = "made.up"', "expected a DOI"),
        ("authors = [{ name", "authors = [{ nam", "did you mean 'name'"),
        ('gene = "KCNK2"', 'gen = "KCNK2"', "did you mean 'gene'"),
        ('temperature = "22 degC"', 'temperature = "22 mV"', "expected a temperature"),
        ("Q10 = 1.4", 'Q10 = "1.4 mV"', "expected a pure number"),
        ('["-120 mV", "60 mV"]', '["60 mV", "-120 mV"]', "must be below"),
        ('["-120 mV", "60 mV"]', '["-120 mV"]', "expected two voltages"),
        ('monotone = "rising"', 'monotone = "up"', "expected 'rising' or 'falling'"),
        ("at_least = -100", "at_least = -10", "outside its own bounds"),
        ("uncertainty = 2.5", "uncertainty = -2.5", "must not be negative"),
        ("value = -20.0\n", "", "value: missing"),
        ('source = "assumed"\nuncer', "uncer", "source: missing; give a reference"),
        ("measured = true", "measured = 1", "expected true or false"),
        ("measured = true", "mesured = true", "did you mean 'measured'"),
        ('unit = "mV"', 'unit = "mW/W/s/A/kk"', "unknown unit"),
        ('"1 / (1 + exp(-u))"', "1", 'write "1"'),
        ("exp(-u)", "exp(-v)", "'v' is no parameter"),
        ('ion = "K" }', 'ion = "K", reversl = "1 mV" }', "did you mean 'reversal'"),
        ('kind = "ohmic", ion = "K"', 'kind = "gkh", K = 1', "did you mean 'ghk'"),
        ('kind = "ohmic", ion = "K"', 'kind = "ghk", K = -1', "must not be negative"),
        ('ion = "K" }', 'ion = "nonspecific" }', "a nonspecific current needs one"),
        ("open_probability", "open_probabilty", "did you mean 'open_probability'"),
        ('current = "-200 pA"', "current = -200", "got the bare number"),
        ('current = "-200 pA"', 'current = "-200 mV"', "expected a current"),
        ('V = "-20 mV"\n', "", "V: missing"),
        ("[physics]\n", "[physics]\nactivity = '1'\n", "activity: unknown field"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(old: str, new: str, message: str) -> None:
    """With the path of the field, and near names where there are some."""
    assert old in LEAK

    assert any(message in problem for problem in refusal(LEAK.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("power = 2", "power = 0", "must be above 0"),
        ("steady = ", 'alpha = "1 / ms"\nsteady = ', "a gate has alpha and beta, or steady"),
        ('lowest = "1e-6 mM"', 'lowest = "1e-6 mV"', "of the same dimension"),
        ('states = ["C", "O1", "O2"]', 'states = ["C"]', "two or more names"),
        ('"O2 -> O1"', '"O2 to O1"', "expected 'from -> to'"),
        ('"O2 -> O1"', '"O2 -> O3"', "both of the scheme's states"),
        ('other = "kdr.n"', 'other = "kdr"', "expected a gate such as 'kdr.n'"),
        ("own.n**2", "own.x**2", "no gate, pool or state of a scheme 'x'"),
        ("maximum * root", "maximum * rot", "did you mean 'root'"),
        ("[physics.gates.m]", "[physics.gates.half]", "or of a parameter too"),
        ("[physics.gates.m]", "[physics.gates.O1]", "the name of two states"),
        ('["nS", "nS/um^2"]', '["fL/ms"]', "does not list the unit of the value"),
        ("at_least = 0.001", "at_least = 10", "outside its own bounds"),
    ],
)
def test_each_mistake_in_the_physics_has_its_sentence(old: str, new: str, message: str) -> None:
    """Likewise for gates, pools, schemes, links and permeation."""
    assert old in FULL

    assert any(message in problem for problem in refusal(FULL.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Na = 3", "Na = 0", "how many a cycle moves out"),
        ("Na = 3", "Na = 2.5", "how many a cycle moves out"),
        ("atp = 1", "atp = -1", "how many ATP"),
        ("activity = ", "activty = ", "missing; give one of activity"),
        ("stoichiometry = { Na = 3, K = -2 }\n", "", "stoichiometry: missing"),
    ],
)
def test_each_mistake_in_a_transporter_has_its_sentence(old: str, new: str, message: str) -> None:
    """Likewise for pumps."""
    assert any(message in problem for problem in refusal(PUMP.replace(old, new, 1)))


def test_all_mistakes_are_told_at_once() -> None:
    """So that a card is mended in one go."""
    text = LEAK.replace("CC-BY-4.0", "free").replace("exp(-u)", "exp(-v)").replace("-200 pA", "x")

    assert 3 == len(refusal(text))


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700"])
def test_an_orcid_has_a_check_digit(orcid: str) -> None:
    """The two examples in ORCID's own documentation; one changed digit is seen."""
    assert is_orcid(orcid)
    for place, digit in enumerate(orcid):
        if digit != "-":
            assert not is_orcid(orcid[:place] + str((int(digit) + 1) % 10) + orcid[place + 1 :])


def test_windows_line_ends_and_marks_change_nothing_but_the_hash() -> None:
    """A card is the same on every system."""
    card = loads_card(LEAK.replace("\n", "\r\n"))

    assert loads_card(LEAK).physics == card.physics
    assert loads_card(LEAK).sha256 != card.sha256


PIECES = ["[", "]", "{", "}", '"', "'", '"""', "=", ".", "\n", "#", ",", "-", "nan", "inf", "**",
          "9**9", "1e999", "(", ")", "exp(", "V", "physics", "[physics]\n", "[[reference]]\n",
          "__class__", "\x00", "κ", "\ud800", "true", "1979-05-27", "0x1F", "\\u0041", " " * 50,
          "u", "own.", "links.", "E.K", "present(", "where(", "density", "kind"]  # fmt: skip


@given(
    st.sampled_from(sorted(CARDS)),
    st.lists(
        st.tuples(
            st.floats(0, 1), st.integers(0, 40), st.one_of(st.sampled_from(PIECES), st.text())
        ),
        min_size=1,
        max_size=4,
    ),
)  # fmt: skip
@settings(deadline=None, max_examples=400)
def test_a_mutated_card_is_read_or_refused_and_raises_nothing_else(
    name: str, changes: list[tuple[float, int, str]]
) -> None:
    """Pieces cut out and put in anywhere; what is still a card is evaluated as well."""
    text = CARDS[name]
    for share, length, piece in changes:
        place = int(share * len(text))
        text = text[:place] + piece + text[place + length :]
    try:
        made = loads_card(text).mechanism()
    except pl.CardError as error:
        assert error.problems  # noqa: PT017
        return
    except pl.PumpleakError:
        return
    with contextlib.suppress(pl.PumpleakError):
        pl.evaluate(
            made, V="-20 mV", species=SPECIES, temperature="22 degC", states={"Ca": 0.1},
            inside={"K": "100 mM", "Na": "9 mM"}, outside={"K": "4 mM", "Na": "140 mM"},
        )  # fmt: skip


_AUDITED = """
import sys
from pumpleak.cards import load_card
from carding import LEAK, FULL
load_card(sys.argv[1]).mechanism()
seen = []
def hook(event, details):
    if event in ("exec", "compile", "import", "open") or event.startswith(
        ("os.", "subprocess", "socket", "ctypes", "shutil", "pickle", "marshal")):
        seen.append((event, str(details[0])[:2000]))
sys.addaudithook(hook)
card = load_card(sys.argv[2])
loaded, seen = seen, []
card.mechanism()
print([item for item in loaded if item != ("open", sys.argv[2])])
texts = [text for event, text in seen if event == "compile"]
print(len(texts), any(word in text for text in texts for word in ("exp", "sqrt", "own", "1e-")))
"""


def test_reading_a_card_runs_nothing(tmp_path: Any) -> None:
    """Python's own audit sees one file opened, and no code compiled, run or imported.

    When the class is made, attrs compiles an __init__ from the names of the fields alone, which
    are letters, digits and single underscores; no equation, unit or prose is in it.
    """
    for name, text in (("leak", LEAK), ("full", FULL)):
        (tmp_path / f"{name}.card.toml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _AUDITED, str(tmp_path / "leak.card.toml"),
         str(tmp_path / "full.card.toml")],
        capture_output=True, text=True, check=True, cwd=__file__.rpartition("/")[0],
    )  # fmt: skip
    opened, compiled = done.stdout.splitlines()

    assert "[]" == opened
    assert compiled.endswith(" False")
    assert int(compiled.split()[0]) > 0


def test_the_claims_of_a_card_reach_the_kit() -> None:
    """Reference points are checked: right as it is, and wrong by a hundredth is seen."""
    from pumpleak.conformance import run_checks

    right = run_checks(loads_card(LEAK))
    wrong = run_checks(loads_card(LEAK.replace("-200 pA", "-202 pA")))

    assert right.ok, str(right)
    assert ["202" in str(result.message) for result in wrong.failures] == [True]
