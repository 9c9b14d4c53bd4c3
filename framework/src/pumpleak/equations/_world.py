"""What all mechanisms of one run share: the inputs of the membrane in one number system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .._errors import PhysicsError, near
from ..parts._local import LocalState, Names, Side, missing
from ..parts._mechanism import Mechanism
from ..units._constants import MOLECULES_PER_AMOL
from ..units._quantity import (
    AREA,
    CAPACITANCE,
    CONCENTRATION,
    CONDUCTANCE,
    CURRENT,
    GAS,
    LENGTH,
    MOLAR_CHARGE,
    NUMBER,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    VOLUME,
    Dimension,
    Quantity,
    quantity,
)
from ._blame import Owner, blame

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

_PER_AMOL = Dimension(amount=-1)


_UNITS = {
    "mV": VOLTAGE,
    "ms": TIME,
    "mM": CONCENTRATION,
    "pA": CURRENT,
    "nS": CONDUCTANCE,
    "um": LENGTH,
    "fL": VOLUME,
    "kelvin": TEMPERATURE,
}


class System(Protocol):
    """A number system with its leaves: how a named input enters it."""

    xp: Any

    def leaf(self, name: str, value: float, dimension: Dimension) -> Any:
        """Return the input `name`."""

    def unit(self, name: str, dimension: Dimension) -> Any:
        """Return one of a unit of pumpleak's own set."""

    def state(self, name: str, dimension: Dimension) -> Any:
        """Return the current value of a state, before its rate is known."""

    def define(self, name: str, value: Any) -> Any:
        """Give a state that follows without delay its value."""


class World:
    """Leaves shared by all mechanisms of one run."""

    def __init__(self, membrane: Membrane, system: System) -> None:
        self.membrane, self.system, self.xp = membrane, system, system.xp
        leaf = system.leaf
        self.voltage = leaf("V", -70.0, VOLTAGE)
        self.temperature = leaf("temperature", membrane.temperature.value, TEMPERATURE)
        self.gas = leaf("gas_constant", membrane.gas_constant.value, GAS)
        self.faraday = leaf("faraday", membrane.faraday.value, MOLAR_CHARGE)
        self.area = leaf("area", membrane.area.value, AREA)
        self.capacitance = leaf("capacitance", membrane.capacitance_pF, CAPACITANCE)
        self.thermal = self.xp.let(self.gas * self.temperature / self.faraday, "VT")
        self.units = {name: system.unit(name, dimension) for name, dimension in _UNITS.items()}
        count = system.unit("per_amol", _PER_AMOL)
        self.units["per_amol"] = MOLECULES_PER_AMOL * count
        self.sides = {
            side: {
                ion: leaf(f"{side}.{ion}", given.value, CONCENTRATION)
                for ion, given in solution.concentrations.items()
            }
            for side, solution in (("inside", membrane.inside), ("outside", membrane.outside))
        }
        self.nernst: dict[str, Any] = {}
        self.states: dict[str, Any] = {}
        self.parameters: set[str] = set()
        self.declared: set[str] = set()
        self.asked: dict[str, str | Owner] = {}
        self.pools: dict[str, tuple[Quantity, Quantity]] = {}
        for mechanism in membrane.mechanisms:
            with blame(Owner(membrane, mechanism), type(mechanism)):
                for name, ends in mechanism.pools.items():
                    self.pools[f"{mechanism.label}.{name}"] = _pool(name, ends)

    def number(self, label: str) -> Callable[[str, Any], Any]:
        def leaf(path: str, given: Quantity) -> Any:
            self.parameters.add(f"{label}.{path}")
            return self.system.leaf(f"{label}.{path}", given.value, given.dimension)

        return leaf

    def local(self, label: str, owner: str | Owner) -> LocalState:
        sides = {
            side: Side(
                values,
                lambda ion, side=side, values=values: missing(  # type: ignore[misc]
                    owner, f"the {side} concentration of", ion, values
                ),
                self.xp,
                self.units["mM"],
            )
            for side, values in self.sides.items()
        }
        return LocalState(
            xp=self.xp,
            voltage=self.voltage,
            temperature=self.temperature,
            gas=self.gas,
            faraday=self.faraday,
            thermal=self.thermal,
            area=self.area,
            capacitance=self.capacitance,
            inside=sides["inside"],
            outside=sides["outside"],
            nernst=_Lazy(lambda ion: self._reversal(ion, sides)),
            species=self.membrane.species,
            own=_Lazy(lambda name: self.asked_for(f"{label}.{name}", owner)),
            gates=_Lazy(lambda name: self.asked_for(name, owner)),
            units=self.units,
            owner=owner,
        )

    def _reversal(self, ion: str, sides: Mapping[str, Side]) -> Any:
        if ion not in self.nernst:
            ratio = sides["outside"][ion] / sides["inside"][ion]
            valence = self.membrane.species[ion].valence
            self.nernst[ion] = self.xp.let(self.thermal / valence * self.xp.log(ratio), f"E_{ion}")
        return self.nernst[ion]

    def asked_for(self, name: str, owner: str | Owner) -> Any:
        self.asked.setdefault(name, owner)
        return self.state(name)

    def refuse_unknown(self) -> None:
        """Refuse what was asked for and nobody declared; it may have been declared later."""
        known = self.declared | getattr(self.system, "values", {}).keys()
        for name, owner in self.asked.items():
            if name not in known:
                raise PhysicsError(
                    f"{owner} asks for the gate or pool {name!r}, which nobody has"
                    f"{near(name, known)}; there are: {', '.join(sorted(self.declared)) or 'none'}"
                )

    def state(self, name: str) -> Any:
        if name not in self.states:
            dimension = self.pools[name][0].dimension if name in self.pools else NUMBER
            self.states[name] = self.system.state(name, dimension)
        return self.states[name]

    def checked(self, value: Any, dimension: Dimension, what: str) -> Any:
        check = getattr(self.system, "check", None)
        return value if check is None else check(value, dimension, what)

    def opaque(self, mechanism: Mechanism, bound: Mechanism, local: LocalState) -> Any:
        call = getattr(self.system, "opaque", None)
        if not mechanism.opaque or call is None:
            return None
        return call(mechanism, self)


def _pool(name: str, ends: tuple[str, str]) -> tuple[Quantity, Quantity]:
    low, high = (quantity(end) for end in ends)
    if low.dimension != high.dimension or not 0 < low.value < high.value:
        raise PhysicsError(
            f"pool {name!r} needs two values to search between, such as ('1e-6 mM', '10 mM'), got "
            f"'{low}' and '{high}'"
        )
    return low, high


class _Lazy(Names):
    """Names made when first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__({}, KeyError)
        self._make = make

    def __getitem__(self, name: str) -> Any:
        return self._make(name)
