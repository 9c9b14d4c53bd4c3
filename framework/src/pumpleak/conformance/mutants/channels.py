"""What can be wrong with a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from ...parts._claims import Claims
from ...parts._gating import Boltzmann
from ...parts._local import LocalState
from ...parts._permeation import Permeation
from ...parts._state import Gate
from ...units._quantity import Dimension
from ._mutant import Mutant
from .mechanisms import Background, Delayed, Plain


class Offset(Permeation):
    """Reverses 5 mV beside the Nernst potential."""

    ion: ClassVar[str] = "K"

    def carried(self) -> tuple[str, ...]:
        """Return potassium."""
        return (self.ion,)

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return maximum (V - E - 5 mV)."""
        return {self.ion: maximum * (s.V - s.E[self.ion] - 5 * s.mV)}


class WarmOnly(Permeation):
    """Has RT/F at body temperature in it as a number."""

    ion: ClassVar[str] = "K"

    def carried(self) -> tuple[str, ...]:
        """Return potassium."""
        return (self.ion,)

    def currents(self, s: LocalState, maximum: Any, dimension: Dimension) -> dict[str, Any]:
        """Return maximum (V - 26.7267 mV ln(out/in))."""
        reversal = 26.7267 * s.mV * s.xp.log(s.outside.K / s.inside.K)
        return {self.ion: maximum * (s.V - reversal)}


class Displaced(Delayed):
    """A delayed rectifier that reverses in the wrong place."""

    permeation = Offset()


class Tropical(Delayed):
    """A delayed rectifier that reverses in the right place at 37 degC alone."""

    permeation = WarmOnly()


class Inverted(Plain):
    """Counts inward current as positive."""

    def current(self, s: LocalState) -> Mapping[str, Any]:
        """Return g (E_K - V)."""
        return {"K": self.density * s.area * (s.E["K"] - s.V)}


class Uphill(Background):
    """Lets sodium run against its gradient."""

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return the currents, sodium's turned over."""
        found = dict(super().currents(s))
        return {**found, "Na": -found["Na"]}


class Overfull(Background):
    """Has its scale in the open probability."""

    def open_probability(self, s: LocalState) -> Any:
        """Return up to 1.5."""
        return 1.5 / (1 + s.xp.exp(-0.3 * (s.V + 20 * s.mV) / s.VT))


class Negative(Background):
    """Shuts further than shut."""

    def open_probability(self, s: LocalState) -> Any:
        """Return tanh, which goes below 0."""
        return s.xp.tanh((s.V + 100 * s.mV) / (50 * s.mV))


@attrs.frozen(kw_only=True, eq=False)
class Swapped(Gate):
    """A gate whose steady value has alpha and beta exchanged."""

    def steady_value(self) -> Any:
        """Return beta/(alpha + beta)."""
        return self.beta / (self.alpha + self.beta)


class Restless(Delayed):
    """A gate that moves on from its steady value."""

    def gates(self, s: LocalState) -> Mapping[str, Gate]:
        """Return n."""
        u = s.xp.let(s.V / s.mV)
        return {
            "n": Swapped(
                alpha=0.1 * s.xp.exprelr(-(u + 55) / 10) / s.ms,
                beta=0.125 * s.xp.exp(-(u + 65) / 80) / s.ms,
            )
        }


class Escaping(Delayed):
    """A gate whose opening rate turns negative: the formula has lost its denominator."""

    def gates(self, s: LocalState) -> Mapping[str, Gate]:
        """Return n, to the second so that the open probability stays positive."""
        u = s.xp.let(s.V / s.mV)
        return {"n": Gate(alpha=0.01 * (u + 55) / s.ms, beta=5.0 / s.ms, power=2)}


class Contrary(Background):
    """Opens on hyperpolarisation, though its author claims the opposite."""

    gating = Boltzmann(V_half="-20 mV", z_g=-0.3)
    claims = Claims(monotone="rising")


class AllOpen(Background):
    """Forgets the open probability."""

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return the currents of all channels open."""
        amount, dimension = self.all_open(s)
        found: Mapping[str, Any] = self.permeation.currents(s, amount, dimension)
        return found


class Squared(Delayed):
    """Multiplies by the open probability twice."""

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return the currents, shut twice."""
        share = self.open_fraction(s)
        return {ion: share * current for ion, current in super().currents(s).items()}


class Local(Delayed):
    """Counts a density as if it were the number of channels in the cell."""

    def all_open(self, s: LocalState) -> tuple[Any, Dimension]:
        """Return the conductance of all channels, without the area where one belongs."""
        amount, dimension = super().all_open(s)
        per_area = self.dimension_of("density") not in (Dimension(), dimension)
        return (2 * amount if per_area else amount), dimension


MUTANTS: Final = (
    Mutant(code="C020", wrong="a reversal potential 5 mV off", thing=Displaced),
    Mutant(code="C020", wrong="RT/F as a number", thing=Tropical),
    Mutant(code="C021", wrong="inward counted positive", thing=Inverted),
    Mutant(code="C021", wrong="one ion runs uphill", thing=Uphill),
    Mutant(code="C022", wrong="an open probability above 1", thing=Overfull),
    Mutant(code="C022", wrong="an open probability below 0", thing=Negative),
    Mutant(code="C023", wrong="alpha and beta exchanged", thing=Restless),
    Mutant(code="C023", wrong="a negative opening rate", thing=Escaping),
    Mutant(code="C024", wrong="the gating charge's sign", thing=Contrary),
    Mutant(code="C025", wrong="no open probability", thing=AllOpen),
    Mutant(code="C025", wrong="the open probability twice", thing=Squared),
    Mutant(code="C025", wrong="densities counted twice", thing=Local),
)
