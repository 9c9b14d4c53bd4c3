"""Balance: the smallest change of densities that makes a wanted rest one, or why there is none."""

from __future__ import annotations

import json
import math
from typing import Any, ClassVar

import attrs
import pytest
from building import K2P, NALCN, ClC2, LuoRudyPump, membrane, reference_a
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pumpleak as pl
from pumpleak.units._quantity import AMOUNT, VOLUME, internal

PARTS = ("k2p", "nalcn", "clc2", "pump")


class SodiumLeak(pl.Channel):
    permeation = pl.Ohmic("Na")


class PotassiumLeak(pl.Channel):
    permeation = pl.Ohmic("K")


class ChlorideLeak(pl.Channel):
    permeation = pl.Ohmic("Cl")


class Pump(pl.Transporter):
    stoichiometry: ClassVar = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return (s.inside.Na / s.outside.Na) ** 3


class Exporter(pl.Transporter):
    stoichiometry: ClassVar = {"K": 1, "Cl": 1}

    def driving_force(self, s: Any) -> Any:
        return s.E["Cl"] - s.E["K"]


def cell(
    na: float = 1.0,
    k: float = 1.0,
    cl: float = 1.0,
    pump: float = 1.0,
    kcc: float = 1.0,
    **given: Any,
) -> pl.Membrane:
    """Return a cell whose ions and volume are free; densities times the factors."""
    return membrane(
        SodiumLeak(name="na", density=f"{0.02 * na} mS/cm^2"),
        PotassiumLeak(name="k", density=f"{0.35 * k} mS/cm^2"),
        ChlorideLeak(name="cl", density=f"{0.2 * cl} mS/cm^2"),
        Pump(name="pump", density=f"{1000 * pump} uA/cm^2"),
        Exporter(name="kcc", density=f"{0.02 * kcc} mS/cm^2"),
        inside=pl.Solution(
            concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"},
            impermeant="156.1 mM",
            impermeant_valence=-0.85,
        ),
        outside=pl.Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        area=None if "shape" in given else "785.4 um^2",
        compartments=pl.Compartments(
            **{"free": ["Na", "K", "Cl"], "volume": "1963.5 fL", "swells": True, **given}
        ),
    )


def at_rest(state: pl.SteadyState) -> pl.Membrane:
    """Return the membrane whose own concentrations and volume are a steady state's."""
    found = state.problem.membrane_at(state.found)
    settled = attrs.evolve(
        found.compartments,
        volume=internal(state.volume_fL, VOLUME),
        impermeant_amount=internal(state.problem.values["impermeant"], AMOUNT),
    )
    return attrs.evolve(found, compartments=settled)


def factors(found: pl.Balanced) -> dict[str, float | None]:
    return {change.name.removesuffix(".density"): change.factor for change in found.changes}


densities = st.floats(0.1, 10.0)


@settings(deadline=None, max_examples=60)
@given(
    k=densities,
    na=densities,
    cl=densities,
    pump=st.floats(0, 3),
    free=st.sets(st.sampled_from(PARTS)),
)
def test_a_clamped_membrane_at_rest_stays_as_it_is(
    k: float, na: float, cl: float, pump: float, free: set[str]
) -> None:
    """Balancing where a membrane already rests changes no density, whichever are free."""
    assume(free)
    given_cell = membrane(
        K2P(name="k2p", density=f"{k * 1e-6} cm/s"),
        NALCN(name="nalcn", density=f"{na * 4e-8} cm/s"),
        ClC2(name="clc2", density=f"{cl * 0.02} mS/cm^2"),
        LuoRudyPump(name="pump", density=f"{pump * 1.5} uA/cm^2"),
    )
    V = pl.rest(given_cell)[0].V_mV

    found = pl.balance(given_cell, free=sorted(free), V=f"{V!r} mV")

    assert "balanced" == found.status
    for change in found.changes:
        assert change.old.value == pytest.approx(change.new.value, rel=1e-9, abs=0)


@settings(deadline=None, max_examples=40)
@given(
    na=densities, k=densities, cl=densities, pump=densities, kcc=densities,
    free=st.sets(st.sampled_from(["na", "k", "cl", "pump", "kcc"]), min_size=1),
)  # fmt: skip
def test_a_steady_membrane_at_rest_stays_as_it_is(
    na: float, k: float, cl: float, pump: float, kcc: float, free: set[str]
) -> None:
    """The same with ions and volume free: balance undoes nothing that a steady state has."""
    states = pl.steady(cell(na, k, cl, pump, kcc), starts=0)
    assume(len(states))
    settled = at_rest(states[0])

    found = pl.balance(settled, free=sorted(free), V=f"{states[0].V_mV!r} mV")

    assert "balanced" == found.status, found.message
    for change in found.changes:
        assert change.old.value == pytest.approx(change.new.value, rel=1e-9, abs=0)
    assert () == found.notes


@settings(deadline=None, max_examples=60)
@given(
    V=st.floats(-120, 60),
    scale=st.lists(st.floats(0.01, 100), min_size=4, max_size=4),
    free=st.sets(st.sampled_from(PARTS), min_size=1),
)
def test_the_answer_is_a_rest_without_negative_densities_or_a_proof_that_there_is_none(
    V: float, scale: list[float], free: set[str]
) -> None:
    """At any voltage, balanced means a resting state; if not, current stays at any densities."""
    whole = reference_a().evolve(
        {
            "k2p.density": f"{scale[0] * 1e-6} cm/s",
            "nalcn.density": f"{scale[1] * 4e-8} cm/s",
            "clc2.density": f"{scale[2] * 0.02} mS/cm^2",
            "pump.density": f"{scale[3] * 1.5} uA/cm^2",
        }
    )
    found = pl.balance(whole, free=sorted(free), V=f"{V!r} mV")

    assert all(change.new.value >= 0 for change in found.changes)
    if found.status == "balanced":
        assert found.state is not None
        assert V == pytest.approx(found.state.V_mV, abs=1e-6)
        assert () == found.unmet
    else:
        # one demand fails only where all that may change pushes the same way as the rest
        now = pl.ClampedProblem(whole).currents(V)
        held = math.fsum(i for (label, _), i in now.items() if label not in free)
        pushes = [math.fsum(i for (label, _), i in now.items() if label == part) for part in free]
        assert all(push * held >= 0 for push in pushes)
        if held:
            assert held == pytest.approx(found.unmet[0].amount, rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(V=st.floats(-110, -20), sodium=st.floats(5, 60), chloride=st.floats(2, 60))
def test_steady_answers_are_steady_states(V: float, sodium: float, chloride: float) -> None:
    """Whatever rest is wanted, a balanced cell has it as a steady state, found again by solving."""
    wanted = {"inside.Na": f"{sodium!r} mM", "inside.Cl": f"{chloride!r} mM"}
    found = pl.balance(cell(), free=["na", "k", "cl", "pump", "kcc"], V=f"{V!r} mV", at=wanted)

    assert all(change.new.value >= 0 for change in found.changes)
    if found.status == "balanced":
        assert isinstance(found.state, pl.SteadyState)
        assert V == pytest.approx(found.state.V_mV, abs=1e-6)
        assert sodium == pytest.approx(found.state.inside_mM["Na"], rel=1e-8)
        assert chloride == pytest.approx(found.state.inside_mM["Cl"], rel=1e-8)
        assert not any("solving it again" in note for note in found.notes)
    else:
        assert found.unmet


def test_one_density_is_what_the_other_currents_ask_for() -> None:
    """With the sodium leak free, its new density carries exactly what all others leave over."""
    whole = reference_a()
    now = pl.ClampedProblem(whole).currents(-70.0)
    of_leak = math.fsum(i for (label, _), i in now.items() if label == "nalcn")
    others = math.fsum(i for (label, _), i in now.items() if label != "nalcn")

    found = pl.balance(whole, free="nalcn.density", V="-70 mV")

    assert -others / of_leak == pytest.approx(found.changes[0].factor, rel=1e-12)
    assert found.state is not None
    assert -70.0 == pytest.approx(found.state.V_mV, abs=1e-9)
    assert "stable" in found.message


def test_as_few_densities_as_can_be_move() -> None:
    """One demand is met by one density, the one with the strongest lever; the rest stay exactly."""
    found = pl.balance(reference_a(), free=PARTS, V="-70 mV")

    assert 1 == sum(change.new != change.old for change in found.changes)
    best = min(
        abs((one.changes[0].factor or 0.0) - 1)
        for one in (pl.balance(reference_a(), free=[part], V="-70 mV") for part in PARTS)
        if one.status == "balanced"
    )
    moved = next(change for change in found.changes if change.new != change.old)
    assert best == pytest.approx(abs((moved.factor or 0.0) - 1), rel=1e-9)


def test_the_impermeant_solute_closes_charge_and_osmolarity() -> None:
    """At steady ions with a capacitance the solute follows from V, and it is said."""
    found = pl.balance(cell(), free=["na", "k", "cl"], V="-70 mV")
    assert found.membrane is not None
    inside, outside = found.membrane.inside, found.membrane.outside

    assert any(note.startswith("impermeant solute inside set to") for note in found.notes)
    assert outside.osmolarity_mM == pytest.approx(inside.osmolarity_mM, rel=1e-12)
    assert -70.0 == found.membrane.compartments.start_voltage.value


@pytest.mark.parametrize(
    "given",
    [
        {"swells": False},
        {"charge": "electroneutral"},
        {"shape": "sphere"},
        {"outside_volume": "700 fL"},
        {"infer_impermeant": True, "charge": "electroneutral"},
    ],
)
def test_every_kind_of_closure_is_balanced(given: dict[str, Any]) -> None:
    """Held volume, neutrality, a sphere, a finite space outside: each has the wanted state."""
    found = pl.balance(cell(**given), free=["na", "k", "cl", "pump"], V="-68 mV")

    assert "balanced" == found.status, found.message
    assert found.state is not None
    assert -68.0 == pytest.approx(found.state.V_mV, abs=1e-5)
    assert not any("solving it again" in note for note in found.notes)


def test_input_resistance_is_a_demand_like_the_others() -> None:
    """Two densities meet a voltage and a slope resistance together."""
    found = pl.balance(
        reference_a(), free=["k2p", "nalcn"], V="-66 mV", input_resistance="900 MOhm"
    )

    assert isinstance(found.state, pl.RestingState)
    assert 900.0 == pytest.approx(found.state.input_resistance_MOhm, rel=1e-9)
    assert -66.0 == pytest.approx(found.state.V_mV, abs=1e-9)


def test_an_input_resistance_out_of_reach_is_named() -> None:
    """Conductances can only be added: what is held is more than the wanted one."""
    found = pl.balance(
        reference_a(), free=["nalcn", "pump"], V="-65 mV", input_resistance="5000 MOhm"
    )

    assert "input resistance" in [item.demand for item in found.unmet]


def test_a_mechanism_at_zero_can_be_switched_on() -> None:
    """A density of zero is measured against what would carry all other currents."""
    whole = reference_a().evolve({"nalcn.density": "0 cm/s"})
    found = pl.balance(whole, free=["nalcn"], V="-70 mV")

    assert found.changes[0].factor is None
    assert found.changes[0].new.value > 0


def test_new_densities_keep_the_units_of_the_old() -> None:
    """A file written in mS/cm^2 stays in mS/cm^2."""
    found = pl.balance(reference_a(), free=["clc2", "pump"], V="-70 mV")

    assert ["mS/cm^2", "uA/cm^2"] == [change.new.unit for change in found.changes]


def test_other_rests_of_the_balanced_membrane_are_told() -> None:
    """Balancing at the unstable state between two stable ones tells of both."""
    from building import reference_a2

    whole = reference_a2()
    middle = next(state for state in pl.rest(whole) if not state.stable)

    found = pl.balance(whole, free=["nalcn"], V=f"{middle.V_mV!r} mV")

    assert 2 == len(found.others_mV)
    assert "so nothing stays there" in found.message


def test_held_ions_at_steady_ions_are_left_to_their_holder() -> None:
    """An ion that is not free may keep a net current, and a note says how much."""
    found = pl.balance(cell(free=["Na", "K"]), free=["na", "k"], V="-60 mV")

    assert any(note.startswith("Cl is held: its net current of") for note in found.notes)


class Squared(pl.Channel):
    permeation = pl.Ohmic("K")

    def currents(self, s: Any) -> Any:
        return {"K": (self.density * s.area) ** 2 / s.nS * (s.V - s.E["K"])}


class NoDensity(pl.Mechanism):
    ions = ("K",)

    def current(self, s: Any) -> Any:
        return {"K": s.nS * (s.V - s.E["K"])}


@pytest.mark.parametrize(
    ("given", "error", "what"),
    [
        ({"free": ["pmup"]}, pl.CompositionError, "did you mean 'pump'"),
        ({"free": ["pump.turnover"]}, pl.CompositionError, "only densities can be balanced"),
        ({"free": []}, pl.CompositionError, "name at least one mechanism"),
        ({"V": "-70 nS"}, pl.UnitError, "V: expected a voltage"),
        ({"V": -70}, pl.UnitError, "V: "),
        ({"V": None}, pl.CompositionError, "say where the membrane is to rest"),
        ({"V": "-900 mV"}, pl.CompositionError, "outside the membrane's range"),
        ({"mode": "free"}, pl.CompositionError, "expected 'clamped' or 'steady'"),
        ({"mode": "steady"}, pl.CompositionError, "need to know what is free"),
        ({"input_resistance": "3 nS"}, pl.UnitError, "input_resistance: "),
        ({"input_resistance": "0 MOhm"}, pl.CompositionError, "must be above zero"),
    ],
)
def test_what_was_wrong_with_the_question_is_said(
    given: dict[str, Any], error: type[Exception], what: str
) -> None:
    """Names, units and modes are checked before anything is solved."""
    with pytest.raises(error, match=what):
        pl.balance(reference_a(), **{"free": ["pump"], "V": "-70 mV", **given})


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (Squared(name="x", density="0.1 mS/cm^2"), "is not linear in the density"),
        (NoDensity(name="x"), "x has no density"),
    ],
)
def test_what_is_not_linear_in_a_density_is_refused(part: pl.Mechanism, what: str) -> None:
    """A current that does not double with its density cannot be balanced for certain."""
    whole = membrane(part, SodiumLeak(name="na", density="1 nS"))

    with pytest.raises(pl.CompositionError, match=what):
        pl.balance(whole, free=["x"], V="-60 mV")


def test_bounds_of_a_density_hold() -> None:
    """A density that its class bounds stays within, and what is left over is told."""

    class Bounded(pl.Channel):
        permeation = pl.Ohmic("Na")
        density = pl.parameter("1 nS", source="assumed", bounds=(0, 2))

    whole = membrane(Bounded(name="na"), PotassiumLeak(name="k", density="30 nS"))
    found = pl.balance(whole, free=["na"], V="-60 mV")

    assert "cannot be balanced" == found.status
    assert 2.0 == found.changes[0].new.value


def test_the_report_and_the_plain_data_say_the_same() -> None:
    """Text stays within a hundred columns; JSON holds what changed and what is unmet."""
    good = pl.balance(reference_a(), free=PARTS, V="-70 mV")
    bad = pl.balance(cell(), free=["pump"], V="-70 mV")

    for found in (good, bad):
        data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert max(map(len, str(found).splitlines())) <= 100
        assert found.status == data["status"]
        assert [item.demand for item in found.unmet] == [row["demand"] for row in data["unmet"]]
        assert "<table>" in found._repr_html_()
        assert found.status in repr(found)
    assert "cannot be met" in str(bad)
