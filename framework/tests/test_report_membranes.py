"""Membranes that the tests of reports share."""

from __future__ import annotations

from typing import Any

import pumpleak as pl
from pumpleak import GHK, Boltzmann, Channel, IonSpecies, Membrane, Ohmic, Solution, Transporter

SPECIES = {
    name: IonSpecies(name=name, valence=valence)
    for name, valence in (("K", 1), ("Na", 1), ("Cl", -1))
}
INSIDE = {"K": "140 mM", "Na": "12 mM", "Cl": "8 mM"}
OUTSIDE = {"K": "4 mM", "Na": "145 mM", "Cl": "110 mM"}


class K2P(Channel):
    permeation = GHK(K=1)
    gating = Boltzmann(V_half="-40 mV", z_g=0.2)


class NALCN(Channel):
    permeation = GHK(Na=1, K=0.9)


class Chloride(Channel):
    permeation = Ohmic("Cl")


class Potassium(Channel):
    permeation = Ohmic("K")


class FixedK(Channel):
    permeation = Ohmic("K", reversal="-90 mV")


class FixedNa(Channel):
    permeation = Ohmic("Na", reversal="60 mV")


class Unnamed(Channel):
    permeation = Ohmic("nonspecific", reversal="-54 mV")


class Pump(Transporter):
    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return 1 / (1 + (10 * s.mM / s.inside.Na) ** 1.5)


class Steady(Transporter):
    """A pump that runs at its density, whatever happens."""

    stoichiometry = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return 1.0 + 0.0 * (s.V / s.mV)


class Cotransporter(Transporter):
    """K and Cl out together, down their joint gradient."""

    stoichiometry = {"K": 1, "Cl": 1}

    def activity(self, s: Any) -> Any:
        return s.xp.log(s.inside.K * s.inside.Cl / (s.outside.K * s.outside.Cl))


class WrongWay(Transporter):
    """Sodium out for nothing."""

    stoichiometry = {"Na": 1, "Cl": 1}

    def activity(self, s: Any) -> Any:
        return 1.0 + 0.0 * (s.V / s.mV)


class Touching(pl.Mechanism):
    """A current that touches zero at -60 mV and has no reversal potential of its own."""

    ions = ("nonspecific",)

    def current(self, s: Any) -> dict[str, Any]:
        return {"nonspecific": (s.V / s.mV + 60) ** 2 * s.pA}


class Square(pl.Mechanism):
    """Potassium that flows outward whatever the voltage."""

    ions = ("K",)

    def current(self, s: Any) -> dict[str, Any]:
        return {"K": 3.0 * s.pA + 0.0 * s.V * s.nS}


class Mixed(pl.Mechanism):
    """A pore that sodium passes too, booked as potassium: it turns above E_K, at -50 mV."""

    ions = ("K",)

    def current(self, s: Any) -> dict[str, Any]:
        return {"K": 2.0 * s.nS * (s.V + 50 * s.mV)}


class Plain(pl.Mechanism):
    """Potassium through a conductance, written by hand."""

    ions = ("K",)

    def current(self, s: Any) -> dict[str, Any]:
        return {"K": 2.0 * s.nS * (s.V - s.E["K"])}


def membrane(*mechanisms: pl.Mechanism, **given: Any) -> Membrane:
    inside = given.pop("inside", INSIDE)
    outside = given.pop("outside", OUTSIDE)
    return Membrane(
        mechanisms=mechanisms,
        inside=Solution(name="cytosol", concentrations=inside),
        outside=Solution(name="bath", concentrations=outside),
        **{"species": SPECIES, "temperature": "37 degC", "area": "1000 um^2", **given},
    )


def neuron(**given: Any) -> Membrane:
    return membrane(
        K2P(density="1e-6 cm/s"),
        NALCN(density="4e-8 cm/s"),
        Chloride(density="0.005 mS/cm^2"),
        Pump(density="1.5 uA/cm^2"),
        **given,
    )


def bistable() -> Membrane:
    """Return a membrane with two stable states and an unstable one between them."""
    return membrane(
        K2P(density="3e-6 cm/s", gating=Boltzmann(V_half="-80 mV", z_g=-3)),
        NALCN(density="4e-8 cm/s"),
        Chloride(density="0.02 mS/cm^2", gating=Boltzmann(V_half="-90 mV", z_g=-1)),
        Pump(density="0.6 uA/cm^2"),
        inside={**INSIDE, "Na": "15 mM"},
    )


def marginal() -> Membrane:
    """Return a membrane whose only state has no slope; -60 mV is a point of the scan."""
    return membrane(Touching(), range=("-124 mV", "4 mV"))


def passive() -> Membrane:
    return membrane(FixedK(density="10 nS"), FixedNa(density="2 nS"))


def test_bistable_has_three_states() -> None:
    """The shared bistable membrane has the states that the tests of reports rely on."""
    kinds = [state.kind for state in pl.rest(bistable(), prove=True)]

    assert ["stable", "unstable", "stable"] == kinds
