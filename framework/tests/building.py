"""Membranes that several tests build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pumpleak import (
    GHK,
    Boltzmann,
    Channel,
    IonSpecies,
    Mechanism,
    Membrane,
    Ohmic,
    Solution,
    Transporter,
)

SPECIES = {
    name: IonSpecies(name=name, valence=valence)
    for name, valence in (("K", 1), ("Na", 1), ("Cl", -1), ("Ca", 2), ("H", 1))
}
INSIDE = {"K": "140 mM", "Na": "15 mM", "Cl": "8 mM"}
OUTSIDE = {"K": "4 mM", "Na": "145 mM", "Cl": "110 mM"}


class K2P(Channel):
    permeation = GHK(K=1)
    gating = Boltzmann(V_half="-40 mV", z_g=0.2)


class NALCN(Channel):
    permeation = GHK(Na=1, K=1 / 1.1)


class ClC2(Channel):
    permeation = Ohmic("Cl")
    gating = Boltzmann(V_half="-90 mV", z_g=-1)


class LuoRudyPump(Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        u = s.V / s.VT
        sigma = (s.xp.exp(s.outside.Na / (67.3 * s.mM)) - 1) / 7
        sodium = 1 / (1 + (10 * s.mM / s.inside.Na) ** 1.5)
        potassium = s.outside.K / (s.outside.K + 1.5 * s.mM)
        return (
            sodium * potassium / (1 + 0.1245 * s.xp.exp(-0.1 * u) + 0.0365 * sigma * s.xp.exp(-u))
        )


def membrane(*mechanisms: Mechanism, **changes: Any) -> Membrane:
    """Return a membrane of these mechanisms between the reference solutions."""
    given: dict[str, Any] = {
        "inside": Solution(concentrations=INSIDE),
        "outside": Solution(concentrations=OUTSIDE),
        "temperature": "310.15 K",
        "area": "1000 um^2",
        "species": SPECIES,
    }
    return Membrane(mechanisms=mechanisms, **{**given, **changes})


def reference_a(**changes: Any) -> Membrane:
    """Return the membrane with one resting state, known to 40 digits."""
    return membrane(
        K2P(name="k2p", density="1e-6 cm/s"),
        NALCN(name="nalcn", density="4e-8 cm/s"),
        ClC2(name="clc2", density="0.02 mS/cm^2"),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
        **changes,
    )


def reference_a2(**changes: Any) -> Membrane:
    """Return its bistable variant."""
    return membrane(
        K2P(name="k2p", density="3e-6 cm/s", gating=Boltzmann(V_half="-80 mV", z_g=-3)),
        NALCN(name="nalcn", density="4e-8 cm/s"),
        ClC2(name="clc2", density="0.02 mS/cm^2"),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
        **changes,
    )


def curve(function: Callable[[Any, Any], Any], **changes: Any) -> Membrane:
    """Return a membrane whose total current is `function(V in mV, functions of xp)`, pA."""

    class Curve(Mechanism):
        ions = ("K",)

        def current(self, s: Any) -> Mapping[str, Any]:
            return {"K": s.pA * function(s.V / s.mV, s.xp)}

    return membrane(Curve(), **changes)


def voltages(equilibria: Any) -> list[float]:
    """Return the resting voltages, mV."""
    return [state.V_mV for state in equilibria]
