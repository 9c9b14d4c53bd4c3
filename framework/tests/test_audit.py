"""The thermodynamic audit: rows, sums, what breaks the second law, and the picture."""

from __future__ import annotations

import json
import math
from typing import Any, ClassVar

import pytest
from building import membrane, reference_a
from hypothesis import given, settings
from hypothesis import strategies as st

import pumpleak as pl

ROUNDING = 1e-12


class SodiumLeak(pl.Channel):
    permeation = pl.Ohmic("Na")


class PotassiumLeak(pl.Channel):
    permeation = pl.Ohmic("K")


class ChlorideLeak(pl.Channel):
    permeation = pl.Ohmic("Cl")


class CationLeak(pl.Channel):
    permeation = pl.GHK(K=1, Na=0.05)


class Pump(pl.Transporter):
    stoichiometry: ClassVar = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return (s.inside.Na / s.outside.Na) ** 3


class Exporter(pl.Transporter):
    """Potassium and chloride out together, as far as their gradients pay."""

    stoichiometry: ClassVar = {"K": 1, "Cl": 1}

    def driving_force(self, s: Any) -> Any:
        return s.E["Cl"] - s.E["K"]


class Importer(pl.Transporter):
    """Sodium, potassium and two chlorides in together."""

    stoichiometry: ClassVar = {"Na": -1, "K": -1, "Cl": -2}

    def activity(self, s: Any) -> Any:
        ratio = s.outside.Na * s.outside.K * s.outside.Cl**2
        return s.xp.log(ratio / (s.inside.Na * s.inside.K * s.inside.Cl**2))


class FreeLunch(pl.Transporter):
    """Potassium and chloride in, whatever it costs: no such thing exists."""

    stoichiometry: ClassVar = {"K": -1, "Cl": -1}

    def activity(self, s: Any) -> Any:
        return 1.0


def steady_membrane(*more: pl.Mechanism, **factor: float) -> pl.Membrane:
    """Return a cell whose ions and volume are free; densities times the factors."""
    scale = {"na": 1.0, "k": 1.0, "cl": 1.0, "pump": 1.0, "kcc": 1.0, **factor}
    return membrane(
        SodiumLeak(name="na", density=f"{0.02 * scale['na']} mS/cm^2"),
        PotassiumLeak(name="k", density=f"{0.35 * scale['k']} mS/cm^2"),
        ChlorideLeak(name="cl", density=f"{0.2 * scale['cl']} mS/cm^2"),
        Pump(name="pump", density=f"{1000 * scale['pump']} uA/cm^2"),
        Exporter(name="kcc", density=f"{0.02 * scale['kcc']} mS/cm^2"),
        *more,
        inside=pl.Solution(
            concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"},
            impermeant="156.1 mM",
            impermeant_valence=-0.85,
        ),
        outside=pl.Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        area="785.4 um^2",
        compartments=pl.Compartments(free=["Na", "K", "Cl"], volume="1963.5 fL", swells=True),
    )


@pytest.fixture(scope="module")
def steady() -> pl.Audit:
    importer = Importer(name="nkcc", density="1e-12 mol/s/cm^2")
    return pl.audit(pl.steady(steady_membrane(importer))[0])


def test_at_a_steady_state_all_that_atp_gives_is_dissipated(steady: pl.Audit) -> None:
    """With pump, leaks, exporter and importer, power in is power dissipated to 1e-12 of itself."""
    assert steady.power_in_W > 1e-13
    assert steady.power_in_W == pytest.approx(steady.dissipated_W, rel=ROUNDING, abs=0)
    assert abs(steady.closure) < ROUNDING
    assert () == steady.problems
    assert () == steady.clamp


factors = st.floats(0.3, 3.0)


@settings(deadline=None, max_examples=40)
@given(na=factors, k=factors, cl=factors, pump=factors, kcc=st.floats(0.0, 20.0))
def test_power_closes_whatever_the_densities(
    na: float, k: float, cl: float, pump: float, kcc: float
) -> None:
    """At each steady state power in is power dissipated, and every flux runs downhill."""
    cell = steady_membrane(na=na, k=k, cl=cl, pump=pump, kcc=kcc)
    for state in pl.steady(cell, starts=0):
        found = pl.audit(state)

        assert found.power_in_W == pytest.approx(found.dissipated_W, rel=ROUNDING, abs=0)
        assert () == found.problems


@settings(deadline=None, max_examples=60)
@given(
    V=st.floats(-150, 100),
    sodium=st.floats(1, 300),
    potassium=st.floats(1, 300),
    chloride=st.floats(1, 300),
)
def test_channels_only_ever_dissipate(
    V: float, sodium: float, potassium: float, chloride: float
) -> None:
    """Ohmic and constant-field currents never run uphill, at any voltage and concentrations."""
    cell = membrane(
        CationLeak(density="1e-6 cm/s"),
        ChlorideLeak(density="0.1 mS/cm^2"),
        inside=pl.Solution(
            concentrations={
                "Na": f"{sodium} mM", "K": f"{potassium} mM", "Cl": f"{chloride} mM",
            }
        ),
    )  # fmt: skip
    found = pl.audit(pl.RestingState(pl.ClampedProblem(cell), V))

    assert () == found.problems
    assert all((row.dissipated_W or 0.0) > -1e-25 for row in found.rows)


def test_a_cycles_free_energy_is_that_of_the_textbook() -> None:
    """Na 12/145, K 140/4 mM at -70 mV and 37 degC: 44.37 kJ/mol of work, 12.63 of 57 dissipated."""
    cell = membrane(
        Pump(name="pump", density="1 uA/cm^2"),
        inside=pl.Solution(concentrations={"Na": "12 mM", "K": "140 mM"}),
        outside=pl.Solution(concentrations={"Na": "145 mM", "K": "4 mM"}),
    )
    row = pl.audit(pl.RestingState(pl.ClampedProblem(cell), -70.0)).row("pump")
    assert row.affinity_kJ_per_mol is not None
    assert row.flux_per_s is not None

    assert 57 - 44.3677949724582 == pytest.approx(row.affinity_kJ_per_mol, rel=1e-9)
    assert -57.0 == row.dG_ATP_kJ_per_mol
    assert row.dissipated_W == pytest.approx(
        row.flux_per_s / 6.02214076e23 * row.affinity_kJ_per_mol * 1000, rel=1e-12, abs=0
    )


def test_each_row_takes_as_much_as_it_gives(steady: pl.Audit) -> None:
    """What a row draws from gradients and ATP is what it dissipates."""
    for row in steady.rows:
        drawn = math.fsum([row.ATP_W, *(power for _, power in row.drawn_W)])

        assert row.dissipated_W == pytest.approx(drawn, rel=1e-9, abs=1e-12 * steady.power_in_W)


def test_where_concentrations_are_held_the_clamp_does_the_rest() -> None:
    """At clamped ions the clamp's power closes the sum, and a note says that it is there."""
    found = pl.audit(pl.rest(reference_a())[0])

    assert {"K", "Na", "Cl"} == {ion.ion for ion in found.clamp}
    assert found.power_in_W + found.clamp_W == pytest.approx(
        found.dissipated_W, rel=ROUNDING, abs=0
    )
    assert abs(found.clamp_W) > 0.05 * found.dissipated_W
    assert any("held by work that is not seen" in note for note in found.notes)


def test_held_ions_beside_free_ones_are_the_clamps() -> None:
    """With chloride held and out of balance, its clamp alone stands in the account."""
    cell = steady_membrane()
    state = pl.steady(cell)[0]
    at_rest = state.problem.membrane_at(state.found)
    held = at_rest.evolve({"inside.Cl": "12 mM"})
    found = pl.audit(pl.RestingState(pl.ClampedProblem(held), state.V_mV))

    works = {ion.ion: ion.power_W for ion in found.clamp}

    assert works["Cl"] > 100 * abs(works["Na"])


def test_a_law_that_runs_uphill_for_free_is_named_with_its_owner() -> None:
    """A transporter that loads potassium and chloride without paying is a problem with a name."""
    cell = steady_membrane(FreeLunch(name="lunch", density="1e-13 mol/s/cm^2"))
    found = pl.audit(pl.steady(cell)[0])

    assert "uphill for free" == found.row("lunch").verdict
    assert found.row("lunch").agrees is False
    assert 1 == len(found.problems)
    assert "lunch (class FreeLunch of " in found.problems[0]
    assert "runs uphill for free" in found.problems[0]
    assert "PROBLEM" in str(found)
    assert abs(found.closure) < ROUNDING


def test_a_cotransporter_at_its_equilibrium_is_no_problem() -> None:
    """Where its gradients balance, the sign of a flux is rounding and none is blamed."""
    cell = membrane(
        PotassiumLeak(name="k", density="0.1 mS/cm^2"),
        Exporter(name="kcc", density="0.02 mS/cm^2"),
        inside=pl.Solution(concentrations={"K": "140 mM", "Cl": f"{110 * 4 / 140!r} mM"}),
        outside=pl.Solution(concentrations={"K": "4 mM", "Cl": "110 mM"}),
    )
    found = pl.audit(pl.rest(cell)[0])

    assert found.row("kcc").verdict in ("balanced", "idle")
    assert () == found.problems


def test_an_idle_transporter_is_no_problem() -> None:
    """A density of zero has no flux, whatever its affinity."""
    row = pl.audit(pl.steady(steady_membrane(kcc=0.0))[0]).row("kcc")

    assert "idle" == row.verdict
    assert 0.0 == row.dissipated_W


@pytest.mark.parametrize(
    ("permeation", "why"),
    [
        (pl.Ohmic("K", reversal="-77 mV"), "fixed reversal potential"),
        (pl.Ohmic("nonspecific", reversal="-54 mV"), "no named ion"),
    ],
)
def test_what_has_no_free_energy_is_left_out_and_named(permeation: Any, why: str) -> None:
    """A fixed reversal potential and a nonspecific current cannot be audited, and it says so."""
    leak = pl.CustomChannel(name="leak", permeation=permeation, density="0.1 mS/cm^2")
    found = pl.audit(pl.rest(membrane(leak, Pump(name="pump", density="10 uA/cm^2")))[0])

    assert found.row("leak").dissipated_W is None
    assert found.row("leak").agrees is None
    assert any("leak cannot be audited" in note and why in note for note in found.notes)
    assert abs(found.closure) < ROUNDING


class Pooled(pl.Mechanism):
    ions = ("Ca",)
    pools: ClassVar = {"Ca": ("1e-7 mM", "1 mM")}

    def states(self, s: Any) -> Any:
        return {"Ca": pl.Pool(change=(1e-4 * s.mM - s.own.Ca) / s.ms)}

    def current(self, s: Any) -> Any:
        return {"Ca": s.nS * (s.V - s.VT * s.xp.log(s.outside.Ca / s.own.Ca) / 2)}


def test_a_mechanism_with_its_own_pool_is_left_out() -> None:
    """A pool's concentration is nobody else's, so its free energy is not the membrane's."""
    cell = membrane(
        Pooled(name="pooled"),
        PotassiumLeak(name="k", density="10 nS"),
        inside=pl.Solution(concentrations={"K": "140 mM", "Ca": "1e-4 mM"}),
        outside=pl.Solution(concentrations={"K": "4 mM", "Ca": "1.5 mM"}),
    )
    row = pl.audit(pl.rest(cell)[0]).row("pooled")

    assert "not audited" == row.verdict
    assert "pool of its own" in row.remark


class Coupled(pl.Mechanism):
    """Sodium in drives chloride in against its gradient, without saying in which ratio."""

    ions = ("Na", "Cl")
    sign = 1.0

    def current(self, s: Any) -> Any:
        return {"Na": -self.sign * s.pA, "Cl": 0.2 * self.sign * s.pA}


class Backward(Coupled):
    sign = -1.0


def test_a_mechanism_without_stoichiometry_is_audited_as_a_whole() -> None:
    """One ion may run uphill where another pays; the sum may not."""
    leak = PotassiumLeak(name="k", density="10 nS")
    sound = pl.audit(pl.rest(membrane(Coupled(name="both"), leak))[0])
    wrong = pl.audit(pl.rest(membrane(Backward(name="both"), leak))[0])

    assert "downhill" == sound.row("both").verdict
    assert () == sound.problems
    assert "uphill for free" == wrong.row("both").verdict
    assert "class Backward" in wrong.problems[0]


class OwnEnergy(Pump):
    """A pump whose law knows its own free energy of ATP, 40 kJ/mol."""

    def affinity(self, s: Any) -> Any:
        work = 3 * (s.E["Na"] - s.V) - 2 * (s.E["K"] - s.V)
        return 40e3 - s.F * work


def test_a_law_that_states_its_affinity_is_taken_at_its_word() -> None:
    """Its free energy of ATP is its own, not the membrane's, and a note says so."""
    cell = membrane(
        OwnEnergy(name="pump", density="30 uA/cm^2"), PotassiumLeak(name="k", density="10 nS")
    )
    found = pl.audit(pl.rest(cell)[0])

    assert -40.0 == pytest.approx(found.row("pump").dG_ATP_kJ_per_mol, rel=1e-9)
    assert any(note.startswith("pump: its own law") for note in found.notes)
    assert abs(found.closure) < ROUNDING


class Liar(Pump):
    """Carries ions in another ratio than its stoichiometry says."""

    def currents(self, s: Any) -> Any:
        cycles = self.cycles(s)
        return {"Na": 3.3 * s.F * cycles, "K": -2 * s.F * cycles}


def test_currents_that_break_their_stoichiometry_do_not_close() -> None:
    """The sum of power shows a transporter whose ions are not those of its cycle."""
    whole = steady_membrane()
    mechanisms = [
        Liar(name="pump", density="1000 uA/cm^2") if part.label == "pump" else part
        for part in whole.mechanisms
    ]
    cell = membrane(
        *mechanisms,
        inside=whole.inside,
        outside=whole.outside,
        area="785.4 um^2",
        compartments=whole.compartments,
    )
    found = pl.audit(pl.steady(cell)[0])

    assert abs(found.closure) > 1e-3
    assert any("power in and power dissipated differ" in problem for problem in found.problems)


def test_the_table_stays_within_a_hundred_columns(steady: pl.Audit) -> None:
    """Every line fits, and every mechanism has its row."""
    text = str(steady)

    assert max(map(len, text.splitlines())) <= 100
    assert all(row.name in text for row in steady.rows)
    assert "<table>" in steady._repr_html_()
    assert repr(steady).startswith("Audit(sound: ")


def test_an_audit_is_plain_data_too(steady: pl.Audit) -> None:
    """The JSON form holds sums, rows and problems."""
    data = json.loads(json.dumps(steady.to_dict(), allow_nan=False))

    assert "pumpleak.audit/1" == data["schema"]
    assert steady.power_in_W == data["power_in_W"]
    assert [row.name for row in steady.rows] == [row["name"] for row in data["rows"]]
    assert {"ion": "Na", "out": 3} in data["rows"][3]["moves"]


def test_asking_for_an_unknown_row_offers_near_names(steady: pl.Audit) -> None:
    """A misspelt mechanism is an error with a suggestion."""
    with pytest.raises(pl.CompositionError, match="did you mean 'pump'"):
        steady.row("pmup")
