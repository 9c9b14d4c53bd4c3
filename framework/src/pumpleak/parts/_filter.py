"""Selectivity as an energy trade: what an ion pays to shed water, and what the site pays back."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any, Final, Protocol

import attrs

from .._errors import CompositionError, PhysicsError, near
from ..units._constants import GAS_CONSTANT

#: N_A e^2 / (4 pi eps_0), kJ pm / mol. CODATA 2018.
COULOMB_KJ_PM_PER_MOL: Final = 138935.4576
#: exp() of more than this has no double; a ratio as large has no meaning either.
_LARGEST_EXPONENT: Final = 700.0
_SET_PER_SITE: Final = "given per site; see `source`"


class FilterIon(Protocol):
    """What a filter asks of an ion; `IonSpecies` is one."""

    @property
    def name(self) -> str: ...
    @property
    def valence(self) -> int: ...
    @property
    def dG_hydration_kJ_per_mol(self) -> float | None: ...
    @property
    def radius_pm(self) -> float | None: ...


@attrs.frozen(kw_only=True)
class FilterEnergy:
    """One ion's row in the energy table of a site; all energies in kJ/mol, against bulk water.

    Args:
        ion: name of the ion.
        valence: its charge number.
        dehydration_kJ_per_mol: what shedding water costs, positive.
        coordination_kJ_per_mol: Coulomb energy in the site, negative where the site attracts.
        strain_kJ_per_mol: elastic cost of bending the site to the ion, not negative.
        permeability_ratio: relative to the reference ion, 1.
    """

    ion: str
    valence: int
    dehydration_kJ_per_mol: float
    coordination_kJ_per_mol: float
    strain_kJ_per_mol: float
    permeability_ratio: float

    @property
    def net_kJ_per_mol(self) -> float:
        """Height of the site above bulk water; negative is a well that holds the ion."""
        return self.dehydration_kJ_per_mol + self.coordination_kJ_per_mol + self.strain_kJ_per_mol


@attrs.frozen(kw_only=True)
class FieldStep:
    """A stretch of site charge over which the order of the ions stays the same.

    Args:
        charge_from_e: weaker end of the stretch, e.
        charge_to_e: stronger end, e; infinite for the last.
        order: names of the ions, most permeant first.
    """

    charge_from_e: float
    charge_to_e: float
    order: tuple[str, ...]


def _site_value(
    unit: str, bounds: tuple[float, float], doc: str, *, default: float | None = None
) -> Any:
    """Declare one number of a site, with its record."""

    def check(instance: Any, attribute: Any, value: Any) -> None:
        low, high = bounds
        if not low <= value <= high:  # nan fails too
            raise CompositionError(
                f"{attribute.name!r} of filter {instance.name!r} must lie in [{low:g}, {high:g}] "
                f"{unit} (got {value!r}); it is {doc}"
            )

    return attrs.field(
        default=attrs.NOTHING if default is None else default,
        converter=_bare,
        validator=check,
        metadata={
            "unit": unit,
            "bounds": bounds,
            "source": _SET_PER_SITE,
            "measured": False,
            "doc": doc,
        },
    )


def _bare(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise CompositionError(
            f"the numbers of a filter are bare, their unit is in the name (got {value!r}); "
            "give a plain number"
        ) from None


def _stated(instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise CompositionError(
            f"{attribute.name!r} of a filter must be a text (got {value!r}); "
            "give the site's name, and a reference or 'assumed: ...' as its source"
        )


@attrs.frozen(kw_only=True)
class SelectivityFilter:
    """One coordination site, the narrowest of a pore, and what each ion pays to sit in it.

    For an ion of valence z, radius r and hydration free energy G_hyd, per mole::

        G = shed (-G_hyd) + N_A z q e^2 / (4 pi eps_0 eps (r + r_s)) + k (r - r_c)^2 / 2
        P_j / P_i = exp(-(G_j - G_i) / RT)

    A negative q catches cations, a positive one anions; selectivity follows from the differences of
    G alone. No term knows which ion it is. The model has one site and one ion in it: no file of
    ions, no block by an ion that is held too well, no rate.

    Args:
        name: what the site is called, such as its motif.
        site_charge_e: field strength: effective charge q of the site with its sign, e.
        site_radius_pm: from the ion's surface to the site's centre of charge r_s, pm.
        relative_permittivity: screening eps between the two, 1.
        shed_fraction: part of the hydration free energy that this site has to pay back; the rest
            stays with water the ion keeps and with neighbours the model leaves out, 1.
        cavity_radius_pm: radius r_c of the ion that fits without strain, pm.
        stiffness_kJ_per_mol_pm2: k of the site against bending to another radius, kJ/(mol pm^2).
        source: where the numbers come from, or ``"assumed: ..."``.
        summary: one line for tables.

    Raises:
        CompositionError: a number out of bounds, or no source.

    References:
        Eisenman 1962, Biophys J 2(2):259 (dehydration against the field of a site);
        Hille 2001, chapter 14 (permeability ratios from barriers).

    >>> site = SelectivityFilter(
    ...     name="bare", site_charge_e=-1, site_radius_pm=140, source="assumed"
    ... )
    >>> site.stiffness_kJ_per_mol_pm2
    0.0
    """

    name: str = attrs.field(validator=_stated)
    site_charge_e: float = _site_value("e", (-10, 10), "the site's effective charge, with its sign")
    site_radius_pm: float = _site_value("pm", (1, 2000), "from the ion's surface to the charge")
    relative_permittivity: float = _site_value(
        "1", (1, 100), "the screening between ion and charge", default=1.0
    )
    shed_fraction: float = _site_value(
        "1", (0, 1), "the part of the hydration energy the site pays back", default=1.0
    )
    cavity_radius_pm: float = _site_value(
        "pm", (1, 2000), "the radius of an ion that fits without strain", default=140.0
    )
    stiffness_kJ_per_mol_pm2: float = _site_value(
        "kJ/(mol pm^2)", (0, 10), "the stiffness of the site", default=0.0
    )
    source: str = attrs.field(validator=_stated)
    summary: str = ""

    def energies(
        self,
        species: Iterable[FilterIon],
        temperature_K: float = 310.15,
        reference: str | None = None,
    ) -> tuple[FilterEnergy, ...]:
        """Return the energy table, one row per ion in the order given.

        Args:
            species: ions with hydration energy and radius.
            temperature_K: temperature of RT, K; the energies themselves are those of the sources.
            reference: ion whose permeability is 1; by default the most permeant.

        Raises:
            CompositionError: no ions, an ion twice or without data, or an unknown reference.
            PhysicsError: a ratio too large for a number; another reference is named.
        """
        if not temperature_K > 0:
            raise CompositionError(
                f"'temperature_K' must be positive (got {temperature_K!r}); give kelvin: 310.15"
            )
        rows = [self._row(ion) for ion in species]
        if not rows:
            raise CompositionError(
                f"filter {self.name!r} needs at least one ion (got none); give ion species"
            )
        names = [row.ion for row in rows]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise CompositionError(
                f"ion {twice!r} is given twice to filter {self.name!r}; once is enough"
            )
        best = min(rows, key=lambda row: row.net_kJ_per_mol)
        if reference is not None and reference not in names:
            raise CompositionError(
                f"'reference' must be one of the ions given (got {reference!r})"
                f"{near(reference, names)}; there are: {', '.join(names)}"
            )
        zero = best if reference is None else rows[names.index(reference)]
        thermal = GAS_CONSTANT * temperature_K / 1000.0  # kJ/mol
        if (zero.net_kJ_per_mol - best.net_kJ_per_mol) / thermal > _LARGEST_EXPONENT:
            raise PhysicsError(
                f"{zero.ion!r} does not enter filter {self.name!r} at all, so no ratio can "
                f"refer to it; take {best.ion!r} as the reference"
            )
        return tuple(
            attrs.evolve(
                row,
                permeability_ratio=math.exp((zero.net_kJ_per_mol - row.net_kJ_per_mol) / thermal),
            )
            for row in rows
        )

    def permeability_ratios(
        self,
        species: Iterable[FilterIon],
        reference: str | None = None,
        temperature_K: float = 310.15,
    ) -> dict[str, float]:
        """Return each ion's permeability relative to the reference, for a GHK permeation.

        Args:
            species: ions with hydration energy and radius.
            reference: ion whose permeability is 1; by default the most permeant.
            temperature_K: temperature, K.

        Raises:
            CompositionError, PhysicsError: as `energies`.
        """
        rows = self.energies(species, temperature_K, reference)
        return {row.ion: row.permeability_ratio for row in rows}

    def barriers(self, species: Iterable[FilterIon]) -> dict[str, float]:
        """Return each ion's net energy in the site against bulk water, kJ/mol.

        Args:
            species: ions with hydration energy and radius.

        Raises:
            CompositionError: an ion without data.
        """
        return {row.ion: row.net_kJ_per_mol for row in map(self._row, species)}

    def sequence(self, species: Iterable[FilterIon]) -> tuple[str, ...]:
        """Return the names of the ions, most permeant first; equals stay in the order given.

        Raises:
            CompositionError: an ion without data.
        """
        barriers = self.barriers(species)
        return tuple(sorted(barriers, key=barriers.__getitem__))

    def walk(self, species: Iterable[FilterIon]) -> tuple[FieldStep, ...]:
        """Return every order that this site passes through as its charge grows from nothing.

        The energy is linear in the charge, so the charges where two ions change places are exact.

        Args:
            species: ions of one valence; the charge takes the sign that attracts them.

        Raises:
            CompositionError: ions of different valence, fewer than two, or one without data.
        """
        ions = list(species)
        valences = {ion.valence for ion in ions}
        if len(ions) < 2 or len(valences) != 1:
            got = ", ".join(f"{ion.name} ({ion.valence:+d})" for ion in ions) or "none"
            raise CompositionError(
                f"a walk compares two or more ions of one valence (got {got}); leave out the others"
            )
        sign = -math.copysign(1.0, valences.pop())
        unit = attrs.evolve(self, site_charge_e=sign)
        fixed: dict[str, float] = {}  # kJ/mol, what no charge changes
        gain: dict[str, float] = {}  # kJ/mol per e
        for ion in ions:
            row = unit._row(ion)
            fixed[row.ion] = row.dehydration_kJ_per_mol + row.strain_kJ_per_mol
            gain[row.ion] = -row.coordination_kJ_per_mol
        turns = sorted(
            (fixed[a] - fixed[b]) / (gain[a] - gain[b])
            for a, b in itertools.combinations(fixed, 2)
            if gain[a] != gain[b]
        )
        edges = [0.0, *(turn for turn in turns if turn > 0)]
        steps: list[FieldStep] = []
        for low, high in zip(edges, [*edges[1:], math.inf], strict=True):
            if high == low:
                continue
            inner = low + 1.0 if math.isinf(high) else (low + high) / 2
            height = {name: fixed[name] - inner * gain[name] for name in fixed}
            order = tuple(sorted(height, key=height.__getitem__))
            steps.append(FieldStep(charge_from_e=sign * low, charge_to_e=sign * high, order=order))
        return tuple(steps)

    def parameter_table(self) -> list[dict[str, Any]]:
        """Return one row per number of this site: name, value, unit, source, measured, bounds."""
        return [
            {
                "name": field.name,
                "value": getattr(self, field.name),
                **field.metadata,
                "source": self.source,
            }
            for field in attrs.fields(type(self))
            if "unit" in field.metadata
        ]

    def _row(self, ion: FilterIon) -> FilterEnergy:
        hydration, radius = ion.dG_hydration_kJ_per_mol, ion.radius_pm
        if hydration is None or radius is None:
            known = {"hydration free energy": hydration, "radius": radius}
            lacking = [what for what, value in known.items() if value is None]
            raise CompositionError(
                f"filter {self.name!r} cannot weigh {ion.name!r} (got no "
                f"{' and no '.join(lacking)}); give the species both, or give this "
                "ion's permeability ratio as a number"
            )
        distance = radius + self.site_radius_pm
        charges = ion.valence * self.site_charge_e
        return FilterEnergy(
            ion=ion.name,
            valence=ion.valence,
            dehydration_kJ_per_mol=-self.shed_fraction * hydration,
            coordination_kJ_per_mol=charges
            * COULOMB_KJ_PM_PER_MOL
            / (self.relative_permittivity * distance),
            strain_kJ_per_mol=self.stiffness_kJ_per_mol_pm2
            * (radius - self.cavity_radius_pm) ** 2
            / 2,
            permeability_ratio=math.nan,
        )
