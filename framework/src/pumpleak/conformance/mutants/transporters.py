"""Sound transporters, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from ...host import MechanismRecord
from ...parts._claims import Claims, ReferencePoint
from ...parts._local import LocalState
from ...parts._part import parameter
from ...parts._transporter import Transporter
from ._mutant import Mutant, Specimen


def transporter_record(
    thing: type[Transporter], kind: Literal["pump", "cotransporter", "exchanger"], *ions: str
) -> MechanismRecord:
    """Return what a plugin would register a transporter with."""
    name = thing.__name__
    return MechanismRecord(
        name=name, factory=f"{__name__}:{name}", summary="for checks", kind=kind, ions=ions
    )


class Symport(Transporter):
    """A sound cotransporter: one K and one Cl out, in proportion to the affinity."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"K": 1, "Cl": 1}
    claims = Claims(
        references=[
            ReferencePoint(
                V="-70 mV",
                inside={"K": "100 mM", "Cl": "10 mM"},
                outside={"K": "10 mM", "Cl": "100 mM"},
                temperature="37 degC",
                current={"K": "0 pA", "Cl": "0 pA"},
                values={"density": "1 amol/ms"},
                source="equal products, no affinity",
            )
        ]
    )

    def activity(self, s: LocalState) -> Any:
        """Return the affinity over RT."""
        return (s.E["Cl"] - s.E["K"]) / s.VT


class Pump(Transporter):
    """A sound sodium pump that stops, and turns, where ATP no longer pays."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1
    dG_ATP = parameter("-57 kJ/mol", source="assumed", bounds=(-80, 0))

    def affinity(self, s: LocalState) -> Any:
        """Return what a cycle sets free, per mole."""
        drives = 3 * (s.V - s.E["Na"]) - 2 * (s.V - s.E["K"])
        return s.F * drives - self.dG_ATP

    def activity(self, s: LocalState) -> Any:
        """Return the rate relative to saturation."""
        forward = s.inside.Na / (s.inside.Na + 10 * s.mM)
        return -forward * s.xp.expm1(-self.affinity(s) / (s.R * s.T))


class OneWay(Transporter):
    """A sound sodium pump whose law runs forward alone, as claimed."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1
    claims = Claims(irreversible="a Michaelis law: no product inhibits, no gradient turns it")

    def activity(self, s: LocalState) -> Any:
        """Return a Michaelis law of inside sodium."""
        return s.inside.Na / (s.inside.Na + 10 * s.mM)


SOUND: Final = (
    Specimen(thing=Symport, record=transporter_record(Symport, "cotransporter", "K", "Cl")),
    Specimen(thing=Pump, record=transporter_record(Pump, "pump", "Na", "K")),
    Specimen(thing=OneWay, record=transporter_record(OneWay, "pump", "Na", "K")),
)


class TwoForThree(OneWay):
    """Moves two sodium ions and says three."""

    def currents(self, s: LocalState) -> Mapping[str, Any]:
        """Return the currents, a third of sodium's missing."""
        found = dict(super().currents(s))
        return {**found, "Na": found["Na"] * 2 / 3}


class ForFree(OneWay):
    """A pump that spends nothing."""

    atp: ClassVar[int] = 0


class Halved(OneWay):
    """Moves one and a half ions."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -1.5}  # type: ignore[dict-item]


class Miscounted(OneWay):
    """Says that a cycle moves two charges."""

    def charge_out(self, valence: Mapping[str, int]) -> int:
        """Return 2."""
        return 2


class NeverStops(OneWay):
    """Runs forward alone, and nobody was told."""

    claims = Claims()


class WrongRatio(Symport):
    """Stops beside its equilibrium: the products' constant is off by a tenth."""

    claims = Claims()

    def activity(self, s: LocalState) -> Any:
        """Return the affinity over RT, and a little more."""
        return (s.E["Cl"] - s.E["K"]) / s.VT + 0.1


class Backward(Symport):
    """Runs against its affinity."""

    claims = Claims()

    def activity(self, s: LocalState) -> Any:
        """Return minus the affinity over RT."""
        return (s.E["K"] - s.E["Cl"]) / s.VT


class NotSo(Symport):
    """Is reversible, and claims not to be."""

    claims = Claims(irreversible="so its author believes")


class Rectified(OneWay):
    """Stops dead at its equilibrium, so that it need claim nothing."""

    claims = Claims(irreversible="so its author believes")

    def activity(self, s: LocalState) -> Any:
        """Return how far it is from equilibrium, squared."""
        drives = 3 * (s.V - s.E["Na"]) - 2 * (s.V - s.E["K"])
        affinity = (s.F * drives + 57000.0 * s.mV * s.pA * s.ms / (s.mM * s.fL)) / (s.R * s.T)
        return affinity**2


class HalfRate(OneWay):
    """Takes a density in pA for twice what it is."""

    def cycles(self, s: LocalState) -> Any:
        """Return half of the cycles."""
        return super().cycles(s) / 2


def _pump(thing: type[Transporter]) -> MechanismRecord:
    return transporter_record(thing, "pump", "Na", "K")


MUTANTS: Final = (
    Mutant(code="C040", wrong="two of three sodium ions", thing=TwoForThree),
    Mutant(code="C041", wrong="a pump without ATP", thing=ForFree, record=_pump(ForFree)),
    Mutant(code="C041", wrong="half an ion", thing=Halved),
    Mutant(code="C041", wrong="a charge too many", thing=Miscounted),
    Mutant(code="C042", wrong="runs at zero affinity", thing=NeverStops),
    Mutant(code="C042", wrong="stops beside its equilibrium", thing=WrongRatio),
    Mutant(code="C043", wrong="runs against its affinity", thing=Backward),
    Mutant(code="C044", wrong="runs backward, though claimed not to", thing=NotSo),
    Mutant(code="C044", wrong="stops at equilibrium, though claimed not to", thing=Rectified),
    Mutant(code="C045", wrong="half the current of its density", thing=HalfRate),
)
