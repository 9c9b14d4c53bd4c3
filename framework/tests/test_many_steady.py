"""Many membranes with steady ions agree with each solved alone."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from swelling import KCC2, MECHANISMS, Cl, K, Kir, Na, Steady, bistable_cell, cell

import pumpleak as pl
from pumpleak.many import KINDS, STATUSES
from pumpleak.many._many_steady import ManySteady
from pumpleak.many._steady_arrays import SteadyArrays

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")

DENSITIES = tuple(f"{mechanism.name}.density" for mechanism in MECHANISMS)


def spread(cell_, count, *names, sigma=0.3):
    draw = np.random.default_rng(0)
    return {name: cell_.values[name] * draw.lognormal(0.0, sigma, count) for name in names}


def evolved(cell_, values, member):
    """The member as a membrane of its own."""
    changes = {}
    for name, array in values.items():
        label, _, path = name.partition(".")
        if label in ("inside", "outside"):
            changes[name] = f"{float(array[member])!r} mM"
            continue
        (info,) = (i for i in cell_.mechanism(label).parameters() if i.path == path)
        share = float(array[member]) / info.value.value
        changes[name] = f"{info.value.magnitude * share!r} {info.value.unit}"
    return cell_.evolve(changes)


CHOICES = {
    "a cell that swells": {},
    "a cell of fixed volume": {"swells": False},
    "strict electroneutrality": {"charge": "electroneutral"},
    "a sphere": {"shape": "sphere"},
    "a finite space outside": {"outside_volume": "6 pL"},
    "both at once": {"outside_volume": "6 pL", "charge": "electroneutral"},
}


@pytest.mark.parametrize("choice", CHOICES)
def test_members_rest_where_each_would_alone(choice):
    """Voltage to 1e-9 mV, amounts to 1e-12 relative and kind are those of `pumpleak.steady`."""
    own = cell(**CHOICES[choice])
    values = spread(own, 12, *DENSITIES) | {"outside.K": np.linspace(2.5, 6.0, 12)}

    found = pl.solve_many(own, values, mode="steady", outputs=("ATP_per_s",))

    assert (found.status == STATUSES.index("found")).all()
    for member in range(12):
        state = pl.steady(evolved(own, values, member), starts=0)[0]
        assert state.V_mV == pytest.approx(found.V_mV[member], abs=1e-9)
        for name, array in found.unknowns.items():
            assert state.found[name] == pytest.approx(array[member], rel=1e-12)
        assert state.kind == KINDS[found.kind[member]]
        assert state.ATP_per_s == pytest.approx(found.outputs["ATP_per_s"][member], rel=1e-11)
        assert found.residual[member] < 1e-9


def test_a_member_whose_inside_differs_is_a_cell_of_its_own():
    """What makes up for the inside's charge is inferred anew, as with `evolve`."""
    own = cell()
    values = {
        "inside.Na": np.array([10.0, 14.5, 20.0]),
        "inside.K": np.array([130.0, 122.0, 115.0]),
    }

    found = pl.solve_many(own, values, mode="steady")

    for member in range(3):
        state = pl.steady(evolved(own, values, member), starts=0)[0]
        assert state.V_mV == pytest.approx(found.V_mV[member], abs=1e-9)


def test_cells_with_a_conserved_total_rest_on_their_own_manifold():
    """With a cotransporter alone, K minus Cl stays what it was."""
    own = cell(
        mechanisms=[
            KCC2(name="kcc2", density="0.02 mS/cm^2"),
            Na(name="na", density="0.1 mS/cm^2"),
        ],
        free=["Na", "K", "Cl"],
        swells=False,
    )
    values = {"kcc2.density": own.values["kcc2.density"] * np.array([0.5, 1.0, 2.0])}

    found = pl.solve_many(own, values, mode="steady")

    for member in range(3):
        states = pl.steady(evolved(own, values, member), starts=0)
        assert states.status == STATUSES[found.status[member]]
        if states.status == "found":
            assert states[0].V_mV == pytest.approx(found.V_mV[member], abs=1e-8)
            assert states[0].kind == KINDS[found.kind[member]]


def runaway():
    """A cell that rests while its pump runs, in a bath without impermeant solute."""
    return cell(
        outside=pl.Solution(concentrations={"Na": "148.5 mM", "K": "3.5 mM", "Cl": "152 mM"}),
        inside=pl.Solution(concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"}),
    )


def test_a_member_that_swells_without_bound_runs_away():
    """Without a pump and without anything impermeant outside there is no volume to rest at."""
    own = runaway()
    values = {"pump.density": own.values["pump.density"] * np.array([1.0, 0.0])}

    found = pl.solve_many(own, values, mode="steady")

    assert ["found", "runs away"] == [STATUSES[code] for code in found.status]
    assert np.isnan(found.V_mV[1])
    assert np.isnan(found.unknowns["volume"][1])
    assert found.retried.tolist() == [False, True]


def test_nobody_depends_on_neighbours_or_threads():
    """Members solved in other company, order, number or threads give the same bits."""
    own = cell()
    values = spread(own, 9001, *DENSITIES)
    whole = pl.solve_many(own, values, mode="steady", threads=1)

    order = np.random.default_rng(1).permutation(9001)
    shuffled = pl.solve_many(
        own, {n: v[order] for n, v in values.items()}, mode="steady", threads=2
    )

    assert np.array_equal(whole.V_mV[order], shuffled.V_mV)
    assert np.array_equal(whole.unknowns["volume"][order], shuffled.unknowns["volume"])


def test_every_state_of_a_bistable_cell_is_found():
    """Two Kir levels with a saddle between, each as `pumpleak.steady` has it."""
    own = cell(
        mechanisms=[
            Na(name="na", density="0.02 mS/cm^2"),
            K(name="k", density="0.02 mS/cm^2"),
            Kir(name="kir", density="3 mS/cm^2"),
            Cl(name="cl", density="0.02 mS/cm^2"),
            Steady(name="pump", density="0.6 uA/cm^2"),
        ]
    )
    values = {"k.density": own.values["k.density"] * np.array([0.8, 1.0, 1.2])}

    found = pl.solve_many(own, values, mode="steady", all_states=True)

    for member in range(3):
        mine = found.member == member
        states = pl.steady(evolved(own, values, member))
        assert states.status == STATUSES[found.status[mine][0]]
        if states.status == "found":
            assert [s.V_mV for s in states] == pytest.approx(found.V_mV[mine], abs=1e-7)
            assert [s.kind for s in states] == [KINDS[k] for k in found.kind[mine]]


def test_the_certificate_of_stability_agrees_with_eigenvalues():
    """What the kernel calls certainly stable has no eigenvalue with a positive real part."""
    own = cell()
    values = spread(own, 400, *DENSITIES, sigma=1.0)
    ready = ManySteady.of(own, DENSITIES, ())
    given = ready.given(values)
    columns = [np.broadcast_to(given[name], 400) for name in ready.built.program.columns]

    numbers, (status, kind) = ready.machine.run(columns, ready.uniforms, threads=1)

    certain = np.flatnonzero(kind == KINDS.index("stable"))
    assert len(certain) > 300
    arrays = SteadyArrays(ready.problem, ready.extra, given)
    symbols = np.stack([numbers[0], *np.log(numbers[1:5])], axis=1)
    assert (arrays.kinds(symbols[certain], certain) == KINDS.index("stable")).all()
    assert (status[certain] == STATUSES.index("found")).all()


def test_a_membrane_without_compartments_is_refused():
    """Steady ions need to know what is free."""
    own = attrs.evolve(cell(), compartments=None)

    with pytest.raises(pl.CompositionError, match="what is free"):
        pl.solve_many(own, {"outside.K": [4.0]}, mode="steady")


# --- what was wrong once ------------------------------------------------------------------------


def test_members_of_a_bistable_cell_rest_where_it_is_stable():
    """A cell that begins at a saddle leaves it in time; nobody stays there, or gets lost."""
    own = bistable_cell()
    names = tuple(name for name in own.values if name.endswith(".density"))
    values = spread(own, 300, *names) | {"outside.K": np.linspace(1.0, 20.0, 300)}

    found = pl.solve_many(own, values, mode="steady")

    assert (found.kind == KINDS.index("stable")).all()
    for member in np.flatnonzero(found.retried)[:3]:
        states = pl.steady(evolved(own, values, member))
        assert min(abs(s.V_mV - found.V_mV[member]) for s in states.stable) < 1e-7


def test_a_capacitance_per_area_that_differs_needs_no_robust_path():
    """The start is fitted to values of its own kind."""
    own = cell()
    values = {"capacitance": own.capacitance.value * np.linspace(0.9, 1.1, 5)}

    found = pl.solve_many(own, values, mode="steady")

    assert {"found": 5, "retried": 0} == found.counts


def test_what_does_not_enter_still_has_members():
    """The capacitance of an electroneutral cell: all members are alike, and all are there."""
    own = cell(charge="electroneutral")

    found = pl.solve_many(own, {"capacitance": np.linspace(0.005, 0.02, 40)}, mode="steady")

    assert (40,) == found.V_mV.shape
    assert (found.V_mV == found.V_mV[0]).all()


@pytest.mark.parametrize("mode", ["clamped", "steady"])
@pytest.mark.parametrize("shape", [{"shape": "sphere"}, {"shape": "cylinder", "length": "20 um"}])
def test_an_area_that_follows_the_volume_is_refused_of_members(shape, mode):
    """Whether in arrays or in a population; nobody is solved with another area than was given."""
    own = cell(**shape)
    words = f"area: it follows the volume of this {shape['shape']}"

    with pytest.raises(pl.CompositionError, match=words):
        pl.solve_many(own, {"area": [700.0, 800.0]}, mode=mode)
    with pytest.raises(pl.CompositionError, match=words):
        pl.Population(own, {"area": ["700 um^2", "800 um^2"]}, mode=mode)


def test_cells_of_other_sizes_have_bounds_of_their_own():
    """A cell a million times larger, of the same structure, is solved by its kernel too."""
    for volume, area in (("1963 fL", "785 um^2"), ("2e9 fL", "7e6 um^2"), ("2e-3 fL", "0.07 um^2")):
        found = pl.solve_many(
            cell(volume=volume, area=area), {"outside.K": [3.0, 3.5]}, mode="steady"
        )

        assert {"found": 2, "retried": 0} == found.counts


def test_the_member_that_no_impermeant_solute_fits_is_named():
    """One inside too concentrated, and which."""
    with pytest.raises(pl.CompositionError, match="infer_impermeant: member 2: "):
        pl.solve_many(cell(), {"inside.K": [122.0, 130.0, 500.0]}, mode="steady")


def test_far_members_with_little_outside_end_as_each_would_alone():
    """Potassium outside all but gone, V beyond -300 mV: found, or run away, as of one membrane."""
    own = cell(outside_volume="1000 fL")
    names = ("sodium", "potassium", "chloride", "kcc2", "pump")
    given = {f"{name}.density": own.values[f"{name}.density"] for name in names}
    draw = np.random.default_rng(0)
    values = {name: value * draw.lognormal(0.0, 1.5, 1000) for name, value in given.items()}

    found = pl.solve_many(own, values, mode="steady")

    # Of those left the solver of single membranes says mostly the same.
    assert np.mean(found.status == STATUSES.index("not converged")) < 0.04
    lost = np.flatnonzero(found.status == STATUSES.index("runs away"))[:3]
    far = np.flatnonzero((found.V_mV < -300.0) & found.retried)[:6]
    assert len(lost) == 3
    assert len(far) == 6
    for member in [*lost, *far]:
        alone = pl.steady(evolved(own, values, member))
        states = alone.states
        if member in far:
            assert min(abs(state.V_mV - found.V_mV[member]) for state in states) < 1e-5
        else:
            assert not states
