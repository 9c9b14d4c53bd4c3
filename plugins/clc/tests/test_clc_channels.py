"""ClC-1 and ClC-2."""

from __future__ import annotations

import math
from typing import Any

import pytest
from click.testing import CliRunner

import pumpleak as pl
from pumpleak.cli._plugins import plugins
from pumpleak.host import default_host
from pumpleak_clc import clc1, clc2, filters
from pumpleak_clc.pore import RATIOS, anions

THERMAL_MV = 8.314462618 * 310.15 / 96.48533212
KINDS: dict[str, Any] = {"ClC1": clc1.ClC1, "ClC2": clc2.ClC2}
ClC1, ClC2 = KINDS["ClC1"], KINDS["ClC2"]


def cell(channel: Any, *, inside: Any = None, outside: Any = None) -> pl.Membrane:
    """Return a cell with one channel; Cl is 15 mM inside and 110 mM outside unless given."""
    make: Any = pl.Membrane
    made: pl.Membrane = make(
        mechanisms=[channel],
        inside=pl.Solution(concentrations={"Cl": "15 mM", **(inside or {})}),
        outside=pl.Solution(concentrations={"Cl": "110 mM", **(outside or {})}),
        temperature="37 degC",
        area="1000 um^2",
    )
    return made


def current(channel: Any, V_mV: float, **sides: Any) -> float:
    """Return the channel's total current with its gates at rest, pA."""
    return pl.ClampedProblem(cell(channel, **sides)).total_at(V_mV)[0]


def opening(channel: Any, V_mV: float, Cl_in_mM: float = 15.0) -> float:
    """Return the open probability of a density of 1e-6 cm/s: current against the constant field."""
    u = -V_mV / THERMAL_MV
    flux = u * (Cl_in_mM - 110.0 * math.exp(-u)) / (1 - math.exp(-u))
    full = 0.01 * -96.48533212 * flux
    return current(channel, V_mV, inside={"Cl": f"{Cl_in_mM} mM"}) / full


@pytest.mark.parametrize("name", KINDS)
def test_reversal_is_chlorides(name: str) -> None:
    """Alone, each holds the membrane at the Nernst potential of chloride."""
    rest = pl.rest(cell(KINDS[name](density="1 /um^2")), prove=True)

    assert 1 == len(rest)
    assert rest[0].V_mV == pytest.approx(THERMAL_MV * math.log(15 / 110), abs=1e-9)
    assert rest[0].stable


@pytest.mark.parametrize("name", KINDS)
def test_current_is_smooth_through_zero(name: str) -> None:
    """At V = 0 the constant field's 0/0 is finite, and lies between its neighbours."""
    below, at, above = (current(KINDS[name](density="1 /um^2"), v) for v in (-1e-6, 0.0, 1e-6))

    assert math.isfinite(at)
    assert min(below, above) < at < max(below, above)


@pytest.mark.parametrize(("name", "pS", "mM"), [("ClC1", 1.2, "150 mM"), ("ClC2", 3.0, "144 mM")])
def test_one_pore_has_its_conductance(name: str, pS: float, mM: str) -> None:
    """One open pore in symmetrical chloride carries unitary x V; a gate scales it down."""
    channel = KINDS[name](density="1 channels")
    problem = pl.ClampedProblem(cell(channel, inside={"Cl": mM}, outside={"Cl": mM}))
    gates = math.prod(problem.states(-80.0).values())

    assert 0 < gates < 1
    assert problem.total_at(-80.0)[0] == pytest.approx(gates * pS * 1e-3 * -80.0, rel=1e-9)


def test_ClC2_opens_on_hyperpolarisation() -> None:
    """Half of it is open at -110 mV, little above -40 mV, nearly all at -200 mV."""
    channel = ClC2(density="1e-6 cm/s")

    assert opening(channel, -110.0) == pytest.approx(0.5, rel=1e-9)
    assert opening(channel, -40.0) < 0.1
    assert opening(channel, -199.0) > 0.95


def test_inside_chloride_opens_ClC2() -> None:
    """From 5 to 40 mM inside, half activation walks from below -130 to above -92 mV."""
    channel = ClC2(density="1e-6 cm/s")
    shift = 20.0 * math.log(40 / 15)

    assert opening(channel, -110.0 + shift, 40.0) == pytest.approx(0.5, rel=1e-9)
    assert opening(channel, -80.0, 40.0) > 2 * opening(channel, -80.0, 5.0)


def test_ClC2_lets_accumulated_chloride_out_only() -> None:
    """With Cl below equilibrium it hardly moves; where E_Cl is above rest it passes it outward."""
    channel = ClC2(density="1e-6 cm/s")
    loaded = current(channel, -80.0, inside={"Cl": "40 mM"})
    depleted = current(channel, -30.0, inside={"Cl": "5 mM"})

    assert loaded < 0  # chloride leaving is inward current
    assert abs(depleted) < 0.2 * abs(loaded)


def test_ClC1_gates_never_close() -> None:
    """At -200 mV what is left is the product of the two offsets; at +100 mV nearly all is open."""
    channel = ClC1(density="1e-6 cm/s")

    assert opening(channel, -200.0) == pytest.approx(0.17 * 0.21, rel=0.05)
    assert opening(channel, -200.0) > 0.17 * 0.21
    assert opening(channel, 100.0) > 0.99


def test_ClC1_gates_are_halfway_where_measured() -> None:
    """At its own midpoint each gate stands halfway between offset and open."""
    problem = pl.ClampedProblem(cell(ClC1(density="1 /um^2")))

    assert problem.states(-81.6)["ClC1.fast"] == pytest.approx((1 + 0.17) / 2, rel=1e-12)
    assert problem.states(-51.6)["ClC1.common"] == pytest.approx((1 + 0.21) / 2, rel=1e-12)


def test_ClC1_time_constants_have_their_valences() -> None:
    """The time constants are 16 us and 1 ms at +200 mV, and 0.79 and 0.42 charges steep."""
    channel = ClC1(density="1 channels")

    def taus(V_mV: float) -> list[float]:
        state = pl.RestingState(pl.ClampedProblem(cell(channel)), V_mV)
        # One channel cannot move the voltage, so the fast eigenvalues are the gates'.
        return sorted(-1 / value.real for value in state.eigenvalues_per_ms)[:2]

    assert taus(200.0) == pytest.approx([0.016, 1.0], rel=1e-3)
    slower = math.exp(0.79 * 100 / THERMAL_MV), math.exp(0.42 * 100 / THERMAL_MV)
    assert taus(100.0) == pytest.approx([0.016 * slower[0], 1.0 * slower[1]], rel=1e-3)


def test_other_anions_are_added_not_required() -> None:
    """The plain channel asks for Cl only; with HCO3 added it must be given, and moves rest."""
    with_HCO3 = ClC1(density="1 /um^2", permeation=anions("Cl", "HCO3"))
    sides: dict[str, Any] = {"inside": {"HCO3": "12 mM"}, "outside": {"HCO3": "24 mM"}}
    rest = pl.rest(cell(with_HCO3, **sides))[0].V_mV

    assert ("Cl",) == ClC1(density="1 /um^2").carried()
    assert rest == pytest.approx(
        THERMAL_MV * math.log((15 + 0.05 * 12) / (110 + 0.05 * 24)), abs=1e-9
    )
    with pytest.raises(pl.CompositionError, match="HCO3"):
        cell(with_HCO3)


def test_ratios_are_in_the_measured_order() -> None:
    """Cl before Br before I, and HCO3 far behind."""
    assert list(RATIOS) == sorted(RATIOS, key=lambda ion: -RATIOS[ion])
    assert ["Cl", "Br", "I", "HCO3"] == list(RATIOS)


@pytest.mark.parametrize("ions", [(), ("Br", "Cl"), ("Cl", "F")])
def test_anions_refuses_what_it_has_no_ratio_for(ions: tuple[str, ...]) -> None:
    """Other ions, or another reference, are refused with what to do."""
    with pytest.raises(pl.CompositionError, match=r"give GHK\(\.\.\.\)"):
        anions(*ions)


@pytest.mark.parametrize("name", KINDS)
def test_every_parameter_is_accounted_for(name: str) -> None:
    """Each has a source and a unit (empty for a number); what is measured names a work."""
    rows = KINDS[name].parameter_table()

    assert "unitary" in {row["name"] for row in rows}
    for row in rows:
        assert row["source"].strip()
        assert isinstance(row["unit"], str)
        assert not (row["measured"] and row["source"].startswith("assumed"))


@pytest.mark.parametrize("name", KINDS)
def test_channels_are_registered(name: str) -> None:
    """Each id leads to its class; the record's ions are the class's; `show` prints it."""
    made: Any = default_host().make("mechanisms", f"clc.{name}")
    record: Any = default_host().find("mechanisms", f"clc.{name}").record
    shown = CliRunner().invoke(plugins, ["show", f"clc.{name}"])

    assert KINDS[name] is made
    assert made().carried() == record.ions
    assert "References:" in (made.__doc__ or "")
    assert 0 == shown.exit_code, shown.output
    assert "unitary" in shown.output


def test_the_filter_is_registered() -> None:
    """clc.amide-dipole is the filter of the backbone amides."""
    assert filters.AMIDES is default_host().make("filters", "clc.amide-dipole")
