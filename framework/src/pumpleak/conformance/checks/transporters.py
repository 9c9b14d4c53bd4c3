"""Rules for transporters: coupled by their stoichiometry, and paid for."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any, Final

from ...equilibria._equilibria import RestingState
from ...parts._transporter import Transporter
from ...units._constants import MOLECULES_PER_AMOL, MS_PER_S
from ...units._quantity import CURRENT
from .._bench import Bench
from .._check import broken, check, not_applicable
from .._subject import Subject

_SAME: Final = 1e-9
_DRAWS: Final = 40
#: An affinity below this share of RT has no sign worth asking for.
_SOME: Final = 0.02
#: An e-fold of one concentration, to know how large the flux is beside its zero.
_STEP: Final = 0.5
#: As near to equilibrium as a law that stops there is all but still.
_NEAR: Final = 1e-2
_PLAUSIBLE_MM: Final = (1e-15, 1e4)


def _transporter(bench: Bench) -> Transporter:
    if not isinstance(bench.mechanism, Transporter):
        not_applicable("it says its currents, not its stoichiometry")
    return bench.mechanism


def _draws(bench: Bench) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield voltages and conditions at random, the same ones in every run."""
    draw = random.Random(20)
    low, high = (end.value for end in bench.claims.voltage)
    for _ in range(_DRAWS):
        conditions = bench.standard(draw.uniform(290.0, 312.0))
        for name in conditions:
            if name != "temperature":
                conditions[name] *= math.exp(draw.uniform(-1.5, 1.5))
        yield draw.uniform(low, high), conditions


def _balanced(bench: Bench) -> Iterator[tuple[float, dict[str, float], str]]:
    """Yield what `_draws` does with one outside concentration set so that the affinity is zero."""
    transporter = _transporter(bench)
    ion = max(transporter.stoichiometry, key=lambda name: abs(transporter.stoichiometry[name]))
    key = f"outside.{ion}"
    for v, conditions in _draws(bench):
        # the affinity is linear in the logarithm of each concentration
        here = bench.affinity(v, conditions)
        slope = bench.affinity(v, {**conditions, key: conditions[key] * math.e}) - here
        at_zero = conditions[key] * math.exp(-here / slope)
        if _PLAUSIBLE_MM[0] < at_zero < _PLAUSIBLE_MM[1]:
            yield v, {**conditions, key: at_zero}, key


@check(
    "C040",
    "transporter",
    fix="Leave currents to Transporter: write activity, cycle_rate or driving_force alone.",
)
def stoichiometry_and_currents_agree(subject: Subject) -> None:
    """Each ion's current is its number, valence and the Faraday constant times the cycle rate."""
    bench = subject.bench
    transporter = _transporter(bench)
    faraday = bench.membrane.faraday.value
    for v, conditions in _draws(bench):
        run = bench.run(v, conditions)
        cycles = run.cycles[bench.label]
        for ion, count in transporter.stoichiometry.items():
            expected = count * bench.valence[ion] * faraday * cycles
            current = run.currents[bench.label, ion]
            if not abs(current - expected) <= _SAME * abs(expected):
                broken(
                    f"{cycles:.6g} amol/ms of cycles move {count:+d} {ion} each, that is "
                    f"{expected:.8g} pA, but its current of {ion} is {current:.8g} pA"
                )


@check(
    "C041",
    "transporter",
    fix="Write whole numbers into stoichiometry, ions moved out positive, and into atp.",
)
def charge_and_ATP_counted(subject: Subject) -> None:
    """Net charge and ATP follow from its stoichiometry; a pump spends ATP, nothing else does."""
    bench = subject.bench
    transporter = _transporter(bench)
    record: Any = subject.record
    for ion, count in transporter.stoichiometry.items():
        if not isinstance(count, int) or count == 0:
            broken(f"its stoichiometry moves {count!r} {ion} in a cycle: no whole number of ions")
    atp = transporter.atp
    if not isinstance(atp, int) or atp < 0:
        broken(f"it spends {atp!r} ATP in a cycle: no whole number")
    if record is not None and (record.kind == "pump") != (atp > 0):
        broken(f"its record says that it is a {record.kind}, but a cycle spends {atp} ATP")
    charge = transporter.charge_out(bench.valence)
    counted = sum(count * bench.valence[ion] for ion, count in transporter.stoichiometry.items())
    if charge != counted:
        broken(f"it says that a cycle moves {charge} charges out, and its ions carry {counted}")
    faraday = bench.membrane.faraday.value
    state = RestingState(bench.problem, -61.7, tuple(bench.pool_values(bench.standard())))
    cycles = state.cycles[bench.label]
    net = math.fsum(state.currents_pA[bench.label, ion] for ion in bench.ions)
    size = math.fsum(abs(state.currents_pA[bench.label, ion]) for ion in bench.ions)
    if not abs(net - charge * faraday * cycles) <= _SAME * size:
        broken(
            f"{charge} charges a cycle are {charge * faraday * cycles:.8g} pA, but {net:.8g} flow"
        )
    spent = atp * cycles * MOLECULES_PER_AMOL * MS_PER_S
    if not abs(state.ATP_per_s - spent) <= _SAME * abs(spent):
        broken(f"{spent:.8g} ATP are spent in a second, but {state.ATP_per_s:.8g} are counted")


@check(
    "C042",
    "transporter",
    fix="Multiply the rate by 1 - exp(-A/RT), or claim irreversible='why its law is'.",
    in_card="Multiply the rate by 1 - exp(-A/RT), or write under [claims] irreversible = 'why'.",
)
def no_flux_at_zero_affinity(subject: Subject) -> None:
    """Where a cycle sets nothing free, none runs; unless the law is claimed to be irreversible."""
    if subject.claims.irreversible:
        not_applicable(f"claimed irreversible: {subject.claims.irreversible}")
    bench = subject.bench
    tried = 0
    for v, conditions, key in _balanced(bench):
        tried += 1
        flux = bench.cycles(v, conditions)
        beside = [
            bench.cycles(v, {**conditions, key: conditions[key] * math.exp(side * _STEP)})
            for side in (1, -1)
        ]
        if not abs(flux) <= 1e-7 * max(map(abs, beside)):
            broken(
                f"at {v:.4g} mV, with {key} {conditions[key]:.4g} mM, its affinity is zero, but "
                f"{flux:.6g} amol/ms of cycles run"
            )
    if not tried:
        not_applicable("its affinity vanishes at no concentration that a solution could have")


@check(
    "C043",
    "transporter",
    fix="Look at the signs in stoichiometry (out is positive) and in the rate law.",
)
def flux_and_affinity_agree_in_sign(subject: Subject) -> None:
    """It runs forward where a cycle sets free energy free, and backward where it costs some."""
    if subject.claims.irreversible:
        not_applicable(f"claimed irreversible: {subject.claims.irreversible}")
    bench = subject.bench
    _transporter(bench)
    gas = bench.membrane.gas_constant.value
    for v, conditions in _draws(bench):
        affinity, flux = bench.affinity(v, conditions), bench.cycles(v, conditions)
        if abs(affinity) > _SOME * gas * conditions["temperature"] and not affinity * flux > 0:
            broken(
                f"at {v:.4g} mV a cycle sets {affinity / 1000:.4g} kJ/mol free, but "
                f"{flux:.6g} amol/ms of cycles run"
            )


@check(
    "C044",
    "transporter",
    fix="Take irreversible out of its claims: its law does run backward, or stops by itself.",
    in_card="Take irreversible out of [claims]: its law does run backward, or stops by itself.",
)
def irreversible_as_claimed(subject: Subject) -> None:
    """A law that is claimed to be irreversible runs forward everywhere, at zero affinity too."""
    if not subject.claims.irreversible:
        not_applicable("its claims say nothing of it")
    bench = subject.bench
    _transporter(bench)
    for v, conditions in _draws(bench):
        flux = bench.cycles(v, conditions)
        if not flux > 0:
            broken(f"at {v:.4g} mV {flux:.6g} amol/ms of cycles run")
    for v, conditions, key in _balanced(bench):
        flux = bench.cycles(v, conditions)
        near = {**conditions, key: conditions[key] * (1 + _NEAR)}
        if not flux > 1e-3 * bench.cycles(v, near):
            broken(f"at {v:.4g} mV its affinity is zero, and its rate is too: {flux:.6g} amol/ms")


@check(
    "C045",
    "transporter",
    fix="Let activity be 1 where the density holds; charge turns a current into cycles by itself.",
)
def a_density_in_pA_is_the_net_current(subject: Subject) -> None:
    """A density that is a current is the net current at activity 1, whatever else it may be."""
    bench = subject.bench
    transporter = _transporter(bench)
    activity: Any = getattr(transporter, "activity", None)
    if activity is None or transporter.dimension_of("density") != CURRENT:
        not_applicable("its density is no current")
    from ...equations._world import World
    from ...numbers._numbers import FloatSystem

    for v, conditions in _draws(bench):
        world = World(bench.membrane, FloatSystem({**conditions, "V": v}))
        bound: Any = transporter.bound(world.number(bench.label))
        share = float(bound.activity(world.local(bench.label, bench.label)))
        net = math.fsum(bench.currents(v, conditions).values())
        expected = transporter.density.value * share
        size = max(map(abs, bench.currents(v, conditions).values()))
        if not abs(net - expected) <= _SAME * size:
            broken(f"at activity {share:.6g} '{transporter.density}' is {net:.8g} pA net current")
