"""Writing a card from code: the same physics, or a reason why not."""

from __future__ import annotations

from typing import Any

import pytest
from building import SPECIES, ClC2, LuoRudyPump, membrane
from carding import FULL, LEAK

import pumpleak as pl
from pumpleak.cards import Author, dumps_card, export_card, loads_card
from pumpleak.cards._write import tables_of_card

MINE: dict[str, Any] = {"id": "lab.it", "license": "MIT", "authors": (Author(name="A"),)}
SOLUTIONS: dict[str, Any] = {
    "inside": {"K": "140 mM", "Na": "15 mM", "Cl": "8 mM", "Ca": "1e-4 mM"},
    "outside": {"K": "4 mM", "Na": "145 mM", "Cl": "110 mM", "Ca": "2 mM"},
    "temperature": "30 degC",
    "species": SPECIES,
}


def same(mechanism: pl.Mechanism, **values: Any) -> Any:
    """Return the card's mechanism after comparing it with the code's at several voltages."""
    made = loads_card(export_card(mechanism, **MINE)).mechanism(name=mechanism.label)
    for voltage in ("-90 mV", "-41 mV", "0 mV", "25 mV"):
        expected = pl.evaluate(mechanism, V=voltage, **SOLUTIONS, **values)
        assert expected == pytest.approx(
            pl.evaluate(made, V=voltage, **SOLUTIONS, **values), rel=1e-12
        )
    return made


@pytest.mark.parametrize(
    "gating",
    [
        pl.Constant(p=0.3),
        pl.Boltzmann(V_half="-33 mV", z_g=2.5, source="somewhere", measured=True),
        pl.TwoState(V_half="-33 mV", z_g=2.5, rate="30 /s", delta=0.2),
    ],
    ids=lambda item: type(item).__name__,
)
@pytest.mark.parametrize(
    "permeation",
    [
        pl.Ohmic("K"),
        pl.Ohmic("K", reversal="-81 mV"),
        pl.GHK(K=1, Na=0.05, Ca=0.01, symmetric="150 mM"),
    ],
    ids=["ohmic", "fixed", "ghk"],
)
def test_gatings_and_permeations_keep_their_kind(gating: Any, permeation: Any) -> None:
    """And so the names under which a membrane file changes them."""
    made = same(pl.CustomChannel(density="7 nS", gating=gating, permeation=permeation))

    assert type(made.gating) is type(gating)
    assert type(made.permeation) is type(permeation)
    paths = [info.path for info in made.parameters()]
    assert [info.path for info in gating.parameters()] == [
        path.removeprefix("gating.") for path in paths if path.startswith("gating.")
    ]


class Flicker(pl.MarkovScheme):
    conducting = {"O": 1, "S": 0.4}
    speed = pl.parameter("2 /ms", source="assumed")

    def rates(self, s: Any) -> dict[tuple[str, str], Any]:
        up = self.speed * s.xp.exp(s.V / s.VT)
        return {("C", "O"): up, ("O", "C"): self.speed, ("O", "S"): up, ("S", "O"): 1 / s.ms}


class Schemed(pl.Channel):
    gating = Flicker()
    permeation = pl.Ohmic("K")


class Odd(pl.Channel):
    """A channel whose parameters have names that mean something else in a card."""

    F = pl.parameter("3 mV", source="assumed")
    label_ = pl.parameter(0.4, source="assumed")
    permeation = pl.Ohmic("Na")

    def open_probability(self, s: Any) -> Any:
        return s.xp.where(s.V > self.F, self.label_, abs(s.V / (100 * s.mV)))


class Gated(pl.Channel):
    permeation = pl.GHK(K=1)

    def gates(self, s: Any) -> dict[str, pl.Gate]:
        u = s.xp.let(s.V / s.mV, "u")
        return {
            "n": pl.Gate(alpha=0.1 * s.xp.exprelr(-(u + 40) / 10) / s.ms,
                         beta=0.1 * s.xp.exp(-u / 80) / s.ms, power=4),
            "h": pl.Gate(steady=1 / (1 + s.xp.exp(u / 10)), tau=3 * s.ms, scale=2),
        }  # fmt: skip


class Whole(pl.Channel):
    """A channel that writes its currents itself."""

    density = pl.parameter("2 nS", source="assumed")
    permeation = pl.Ohmic("K")

    def currents(self, s: Any) -> dict[str, Any]:
        return {"K": self.density * (s.V - s.E["K"]) * s.xp.minimum(1, s.outside.K / (5 * s.mM))}


class Shares(pl.Channel):
    """Uses each value three times and names none: written out, a trillion terms."""

    permeation = pl.Ohmic("K")

    def open_probability(self, s: Any) -> Any:
        value = s.V / (1000 * s.mV)
        for _ in range(40):
            value = (value * value + value) / 2
        return value


@pytest.mark.parametrize(
    "mechanism",
    [
        Schemed(density="3 nS"), Odd(density="2 nS"), Gated(density="1e-6 cm/s"), Whole(),
                LuoRudyPump(density="30 pA"), ClC2(density="0.1 mS/cm^2"),
    ],
    ids=lambda item: type(item).__name__,
)  # fmt: skip
def test_a_mechanism_of_ones_own_makes_a_card_with_the_same_numbers(mechanism: Any) -> None:
    """Schemes, gates, renamed parameters, currents written out, transporters."""
    made = same(mechanism)
    expected, got = (pl.trace(membrane(item)) for item in (mechanism, made))

    assert [state.name for state in expected.states] == [state.name for state in got.states]


def test_a_value_used_many_times_is_written_once() -> None:
    """Where the code names nothing, the card does."""
    card = loads_card(export_card(Shares(density="1 nS"), **MINE))

    same(Shares(density="1 nS"))
    assert 0 < len(card.physics.definitions) < 100
    assert len(card.source.text) < 20_000


def test_values_in_force_become_the_cards_own() -> None:
    """With the source that they had: the user's."""
    card = loads_card(export_card(ClC2(density="0.1 mS/cm^2", gating=pl.Constant(p=0.2)), **MINE))

    assert "0.1 mS/cm^2" == str(card.parameters["density"].value)
    assert "given by the user" == card.parameters["density"].source


@pytest.mark.parametrize("text", [LEAK, FULL])
def test_a_cards_own_mechanism_is_exported_as_the_same_physics(text: str) -> None:
    """There and back, under the same name."""
    card = loads_card(text)
    again = loads_card(export_card(card.mechanism_class))

    assert (card.id, card.version, card.license) == (again.id, again.version, again.license)
    assert card.physics.gates.keys() == again.physics.gates.keys()
    assert card.physics.links == again.physics.links
    assert tables_of_card(again) == tables_of_card(loads_card(dumps_card(again)))


class Opaque(pl.Mechanism):
    ions = ("K",)
    opaque = True

    def current(self, s: Any) -> dict[str, Any]:
        return {"K": 0.0}


class Branches(pl.Channel):
    permeation = pl.Ohmic("K")

    def open_probability(self, s: Any) -> Any:
        return 1.0 if s.V > 0 * s.mV else 0.5


class Strange(pl.Channel):
    permeation = pl.Ohmic("K")

    def open_probability(self, s: Any) -> Any:
        return s.xp.gamma(s.V / s.mV)


@pytest.mark.parametrize(
    ("mechanism", "message"),
    [
        (Opaque(), "is declared opaque"),
        (Branches(density="1 nS"), "decides a Python 'if'"),
        (Strange(density="1 nS"), "has no 'gamma'"),
    ],
    ids=["opaque", "if", "function"],
)
def test_what_cannot_be_a_card_is_refused_with_the_reason(mechanism: Any, message: str) -> None:
    """Naming the mechanism."""
    with pytest.raises(pl.PumpleakError, match=message) as caught:
        export_card(mechanism, **MINE)
    assert type(mechanism).__name__ in str(caught.value)


def test_what_no_plugin_registers_must_be_given_its_name_and_licence() -> None:
    """Nothing is made up."""
    with pytest.raises(pl.CompositionError, match="give the card an id"):
        export_card(ClC2())
    with pytest.raises(pl.CompositionError, match="SPDX"):
        export_card(ClC2(), id="lab.x")
    with pytest.raises(pl.CompositionError, match="makes no card"):
        export_card(ClC2(), id="lab x", license="MIT")
    with pytest.raises(pl.CompositionError, match="CustomChannel cannot be made without values"):
        export_card(pl.CustomChannel, **MINE)
    with pytest.raises(pl.CompositionError, match="expected a mechanism"):
        export_card(3, **MINE)  # type: ignore[arg-type]


def test_definitions_have_the_names_that_the_code_gives_them() -> None:
    """What a mechanism names in its function keeps that name in the card."""

    class Named(pl.CustomChannel):
        """A leak whose open probability is worked out in a named step."""

        def open_probability(self, s: pl.LocalState) -> Any:
            step = s.xp.let(s.V / s.VT, "reduced_voltage")
            return 1 / (1 + s.xp.exp(-step)) + 0 * step

    made = Named(name="leak", permeation=pl.Ohmic("K"), density="1 nS")
    written = pl.export_card(made, id="lab.leak", license="CC-BY-4.0")

    assert 'reduced_voltage = "V / VT"' in written
