"""The local state that a membrane hands to a mechanism's physics function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import PhysicsError, near


class Names:
    """Values by name, as attributes or items; asking for a missing one says what there is."""

    def __init__(self, values: Mapping[str, Any], missing: Callable[[str], Exception]) -> None:
        self._values = values
        self._missing = missing

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise self._missing(name) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


class Side(Names):
    """Concentrations on one side, mM, and its pH."""

    def __init__(
        self,
        values: Mapping[str, Any],
        missing: Callable[[str], Exception],
        xp: Any,
        mM: Any,
    ) -> None:
        super().__init__(values, missing)
        self._xp, self._mM = xp, mM

    @property
    def pH(self) -> Any:
        """-log10 of the proton concentration in M."""
        if "H" not in self:
            raise self._missing("pH")
        return -self._xp.log(self["H"] / (1000.0 * self._mM)) / math.log(10.0)


class LocalState:
    """What a mechanism sees: one number system, and everything local to the membrane in it.

    Attributes:
        xp: the number system's functions: exp, log, sqrt, exprelr, where, ...
        V: membrane potential, inside minus outside.
        T, VT: temperature and RT/F.
        R, F: gas constant, Faraday constant.
        per_amol: molecules in an amol (a count per amount).
        area, capacitance: of the whole membrane.
        inside, outside: concentrations by ion name, ``s.inside.K``; ``s.outside.pH``.
        E: Nernst potential by ion name, ``s.E["K"]``.
        z: valence by ion name.
        own: the mechanism's own gates and pools by name, ``s.own.n``.
        gates: any gate of the membrane by full name, ``s.gates["kdr.n"]``.
        species: ion records by name.
        owner: what messages call the mechanism; text, or what makes it when it is told.
        mV, ms, mM, pA, nS, um, fL, kelvin: one of the unit, for empirical formulas:
            ``v = s.V / s.mV`` is a pure number.
    """

    def __init__(
        self,
        *,
        xp: Any,
        voltage: Any,
        temperature: Any,
        gas: Any,
        faraday: Any,
        thermal: Any,
        area: Any,
        capacitance: Any,
        inside: Side,
        outside: Side,
        nernst: Names,
        species: Mapping[str, Any],
        own: Names,
        gates: Names,
        units: Mapping[str, Any],
        owner: object,
    ) -> None:
        self.xp = xp
        self.V, self.T, self.R, self.F, self.VT = voltage, temperature, gas, faraday, thermal
        self.area, self.capacitance = area, capacitance
        self.inside, self.outside, self.E = inside, outside, nernst
        self.own, self.gates = own, gates
        self.species = Names(species, lambda name: missing(owner, "ion", name, species))
        self.z = Names(
            {name: record.valence for name, record in species.items()},
            lambda name: missing(owner, "ion", name, species),
        )
        self.mV, self.ms, self.mM = units["mV"], units["ms"], units["mM"]
        self.pA, self.nS, self.um, self.fL = units["pA"], units["nS"], units["um"], units["fL"]
        self.kelvin = units["kelvin"]
        self.per_amol = units["per_amol"]
        self.owner = owner


def missing(owner: object, what: str, name: str, known: Mapping[str, Any]) -> PhysicsError:
    """Return the error for a name that a mechanism asks for and the membrane lacks."""
    has = ", ".join(known) or "none"
    return PhysicsError(
        f"{owner} needs {what} {name!r}, which this membrane does not give"
        f"{near(name, known)}; it gives {has}"
    )
