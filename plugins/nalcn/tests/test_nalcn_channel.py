"""NALCN: a leak of Na and K that outside divalents block."""

from __future__ import annotations

import math
from typing import Any

import pytest
from click.testing import CliRunner

import pumpleak as pl
from pumpleak.cli._plugins import plugins
from pumpleak.host import default_host
from pumpleak_nalcn import filters, nalcn

THERMAL_MV = 8.314462618 * 310.15 / 96.48533212
KINDS: dict[str, Any] = {"NALCN": nalcn.NALCN, "NALCNCa": nalcn.NALCNCa}
NALCN, NALCNCa = KINDS["NALCN"], KINDS["NALCNCa"]


def cell(channel: Any, inside: Any = None, **outside: str) -> pl.Membrane:
    """Return a cell with one channel; `outside` adds to or replaces Na 145 and K 4 mM."""
    make: Any = pl.Membrane
    made: pl.Membrane = make(
        mechanisms=[channel],
        inside=pl.Solution(concentrations={"Na": "15 mM", "K": "140 mM", **(inside or {})}),
        outside=pl.Solution(concentrations={"Na": "145 mM", "K": "4 mM", **outside}),
        temperature="37 degC",
        area="1000 um^2",
    )
    return made


def current(channel: Any, V_mV: float, inside: Any = None, **outside: str) -> float:
    """Return the channel's total current, pA."""
    return pl.ClampedProblem(cell(channel, inside, **outside)).total_at(V_mV)[0]


def opening(channel: Any, V_mV: float, **outside: str) -> float:
    """Return the open probability, by dividing by the constant field's sodium and potassium."""
    u = V_mV / THERMAL_MV
    volume_per_time = 1e-6 * 10.0 * 1000.0  # 1e-6 cm/s over 1000 um^2, fL/ms

    def flux(inner: float, outer: float) -> float:
        return u * (inner - outer * math.exp(-u)) / (1 - math.exp(-u))

    full = volume_per_time * 96.48533212 * (flux(15, 145) + 1.2 / 1.3 * flux(140, 4))
    return current(channel, V_mV, **outside) / full


def test_a_plain_permeability_is_enough() -> None:
    """In a membrane of Na and K alone, a permeability density works, and half of it is open."""
    channel = NALCN(density="1e-6 cm/s")

    assert ("Na", "K") == channel.carried()
    assert opening(channel, -60.0) == pytest.approx(0.5, rel=1e-9)


def test_reversal_is_the_constant_fields() -> None:
    """Alone it holds the membrane at the constant field's voltage, a little above 0 mV."""
    rest = pl.rest(cell(NALCN(density="1 /um^2"), Ca="1.2 mM", Mg="1 mM"), prove=True)
    ratio = 1.2 / 1.3
    expected = THERMAL_MV * math.log((145 + ratio * 4) / (15 + ratio * 140))

    assert 1 == len(rest)
    assert rest[0].V_mV == pytest.approx(expected, abs=1e-9)
    assert rest[0].V_mV == pytest.approx(0.8, abs=0.1)


def test_it_lets_sodium_in_at_rest() -> None:
    """At -70 mV nearly all of its current is Na going in."""
    problem = pl.ClampedProblem(cell(NALCN(density="1 /um^2")))
    by_ion = {ion: value for (_, ion), value in problem.currents(-70.0).items()}

    assert by_ion["Na"] < 0
    assert abs(by_ion["Na"]) > 3 * abs(by_ion["K"])


def test_open_probability_is_nearly_constant() -> None:
    """Over any 50 mV it changes, but by less than 5 points."""
    channel = NALCN(density="1e-6 cm/s")
    p = {v: opening(channel, float(v)) for v in range(-145, 60, 10)}
    change = max(abs(p[v + 50] - p[v]) for v in p if v + 50 in p)

    assert 0 < change < 0.05


@pytest.mark.parametrize(("ion", "half"), [("Ca", "0.3 mM"), ("Mg", "1 mM")])
def test_outside_divalents_block(ion: str, half: str) -> None:
    """Alone, each divalent blocks half of the channels at its half-block, more at more."""
    channel = NALCN(density="1 /um^2")
    free = current(channel, -70.0)

    assert current(channel, -70.0, **{ion: half}) == pytest.approx(free / 2, rel=1e-12)
    assert abs(current(channel, -70.0, **{ion: "10 mM"})) < 0.1 * abs(free)
    assert current(channel, -70.0, **{ion: "0 mM"}) == pytest.approx(free, rel=1e-12)


def test_divalents_compete_for_one_site() -> None:
    """Together they block less than if each had a site of its own."""
    channel = NALCN(density="1 /um^2")
    free = current(channel, -70.0)
    both = current(channel, -70.0, Ca="0.3 mM", Mg="1 mM") / free

    assert both == pytest.approx(1 / 3, rel=1e-12)
    assert both > 0.5 * 0.5


def test_inside_divalents_do_not_block() -> None:
    """Calcium inside leaves the current as it is."""
    channel = NALCN(density="1 /um^2")

    assert current(channel, -70.0, {"Ca": "1 mM"}) == current(channel, -70.0)


def test_low_calcium_depolarises() -> None:
    """Beside a potassium leak, taking outside Ca away moves rest up by many mV."""
    leak: Any = type("Leak", (pl.Channel,), {"permeation": pl.Ohmic("K")})
    make: Any = pl.Membrane
    normal = cell(NALCN(density="1 nS"), Ca="1.2 mM")
    member = make(
        mechanisms=[*normal.mechanisms, leak(density="2 nS")],
        inside=normal.inside,
        outside=normal.outside,
        temperature="37 degC",
        area="1000 um^2",
    )
    low = pl.rest(member.evolve({"outside.Ca": "0.1 mM"}))[0].V_mV

    assert low > pl.rest(member)[0].V_mV + 2


def test_the_calcium_variant_carries_calcium() -> None:
    """NALCNCa needs Ca on both sides and carries it in, by the constant field of a divalent."""
    channel = NALCNCa(density="1e-6 cm/s")
    problem = pl.ClampedProblem(cell(channel, {"Ca": "1e-4 mM"}, Ca="1.2 mM"))
    by_ion = {ion: value for (_, ion), value in problem.currents(-60.0).items()}
    u = 2 * -60.0 / THERMAL_MV
    flux = u * (1e-4 - 1.2 * math.exp(-u)) / (1 - math.exp(-u))
    expected = 0.5 / (1 + 1.2 / 0.3) * 0.5 / 1.3 * 0.01 * 2 * 96.48533212 * flux

    assert by_ion["Ca"] == pytest.approx(expected, rel=1e-9)
    with pytest.raises(pl.CompositionError, match="Ca"):
        cell(channel)


def test_caesium_can_be_added() -> None:
    """A pore for Cs too has the documented ratio; the plain channel asks for no Cs."""
    channel = NALCN(density="1e-6 cm/s", permeation=nalcn.pore("Na", "K", "Cs"))
    values = {row.path: row.value.value for row in channel.parameters()}

    assert values["permeation.Cs"] == pytest.approx(1 / 1.3)
    assert "Cs" not in NALCN(density="1e-6 cm/s").carried()


@pytest.mark.parametrize("ions", [(), ("K", "Na"), ("Na", "Rb")])
def test_pore_refuses_what_it_has_no_ratio_for(ions: tuple[str, ...]) -> None:
    """Other ions, or another reference, are refused with what to do."""
    with pytest.raises(pl.CompositionError, match=r"give GHK\(\.\.\.\)"):
        nalcn.pore(*ions)


def test_current_is_smooth_through_zero() -> None:
    """At V = 0 the constant field's 0/0 is finite, and lies between its neighbours."""
    below, at, above = (current(NALCN(density="1 /um^2"), v) for v in (-1e-6, 0.0, 1e-6))

    assert below < at < above


@pytest.mark.parametrize("name", KINDS)
def test_every_parameter_is_accounted_for(name: str) -> None:
    """Each has a source and a unit (empty for a number); what is measured names a work."""
    rows = KINDS[name].parameter_table()

    assert {"unitary", "V_half", "z_g", "Ca_half", "Mg_half"} <= {row["name"] for row in rows}
    for row in rows:
        assert row["source"].strip()
        assert isinstance(row["unit"], str)
        assert not (row["measured"] and row["source"].startswith("assumed"))


@pytest.mark.parametrize("name", KINDS)
def test_class_says_what_it_is(name: str) -> None:
    """The class's text has its references."""
    assert "References:" in (KINDS[name].__doc__ or "")


@pytest.mark.parametrize("name", KINDS)
def test_channels_are_registered(name: str) -> None:
    """Each id leads to its class; the record's ions are the class's; `show` prints it."""
    made: Any = default_host().make("mechanisms", f"nalcn.{name}")
    record: Any = default_host().find("mechanisms", f"nalcn.{name}").record
    shown = CliRunner().invoke(plugins, ["show", f"nalcn.{name}"])

    assert KINDS[name] is made
    assert made().carried() == record.ions
    assert 0 == shown.exit_code, shown.output
    assert "Ca_half" in shown.output


@pytest.mark.parametrize("name", ["EEKE", "EKEE", "EEEE"])
def test_filters_are_registered(name: str) -> None:
    """Each filter id leads to the filter of that name."""
    assert getattr(filters, name) is default_host().make("filters", f"nalcn.{name}")
