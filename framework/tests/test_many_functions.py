"""Whatever function a law is made of, many members rest where each would alone."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import sympy
from building import NALCN, membrane
from scipy import special
from swelling import cell as swelling_cell

import pumpleak as pl
from pumpleak.many import KINDS, STATUSES, _emit
from pumpleak.membranes._membrane import Membrane

pytest.importorskip("llvmlite", reason="kernels need the compiler of pumpleak[fast]")


def law(function, *, is_opaque=False):
    """A current that rises through zero once, with a function of the voltage in it."""

    class Law(pl.Mechanism):
        ions = ("K",)
        opaque = is_opaque
        share = pl.parameter(0.3, source="made up")
        power = pl.parameter(1.7, source="made up")

        def current(self, s):
            x = (s.V + 60 * s.mV) / (25 * s.mV) - 0.1 * s.outside.K / s.mM
            return {"K": s.pA * (2 * x + self.share * function(s, x, self.power))}

    return membrane(Law(name="law"))


def agrees(cell, values):
    """Every state of every member, and the one that is returned, are those of `pumpleak.rest`."""
    found = pl.solve_many(cell, values)
    every = pl.solve_many(cell, values, all_states=True)
    for member in range(found.members):
        changes = {
            name: f"{array[member]} mM" if name == "outside.K" else float(array[member])
            for name, array in values.items()
        }
        expected = pl.rest(cell.evolve(changes)).states
        own = every.member == member
        assert [s.V_mV for s in expected] == pytest.approx(every.V_mV[own], abs=1e-9)
        assert [s.kind for s in expected] == [KINDS[code] for code in every.kind[own]]
        assert STATUSES[found.status[member]] == "found"
        assert min(abs(s.V_mV - found.V_mV[member]) for s in expected) < 1e-9
    return found


TRACED = {
    "exp": lambda s, x, _: s.xp.exp(-x * x),
    "expm1": lambda s, x, _: s.xp.expm1(x / 3),
    "log": lambda s, x, _: s.xp.log(1 + x * x),
    "sqrt": lambda s, x, _: s.xp.sqrt(1 + x * x),
    "tanh": lambda s, x, _: s.xp.tanh(x),
    "exprelr": lambda s, x, _: s.xp.exprelr(x),
    "absolute": lambda s, x, _: s.xp.absolute(x - 0.3),
    "abs": lambda s, x, _: abs(x - 0.3),
    "minimum": lambda s, x, _: s.xp.minimum(x, 0.2),
    "maximum": lambda s, x, _: s.xp.maximum(x, -0.2),
    "where": lambda s, x, _: s.xp.where(x > 0.1, x, 0.1),
    "let": lambda s, x, _: s.xp.let(x * x, "square"),
    "a ninth power of what may be negative": lambda s, x, _: (x - 0.5) ** 9 / 1e3,
    "a large negative power": lambda s, x, _: (1 + x * x) ** -12,
    "a power that is a parameter": lambda s, x, power: (1 + x * x) ** power,
    "a power that is a fraction": lambda s, x, _: (1 + x * x) ** 0.37,
}


@pytest.mark.parametrize("name", TRACED)
def test_every_function_that_can_be_traced_is_compiled(name):
    """What an author may call as s.xp has machine code: nobody needs the slower path."""
    found = agrees(law(TRACED[name]), {"outside.K": np.linspace(2.0, 8.0, 4)})

    assert found.notes == ()
    assert not found.retried.any()


def test_the_power_itself_may_differ_from_member_to_member():
    """An exponent that is a column is compiled too."""
    cell = law(TRACED["a power that is a parameter"])

    found = agrees(cell, {"law.power": np.array([0.5, 1.0, 2.5])})

    assert found.notes == ()


OPAQUE = {
    "sin": math.sin,
    "tan": lambda x: math.tan(x / 9),
    "atan": math.atan,
    "asinh": math.asinh,
    "cosh": lambda x: math.cosh(x / 9),
    "erf": math.erf,
    "gamma": lambda x: math.gamma(2 + math.tanh(x)),
    "Bessel": lambda x: float(special.j0(x)),
}


@pytest.mark.parametrize("name", OPAQUE)
def test_functions_that_no_kernel_has_are_called_point_by_point(name):
    """An opaque law may call whatever takes floats; the result says that this is slow."""
    cell = law(lambda s, x, _: OPAQUE[name](float(x)), is_opaque=True)

    found = pl.solve_many(cell, {"outside.K": np.array([4.0])})

    (state,) = pl.rest(cell.evolve({"outside.K": "4 mM"})).states
    assert found.V_mV[0] == pytest.approx(state.V_mV, abs=1e-7)
    assert found.notes == ("law: opaque, so members are solved point by point, which is slow",)


UNTRACED = {
    "math": lambda s, x: math.sin(x),
    "NumPy": lambda s, x: np.arctan(x),
    "SymPy": lambda s, x: sympy.erf(x),
    "s.xp": lambda s, x: s.xp.gamma(x),
    "floor": lambda s, x: x // 1,
}


@pytest.mark.parametrize("name", UNTRACED)
def test_functions_that_cannot_be_traced_are_refused_in_words(name):
    """The message names the law and the ways out, for many members as for one."""
    cell = law(lambda s, x, _: UNTRACED[name](s, x))
    words = r"^law \(class .*s\.xp.* or declare it opaque \(test_many_functions.py, line"

    for solve in (pl.rest, lambda made: pl.solve_many(made, {"outside.K": np.array([4.0])})):
        with pytest.raises(pl.PhysicsError, match=words):
            solve(cell)


@pytest.fixture
def _no_exponential(monkeypatch):
    """Kernels do not know how to write exp."""
    monkeypatch.setattr(_emit, "_CALLS", ("expm1", "log"))


@pytest.mark.usefixtures("_no_exponential")
def test_what_has_no_machine_code_is_solved_with_numpy():
    """A function that a kernel cannot write costs speed, no result; the result says so."""
    found = agrees(law(TRACED["exp"]), {"outside.K": np.linspace(2.0, 8.0, 4)})

    (note,) = found.notes
    assert note == (
        "no machine code is known for 'exp', so members are solved with NumPy, which is slower"
    )
    assert note in repr(found)


@pytest.mark.usefixtures("_no_exponential")
def test_steady_ions_without_machine_code_are_solved_with_numpy():
    """Steady states are those that each member alone has."""
    given = swelling_cell()
    values = {"pump.density": given.values["pump.density"] * np.array([0.8, 1.0, 1.3])}

    found = pl.solve_many(given, values, mode="steady", outputs=("ATP_per_s",))

    assert [STATUSES[code] for code in found.status] == ["found"] * 3
    assert len(found.notes) == 1
    expected = pl.steady(given).states[0]
    assert found.V_mV[1] == pytest.approx(expected.V_mV, abs=1e-9)
    assert set(found.unknowns) >= {"inside.Na", "inside.K"}
    for name, each in found.unknowns.items():
        assert each[1] == pytest.approx(expected.found[name], rel=1e-10)
    assert (np.diff(found.outputs["ATP_per_s"]) != 0).all()


@pytest.mark.usefixtures("_no_exponential")
def test_a_population_says_how_it_was_solved():
    """The note stands among the dataset's attributes."""
    pytest.importorskip("xarray")
    population = pl.Population(law(TRACED["exp"]), {"outside.K": ["3 mM", "6 mM"]})

    found = population.solve()

    assert "no machine code is known for 'exp'" in found.attrs["notes"]
    assert (found.status.values == 0).all()


@pytest.mark.usefixtures("_no_exponential")
def test_the_store_of_a_sweep_says_how_it_was_solved(tmp_path):
    """The note that is printed stands among the store's attributes too, and outlives the end."""
    pytest.importorskip("zarr")
    from pumpleak.sweep import run

    population = pl.Population(law(TRACED["exp"]), {"outside.K": ["3 mM", "6 mM"]})
    told: list[str] = []
    run(population, tmp_path / "a.zarr", workers=0, log=told.append)
    attributes = json.loads((tmp_path / "a.zarr" / "zarr.json").read_text())["attributes"]

    assert attributes["complete"]
    assert "no machine code is known for 'exp'" in attributes["notes"]
    assert attributes["notes"] in told


def test_nobody_is_asked_who_wrote_what_works(monkeypatch):
    """Running physics again and again asks no plugin whose a mechanism is; an error does."""
    cell = law(lambda s, x, _: math.sin(float(x)), is_opaque=True)
    problem = pl.rest(cell).problem

    def told(self, mechanism):
        raise AssertionError("asked")

    monkeypatch.setattr(Membrane, "owner_of", told)

    assert math.isfinite(problem.total_at(-60.0)[0])


def test_members_cite_what_one_membrane_does():
    """The works are those of `rest`, without the solver of single membranes, which took no part."""
    cell = membrane(NALCN(name="nalcn", density="4e-8 cm/s"))

    many = pl.solve_many(pl.bundled(), {"outside.K": np.array([4.0])}).citations()

    alone = pl.rest(pl.bundled()).citations()
    assert set(many.keys) <= set(alone.keys)
    assert len(many.keys) > 5
    assert "@" in many.bibtex()
    assert pl.solve_many(cell, {"outside.K": np.array([4.0])}).citations().bibtex()
