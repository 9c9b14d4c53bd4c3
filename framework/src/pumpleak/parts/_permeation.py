"""Permeation: how the current of an open channel follows from voltage and concentrations."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import attrs

from .._errors import CompositionError
from ..units._quantity import CONCENTRATION, CONDUCTANCE, PERMEABILITY, VOLTAGE, Dimension, Quantity
from ._filter import SelectivityFilter
from ._local import LocalState
from ._part import Part, number, parameter


class Permeation(Part, abc.ABC):
    """Base of permeations. A subclass says what its maximum is and returns currents per ion.

    Args:
        source: where its numbers come from.
        measured: whether they were measured there.
    """

    source: str = attrs.field(default="assumed")
    measured: bool = attrs.field(default=False)

    @abc.abstractmethod
    def carried(self) -> tuple[str, ...]:
        """Return the ions it lets through."""

    @abc.abstractmethod
    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return the outward current of each ion, pA.

        Args:
            s: local state.
            maximum: all channels' conductance (nS) or permeability (fL/ms), gating included.
            dimension: which of the two it is.
        """


class Ohmic(Permeation):
    """A straight line through the reversal potential.

    Args:
        ion: the ion that carries it; ``"nonspecific"`` where a model does not say.
        reversal: a fixed reversal potential; by default the ion's Nernst potential.

    >>> Ohmic("K").carried()
    ('K',)
    """

    ion: str = attrs.field(default="")
    reversal = parameter(None, source="given by the user", dimensions=(VOLTAGE,))

    def __init__(
        self,
        ion: str,
        reversal: object = None,
        *,
        source: str = "assumed",
        measured: bool = False,
    ) -> None:
        self.__attrs_init__(  # type: ignore[attr-defined]
            ion=ion, reversal=reversal, source=source, measured=measured
        )

    def carried(self) -> tuple[str, ...]:
        """Return the ion."""
        return (self.ion,)

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return maximum (V - E); a permeability is refused."""
        if dimension != CONDUCTANCE:
            raise CompositionError(
                f"{s.owner}: ohmic permeation needs a conductance (such as '0.3 mS/cm^2'), got "
                f"{dimension.words}; give a conductance, or use GHK for permeabilities"
            )
        reversal = s.E[self.ion] if self.reversal is None else self.reversal
        return {self.ion: maximum * (s.V - reversal)}


class GHK(Permeation):
    """Goldman, Hodgkin and Katz's constant field, for any set of ions and valences.

    Args:
        symmetric: concentration of the first ion, the same on both sides, at which a given
            conductance was measured; needed only where the density is a conductance or the
            unitary value is.
        source: where the ratios come from.
        measured: whether they were measured there.
        ratios: permeability of each ion relative to the first.

    References:
        Goldman 1943, J Gen Physiol 27:37; Hodgkin and Katz 1949, J Physiol 108:37.

    >>> GHK(K=1, Na=0.03).carried()
    ('K', 'Na')
    """

    ratios: Mapping[str, Quantity] = attrs.field(factory=dict)
    symmetric = parameter(None, source="given by the user", dimensions=(CONCENTRATION,))

    def __init__(
        self,
        ratios: Mapping[str, object] | None = None,
        *,
        symmetric: object = None,
        source: str = "assumed",
        measured: bool = False,
        **ions: object,
    ) -> None:
        given = {**(ratios or {}), **ions}
        if not given:
            raise CompositionError("GHK needs at least one ion, such as GHK(K=1, Na=0.03)")
        read = {ion: number(value, f"{ion}: permeability ratio") for ion, value in given.items()}
        for ion, ratio in read.items():
            if ratio.value < 0:
                raise CompositionError(
                    f"permeability ratio of {ion} must not be negative, got {ratio}"
                )
        if next(iter(read.values())).value == 0:
            raise CompositionError(
                f"GHK's first ion {next(iter(read))!r} must have a ratio above 0"
            )
        if not isinstance(source, str):
            raise CompositionError(f"source: expected a reference, got {source!r}")
        self.__attrs_init__(  # type: ignore[attr-defined]
            ratios=read, symmetric=symmetric, source=source, measured=measured
        )

    def __attrs_post_init__(self) -> None:
        _refuse_dilute(self.symmetric)

    def carried(self) -> tuple[str, ...]:
        """Return the ions in the order given."""
        return tuple(self.ratios)

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return each ion's constant-field current."""
        return _constant_field(s, maximum, dimension, dict(self.ratios), self.symmetric)


class ThroughFilter(Permeation):
    """GHK with the permeability ratios that a selectivity filter's energies give.

    Args:
        filter: the filter.
        ions: who tries to pass; the first is the reference of the permeability.
        symmetric: as in `GHK`.
    """

    filter: SelectivityFilter = attrs.field()
    ions: tuple[str, ...] = attrs.field(converter=tuple)
    symmetric = parameter(None, source="given by the user", dimensions=(CONCENTRATION,))

    def __attrs_post_init__(self) -> None:
        _refuse_dilute(self.symmetric)

    def carried(self) -> tuple[str, ...]:
        """Return the ions in the order given."""
        return self.ions

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return each ion's constant-field current behind its barrier."""
        barrier = self.filter.barriers([s.species[ion] for ion in self.ions])
        lowest = barrier[self.ions[0]]
        molar = s.R * s.T
        unit = s.mV * s.pA * s.ms / (s.mM * s.fL)  # 1 J/mol in any number system
        ratios = {
            ion: s.xp.let(s.xp.exp(-(1000.0 * (barrier[ion] - lowest)) * unit / molar))
            for ion in self.ions
        }
        return _constant_field(s, maximum, dimension, ratios, self.symmetric)


def _refuse_dilute(symmetric: Quantity | None) -> None:
    if symmetric is not None and not symmetric.value > 0:
        raise CompositionError(f"symmetric: a concentration must be above zero, got '{symmetric}'")


def _constant_field(
    s: LocalState, maximum: Any, dimension: Dimension, ratios: dict[str, Any], symmetric: Any
) -> dict[str, Any]:
    first = next(iter(ratios))
    if dimension == CONDUCTANCE:
        if symmetric is None:
            raise CompositionError(
                f"{s.owner}: GHK permeation needs a permeability (such as '1e-6 cm/s'), got a "
                "conductance; give a permeability, or say at which symmetric concentration the "
                "conductance holds: GHK(..., symmetric='150 mM')"
            )
        maximum = maximum * s.VT / (s.z[first] ** 2 * s.F * symmetric)
    elif dimension != PERMEABILITY:
        raise CompositionError(
            f"{s.owner}: GHK permeation needs a permeability, got {dimension.words}"
        )
    permeability = s.xp.let(maximum, "per_ratio")
    fields: dict[int, Any] = {}
    currents = {}
    for ion, ratio in ratios.items():
        z = s.z[ion]
        if z not in fields:
            u = s.xp.let(z * s.V / s.VT, "u")
            fields[z] = s.xp.let(s.xp.exprelr(-u), "efflux"), s.xp.let(s.xp.exprelr(u), "influx")
        inward, outward = fields[z]
        driving = s.inside[ion] * inward - s.outside[ion] * outward
        currents[ion] = permeability * ratio * z * s.F * driving
    return currents
