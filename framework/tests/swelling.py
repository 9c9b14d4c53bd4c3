"""Cells with free ions that the tests of time courses build."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np
from building import SPECIES

from pumpleak import Boltzmann, Channel, Compartments, Gate, Membrane, Ohmic, Solution, Transporter


class Na(Channel):
    permeation = Ohmic("Na")


class K(Channel):
    permeation = Ohmic("K")


class Kir(Channel):
    permeation = Ohmic("K")
    gating = Boltzmann(V_half="-75 mV", z_g=-8)


class Cl(Channel):
    permeation = Ohmic("Cl")


class Cubic(Transporter):
    stoichiometry: ClassVar = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return (s.inside.Na / s.outside.Na) ** 3


class Steady(Transporter):
    stoichiometry: ClassVar = {"Na": 3, "K": -2}
    atp = 1

    def activity(self, s: Any) -> Any:
        return 1.0


class KCC2(Transporter):
    stoichiometry: ClassVar = {"K": 1, "Cl": 1}

    def driving_force(self, s: Any) -> Any:
        return s.E["Cl"] - s.E["K"]


MECHANISMS = (
    Na(name="sodium", density="0.02 mS/cm^2"),
    K(name="potassium", density="0.35 mS/cm^2"),
    Cl(name="chloride", density="0.2 mS/cm^2"),
    KCC2(name="kcc2", density="0.02 mS/cm^2"),
    Cubic(name="pump", density="1000 uA/cm^2"),
)
STOP = "60 s: pump.density = 0"


def cell(**changes: Any) -> Membrane:
    """Return a pump-leak cell that swells; what is no field of a membrane is one of [steady]."""
    own = {field.name for field in attrs.fields(Membrane)}
    compartments = {
        "free": ["Na", "K", "Cl"],
        "volume": "1963.495408 fL",
        "swells": True,
        "infer_impermeant": True,
        "water_permeability": "0.015 cm/s",
        **{name: value for name, value in changes.items() if name not in own},
    }
    given: dict[str, Any] = {
        "mechanisms": MECHANISMS,
        "inside": Solution(concentrations={"Na": "14.5 mM", "K": "122 mM", "Cl": "4.1 mM"}),
        "outside": Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        "temperature": "310.15 K",
        "area": "785.3981634 um^2" if compartments.get("shape", "fixed") == "fixed" else None,
        "species": SPECIES,
        "name": "cell",
        **{name: value for name, value in changes.items() if name in own},
    }
    return Membrane(**given, compartments=Compartments(**compartments))


def known_cell(sodium: float = 60.0, potassium: float = 80.0, chloride: float = 60.0) -> Membrane:
    """Return the cell whose steady state is known, with concentrations that do not fit it."""
    return cell(
        infer_impermeant=False,
        impermeant_amount="3.065e-13 mol",
        inside=Solution(
            concentrations={
                "Na": f"{sodium} mM",
                "K": f"{potassium} mM",
                "Cl": f"{chloride} mM",
            },
            impermeant="1 mM",
            impermeant_valence=-0.85,
        ),
    )


def bistable_cell() -> Membrane:
    """Return a cell with two stable steady states and a saddle between them."""
    return cell(
        mechanisms=(
            Na(name="sodium", density="0.02 mS/cm^2"),
            Kir(name="kir", density="1 mS/cm^2"),
            K(name="potassium", density="0.01 mS/cm^2"),
            Cubic(name="pump", density="1000 uA/cm^2"),
        ),
        outside=Solution(concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "148.5 mM"}),
        free=["Na", "K"],
        swells=False,
    )


class Leak(Channel):
    permeation = Ohmic("K")


class Slow(Channel):
    permeation = Ohmic("K")

    def gates(self, s: Any) -> dict[str, Gate]:
        return {"n": Gate(alpha=0.02 / s.ms, beta=0.08 / s.ms)}


def at(dataset: Any, time_s: float) -> Any:
    """Return what holds at an instant that was recorded."""
    return dataset.sel(time=time_s)


def before(dataset: Any, time_s: float) -> Any:
    """Return what held just before an event."""
    return dataset.isel(time=int(np.searchsorted(dataset["time"].values, time_s)) - 1)
