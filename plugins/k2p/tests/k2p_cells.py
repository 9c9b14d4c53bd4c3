"""Membranes that the tests of this plugin share."""

from __future__ import annotations

import importlib
import math
from typing import Any

from pumpleak import GHK, Channel, ClampedProblem, Membrane, Solution

NAMES = ("TREK1", "TREK2", "TRAAK", "TASK1", "TASK3", "TWIK1", "THIK1", "TRESK")
#: Classes by name. What a class takes follows from its parameters, which type checkers do not see.
CHANNELS: dict[str, Any] = {
    name: getattr(importlib.import_module(f"pumpleak_k2p.{name.lower()}"), name) for name in NAMES
}
ALL = list(CHANNELS.values())
AREA = "1000 um^2"


class AlwaysOpen(Channel):
    """Any pore without a gate."""

    permeation = GHK(K=1)


def cell(
    *mechanisms: Any,
    temperature: str = "22 degC",
    K: str = "4 mM",
    Na: str = "145 mM",
    K_in: str = "140 mM",
    Na_in: str = "15 mM",
    pH: float | None = 7.4,
    pH_in: float | None = 7.2,
) -> Membrane:
    """Return a cell with the given channels; K, Na and pH without `_in` are outside."""
    make: Any = Membrane
    made: Membrane = make(
        mechanisms=mechanisms,
        inside=Solution(concentrations={"K": K_in, "Na": Na_in}, pH=pH_in),
        outside=Solution(concentrations={"K": K, "Na": Na}, pH=pH),
        temperature=temperature,
        area=AREA,
    )
    return made


def current(channel: Any, V_mV: float, **at: Any) -> float:
    """Return the channel's total current, pA."""
    return ClampedProblem(cell(channel, **at)).total_at(V_mV)[0]


def opening(channel: Any, V_mV: float, **at: Any) -> float:
    """Return the open probability: the current against that of the same pore without a gate."""
    make: Any = AlwaysOpen
    bare = make(density=channel.density, unitary=channel.unitary, permeation=channel.permeation)
    return current(channel, V_mV, **at) / current(bare, V_mV, **at)


def constant_field_mV(ratio: float, K: float, temperature_K: float) -> float:
    """Return the reversal potential for P_Na/P_K = `ratio`, cells as in `cell`."""
    thermal_mV = 8.314462618 * temperature_K / 96.48533212
    return thermal_mV * math.log((K + ratio * 145.0) / (140.0 + ratio * 15.0))
