"""A membrane: mechanisms between two solutions, with area, capacitance and temperature."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs

from .._errors import CompositionError, UnitError, near
from ..parts._compartments import Compartments
from ..parts._mechanism import NONSPECIFIC, Mechanism
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ..units._constants import FARADAY, GAS_CONSTANT
from ..units._quantity import (
    AREA,
    CAPACITANCE,
    CONCENTRATION,
    Quantity,
    internal,
)
from ..units._scalars import (
    DEFAULTS,
    SCALARS,
    TEMPERATURES_K,
    read_area,
    read_capacitance,
    read_faraday,
    read_gas_constant,
    read_hydrolysis,
    read_range,
    read_temperature,
)
from ._problems import near_value, short

#: What says how much there is of a mechanism, whatever bounds a class puts on it.
_AMOUNTS = ("density", "unitary", "turnover")
#: An area that was given for a sphere may be rounded by this share.
_ROUNDED = 1e-3


def _mechanisms(given: Iterable[Mechanism]) -> tuple[Mechanism, ...]:
    return tuple(given)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def is_label(given: object) -> bool:
    """Return whether a mechanism can be called this."""
    return isinstance(given, str) and given.replace("-", "_").isidentifier()


def _area(given: object) -> Quantity | None:
    return None if given is None else read_area(given)


@attrs.frozen(kw_only=True, eq=False, slots=False, repr=False)
class Membrane:
    """Mechanisms between two solutions.

    Args:
        mechanisms: channels, transporters and others, each with a name of its own.
        inside, outside: the solutions.
        temperature: such as ``"37 degC"``.
        area: of the membrane; that of a sphere or cylinder follows the volume and is left out.
        capacitance: per area, or of the whole membrane.
        species: ion records by name; by default those that installed plugins supply.
        name: what reports call it.
        dG_ATP: free energy of ATP hydrolysis in the cell.
        gas_constant, faraday: only to reproduce models that use rounded constants.
        range: voltages between which rest is sought.
        sources: references and remarks, carried along.
        solver: id of the solver; by default the one for the mode.
        compartments: what is free at steady ions; None where ions are clamped only.

    Raises:
        CompositionError: parts that do not make a membrane.
        UnitError: a value of the wrong dimension.
    """

    mechanisms: tuple[Mechanism, ...] = attrs.field(converter=_mechanisms)
    inside: Solution
    outside: Solution
    temperature: Quantity = attrs.field(converter=read_temperature)
    area: Quantity = attrs.field(default=None, converter=_area)
    capacitance: Quantity = attrs.field(
        default=read_capacitance(DEFAULTS["capacitance"][0]), converter=read_capacitance
    )
    dG_ATP: Quantity = attrs.field(
        default=read_hydrolysis(DEFAULTS["dG_ATP"][0]), converter=read_hydrolysis
    )
    gas_constant: Quantity = attrs.field(
        default=read_gas_constant(f"{GAS_CONSTANT!r} J/(mol K)"), converter=read_gas_constant
    )
    faraday: Quantity = attrs.field(
        default=read_faraday(f"{FARADAY * 1000!r} C/mol"), converter=read_faraday
    )
    species: Mapping[str, IonSpecies] = attrs.field(factory=dict)
    name: str = "membrane"
    range: tuple[float, float] = attrs.field(default=(-200.0, 150.0), converter=read_range)
    sources: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    solver: str | None = None
    compartments: Compartments | None = None
    defaulted: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "area", self._own_area())
        self._check_scalars()
        self._check_mechanisms()
        object.__setattr__(self, "species", self._all_species())
        self._check_ions()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only remembered: kernels cannot travel, and keys hold identities."""
        forgotten = ("_many", "_problem", "structure", "values")
        return {name: value for name, value in vars(self).items() if name not in forgotten}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def __repr__(self) -> str:
        parts = ", ".join(mechanism.label for mechanism in self.mechanisms)
        return f"Membrane({self.name!r}: {parts})"

    def _own_area(self) -> Quantity:
        """Return the area, which a sphere or a cylinder has from its volume."""
        given: Quantity | None = self.area
        compartments = self.compartments
        follows = None
        if compartments is not None:
            follows = compartments.area_um2(compartments.volume.value)
        if compartments is None or follows is None:
            if given is None:
                raise CompositionError("area: missing; give for example area = '1000 um^2'")
            return given
        if given is not None and abs(given.value - follows) > _ROUNDED * follows:
            volume = compartments.volume
            raise CompositionError(
                f"area: it follows the volume of this {compartments.shape}: '{volume}' has "
                f"{follows:.6g} um^2, got '{given}'; leave area out, or change the volume"
            )
        return internal(follows, AREA)

    def _check_scalars(self) -> None:
        low, high = TEMPERATURES_K
        if not low <= self.temperature.value <= high:
            raise CompositionError(
                f"temperature: '{self.temperature}' is no temperature of a living membrane "
                f"(expected {low:g} to {high:g} K)"
            )
        for field in ("area", "capacitance", "gas_constant", "faraday"):
            if not getattr(self, field).value > 0:
                raise CompositionError(f"{field}: must be above zero, got '{getattr(self, field)}'")
        if not self.dG_ATP.value < 0:
            raise CompositionError(
                f"dG_ATP: hydrolysis sets energy free, so it is negative; got '{self.dG_ATP}'"
            )

    def _check_mechanisms(self) -> None:
        if not self.mechanisms:
            raise CompositionError("a membrane needs at least one mechanism, got none")
        seen: set[str] = set()
        for mechanism in self.mechanisms:
            if not isinstance(mechanism, Mechanism):
                raise CompositionError(
                    f"{mechanism!r} is no mechanism; give a Channel or a Transporter"
                )
            label = mechanism.label
            if not is_label(label):
                raise CompositionError(
                    "name: a mechanism's name is made of letters, digits, '-' and '_', got "
                    f"{label!r}"
                )
            if label in seen or label in ("inside", "outside", *SCALARS):
                raise CompositionError(
                    f"{label}.name: two things are called {label!r}; give each mechanism a name of "
                    "its own"
                )
            seen.add(label)
            for sentence in mechanism.incomplete():
                raise CompositionError(f"{label}.{sentence}")
            for info in mechanism.parameters():
                low, high = info.bounds
                given = info.value.magnitude
                if info.path in _AMOUNTS and info.value.value < 0:
                    raise CompositionError(
                        f"{label}.{info.path}: cannot be negative, got '{info.value}'"
                    )
                if (low is not None and given < low) or (high is not None and given > high):
                    raise CompositionError(
                        f"{label}.{info.path}: '{info.value}' is outside its bounds "
                        f"[{'-inf' if low is None else low}, {'inf' if high is None else high}]"
                    )

    def _all_species(self) -> dict[str, IonSpecies]:
        wanted = dict.fromkeys(
            [
                ion
                for mechanism in self.mechanisms
                for ion in mechanism.carried()
                if ion != NONSPECIFIC
            ]
            + [*self.inside.concentrations, *self.outside.concentrations]
        )
        missing = [ion for ion in wanted if ion not in self.species]
        if not missing:
            return dict(self.species)
        from ._lookup import species_named

        return {**self.species, **species_named(missing)}

    def _check_ions(self) -> None:
        for mechanism in self.mechanisms:
            for ion in mechanism.needed():
                for side in ("inside", "outside"):
                    given = getattr(self, side).concentrations
                    if ion not in given:
                        raise CompositionError(
                            f"{side}.{ion}: {mechanism.label} carries {ion}, but its concentration "
                            f'{side} is not given{near(ion, given)}; add {ion} = "... mM"'
                        )
                    if not given[ion].value > 0:
                        raise CompositionError(
                            f"{side}.{ion}: {mechanism.label} carries {ion}, so its "
                            "concentration must "
                            f"be above zero, got '{given[ion]}'"
                        )

    @property
    def capacitance_pF(self) -> float:
        """Capacitance of the whole membrane, pF."""
        per_cell = self.capacitance.dimension == CAPACITANCE
        return self.capacitance.value * (1.0 if per_cell else self.area.value)

    @cached_property
    def structure(self) -> tuple[Any, ...]:
        """What the equations depend on; membranes of one structure share them."""
        return (
            tuple((mechanism.label, mechanism.structure()) for mechanism in self.mechanisms),
            tuple(self.inside.concentrations),
            tuple(self.outside.concentrations),
            tuple((name, record.valence, id(record)) for name, record in self.species.items()),
            type(self),
        )

    @cached_property
    def values(self) -> dict[str, float]:
        """Every numeric input by name, in pumpleak's unit set."""
        found = {
            "temperature": self.temperature.value,
            "gas_constant": self.gas_constant.value,
            "faraday": self.faraday.value,
            "area": self.area.value,
            "capacitance": self.capacitance_pF,
        }
        for side, solution in (("inside", self.inside), ("outside", self.outside)):
            for ion, given in solution.concentrations.items():
                found[f"{side}.{ion}"] = given.value
        for mechanism in self.mechanisms:
            for info in mechanism.parameters():
                found[f"{mechanism.label}.{info.path}"] = info.value.value
        return found

    @property
    def thermal_voltage_mV(self) -> float:
        """RT/F, mV."""
        return self.gas_constant.value * self.temperature.value / self.faraday.value

    def nernst_mV(self, ion: str) -> float:
        """Return the Nernst potential of an ion, mV.

        Args:
            ion: its name.

        Raises:
            CompositionError: its concentration is not given on both sides.

        References:
            Hille 2001, eq. 1.11.
        """
        sides = [solution.concentrations.get(ion) for solution in (self.inside, self.outside)]
        if any(given is None or not given.value > 0 for given in sides):
            known = [
                name for name in self.inside.concentrations if name in self.outside.concentrations
            ]
            raise CompositionError(
                f"{ion}: no Nernst potential without its concentration on both "
                f"sides{near(ion, known)}"
            )
        inside, outside = (given.value for given in sides if given is not None)
        return self.thermal_voltage_mV / self.species[ion].valence * math.log(outside / inside)

    def owner_of(self, mechanism: Mechanism) -> str:
        """Return how messages name a mechanism: its name here, and who wrote it."""
        from ._lookup import owner_text

        return f"{mechanism.label} ({owner_text(type(mechanism))})"

    def mechanism(self, label: str) -> Mechanism:
        """Return a mechanism by name.

        Raises:
            CompositionError: no such mechanism; near names are offered.
        """
        for mechanism in self.mechanisms:
            if mechanism.label == label:
                return mechanism
        known = [mechanism.label for mechanism in self.mechanisms]
        raise CompositionError(
            f"no mechanism {label!r}{near(label, known)}; there are {', '.join(known)}"
        )

    def evolve(self, changes: Mapping[str, object]) -> Membrane:
        """Return a membrane with some values changed.

        Args:
            changes: name to new value, ``{"outside.K": "8 mM", "pump.density": "0 uA/cm^2"}``.

        Raises:
            CompositionError: no such name, near names are offered; or no mapping.
            UnitError: a value of another dimension.
        """
        if not hasattr(changes, "items"):
            raise CompositionError(
                "expected new values by name, such as {'outside.K': '8 mM'}, got "
                f"{short(changes)}"
            )
        from ._lookup import near_ion

        plain: dict[str, Any] = {}
        sides: dict[str, dict[str, object]] = {}
        parts: dict[str, dict[str, object]] = {}
        labels = [mechanism.label for mechanism in self.mechanisms]
        for path, value in changes.items():
            head, _, rest = path.partition(".")
            if not rest and head in (*SCALARS, "range", "name"):
                plain[head] = value
            elif rest and head in ("inside", "outside"):
                sides.setdefault(head, {})[rest] = value
            elif rest and head in labels:
                parts.setdefault(head, {})[rest] = value
            else:
                known = [*self.values, *SCALARS, *labels]
                raise CompositionError(f"this membrane has no {path!r}{near_value(path, known)}")
        for side, inner in sides.items():
            solution: Solution = getattr(self, side)
            for name in inner:
                known_here = [*solution.concentrations, "pH", "impermeant", "impermeant_valence"]
                if name not in known_here and name not in self.species:
                    raise CompositionError(
                        f"{side} has no {name!r}{near_ion(name, known_here)}; it has "
                        f"{', '.join(solution.concentrations)}. An ion that is new to the membrane "
                        "goes into its file"
                    )
            try:
                plain[side] = solution.changed(inner)
            except (UnitError, CompositionError) as error:
                raise type(error)(f"{side}.{error}") from error
        if parts:
            plain["mechanisms"] = [
                _changed(mechanism, parts.get(mechanism.label)) for mechanism in self.mechanisms
            ]
        plain = {**self._with_its_own_solute(sides, plain), **plain}
        kept = tuple(name for name in self.defaulted if name not in plain)
        return attrs.evolve(self, **plain, defaulted=kept)

    def _with_its_own_solute(
        self, sides: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what keeps an inferred impermeant solute as it was: a new bath is no new cell."""
        compartments = self.compartments
        if compartments is None or not compartments.infer_impermeant or "inside" in sides:
            return {}
        if not {"outside", "temperature", "capacitance", "faraday", "area"} & set(changes):
            return {}
        from ._inference import inferred_impermeant

        concentration, valence = inferred_impermeant(self)
        solute = internal(concentration, CONCENTRATION)
        return {
            "inside": self.inside.changed({"impermeant": solute, "impermeant_valence": valence}),
            "compartments": attrs.evolve(compartments, infer_impermeant=False),
        }

    def without(self, labels: Iterable[str]) -> Membrane:
        """Return a membrane that lacks some mechanisms.

        Raises:
            CompositionError: an unknown name, or none would be left.
        """
        gone = {self.mechanism(label).label for label in labels}
        return attrs.evolve(
            self, mechanisms=[kept for kept in self.mechanisms if kept.label not in gone]
        )


def _changed(mechanism: Mechanism, changes: Mapping[str, object] | None) -> Mechanism:
    if not changes:
        return mechanism
    try:
        return mechanism.with_values(changes)
    except (UnitError, CompositionError) as error:
        raise type(error)(f"{mechanism.label}: {error}") from error
