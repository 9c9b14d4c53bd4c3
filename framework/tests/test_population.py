"""Populations: members solved together, labelled, and reduced on the way."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import OUTSIDE, reference_a2

import pumpleak as pl
from pumpleak.population import (
    Binning,
    Grid,
    Histogram,
    LogNormal,
    LogUniform,
    Map,
    Moments,
    Population,
    Quantiles,
)
from pumpleak.population import _solve as solving
from pumpleak.population._dataset import summary_dataset
from pumpleak.population._reduce import KINDS, STATUSES
from pumpleak.population._solve import solved, tallied
from pumpleak.population._summary import reductions
from pumpleak.population._tally import merged, to_bytes

xarray = pytest.importorskip("xarray")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LUO_RUDY = EXAMPLES / "cardiomyocyte_low_k.toml"
DRAWN = {
    "outside.K": LogUniform(low="2 mM", high="20 mM"),
    "pump.density": LogNormal(median="1.5 uA/cm^2", cv=0.4),
}


def test_each_member_rests_where_it_rests_alone() -> None:
    """Against `pumpleak.rest` of the membrane evolved to each member."""
    outputs = ["ATP_per_s", "current.pump.K"]
    found = Population(reference_a2(), DRAWN, members=20, seed=1, outputs=outputs).solve()

    for i in range(20):
        member = found.isel(member=i)
        density = f"{member['pump.density'].item()!r} pA/um^2"
        alone = reference_a2().evolve(
            {"outside.K": f"{member['outside.K'].item()!r} mM", "pump.density": density}
        )
        state = min(pl.rest(alone), key=lambda state: abs(state.V_mV - member.V.item()))
        assert member.V.item() == pytest.approx(state.V_mV, abs=1e-9)
        assert member.ATP_per_s.item() == pytest.approx(state.ATP_per_s, rel=1e-9)
        current = state.currents_pA["pump", "K"]
        assert member["current.pump.K"].item() == pytest.approx(current, rel=1e-9)
        assert STATUSES[member.status.item()] == "found"
        assert KINDS[member.kind.item()] == state.kind
        assert abs(member.residual.item()) < 1e-9


def test_results_carry_labels_units_and_where_they_came_from() -> None:
    """Units on every number, words for codes, and versions, seed, file and its hash."""
    found = Population(reference_a2(), DRAWN, members=3, seed=5).solve()

    assert {"V": "mV", "slope": "nS", "residual": "pA"} == {
        name: found[name].attrs["units"] for name in ("V", "slope", "residual")
    }
    assert found["outside.K"].attrs["units"] == "mM"
    assert found["pump.density"].attrs["units"] == "pA/um^2"
    assert found.status.attrs["flag_meanings"].split()[found.status.values[0]] == "found"
    assert found.attrs["seed"] == 5
    assert found.attrs["versions"].startswith(f"pumpleak {pl.host.default_host().version}; ")
    assert len(found.attrs["definition_sha256"]) == 64


def test_the_membrane_travels_with_its_result() -> None:
    """Reading the attribute back gives a membrane that rests at the same voltage."""
    found = Population(EXAMPLES / "neuron.toml", {"K.out": ["3 mM"]}).solve()
    again = pl.loads(found.attrs["membrane"])

    (state,) = pl.rest(again.evolve({"outside.K": "3 mM"}))
    assert found.V.item() == pytest.approx(state.V_mV, abs=1e-6)
    assert "pumpleak-k2p" in found.attrs["versions"]


def test_listed_numbers_are_dimensions_and_draws_are_the_same_at_each_point() -> None:
    """A parameter plane has two axes; cells drawn beside it are the same cells everywhere."""
    plane = {
        "outside.K": ["3 mM", "6 mM", "4 mM"],
        "temperature": Grid(low="20 degC", high="37 degC", points=2),
    }
    found = Population(reference_a2(), plane).solve()
    density = {"pump.density": DRAWN["pump.density"]}
    more = Population(reference_a2(), {**plane, **density}, members=5, seed=2).solve()

    assert {"outside.K": 3, "temperature": 2} == dict(found.sizes)
    assert {"outside.K": 3, "temperature": 2, "member": 5} == dict(more.sizes)
    assert ("member",) == more["pump.density"].dims
    for name in ("outside.K", "temperature"):
        one = more.isel({name: 0}).V.values
        assert not np.isclose(one, more.isel({name: 1}).V.values).any()
    single = Population(reference_a2(), {"K.out": ["6 mM"], "temperature": ["37 degC"]}).solve()
    assert found.V.values[1, 1] == single.V.item()


def test_columns_can_go_together() -> None:
    """Row by row, crossed with what is listed beside them."""
    together = {"outside.K": ["3 mM", "8 mM"], "outside.Na": ["145 mM", "140 mM"]}
    found = Population(reference_a2(), {"temperature": ["30 degC"]}, together=together).solve()

    assert found["outside.Na"].values.tolist() == [145.0, 140.0]
    with pytest.raises(pl.CompositionError, match=r"one length.*outside.Na has 1"):
        Population(reference_a2(), together={**together, "outside.Na": ["145 mM"]})


def test_steady_members_have_concentrations_and_volume() -> None:
    """Against `pumpleak.steady` of the member alone."""
    found = Population(
        EXAMPLES / "reference_b.toml", {"outside.K": ["3.5 mM", "5 mM"]}, mode="steady"
    ).solve()
    membrane = pl.load(EXAMPLES / "reference_b.toml")
    (state,) = pl.steady(membrane.evolve({"outside.K": "5 mM"}), starts=0)

    assert found.V.values[0] == pytest.approx(-89.5020897245741, abs=1e-9)
    assert found["inside.K"].values[1] == pytest.approx(state.inside_mM["K"], rel=1e-10)
    assert found["volume"].values[1] == pytest.approx(state.volume_fL, rel=1e-10)
    assert found["volume"].attrs["units"] == "fL"


def test_all_states_of_a_multistable_membrane_have_a_row_each() -> None:
    """A myocyte in little potassium rests in three states, two of them unstable."""
    vary = {"outside.K": ["3 mM", "5.4 mM"]}
    population = Population(LUO_RUDY, vary, all_states=True, summary=[Moments(only="stable")])
    found = population.solve()
    alone = [pl.rest(pl.load(LUO_RUDY).evolve({"outside.K": k})) for k in vary["outside.K"]]

    assert [len(states) for states in alone] == np.bincount(found.member.values).tolist()
    expected = [state.V_mV for states in alone for state in states]
    assert found.V.values == pytest.approx(expected, abs=1e-6)
    assert found["outside.K"].values.tolist() == [[3.0, 5.4][i] for i in found.member.values]
    summary = population.summarise()
    counts = [len(states) for states in alone]
    assert [counts.count(n) for n in range(9)] == summary.members_by_states.values.tolist()
    unstable = sum(not state.stable for states in alone for state in states)
    assert summary.fraction_not_stable.item() == pytest.approx(unstable / sum(counts))


# --- reductions -----------------------------------------------------------------------------------

SUMMARY = [
    Histogram(low="-100 mV", high="0 mV", bins=50),
    Histogram(of="K.out", edges=["2 mM", "3 mM", "10 mM"]),
    Quantiles(probabilities=[0, 0.1, 0.5, 1]),
    Moments(),
    Moments(of="ATP_per_s"),
    Map(by=[Binning(of="K.out", low="2 mM", high="20 mM", bins=4, spacing="log")]),
    Map(
        by=[
            Binning(of="outside.K", low="3 mM", high="10 mM", bins=3),
            Binning(of="V", low="-90 mV", high="-40 mV", bins=2),
        ],
        of="slope",
    ),
]


@pytest.fixture(scope="module")
def many() -> tuple[Any, Any]:
    population = Population(
        reference_a2(), DRAWN, members=30_000, seed=4, outputs=["ATP_per_s"], summary=SUMMARY
    )
    return population.solve(), population.summarise()


def test_a_summary_agrees_with_the_members(many: tuple[Any, Any]) -> None:
    """Counts exactly, means and spreads to rounding, quantiles within the error they state."""
    rows, summary = many
    v = rows.V.values

    assert summary.members.item() == 30_000
    assert summary.by_status.sel(of_status="found").item() == 30_000
    assert np.array_equal(np.histogram(v, 50, (-100, 0))[0], summary["V.histogram"].values)
    counts, _ = np.histogram(rows["outside.K"].values, [2, 3, 10])
    assert np.array_equal(counts, summary["outside.K.histogram"].values)
    assert summary["outside.K.histogram"].attrs["above"] == 30_000 - counts.sum()
    for name in ("V", "ATP_per_s"):
        values = rows[name].values
        assert summary[f"{name}.mean"].item() == pytest.approx(
            math.fsum(values) / 30_000, rel=1e-15
        )
        assert summary[f"{name}.sd"].item() == pytest.approx(values.std(ddof=1), rel=1e-11)
        assert [values.min(), values.max()] == [
            summary[f"{name}.min"].item(),
            summary[f"{name}.max"].item(),
        ]
    exact = np.quantile(v, [0, 0.1, 0.5, 1], method="inverted_cdf")
    off = np.abs(summary["V.quantile"].values - exact)
    assert (off <= summary["V.quantile.error"].values * (1 + 1e-9)).all()
    assert summary["V.quantile.error"].values == pytest.approx(350 / 100_000 / 2)


def test_a_map_agrees_with_the_members(many: tuple[Any, Any]) -> None:
    """Means, spreads, counts and fractions in each bin of one or two other numbers."""
    rows, summary = many
    frame = rows.to_dataframe()
    edges = np.geomspace(2, 20, 5)
    which = np.clip(np.searchsorted(edges, frame["outside.K"], side="right") - 1, 0, 3)
    grouped = frame["V"].groupby(which)

    assert summary["V.by.outside.K.count"].values.tolist() == grouped.size().tolist()
    assert summary["V.by.outside.K.mean"].values == pytest.approx(grouped.mean().to_numpy())
    assert summary["V.by.outside.K.sd"].values == pytest.approx(grouped.std().to_numpy())
    two = summary["slope.by.outside.K.V.mean"]
    inside = (frame["outside.K"].between(3, 10)) & (frame["V"].between(-90, -40))
    assert two.attrs["units"] == "nS"
    assert summary["slope.by.outside.K.V.count"].values.sum() == inside.sum()
    assert summary["slope.by.outside.K.V.count"].attrs["outside"] == (~inside).sum()
    row = inside & (frame["outside.K"] < 3 + 7 / 3) & (frame["V"] < -65)
    assert two.values[0, 0] == pytest.approx(frame["slope"][row].mean())


def test_a_map_by_a_listed_number_has_a_bin_for_each_value() -> None:
    """Nothing more need be said."""
    vary = {"outside.K": ["6 mM", "3 mM"], "pump.density": DRAWN["pump.density"]}
    population = Population(reference_a2(), vary, members=50, summary=[Map(by=["K.out"])])
    rows, summary = population.solve(), population.summarise()

    assert summary["V.by.outside.K.outside.K"].values.tolist() == [3.0, 6.0]
    assert summary["V.by.outside.K.mean"].values == pytest.approx(
        rows.V.sortby("outside.K").mean("member").values
    )


def test_a_summary_has_the_same_bits_however_members_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Solved in any pieces, merged in any order."""
    population = Population(
        reference_a2(), DRAWN, members=3 * 4096 + 77, seed=4, outputs=["ATP_per_s"], summary=SUMMARY
    )
    wanted = reductions(population)
    tallies = []
    for start in range(0, population.size, 4096):
        block = solved(population, start, min(start + 4096, population.size))
        tallies.append(tallied(block, wanted))
    forward, backward = tallies[0], tallies[-1]
    for one in tallies[1:]:
        forward = merged(forward, one)
    for one in reversed(tallies[:-1]):
        backward = merged(one, backward)
    nested = merged(merged(tallies[2], tallies[0]), merged(tallies[3], tallies[1]))
    monkeypatch.setattr(solving, "AT_ONCE", 8192)
    monkeypatch.setattr(solving, "_REDUCED_AT_ONCE", 1000)
    otherwise = solving.summarised(population)

    assert to_bytes(forward) == to_bytes(backward) == to_bytes(nested) == to_bytes(otherwise)
    assert summary_dataset(population, forward).identical(summary_dataset(population, nested))


def test_members_without_a_state_are_counted_and_left_out_of_means() -> None:
    """Where the membrane rests outside the range, the status says so and V is no number."""
    membrane = reference_a2(range=("-36 mV", "0 mV"))
    vary = {"outside.K": Grid(low="0.5 mM", high="20 mM", points=40)}
    population = Population(membrane, vary, summary=[Moments(), Map(by=["K.out"])])
    rows, summary = population.solve(), population.summarise()
    lost = rows.status.values == STATUSES.index("none in range")

    assert 0 < lost.sum() < 40
    assert np.isnan(rows.V.values[lost]).all()
    assert summary.by_status.sel(of_status="none in range").item() == lost.sum()
    assert summary["V.count"].item() == 40 - lost.sum()
    assert summary["V.mean"].item() == pytest.approx(np.nanmean(rows.V.values))
    assert np.array_equal(summary["V.by.outside.K.without_state"].values, lost.astype(float))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vary", "says"),
    [
        ({}, "nothing varies"),
        ({"outside.Kx": ["4 mM"]}, r"no 'outside.Kx' \(did you mean 'outside.K'\?\)"),
        ({"Kx.out": ["4 mM"]}, r"did you mean 'outside.K'"),
        ({"pmp.density": ["1 uA/cm^2"]}, r"did you mean 'pump.density'"),
        ({"name": ["x"]}, "no 'name'"),
        ({"outside.K": [4, 5]}, "bare number 4; give its unit"),
        ({"outside.K": ["4 mV"]}, "expected a concentration"),
        ({"outside.K": []}, "an empty list"),
        ({"outside.K": ["4 mM", "4000 uM"]}, "4 mM is listed twice"),
        ({"outside.K": ["-4 mM"]}, "lies between 0"),
        ({"outside.K": ["4 mM"], "K.out": ["5 mM"]}, "varied twice"),
        ({"outside.K": {"a": 1}}, "expected a list, a Grid or a distribution"),
        ({"temperature": ["37 K"]}, "between 250 and 380 K"),
        ({"pump.density": ["-1 uA/cm^2"]}, "cannot be negative"),
        ({"outside.K": Grid(low="1 mM", high="2 mM", points=1)}, "points must be 2 or more"),
        ({"outside.K": Grid(low="1 mM", high="1 mM", points=3)}, "ends of a grid must differ"),
        ({"outside.K": Grid(low="1 mM", high="2 mM", points=3, spacing="lg")}, "'log'"),
        ({"outside.K": LogUniform(low="1 mM", high="2 mM")}, "members: say how many"),
    ],
)
def test_what_cannot_vary_so_is_refused_by_name(vary: dict[str, Any], says: str) -> None:
    """Near names are offered, units asked for."""
    with pytest.raises((pl.CompositionError, pl.UnitError), match=says):
        Population(reference_a2(), vary)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"members": 5}, "members: nothing is drawn"),
        ({"mode": "clampd"}, r"did you mean 'clamped'"),
        ({"mode": "steady"}, "give the membrane"),
        ({"outputs": ["ATP_per_s", "ATP_per_s"]}, "named twice"),
        ({"summary": [Histogram(of="Vm")]}, "members have no 'Vm'"),
        ({"summary": [Histogram(of="current.pump.K")]}, "name it in outputs"),
        ({"summary": [Histogram(), Histogram()]}, "asked for twice"),
        ({"summary": [Histogram(low=-100)]}, "bare number -100; give its unit"),
        ({"summary": [Histogram(of="outside.Na")]}, "members have no 'outside.Na'"),
        ({"summary": [Histogram(of="slope")]}, "bins need low and high"),
        ({"summary": [Quantiles(probabilities=[1.5])]}, "between 0 and 1"),
        ({"summary": [Moments(only="stabl")]}, r"did you mean 'stable'"),
        ({"summary": [Map(by=[])]}, "by one or two numbers"),
    ],
)
def test_what_cannot_be_asked_is_refused(more: dict[str, Any], says: str) -> None:
    """Before anything is solved."""
    with pytest.raises((pl.CompositionError, pl.UnitError), match=says):
        Population(reference_a2(), {"outside.K": ["4 mM"]}, **more)


def test_a_membrane_with_compartments_must_say_its_mode_and_finds_what_is_free() -> None:
    """No silent choice; what is found cannot be given as well."""
    path = EXAMPLES / "reference_b.toml"
    with pytest.raises(pl.CompositionError, match=r"has \[steady\]; say mode"):
        Population(path, {"outside.K": ["4 mM"]})
    with pytest.raises(pl.CompositionError, match="found and not given"):
        Population(path, {"inside.K": ["4 mM"]}, mode="steady")
    assert Population(path, {"inside.K": ["120 mM"]}, mode="clamped").size == 1


def test_an_output_that_does_not_exist_is_refused() -> None:
    """By the kernel, with near names."""
    with pytest.raises(pl.CompositionError, match=r"current\.pump\.K"):
        Population(reference_a2(), {"K.out": ["4 mM"]}, outputs=["current.pmp.K"]).solve()


def test_members_are_counted_from_zero() -> None:
    """And asking beyond the last is an error of Python's own kind."""
    population = Population(reference_a2(), {"outside.K": ["4 mM", OUTSIDE["Na"]]})

    assert len(population) == 2
    assert "2 members: outside.K" in repr(population)
    with pytest.raises(IndexError, match="counted from 0 to 2"):
        population.values(0, 3)
