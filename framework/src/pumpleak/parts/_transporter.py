"""Transporters: pumps, cotransporters and exchangers, by stoichiometry and turnover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from .._errors import CompositionError
from ..units._quantity import AMOUNT_FLUX, CONDUCTANCE, CURRENT, NUMBER, RATE, per_area
from ._local import LocalState
from ._mechanism import Mechanism
from ._part import parameter

_DENSITIES = (
    NUMBER,
    per_area(NUMBER),
    CURRENT,
    per_area(CURRENT),
    AMOUNT_FLUX,
    per_area(AMOUNT_FLUX),
    CONDUCTANCE,
    per_area(CONDUCTANCE),
)


class Transporter(Mechanism):
    """A population of one transporter.

    A subclass sets `stoichiometry`, the ions moved **out** in one cycle (negative: in), and `atp`,
    the ATP spent. Charge, ATP use and affinity follow from these. It writes one of these, of which
    the last may stand beside one of the others, the density's dimension then choosing:
    ``activity(self, s)``, the cycle rate relative to the one that the density stands for;
    ``cycle_rate(self, s)``, cycles per time of one copy; or ``driving_force(self, s)``, a voltage
    that a density given as a conductance turns into cycles (F x cycles per time).

    Args:
        density: the net current at activity 1 (``"1.5 uA/cm^2"``, ``"30 pA"``), the cycles per
                time at activity 1 as a molar flux, a count (``"1000 / um^2"``), or a conductance.
        turnover: cycles per time of one copy at activity 1; needed with a count and `activity`.
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {}
    atp: ClassVar[int] = 0

    density = parameter(None, source="given by the user", dimensions=_DENSITIES)
    turnover = parameter(None, source="given by the user", dimensions=(RATE,), bounds=(0, None))

    def incomplete(self) -> Iterator[str]:
        """Yield what it lacks to carry a current, each beginning with the field's name."""
        counted = self.dimension_of("density") in (NUMBER, per_area(NUMBER))
        if self.dimension_of("density") is None:
            yield "density: missing; give a current, a molar flux or a count"
        elif counted and not hasattr(self, "cycle_rate") and self.dimension_of("turnover") is None:
            yield (
                "turnover: missing, but density is a count; give one copy's turnover = '150 "
                "/s', or "
                "a density such as '1.5 uA/cm^2'"
            )

    def carried(self) -> tuple[str, ...]:
        """Return the ions of its stoichiometry."""
        if not self.stoichiometry:
            raise CompositionError(
                f"{type(self).__name__} has no stoichiometry; set stoichiometry = "
                f"{{'Na': 3, 'K': -2}}"
            )
        return tuple(self.stoichiometry)

    def charge_out(self, valence: Mapping[str, int]) -> int:
        """Return the elementary charges that one cycle moves out.

        Args:
            valence: of each ion.
        """
        return sum(count * valence[ion] for ion, count in self.stoichiometry.items())

    def cycles(self, s: LocalState) -> Any:
        """Return the cycles per time of all copies, amol/ms."""
        dimension = self.dimension_of("density")
        if dimension is None:
            raise CompositionError(
                f"{s.owner} has no density; give a current, a molar flux or a count"
            )
        amount = self.density
        if dimension in [per_area(whole) for whole in (NUMBER, CURRENT, AMOUNT_FLUX, CONDUCTANCE)]:
            amount = amount * s.area
            dimension = dimension.times(per_area(NUMBER), -1)
        force = getattr(self, "driving_force", None)
        by_copy = getattr(self, "cycle_rate", None)
        activity = getattr(self, "activity", None)
        if dimension == CONDUCTANCE and force is None:
            raise CompositionError(
                f"{s.owner}: density cannot be a conductance, for its law is a rate and no driving "
                "force; give a molar flux such as '1e-10 mol/s/cm^2', a current or a count"
            )
        if dimension != CONDUCTANCE and force is not None and by_copy is None and activity is None:
            raise CompositionError(
                f"{s.owner}: density must be a conductance such as '20 uS/cm^2', for its law is a "
                f"driving force; got {dimension.words}"
            )
        if force is not None and dimension == CONDUCTANCE:
            return s.xp.let(amount * force(s) / s.F)
        if dimension == NUMBER:
            copies = amount / s.per_amol
            if by_copy is not None:
                return s.xp.let(copies * by_copy(s))
            if self.dimension_of("turnover") is None:
                raise CompositionError(
                    f"{s.owner}: density is a count, so the turnover of one copy is needed; "
                    "give turnover = '150 /s', or a density such as '1.5 uA/cm^2'"
                )
            return s.xp.let(copies * self.turnover * _written(activity, s)(s))
        if activity is None:
            raise CompositionError(
                f"{s.owner}: its rate is per copy, so density must be a count such as '1000 / "
                "um^2', "
                f"got {dimension.words}"
            )
        if dimension == AMOUNT_FLUX:
            return s.xp.let(amount * activity(s))
        charge = self.charge_out({ion: s.z[ion] for ion in self.stoichiometry})
        if charge == 0:
            raise CompositionError(
                f"{s.owner} moves no net charge, so its density cannot be a current; "
                "give a molar flux such as '1e-10 mol/s/cm^2', or a count"
            )
        return s.xp.let(amount / (charge * s.F) * activity(s))

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return each ion's outward current, pA."""
        cycles = self.cycles(s)
        return {ion: count * s.z[ion] * s.F * cycles for ion, count in self.stoichiometry.items()}


def _written(activity: Any, s: LocalState) -> Any:
    if activity is None:
        raise CompositionError(
            f"{s.owner} has no rate law; write activity(self, s) or cycle_rate(self, s)"
        )
    return activity
