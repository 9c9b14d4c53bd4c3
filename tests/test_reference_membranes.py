"""The two reference membranes, known to 40 digits, and everything around their resting states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from building import K2P, SPECIES, reference_a, reference_a2, voltages

import pumpleak as pl

A_V = -65.4423779834206
A2_V = [-78.8909617037568, -61.5796747521194, -33.3284076778746]
#: Outward currents of A at rest, uA/cm2 (= pA per 100 um2).
A_CURRENTS = {
    ("k2p", "K"): 0.947723738706,
    ("nalcn", "Na"): -1.48646744135,
    ("nalcn", "K"): 0.076152900729,
    ("clc2", "Cl"): 0.0262904724027,
}
A_PUMP = 0.436300329509
#: dV/dln(parameter), mV.
A_SENSITIVITY = {
    "k2p.density": (1e-6, "cm/s", -12.3327045),
    "nalcn.density": (4e-8, "cm/s", 18.3523866),
    "clc2.density": (0.02, "mS/cm^2", -0.3421172),
    "pump.density": (1.5, "uA/cm^2", -5.6775649),
    "outside.K": (4.0, "mM", 5.0325799),
}
TOLERANCE_MV = 1e-9
UA_PER_CM2 = 10.0  # of 1000 um2, in pA


def exact_current(v: Any, *, bistable: bool = False) -> Any:
    """Return the total current of A or A2 in uA/cm2, to mpmath's precision."""
    mp = mpmath.mpf
    F, R, T = mp("96485.33212"), mp("8.314462618"), mp("310.15")
    VT = 1000 * R * T / F
    u = v / VT

    def ghk(p: Any, i: Any, o: Any) -> Any:
        # cm/s times C/mol times mM is uA/cm2
        return p * F * u * (i - o * mpmath.exp(-u)) / (1 - mpmath.exp(-u))

    z_g, half, p_k = ("-3", "-80", "3e-6") if bistable else ("0.2", "-40", "1e-6")
    k2p = ghk(mp(p_k), 140, 4) / (1 + mpmath.exp(-mp(z_g) * (v - mp(half)) / VT))
    nalcn = ghk(mp("4e-8"), 15, 145) + ghk(mp("4e-8") / mp("1.1"), 140, 4)
    e_cl = -VT * mpmath.log(mp(110) / 8)
    clc2 = mp("0.02") / (1 + mpmath.exp((v + 90) / VT)) * (v - e_cl)
    sigma = (mpmath.exp(mp(145) / mp("67.3")) - 1) / 7
    pump = (
        mp("1.5")
        / (1 + (mp(10) / 15) ** mp("1.5"))
        * (mp(4) / (4 + mp("1.5")))
        / (1 + mp("0.1245") * mpmath.exp(-u / 10) + mp("0.0365") * sigma * mpmath.exp(-u))
    )
    return k2p + nalcn + clc2 + pump


def exact_roots(*, bistable: bool = False) -> list[float]:
    """Return every zero between -200 and 150 mV, by bisection at 40 digits."""
    with mpmath.workdps(40):
        grid = [mpmath.mpf(v) / 4 + mpmath.mpf("0.01") for v in range(-800, 600)]
        signs = [exact_current(v, bistable=bistable) > 0 for v in grid]
        pairs = [i for i in range(len(grid) - 1) if signs[i] != signs[i + 1]]
        return [
            float(
                mpmath.findroot(
                    lambda v: exact_current(v, bistable=bistable),
                    (grid[i], grid[i + 1]),
                    solver="anderson",
                    tol=1e-60,
                )
            )
            for i in pairs
        ]


def test_the_yardstick_itself_is_right() -> None:
    """The numbers written here follow from the equations at 40 digits."""
    assert exact_roots() == pytest.approx([A_V], abs=2e-13)
    assert exact_roots(bistable=True) == pytest.approx(A2_V, abs=2e-13)


@pytest.mark.parametrize("prove", [False, True])
def test_A_rests_at_the_one_place(prove: bool) -> None:
    """One state, stable, with nothing left over."""
    found = pl.rest(reference_a(), prove=prove)

    assert found.status == "found"
    assert voltages(found) == pytest.approx(exact_roots(), abs=TOLERANCE_MV)
    assert [state.kind for state in found] == ["stable"]
    assert found.guarantee == f"{'proved complete in' if prove else 'searched'} [-200, 150] mV"
    assert abs(found[0].residual_pA) < 1e-12


@pytest.mark.parametrize("prove", [False, True])
def test_A2_rests_in_three_places(prove: bool) -> None:
    """All three, with the unstable one between said to be unstable."""
    found = pl.rest(reference_a2(), prove=prove)

    assert voltages(found) == pytest.approx(exact_roots(bistable=True), abs=TOLERANCE_MV)
    assert [state.kind for state in found] == ["stable", "unstable", "stable"]
    assert voltages(found.stable) == pytest.approx([A2_V[0], A2_V[2]], abs=TOLERANCE_MV)
    assert max(abs(state.residual_pA) for state in found) < 1e-12


def test_what_flows_in_A_at_rest() -> None:
    """Currents, slope conductance, resistance, time constant and ATP to the digits given."""
    (state,) = pl.rest(reference_a())
    pump = sum(i for (label, _), i in state.currents_pA.items() if label == "pump")

    assert {key: state.currents_pA[key] / UA_PER_CM2 for key in A_CURRENTS} == pytest.approx(
        A_CURRENTS, rel=1e-10
    )
    assert pump / UA_PER_CM2 == pytest.approx(A_PUMP, rel=1e-10)
    assert state.slope_nS / UA_PER_CM2 == pytest.approx(0.0768463834231, rel=1e-11)
    assert state.slope_frozen_nS == state.slope_nS
    assert state.input_resistance_MOhm / 100 == pytest.approx(13.0129741369, rel=1e-11)
    assert state.time_constant_ms == pytest.approx(13.0129741369, rel=1e-11)
    assert state.ATP_per_s / 6.02214076e23 / 1e-5 == pytest.approx(4.5219342663e-12, rel=1e-10)
    assert state.eigenvalues_per_ms[0].real == pytest.approx(-1 / 13.0129741369, rel=1e-11)


@pytest.mark.parametrize("name", A_SENSITIVITY)
def test_how_A_moves_when_a_parameter_does(name: str) -> None:
    """dV/dln(parameter), by a five-point difference of whole solves."""
    value, unit, expected = A_SENSITIVITY[name]
    step = 2e-3

    def at(k: int) -> float:
        changed = reference_a().evolve({name: f"{float(value * np.exp(k * step))!r} {unit}"})
        return pl.rest(changed)[0].V_mV

    slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)

    assert slope == pytest.approx(expected, abs=3e-7)


@pytest.mark.parametrize("prove", [False, True])
def test_the_same_states_whatever_the_start(prove: bool) -> None:
    """The grid of the search falls elsewhere in every range; the states do not move."""
    draw = np.random.default_rng(0)
    for _ in range(60):
        low, high = draw.uniform(-300, -79), draw.uniform(-33, 200)
        found = pl.rest(reference_a2(range=(float(low), float(high))), prove=prove)

        assert voltages(found) == pytest.approx(A2_V, abs=TOLERANCE_MV)
        assert found.guarantee.startswith("proved complete" if prove else "searched")


def test_a_narrower_range_gives_the_states_within() -> None:
    """The states outside are not missed: they are outside."""
    found = pl.rest(reference_a2(range=("-70 mV", "-40 mV")), prove=True)

    assert voltages(found) == pytest.approx(A2_V[1:2], abs=TOLERANCE_MV)
    assert found.guarantee == "proved complete in [-70, -40] mV"


def test_a_chain_of_changes_ends_where_it_began() -> None:
    """Membranes share equations, never values: change everything, change it back."""
    start = reference_a2()
    changed = start
    for k in range(1, 9):
        changed = changed.evolve(
            {
                "outside.K": f"{k + 2} mM",
                "k2p.gating.z_g": -0.3 * k,
                "temperature": f"{20 + k} degC",
            }
        )
        assert pl.rest(changed).status == "found"
    back = changed.evolve({"outside.K": "4 mM", "k2p.gating.z_g": -3, "temperature": "310.15 K"})

    assert voltages(pl.rest(back)) == voltages(pl.rest(start))
    assert voltages(pl.rest(start)) == pytest.approx(A2_V, abs=TOLERANCE_MV)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e3, 1e9])
def test_scaling_every_density_moves_nothing(scale: float) -> None:
    """Rest is a balance: only ratios count."""
    base = reference_a2()
    changes = {
        f"{mechanism.label}.density": f"{mechanism.density.magnitude * scale!r} "  # type: ignore[attr-defined]
        f"{mechanism.density.unit}"  # type: ignore[attr-defined]
        for mechanism in base.mechanisms
    }
    for prove in (False, True):
        found = pl.rest(base.evolve(changes), prove=prove)

        assert voltages(found) == pytest.approx(A2_V, abs=TOLERANCE_MV)
        assert [state.kind for state in found] == ["stable", "unstable", "stable"]


def test_a_channel_split_into_twins_moves_nothing() -> None:
    """Two halves are a whole."""
    base = reference_a()
    half = [K2P(name=f"k2p_{i}", density="0.5e-6 cm/s") for i in range(2)]
    twins = pl.Membrane(
        mechanisms=[*half, *base.mechanisms[1:]],
        inside=base.inside,
        outside=base.outside,
        temperature="310.15 K",
        area="1000 um^2",
        species=SPECIES,
    )
    (state,) = pl.rest(twins, prove=True)

    assert state.V_mV == pytest.approx(A_V, abs=TOLERANCE_MV)
    assert state.currents_pA["k2p_0", "K"] == state.currents_pA["k2p_1", "K"]


@pytest.mark.parametrize(("name", "expected"), [("reference_a", [A_V]), ("reference_a2", A2_V)])
def test_the_example_files_hold_the_same_membranes(name: str, expected: list[float]) -> None:
    """Written with the plugins' own pump."""
    path = Path(__file__).parents[1] / "docs" / "examples" / f"{name}.toml"

    assert voltages(pl.rest(path, prove=True)) == pytest.approx(expected, abs=TOLERANCE_MV)
