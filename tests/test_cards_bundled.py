"""Every bundled channel and transporter as a card: the same numbers, in every number system."""

from __future__ import annotations

import math
import re

import attrs
import numpy as np
import pytest
from pages import EXAMPLES

import pumpleak as pl
from pumpleak.cards import export_card, loads_card
from pumpleak.conformance import run_checks
from pumpleak.equations._trace import run
from pumpleak.host import default_host
from pumpleak.numbers._numbers import FloatSystem

NAMES = sorted(default_host().records("mechanisms"))
VOLTAGES = (-120.0, -77.3, -40.0, -10.0, 0.0, 12.5, 60.0)
#: Concentrations inside and outside, mM; the last without what may be missing.
CELLS = (
    {
        "inside": {"K": 140, "Na": 12, "Cl": 7, "Ca": 1e-4, "Mg": 0.5, "HCO3": 15, "H": 6.3e-5},
        "outside": {"K": 4, "Na": 145, "Cl": 115, "Ca": 1.8, "Mg": 1, "HCO3": 24, "H": 4e-5},
    },
    {
        "inside": {"K": 90, "Na": 40, "Cl": 30, "Ca": 3e-3, "Mg": 2, "HCO3": 8, "H": 2e-4},
        "outside": {"K": 12, "Na": 120, "Cl": 90, "Ca": 0.2, "Mg": 5, "HCO3": 30, "H": 1e-4},
    },
)
#: For mechanisms whose density is the user's to give: the first that they take.
DENSITIES = ("20 /um^2", "0.3 mS/cm^2", "1e-10 mol/s/cm^2")
WITHIN = 1e-12


def made(cls, **values):
    """Return a mechanism with a density that it takes."""
    if cls().incomplete() and any(cls().incomplete()):
        values = {"density": DENSITIES[0], **values}
    mechanism = cls(**values)
    for density in DENSITIES:
        try:
            pl.trace(membrane(CELLS[0], mechanism))
            return mechanism
        except pl.PumpleakError:
            mechanism = cls(**{**values, "density": density})
    return mechanism


def membrane(cell, *mechanisms, without=()):
    """Return a membrane in one of the cells, with the gate beside it that one channel reads."""
    sides = {
        side: pl.Solution(concentrations={
            ion: f"{value!r} mM" for ion, value in cell[side].items() if ion not in without
        })
        for side in ("inside", "outside")
    }  # fmt: skip
    if any(type(item).__name__ == "HuebelNa" for item in mechanisms):
        potassium = default_host().make("mechanisms", "gated.HuebelK")
        mechanisms = (*mechanisms, potassium(name="HuebelK", density="1 mS/cm^2"))
    return pl.Membrane(mechanisms=mechanisms, temperature="33 degC", area="1300 um^2", **sides)


def numbers(cell, mechanism, voltage, without=()):
    """Return everything a mechanism says at one voltage, by ordinary Python on floats."""
    values = {"V": voltage}
    label = mechanism.label
    for share, name in enumerate(("n", "m", "h", "j", "d", "f", "x", "open", "fast", "common")):
        values[f"{label}.{name}"] = 0.05 + 0.09 * share
    values |= {f"{label}.Ca": 3e-4, "HuebelK.n": 0.3}
    found = run(membrane(cell, mechanism, without=without), FloatSystem(values))
    rows = {f"current {ion}": value for (of, ion), value in found.currents.items() if of == label}
    rows |= {f"rate {s.name}": s.rate for s in found.states if s.name.startswith(label)}
    rows |= {f"cycles {of}": value for of, value in found.cycles.items()}
    rows |= {f"open {of}": value for of, value in found.open_fractions.items() if of == label}
    return rows


@pytest.fixture(scope="module")
def pairs():
    """Give each bundled mechanism and its card's."""
    found = {}
    for name in NAMES:
        code = made(default_host().make("mechanisms", name))
        card = loads_card(export_card(name)).mechanism(density=code.density)
        found[name] = code, card
    return found


def test_every_bundled_mechanism_can_be_a_card(pairs):
    """None is opaque or branches on numbers, so none is refused."""
    assert len(NAMES) > 40
    assert set(NAMES) == set(pairs)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_gives_the_same_currents_to_1e12(pairs, name):
    """Currents, rates of gates and pools, cycles and open probabilities, over V and solutions."""
    code, card = pairs[name]

    for cell in CELLS:
        for voltage in VOLTAGES:
            expected = numbers(cell, code, voltage)
            got = numbers(cell, card, voltage)

            assert list(expected) == list(got)
            for row, value in expected.items():
                assert math.isclose(value, got[row], rel_tol=WITHIN, abs_tol=0), (voltage, row)


@pytest.mark.parametrize("name", ["nalcn.NALCN", "k2p.TREK1"])
@pytest.mark.parametrize("without", [("Ca",), ("Mg",), ("Ca", "Mg", "H")])
def test_a_card_asks_what_the_membrane_holds_as_the_code_does(pairs, name, without):
    """A block by calcium is no block where there is no calcium."""
    code, card = pairs[name]

    assert numbers(CELLS[0], code, -50.0, without) == pytest.approx(
        numbers(CELLS[0], card, -50.0, without), rel=WITHIN
    )


def test_a_card_refuses_a_membrane_without_pH_as_the_code_does(pairs):
    """TASK-1 needs the pH outside, as code and as a card."""
    for mechanism in pairs["k2p.TASK1"]:
        with pytest.raises(pl.PhysicsError, match=r"pH|'H'"):
            numbers(CELLS[0], mechanism, -50.0, without=("H",))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_gives_the_same_kernel(pairs, name):
    """Traced with dimensions and symbols: many voltages at once, exact slopes, enclosures."""
    volts = np.linspace(-110.0, 50.0, 9)
    code, card = (pl.ClampedProblem(membrane(CELLS[0], item)) for item in pairs[name])
    if code.has_pools:
        pools = (3e-4,)
        for voltage in volts:
            assert code.currents(voltage, pools) == pytest.approx(
                card.currents(voltage, pools), rel=WITHIN
            )
        return

    for expected, got in zip(code.total(volts), card.total(volts), strict=True):
        assert expected == pytest.approx(got, rel=1e-11)
    lows, highs = np.array([-70.0, 10.0]), np.array([-60.0, 10.5])
    within = card.enclosure(lows, highs)[0]
    truth = code.total(np.array([-65.0, 10.25]))[0]
    assert np.all(within[0] <= truth)
    assert np.all(truth <= within[1])


def test_the_neuron_made_of_cards_rests_at_the_same_voltage():
    """A whole membrane with cards in place of code: same states, same proof."""
    code = pl.load(pl.bundled())
    cards = attrs.evolve(
        code, mechanisms=[loads_card(export_card(item)).mechanism(name=item.label)
                          for item in code.mechanisms],
    )  # fmt: skip
    expected, got = pl.rest(code), pl.rest(cards)

    assert expected.status == got.status == "found"
    assert expected.guarantee == got.guarantee
    assert [state.V_mV for state in expected.states] == pytest.approx(
        [state.V_mV for state in got.states], rel=WITHIN
    )
    assert all("card " in cards.owner_of(item) for item in cards.mechanisms)


def test_the_neuron_made_of_cards_is_the_same_in_compiled_kernels_and_with_steady_ions():
    """Many membranes at once to the last bit; concentrations and volume to rounding."""
    pytest.importorskip("llvmlite", reason="compiled kernels need the extra 'fast'")
    code = pl.load(EXAMPLES / "neuron_steady.toml")
    cards = attrs.evolve(
        code, mechanisms=[loads_card(export_card(item)).mechanism(name=item.label)
                          for item in code.mechanisms],
    )  # fmt: skip
    values = {"outside.K": np.linspace(2.0, 12.0, 7)}
    expected, got = (pl.solve_many(item, values).V_mV for item in (code, cards))

    assert np.array_equal(expected, got)
    assert [state.V_mV for state in pl.steady(code).states] == pytest.approx(
        [state.V_mV for state in pl.steady(cards).states], rel=1e-10
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_mechanism_passes_the_kit_as_a_card_too(name):
    """With the same outcome of every check, its claims and reference points among them."""
    code, card = (run_checks(target) for target in (name, loads_card(export_card(name))))
    # A card of its own does not know how the gate moves that it reads of another channel.
    apart = {"C023"} if name == "gated.HuebelNa" else set()
    expected, got = (
        {item.code: item.outcome for item in report.results if item.code not in apart}
        for report in (code, card)
    )

    assert card.ok, str(card)
    assert expected == got


def test_a_permeation_through_a_filter_keeps_its_ratios():
    """The filter's energies become numbers in the equations, for a card stands alone."""
    pore = pl.ThroughFilter(filter=default_host().make("filters", "k2p.TVGYG"), ions=("K", "Na"))
    code = pl.CustomChannel(density="1e-6 cm/s", permeation=pore, name="it")
    card = loads_card(export_card(code, id="lab.it", license="MIT")).mechanism()

    for voltage in VOLTAGES:
        assert numbers(CELLS[0], code, voltage) == pytest.approx(
            numbers(CELLS[0], card, voltage), rel=WITHIN
        )


@pytest.mark.parametrize("name", [name for name in NAMES if name != "atpase.FifteenState"])
def test_intermediate_results_have_names(name):
    """None is called x1: the reader of a card meets open probabilities and what sites take.

    A pump of fifteen states has many sums over its cycles, which have no names in the field either.
    """
    text = export_card(name)

    assert re.findall(r"\bx[0-9]+\b", text) == []
