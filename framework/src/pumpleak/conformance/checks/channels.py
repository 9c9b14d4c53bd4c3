"""Rules for channels: passive, gated between shut and open, counted one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ..._errors import UnitError
from ...equations._trace import Run
from ...equations._world import World
from ...numbers._numbers import FloatSystem
from .._bench import BODY_K, ROOM_K, Bench
from .._check import broken, check, not_applicable
from .._subject import Subject

_SAME: Final = 1e-9
_ROUNDING: Final = 1e-12
#: How far from equilibrium a current is asked for its sign, mV.
_AWAY_MV: Final = 40.0
_REVERSALS_MV: Final = (-91.3, -37.1, 0.0, 43.7)


def _balances(bench: Bench) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield voltages and conditions at which nothing drives any ion.

    A reversal potential that is a fixed number stands for conditions that nobody knows.
    """
    for kelvin in (BODY_K, ROOM_K):
        if bench.fixed:
            for reversal in bench.fixed.values():
                yield float(reversal), bench.standard(kelvin)
            continue
        for v in _REVERSALS_MV:
            yield v, bench.equilibrium(v, kelvin)


@check(
    "C020",
    "channel",
    fix="Multiply by V - E, or use GHK: what is at equilibrium must not flow.",
    in_card="Multiply by V - E.K (of its ion), or take a permeation of kind 'ghk' or 'ohmic'.",
)
def zero_current_at_equilibrium(subject: Subject) -> None:
    """Where the electrochemical gradient of every ion is zero, no current flows."""
    bench = subject.bench
    for v, conditions in _balances(bench):
        around = np.array([v - _AWAY_MV, v + _AWAY_MV])
        for ion, current in bench.currents(v, conditions).items():
            scale = float(np.abs(bench.parts(around, conditions)[0][ion]).max())
            if not abs(current) <= _SAME * scale:
                broken(
                    f"its current of {ion} is {current:.6g} pA at {v:.4g} mV, where nothing drives "
                    f"it ({conditions['temperature']:g} K)"
                )


@check(
    "C021",
    "channel",
    fix="Count outward current of positive charge as positive: g (V - E), not g (E - V).",
)
def outward_positive(subject: Subject) -> None:
    """Above its reversal potential its current is positive, below it negative, ion by ion."""
    bench = subject.bench
    decided = 0
    for reversal, conditions in _balances(bench):
        # where gates are all but shut a rounding decides the sign of what is left
        nothing = _ROUNDING * bench.scale(conditions)
        for side in (1.0, -1.0):
            v = reversal + side * _AWAY_MV
            currents = bench.currents(v, conditions)
            whole = side * math.fsum(currents.values())
            if abs(whole) <= nothing:
                continue
            decided += 1
            if not whole > 0:
                broken(
                    f"{_AWAY_MV:g} mV {'above' if side > 0 else 'below'} the reversal potential of "
                    f"{reversal:.4g} mV it carries {side * whole:.6g} pA"
                )
            for ion, current in currents.items():
                if side * current < -_ROUNDING * whole:
                    broken(f"at {v:.4g} mV its current of {ion} runs uphill: {current:.6g} pA")
    if not decided:
        broken("it carries no current at any voltage")


def _opened(bench: Bench, voltages: Any, conditions: dict[str, float]) -> Any:
    """Return the open probability over voltages, shape (n,)."""
    if bench.channel.opaque:
        not_applicable("it is opaque, so its open probability is not asked for")
    return bench.parts(voltages, conditions)[1]


@check(
    "C022",
    "channel",
    fix="Keep p in 0..1; put a factor that exceeds 1 into the density or the permeation.",
)
def open_probability_between_0_and_1(subject: Subject) -> None:
    """Its open probability lies in 0..1 over the claimed voltages, in every solution tried."""
    bench = subject.bench
    for name, conditions in bench.varied():
        voltages = bench.voltages(401)
        p = _opened(bench, voltages, conditions)
        bad = ~((p >= -_ROUNDING) & (p <= 1 + _ROUNDING))
        if bad.any():
            broken(f"its open probability is {p[bad][0]:.6g} at {voltages[bad][0]:.4g} mV ({name})")


@check(
    "C023",
    "channel",
    fix="Give a gate's steady value as alpha/(alpha + beta) of positive rates, or with its tau.",
)
def steady_gates_are_fixed_points(subject: Subject) -> None:
    """At its steady value a gate does not move, and from 0 and 1 it moves inwards."""
    bench = subject.bench
    seen = 0
    for name, conditions in bench.varied():
        for v in bench.voltages(13):
            found = bench.run(float(v), conditions)
            steady = {state.name: state.steady for state in found.states if state.kind != "pool"}
            seen += len(steady)
            if steady:
                _fixed_points(bench, float(v), conditions, steady, name)
    if not seen:
        not_applicable("it has no gates with a rate")


def _fixed_points(
    bench: Bench, v: float, conditions: Any, steady: dict[str, float], name: str
) -> None:
    def rates(changed: dict[str, float]) -> dict[str, float]:
        run: Run = bench.run(v, conditions, {**steady, **changed})
        return {state.name: state.rate for state in run.states}

    here = rates({})
    for gate, value in steady.items():
        up, down = rates({gate: 0.0})[gate], rates({gate: 1.0})[gate]
        size = abs(up) + abs(down)
        where = f"gate {gate!r} at {v:.4g} mV ({name})"
        if not -_ROUNDING <= value <= 1 + _ROUNDING:
            broken(f"the steady value of {where} is {value:.6g}")
        if not abs(here[gate]) <= _SAME * size:
            broken(f"{where} moves at {here[gate]:.6g} /ms from its steady value {value:.6g}")
        if up < -_SAME * size or down > _SAME * size:
            broken(f"{where} leaves 0..1: at 0 it moves at {up:.4g} /ms, at 1 at {down:.4g} /ms")


@check(
    "C024",
    "channel",
    fix="Look at the sign of the gating charge, or claim the other direction.",
)
def monotone_as_claimed(subject: Subject) -> None:
    """Its open probability rises, or falls, with voltage where its author claims so."""
    direction = subject.claims.monotone
    if direction is None:
        not_applicable("its claims say nothing of it")
    bench = subject.bench
    for name, conditions in bench.varied():
        voltages = bench.voltages(401)
        p = _opened(bench, voltages, conditions)
        steps = np.diff(p) if direction == "rising" else -np.diff(p)
        wrong = steps < -_ROUNDING * np.abs(p).max()
        if wrong.any() or not steps.any():
            v = float(voltages[:-1][wrong][0]) if wrong.any() else float(voltages[0])
            broken(f"its open probability is not {direction} at {v:.4g} mV ({name})")


@check(
    "C025",
    "channel",
    fix="Return permeation.currents(s, count x unitary x p, ...): each of the factors once.",
    in_card="Let every current of its permeation have 'maximum' as a factor, once.",
)
def unitary_times_count_times_p_is_macroscopic(subject: Subject) -> None:
    """The current of N channels is N times the current of an open one times open probability."""
    bench = subject.bench
    channel = bench.channel
    if channel.opaque:
        not_applicable("it is opaque, so its open probability is not asked for")
    if channel.dimension_of("unitary") is None:
        not_applicable("it says no unitary conductance or permeability")
    try:
        counted, by_area = bench.remade(density="2500 channels"), bench.remade(density="2.5 /um^2")
    except UnitError:
        not_applicable("its density cannot be a count")
    for name, conditions in bench.varied():
        for v in bench.voltages(9):
            whole = counted.currents(float(v), conditions)
            spread = by_area.currents(float(v), conditions)
            open_ = _all_open(counted, float(v), conditions)
            p = counted.run(float(v), conditions).open_fractions[counted.label]
            for ion, current in whole.items():
                expected = 2500 * p * open_[ion]
                if not abs(current - expected) <= _SAME * abs(expected):
                    broken(
                        f"2500 channels carry {current:.8g} pA of {ion} at {v:.4g} mV, but one "
                        f"open carries {open_[ion]:.6g} pA and p is {p:.6g} ({name})"
                    )
                if not abs(spread[ion] - current) <= _SAME * abs(current):
                    broken(
                        f"2500 channels carry {current:.8g} pA of {ion} at {v:.4g} mV, but 2.5 "
                        f"per um^2 on 1000 um^2 carry {spread[ion]:.8g} pA ({name})"
                    )


def _all_open(bench: Bench, v: float, conditions: Any) -> dict[str, float]:
    """Return the current through one open channel, from its permeation alone."""
    world = World(bench.membrane, FloatSystem({**conditions, "V": v}))
    channel = bench.channel
    bound: Any = channel.bound(world.number(bench.label))
    local = world.local(bench.label, bench.label)
    dimension = channel.dimension_of("unitary")
    found: dict[str, float] = bound.permeation.currents(local, bound.unitary, dimension)
    return found
