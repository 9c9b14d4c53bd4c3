"""Text, HTML and JSON of a report."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from carding import LEAK
from swelling import cell
from test_report_membranes import (
    INSIDE,
    K2P,
    NALCN,
    OUTSIDE,
    Potassium,
    Pump,
    Unnamed,
    bistable,
    marginal,
    membrane,
    neuron,
    passive,
)

import pumpleak as pl
from pumpleak import Membrane, report
from pumpleak.membranes._file import loads
from pumpleak.report import _notices
from pumpleak.report._format import column, fixed, rounded

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"


def long_names() -> Membrane:
    return membrane(
        K2P(density="1e-6 cm/s", name="background_potassium_channel_of_the_distal_dendrite_" * 2),
        NALCN(density="4e-8 cm/s", name="sodium-leak-channel-with-UNC79-and-UNC80"),
        Unnamed(density="1e-5 nS", name="x" * 130),
        Pump(density="1.5 uA/cm^2", name="sodium_potassium_pump_alpha3_isoform_" * 2),
        name="a membrane whose name goes on and on, " * 6,
        sources=("a source without any place to break it: " + "y" * 300,),
    )


def nothing_found() -> Membrane:
    return neuron(range=("0 mV", "20 mV"))


MEMBRANES = [neuron, bistable, marginal, passive, nothing_found, long_names]
every = pytest.mark.parametrize("make", MEMBRANES)


@every
@pytest.mark.parametrize("width", [100, 72])
def test_text_keeps_its_width(make: Callable[[], Membrane], width: int) -> None:
    """No line of the report is wider than asked, whatever the names."""
    text = report.as_text(pl.rest(make()), width, parameters=True)

    assert max(map(len, text.splitlines())) <= width


def test_long_names_are_folded_not_cut() -> None:
    """A name that does not fit goes on in the next line."""
    text = report.as_text(pl.rest(long_names()))
    holders = text.partition("Who holds it")[2].partition("Each vote")[0]

    assert 130 == holders.count("x")


def test_text_says_what_a_physiologist_asks() -> None:
    """V, its parts, the pump's share, cost, resistance and versions stand in the text."""
    found = pl.rest(neuron(), prove=True)
    text = " ".join(str(found).split())

    assert f"{found[0].V_mV:.2f} mV, stable" in text
    assert "proved complete in [-200, 150] mV" in text
    assert 1 == text.count("Outward current of positive charge is positive")
    for heading in ("current (pA)", "vote (%)", "chord g (nS)", "reversal (mV)", "Nernst (mV)"):
        assert heading in text
    assert "The current of Pump itself adds -" in text
    assert "ATP per second for the whole cell" in text
    assert "input resistance" in text
    assert "pumpleak-solvers" in text
    assert "From no plugin: K2P: class K2P of test_report_membranes" in text


def test_every_default_is_visible() -> None:
    """What was left to defaults stands in the report with its source; what was given does not."""
    text = report.as_text(pl.rest(neuron()))
    given = report.as_text(pl.rest(neuron(capacitance="2 uF/cm^2")))

    assert re.search(r"capacitance +1 uF/cm\^2 +default: assumed, after Hille 2001, ch. 1", text)
    assert re.search(r"range +-200 mV \.\. 150 mV +default: ", text)
    assert re.search(r"dG_ATP +-57 kJ/mol +default: ", text)
    assert re.search(r"solver +solvers.scan +default: ", text)
    assert re.search(r"capacitance +2 uF/cm\^2 +given", given)


def test_parameters_are_listed_on_request() -> None:
    """The list of parameters shows value, basis and source, and is left out unless asked for."""
    found = pl.rest(neuron())
    listed = report.as_text(found, parameters=True)

    assert re.search(r"gating.z_g +0.2 +assumed +assumed", listed)
    assert re.search(r"permeation.K +0.9 +assumed +assumed", listed)
    assert "gating.z_g" not in report.as_text(found)


class Cells(HTMLParser):
    """Collects tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@every
def test_html_is_well_formed(make: Callable[[], Membrane]) -> None:
    """Every tag that opens is closed."""
    page = Cells()
    page.feed(pl.rest(make())._repr_html_())

    assert [] == page.open
    assert {"div", "style", "h3", "table", "td", "p"} <= set(page.seen)


def test_html_escapes_every_text() -> None:
    """Names and sources cannot bring tags of their own."""
    evil = '<script>alert("x")</script>&'
    hostile = neuron(name=evil, sources=(evil,))
    hostile = Membrane(
        mechanisms=hostile.mechanisms,
        inside=pl.Solution(name=evil, concentrations=INSIDE, source=evil),
        outside=pl.Solution(name="bath", concentrations=OUTSIDE),
        species=hostile.species,
        temperature="37 degC",
        area="1 um^2",
        name=evil,
        sources=(evil,),
    )
    page = Cells()
    page.feed(report.as_html(pl.rest(hostile), parameters=True))

    assert "script" not in page.seen
    assert page.text.count(evil) >= 4


def test_a_steady_state_is_reported_too() -> None:
    """Where concentrations move, the report tells those found, and the volume."""
    text = (Path(pl.__file__).parent / "data" / "neuron.toml").read_text(encoding="utf-8")
    cell = loads(text + '\n[steady]\nfree = ["Na", "K", "Cl"]\nvolume = "5 pL"\n')
    found = pl.steady(cell, starts=0)
    data = report.as_dict(found)
    (state,) = data["equilibria"]
    chloride = next(row for row in state["ions"] if row["ion"] == "Cl")

    assert "steady" == data["mode"]
    assert 5000 == pytest.approx(state["volume_fL"])
    assert state["V_mV"] == pytest.approx(chloride["nernst_mV"])
    assert "1 steady state; found; local; steady ions (Na, K, Cl are free;" in " ".join(
        report.as_text(found).split()
    )
    assert state["pump"]["adds_mV"] < 0


def test_html_says_what_the_text_says() -> None:
    """Text and HTML are drawn from the same blocks."""
    found = report.breakdown(pl.rest(bistable()))
    page = Cells()
    page.feed(report.as_html(found))
    words = re.sub(r"[\s─=-]", "", page.text.partition("}.pumpleak p")[2].partition("}")[2])

    assert words[:200] == re.sub(r"[\s─=-]", "", report.as_text(found, 400))[:200]


#: What has a key for each ion.
BY_ION = ("inside_mM", "outside_mM", "ratios")


def keys(item: Any, path: str = "") -> Iterator[str]:
    if isinstance(item, dict):
        for key, value in item.items():
            inner = f"{path}.{key}" if path else key
            yield inner
            if key in BY_ION and isinstance(value, dict):
                yield from [f"{inner}.<ion>"] * bool(value)
            elif inner != "clamped":  # which is the same document once more
                yield from keys(value, inner)
    elif isinstance(item, list):
        for value in item:
            yield from keys(value, f"{path}[]")


def documented(heading: str) -> list[str]:
    text = REFERENCE.read_text(encoding="utf-8").partition(f"## {heading}")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_json_keys_are_the_documented_ones() -> None:
    """The reference lists every key that is there, and no other, each once."""
    cells = [Potassium(density="1 nS", name="K"), Unnamed(density="3 nS")]
    found = [pl.rest(make()) for make in (neuron, bistable)]
    found += [pl.rest(membrane(pl.loads_card(LEAK).mechanism(density="9 nS")))]
    found += [pl.rest(membrane(*cells)), pl.rest(gated()), pl.steady(cell(), starts=0)]
    found += [pl.steady(cell(outside_volume="700 fL"), starts=0)]
    present = {key for equilibria in found for key in keys(report.as_dict(equilibria))}

    assert sorted(present) == sorted(documented("Keys"))


def test_clamped_ions_stand_in_the_same_form_beside_steady_ones() -> None:
    """With both, the object under `clamped` is what clamped ions alone give."""
    held = pl.rest(cell())
    found = report.breakdown(pl.steady(cell(), starts=0), clamped=held)
    data = report.as_dict(found)

    assert "steady" == data["mode"]
    assert report.as_dict(held) == data["clamped"]
    assert data["clamped"]["clamped"] is None
    assert report.as_dict(found.equilibria)["equilibria"] == data["equilibria"]


class Gated(pl.Channel):
    permeation = pl.Ohmic("K")

    def gates(self, s: Any) -> dict[str, Any]:
        steady = 1 / (1 + s.xp.exp(-(s.V / s.mV + 40) / 10))
        return {"n": pl.Gate(alpha=steady / s.ms, beta=(1 - steady) / s.ms, power=4)}


def gated() -> Membrane:
    return membrane(Gated(density="10 nS"), NALCN(density="4e-8 cm/s"))


@every
def test_json_has_the_same_keys_for_every_membrane(make: Callable[[], Membrane]) -> None:
    """No key depends on what was found, but for items of lists, and wholes that can be null."""
    shape = {key for key in documented("Keys") if "[]" not in key and "steady." not in key}

    assert shape == {key for key in keys(report.as_dict(pl.rest(make()))) if "[]" not in key}


@every
def test_json_holds_no_number_that_json_lacks(make: Callable[[], Membrane]) -> None:
    """Infinite resistances and the like become null."""
    data = pl.rest(make()).to_dict()

    assert data == json.loads(json.dumps(data, allow_nan=False))


def test_json_of_a_marginal_state() -> None:
    """A slope of zero leaves the input resistance null."""
    (state,) = report.as_dict(pl.rest(marginal()))["equilibria"]

    assert "marginal" == state["kind"]
    assert state["vote"]["V_mV"] is None


def test_warning_codes_are_the_documented_ones() -> None:
    """The reference lists every code that the reports can carry, with its level."""
    source = inspect.getsource(_notices)
    emitted = re.findall(r"yield _(warning|note)\(\s*\"([\w-]+)\"", source)
    table = REFERENCE.read_text(encoding="utf-8").partition("## Warning codes")[2]

    assert sorted(emitted) == sorted(
        (level, code) for code, level in re.findall(r"^\| `([^`]+)` \| (\w+)", table, re.MULTILINE)
    )


def test_provenance_names_solver_and_its_distribution() -> None:
    """Versions of what took part are on record."""
    origin = report.as_dict(pl.rest(neuron()))["provenance"]

    assert "solvers.scan" == origin["solver"]
    assert ["solvers.scan"] == next(
        plugin["supplied"] for plugin in origin["plugins"] if plugin["plugin"] == "solvers"
    )
    assert ["python", "numpy", "sympy"] == [row["name"] for row in origin["libraries"]]
    assert 4 == len(origin["unregistered"])


def test_reports_tell_no_observer() -> None:
    """The solve without the pumps that a report makes is not announced as a rest that was found."""
    found = pl.rest(neuron())
    host = pl.host.default_host()
    seen: list[str] = []
    original = host.event
    host.event = lambda hook, **facts: seen.append(hook)
    try:
        report.breakdown(found)
    finally:
        host.event = original

    assert [] == seen


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1301.28, 4, "1301"),
        (0.0120004, 4, "0.01200"),
        (8.1724e6, 3, "8.17e6"),
        (-2e-15, 1, "-2e-15"),
        (0.0, 3, "0"),
        (float("inf"), 3, "inf"),
        (None, 3, ""),
    ],
)
def test_significant_digits(value: float | None, digits: int, text: str) -> None:
    """Numbers have so many significant digits, and powers of ten only where they are needed."""
    assert text == rounded(value, digits)


def test_columns_share_their_decimals() -> None:
    """A column aligns on its largest number, and shows as zero only what is zero."""
    assert ["0.948", "-1.486", "", "0.000", "3.0e-6"] == column(
        [0.94772, -1.48647, None, 0.0, 3e-6]
    )
    assert ["0.00", "-0.01"] == [fixed(-0.001), fixed(-0.01)]
