"""What can be wrong with any mechanism, and sound ones to compare with."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from ...host import MechanismRecord
from ...parts._channel import Channel
from ...parts._claims import Claims, ReferencePoint
from ...parts._gating import Boltzmann, MarkovScheme
from ...parts._local import LocalState
from ...parts._mechanism import Mechanism
from ...parts._part import parameter
from ...parts._permeation import GHK, Ohmic, Permeation
from ...parts._state import Gate
from ._mutant import Mutant, Specimen


def channel_record(name: str, *ions: str) -> MechanismRecord:
    """Return what a plugin would register a channel with."""
    return MechanismRecord(
        name=name, factory=f"{__name__}:{name}", summary="for checks", kind="channel", ions=ions
    )


# --- sound ---------------------------------------------------------------------------------------


class Background(Channel):
    """A sound background channel: constant field, gating charge."""

    unitary = parameter("50 pS", source="assumed", bounds=(0, 500))
    permeation = GHK(K=1, Na=0.03, symmetric="150 mM")
    gating = Boltzmann(V_half="-20 mV", z_g=0.3)


class Measured(Background):
    """The same with all that an author can claim."""

    claims = Claims(
        voltage=("-140 mV", "90 mV"),
        monotone="rising",
        references=[
            ReferencePoint(
                V="0 mV",
                inside={"K": "150 mM", "Na": "1 mM"},
                outside={"K": "5 mM", "Na": "1 mM"},
                temperature="25 degC",
                current="0.69308 pA",
                values={"density": "1 channel"},
                tolerance=1e-4,
                source="by hand: 50 pS x 25.693 mV x 145/150 x 0.55812",
            ),
        ],
    )


class Delayed(Channel):
    """A sound delayed rectifier: one gate by its rates, one by its time constant."""

    unitary = parameter("20 pS", source="assumed", bounds=(0, 500))
    permeation: Permeation = Ohmic("K")

    def gates(self, s: LocalState) -> Mapping[str, Gate]:
        """Return n and l."""
        u = s.xp.let(s.V / s.mV)
        steady = 0.2 + 0.8 / (1 + s.xp.exp((u + 30) / 9))
        return {
            "n": Gate(
                alpha=0.1 * s.xp.exprelr(-(u + 55) / 10) / s.ms,
                beta=0.125 * s.xp.exp(-(u + 65) / 80) / s.ms,
                power=4,
            ),
            "l": Gate(steady=steady, tau=100 * s.ms),
        }


class ThreeStates(MarkovScheme):
    """Closed, open, inactivated."""

    conducting: Mapping[str, float] = {"open": 1.0}

    def rates(self, s: LocalState) -> dict[tuple[str, str], Any]:
        """Return the rates."""
        u = s.xp.let(s.V / (25 * s.mV))
        return {
            ("closed", "open"): s.xp.exp(u) / s.ms,
            ("open", "closed"): s.xp.exp(-u) / s.ms,
            ("open", "inactivated"): 0.1 / s.ms,
            ("inactivated", "open"): 0.02 / s.ms,
        }


class Scheme(Channel):
    """A sound sodium channel of a Markov scheme."""

    unitary = parameter("15 pS", source="assumed", bounds=(0, 500))
    permeation = GHK(Na=1, K=0.1, symmetric="150 mM")
    gating = ThreeStates()


class Plain(Mechanism):
    """A sound ohmic leak that says its current and nothing else."""

    ions: ClassVar[tuple[str, ...]] = ("K",)
    density = parameter("0.3 mS/cm^2", source="assumed", bounds=(0, None))

    def current(self, s: LocalState) -> Mapping[str, Any]:
        """Return g (V - E_K)."""
        return {"K": self.density * s.area * (s.V - s.E["K"])}


SOUND: Final = (
    Specimen(thing=Background, record=channel_record("Background", "K", "Na")),
    Specimen(thing=Measured, record=channel_record("Measured", "K", "Na")),
    Specimen(thing=Delayed, record=channel_record("Delayed", "K")),
    Specimen(thing=Scheme, record=channel_record("Scheme", "Na", "K")),
    Specimen(thing=Plain, record=channel_record("Plain", "K")),
    Specimen(thing=Measured(density="3 /um^2", unitary="10 pS", name="instance")),
)


# --- with one thing wrong ------------------------------------------------------------------------


class Unfinished(Background):
    """Needs an option that has no default."""

    table: Any = attrs.field(kw_only=True)


class VoltageAsNumber(Background):
    """Forgot to divide the voltage by RT/F."""

    def open_probability(self, s: LocalState) -> Any:
        """Return a Boltzmann function of millivolts."""
        return 1 / (1 + s.xp.exp(-(s.V + 20 * s.mV)))


class PlainIf(Background):
    """Decides by a Python if."""

    def open_probability(self, s: LocalState) -> Any:
        """Return one of two values."""
        if s.V > -40 * s.mV:
            return 0.5
        return 0.1


class MathModule(Background):
    """Calls the math module instead of s.xp."""

    def open_probability(self, s: LocalState) -> Any:
        """Return a Boltzmann function of floats alone."""
        return 1 / (1 + math.exp(-s.V / s.VT))


class NoNumber(Background):
    """Takes a root of what is negative below -100 mV."""

    def open_probability(self, s: LocalState) -> Any:
        """Return a root."""
        return s.xp.sqrt((s.V + 100 * s.mV) / (300 * s.mV))


class Dice(Background):
    """Flickers by a random number."""

    def open_probability(self, s: LocalState) -> Any:
        """Return a number that is another one each time."""
        return 0.5 + 0.1 * random.random()


_CALLS: Final[list[int]] = []


class Memory(Background):
    """Runs down a little with every call."""

    def open_probability(self, s: LocalState) -> Any:
        """Return less each time."""
        _CALLS.append(1)
        return 0.5 / (1 + 1e-6 * len(_CALLS))


class Writer(Background):
    """Uses up the potassium that it is handed."""

    def open_probability(self, s: LocalState) -> Any:
        """Return one half."""
        s.inside._values["K"] = s.inside["K"] * 0.5  # type: ignore[index]
        return 0.5


class Diary(Background):
    """Writes into its own option."""

    seen: list[str] = attrs.field(factory=list)

    def open_probability(self, s: LocalState) -> Any:
        """Return one half."""
        self.seen.append("called")
        return 0.5


class TwoFaced(Background):
    """Gives floats another answer than arrays."""

    def open_probability(self, s: LocalState) -> Any:
        """Return 0.5, or 0.501 where it meets a plain number."""
        return 0.501 if isinstance(s.V, float) else 0.5


class Staircase(Background):
    """Reads a table at tenths of a millivolt, without interpolation."""

    opaque: ClassVar[bool] = True

    def open_probability(self, s: LocalState) -> Any:
        """Return the table's nearest entry."""
        return 1 / (1 + math.exp(-round(s.V, 1) / s.VT))


class Corner(Background):
    """Rectifies by an absolute value."""

    def open_probability(self, s: LocalState) -> Any:
        """Return less on either side of 0 mV."""
        return 1 / (1 + s.xp.absolute(s.V) / s.VT)


class ZeroOverZero(Background):
    """Divides by nothing at 0 mV."""

    def open_probability(self, s: LocalState) -> Any:
        """Return a quotient of two functions that vanish at 0 mV."""
        u = s.xp.let(s.V / (100 * s.mV))
        return 0.1 + 0.2 * s.xp.tanh(u) / s.xp.let(u * s.xp.exp(u))


class Constant(Plain):
    """Adds a current that does not know how many channels there are."""

    def current(self, s: LocalState) -> Mapping[str, Any]:
        """Return g (V - E_K) and some more."""
        conductance = self.density * s.area + s.nS
        return {"K": conductance * (s.V - s.E["K"])}


class WrongNumber(Measured):
    """Does not carry what its author says it does."""

    unitary = parameter("51 pS", source="assumed", bounds=(0, 500))


MUTANTS: Final = (
    Mutant(code="C001", wrong="an option without a default", thing=Unfinished),
    Mutant(
        code="C001",
        wrong="a record that names other ions",
        thing=Background,
        record=channel_record("Background", "K", "Cl"),
    ),
    Mutant(code="C002", wrong="exp of a voltage", thing=VoltageAsNumber),
    Mutant(code="C002", wrong="a Python if", thing=PlainIf),
    Mutant(code="C003", wrong="math.exp", thing=MathModule),
    Mutant(code="C003", wrong="the root of a negative number", thing=NoNumber),
    Mutant(code="C004", wrong="random numbers", thing=Dice),
    Mutant(code="C004", wrong="a count of its calls", thing=Memory),
    Mutant(code="C005", wrong="writes concentrations", thing=Writer),
    Mutant(code="C005", wrong="writes its option", thing=Diary),
    Mutant(code="C006", wrong="asks what kind of number V is", thing=TwoFaced),
    Mutant(code="C007", wrong="a table without interpolation", thing=Staircase),
    Mutant(code="C008", wrong="a corner at 0 mV", thing=Corner),
    Mutant(code="C008", wrong="0/0 at 0 mV", thing=ZeroOverZero),
    Mutant(code="C009", wrong="current without density", thing=Constant),
    Mutant(code="C010", wrong="another unitary conductance", thing=WrongNumber),
)
