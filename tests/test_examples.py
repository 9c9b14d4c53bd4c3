"""Every example rests where it says, and says where its numbers come from."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from click.testing import CliRunner
from pages import EXAMPLES, ROOT

import pumpleak as pl
from pumpleak import report
from pumpleak.cli import main

FILES = sorted(EXAMPLES.glob("*.toml"))
NAMES = [path.stem for path in FILES]
#: Between which voltages each must rest with clamped ions, mV; of several states, the stable ones.
WINDOWS_MV = {
    "cardiomyocyte_low_k": [(-96, -95.9)],
    "frog_muscle": [(-92, -88)],
    "glial_cell": [(-88, -82)],
    "neuron": [(-70, -65)],
    "neuron_steady": [(-70, -65)],
    "neuron_with_card": [(-72, -67)],
    "reference_a": [(-65.5, -65.4)],
    "reference_a2": [(-78.9, -78.8), (-33.4, -33.3)],
    "reference_b": [(-87.6, -87.5)],
    "squid_axon": [(-65, -60)],
    "your_own_membrane": [(-72, -66)],
}
#: The same with steady ions, for those that say what is free.
STEADY_WINDOWS_MV = {
    "neuron_steady": [(-72, -65)],
    "reference_b": [(-89.6, -89.5)],
}
#: Pools cannot be enclosed, so this one is searched.
SEARCHED = {"cardiomyocyte_low_k"}
#: A voltage as files print it when it is a known answer: ten digits or more behind the point.
_KNOWN = re.compile(r"-\d+\.\d{10,}")


@pytest.fixture(scope="module")
def rested():
    return {path.stem: pl.rest(path, prove=True) for path in FILES}


@pytest.fixture(scope="module")
def settled(rested):
    return {name: pl.steady(rested[name].membrane) for name in STEADY_WINDOWS_MV}


def leak_pA(state, ion):
    """Return the current of an ion through everything but transporters, pA."""
    membrane = state.problem.membrane
    return sum(
        current
        for (label, moved), current in state.currents_pA.items()
        if moved == ion and not isinstance(membrane.mechanism(label), pl.Transporter)
    )


def pumped_pA(state, ion):
    return sum(c for (_, moved), c in state.currents_pA.items() if moved == ion) - leak_pA(
        state, ion
    )


def test_every_example_has_its_window():
    """No example goes unchecked, in neither mode."""
    free = {path.stem for path in FILES if "steady" in tomllib.loads(path.read_text())}

    assert set(WINDOWS_MV) == set(NAMES)
    assert set(STEADY_WINDOWS_MV) == free


@pytest.mark.parametrize("name", NAMES)
def test_example_rests_inside_its_window(name, rested):
    """The status is found, and each stable state lies where the cell's does."""
    found = rested[name]

    assert "found" == found.status
    assert len(WINDOWS_MV[name]) == len(found.stable)
    for state, (low, high) in zip(found.stable, WINDOWS_MV[name], strict=True):
        assert low < state.V_mV < high
        assert abs(state.residual_pA) < 1e-9 * sum(map(abs, state.currents_pA.values()))


@pytest.mark.parametrize("name", STEADY_WINDOWS_MV)
def test_example_with_free_ions_comes_to_rest_inside_its_window(name, settled):
    """Concentrations and volume rest too, in one stable state."""
    found = settled[name]

    assert "found" == found.status
    assert len(STEADY_WINDOWS_MV[name]) == len(found.stable) == len(found)
    for state, (low, high) in zip(found.stable, STEADY_WINDOWS_MV[name], strict=True):
        assert low < state.V_mV < high
        assert abs(state.residual_pA) < 1e-9 * sum(map(abs, state.currents_pA.values()))


@pytest.mark.parametrize("name", NAMES)
def test_example_is_proved_complete_where_that_can_be(name, rested):
    """Only a membrane with a pool is searched without proof."""
    word = "searched" if name in SEARCHED else "proved complete"

    assert rested[name].guarantee.startswith(word)


@pytest.mark.parametrize("name", NAMES)
def test_example_says_where_its_numbers_come_from(name, rested):
    """Sources are given, comments open the file, and no source is empty."""
    text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert rested[name].membrane.sources
    assert all(source.strip() for source in rested[name].membrane.sources)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_report_of_an_example_prints_within_a_hundred_columns(path):
    """`pumpleak rest` prints a report, plain and narrow."""
    done = CliRunner().invoke(main, ["rest", str(path)])

    assert done.exit_code == 0, done.output
    assert done.output.startswith(tomllib.loads(path.read_text())["membrane"]["name"])
    assert max(map(len, done.output.splitlines())) <= 100


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_json_of_an_example_is_json(path, rested, settled):
    """`pumpleak rest --json` prints JSON with the voltages that Python finds, in both modes."""
    done = CliRunner().invoke(main, ["rest", str(path), "--json"])

    assert done.exit_code == 0, done.output

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    printed = json.loads(done.stdout, parse_constant=refuse)
    if path.stem in settled:
        assert [state.V_mV for state in settled[path.stem]] == [
            state["V_mV"] for state in printed["equilibria"]
        ]
        printed = printed["clamped"]
    assert [state.V_mV for state in rested[path.stem]] == [
        state["V_mV"] for state in printed["equilibria"]
    ]


@pytest.mark.parametrize("name", ["cardiomyocyte_low_k", "reference_a", "reference_a2"])
def test_example_with_known_answers_meets_them(name, rested):
    """The voltages in the comments, known to many digits, are met to 1e-9 mV."""
    text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    expected = [float(number) for number in _KNOWN.findall(comments)]

    assert expected
    assert expected == pytest.approx([state.V_mV for state in rested[name]], rel=0, abs=1e-9)


def test_reference_membrane_a_has_its_slope_conductance(rested):
    """0.0768463834231 mS/cm^2 over 1000 um^2 is 0.768463834231 nS."""
    assert 0.768463834231 == pytest.approx(rested["reference_a"][0].slope_nS, rel=1e-11)


def test_myocyte_in_low_potassium_has_three_rests_and_one_is_stable(rested):
    """None, one and two unstable directions; the last where the steady slope is positive."""
    states = rested["cardiomyocyte_low_k"].states

    assert [0, 1, 2] == [state.unstable_directions for state in states]
    assert ["stable", "saddle", "saddle"] == [state.kind for state in states]
    assert states[2].slope_nS > 0


def test_myocyte_in_normal_potassium_rests_once(rested):
    """At 5.4 mM the same file rests at -84.528570471018936 mV only."""
    membrane = rested["cardiomyocyte_low_k"].membrane.evolve({"outside.K": "5.4 mM"})

    (state,) = pl.rest(membrane)

    assert state.stable
    assert -84.528570471018936 == pytest.approx(state.V_mV, abs=1e-9)


def test_neuron_is_one_that_could_last(rested):
    """Input resistance, ATP and sodium balance are those of a mammalian neuron."""
    (state,) = rested["neuron"]

    assert 100 < state.input_resistance_MOhm < 300
    assert 1e8 < state.ATP_per_s < 5e8
    assert pumped_pA(state, "Na") == pytest.approx(-leak_pA(state, "Na"), rel=0.01)
    # 3 Na out for 2 K in
    assert pumped_pA(state, "Na") == pytest.approx(-1.5 * pumped_pA(state, "K"))


def test_neuron_with_free_ions_keeps_the_textbook_row(rested, settled):
    """It rests at Na 12, K 140, Cl 6 mM and 5 pL, as the clamped one does at these."""
    (state,) = settled["neuron_steady"]
    (held,) = rested["neuron_steady"]

    assert {"Na": 12, "K": 140, "Cl": 6} == pytest.approx(
        {ion: state.inside_mM[ion] for ion in ("Na", "K", "Cl")}, rel=0.01
    )
    assert 5000 == pytest.approx(state.volume_fL, rel=1e-3)
    assert held.V_mV == pytest.approx(state.V_mV, abs=0.01)
    assert held.ATP_per_s == pytest.approx(state.ATP_per_s, rel=1e-3)
    assert 100 < state.clamped.input_resistance_MOhm < 300
    assert 429 == pytest.approx(state.time_constants_s[0], rel=1e-3)


def test_neuron_with_free_ions_is_balanced_as_its_file_says(rested):
    """Balancing it for -68 mV and the textbook row changes no density by more than 2 %."""
    done = pl.balance(
        rested["neuron_steady"].membrane, free=["NALCN", "pump", "KCC2", "TASK3"], V="-68 mV"
    )

    assert "balanced" == done.status
    assert [1, 1, 1, 1] == pytest.approx([change.factor for change in done.changes], rel=0.02)


def test_neuron_with_free_ions_loses_its_gradients_without_its_pump(settled):
    """At once it depolarises by 7.3 mV; in the end it is at -0.5 mV and four times as large."""
    (state,) = report.breakdown(settled["neuron_steady"]).states

    assert -7.3 == pytest.approx(state.pump.adds_mV, abs=0.05)
    assert -0.473 == pytest.approx(state.run_down.V_mV, abs=1e-3)
    assert state.run_down.donnan.V_mV == pytest.approx(state.run_down.V_mV)
    assert 4.14 == pytest.approx(state.run_down.volume_fL / state.volume_fL, abs=0.01)


def test_calcium_and_magnesium_outside_keep_the_neuron_polarised(rested):
    """Without them NALCN is not blocked, and the neuron depolarises by more than 20 mV."""
    (state,) = rested["neuron"]
    bare = rested["neuron"].membrane.evolve({"outside.Ca": "0 mM", "outside.Mg": "0 mM"})

    assert pl.rest(bare)[0].V_mV > state.V_mV + 20


def test_chloride_is_two_thirds_of_the_frog_fibre(rested):
    """The chord conductance of ClC-1 is between 60 and 70 % of all."""
    (state,) = rested["frog_muscle"]
    membrane = rested["frog_muscle"].membrane
    chords = {
        key: current / (state.V_mV - membrane.nernst_mV(key[1]))
        for key, current in state.currents_pA.items()
        if key[0] != "pump"
    }

    assert 0.6 < chords["ClC1", "Cl"] / sum(chords.values()) < 0.7


def test_glial_cell_follows_outside_potassium(rested):
    """From 4 to 8 mM it moves by more than half of what E_K does."""
    (state,) = rested["glial_cell"]
    membrane = rested["glial_cell"].membrane
    high = membrane.evolve({"outside.K": "8 mM"})

    assert pl.rest(high)[0].V_mV - state.V_mV > 0.5 * (
        high.nernst_mV("K") - membrane.nernst_mV("K")
    )


def test_squid_axon_in_warm_water_still_rests_in_its_window(rested):
    """At 18.5 degC it rests between -60 and -65 mV too."""
    (state,) = pl.rest(rested["squid_axon"].membrane.evolve({"temperature": "18.5 degC"}))

    assert state.stable
    assert -65 < state.V_mV < -60


def test_bundled_neuron_is_the_example():
    """`pumpleak rest` without a file takes the very file that the docs show."""
    assert (EXAMPLES / "neuron.toml").read_bytes() == pl.bundled().read_bytes()


def test_examples_are_listed_in_the_index():
    """docs/index.md links every example."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")

    assert [] == [name for name in NAMES if f"(examples/{name}.toml)" not in index]


@pytest.mark.parametrize("name", NAMES)
def test_example_survives_being_written_and_read(name, rested):
    """A saved example is the same membrane and rests at the same voltages."""
    written = pl.dumps(rested[name].membrane)
    again = pl.rest(pl.loads(written, path=str(EXAMPLES / "written.toml")))  # cards lie beside it

    assert [state.V_mV for state in rested[name]] == [state.V_mV for state in again]
