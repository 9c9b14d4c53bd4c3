"""Membranes whose resting states are known, and others that have none, for checking solvers.

All are made of the framework's own building blocks; no plugin takes part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import attrs

from ..membranes._compose_mechanism import CustomChannel
from ..membranes._membrane import Membrane
from ..parts._compartments import Compartments
from ..parts._gating import Boltzmann
from ..parts._local import LocalState
from ..parts._mechanism import Mechanism
from ..parts._permeation import GHK, Ohmic
from ..parts._solution import Solution
from ..parts._species import IonSpecies
from ..parts._state import Gate
from ..parts._transporter import Transporter

SPECIES: Final = {
    name: IonSpecies(name=name, valence=valence)
    for name, valence in (("K", 1), ("Na", 1), ("Cl", -1))
}
_INSIDE: Final = {"K": "140 mM", "Na": "15 mM", "Cl": "8 mM"}
_OUTSIDE: Final = {"K": "4 mM", "Na": "145 mM", "Cl": "110 mM"}
_VT: Final = 8.314462618 * 310.15 / 96.48533212


@attrs.frozen(kw_only=True)
class Known:
    """A membrane and what rests in it.

    Args:
        name: what messages call it.
        make: makes the membrane.
        states: voltages, mV, in order, with the kind of each.
        inside: of the one steady state, concentrations in mM, where they are known.
        volume_fL: of the one steady state, where it is known.
        provable: whether interval arithmetic can bound its currents.
    """

    name: str
    make: Callable[[], Membrane]
    states: tuple[tuple[float, str], ...]
    inside: Mapping[str, float] = attrs.field(factory=dict)
    volume_fL: float | None = None
    provable: bool = True


@attrs.frozen(kw_only=True)
class Hopeless:
    """A membrane that does not rest.

    Args:
        name: what messages call it.
        make: makes the membrane.
        statuses: what a solver may say of it.
    """

    name: str
    make: Callable[[], Membrane]
    statuses: tuple[str, ...]


class LuoRudyPump(Transporter):
    """The sodium pump law of Luo and Rudy 1994, as reference membranes A and A2 have it."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1

    def activity(self, s: LocalState) -> Any:
        """Return the fraction of the rate at saturation."""
        u = s.xp.let(s.V / s.VT)
        sigma = (s.xp.exp(s.outside.Na / (67.3 * s.mM)) - 1) / 7
        sodium = 1 / (1 + (10 * s.mM / s.inside.Na) ** 1.5)
        potassium = s.outside.K / (s.outside.K + 1.5 * s.mM)
        slowed = 1 + 0.1245 * s.xp.exp(-0.1 * u) + 0.0365 * sigma * s.xp.exp(-u)
        return sodium * potassium / slowed


class CubicPump(Transporter):
    """The sodium pump law of Duesterwald et al. 2018."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1

    def activity(self, s: LocalState) -> Any:
        """Return the sodium ratio cubed."""
        return (s.inside.Na / s.outside.Na) ** 3


class Cotransporter(Transporter):
    """One K and one Cl out, in proportion to the difference of their Nernst potentials."""

    stoichiometry: ClassVar[Mapping[str, int]] = {"K": 1, "Cl": 1}

    def driving_force(self, s: LocalState) -> Any:
        """Return E_Cl - E_K."""
        return s.E["Cl"] - s.E["K"]


class HalfOpen(CustomChannel):
    """A gate that settles at one quarter, whatever the voltage, by way of rates that follow it."""

    def gates(self, s: LocalState) -> Mapping[str, Gate]:
        """Return the gate."""
        speed = s.xp.exp(s.V / (40 * s.mV)) / s.ms
        return {"n": Gate(alpha=speed, beta=3 * speed)}


def curve(function: Callable[[Any, Any], Any], *, opaque: bool = False) -> Mechanism:
    """Return a mechanism whose potassium current is a function of V (mV) and xp, pA."""
    hidden = opaque

    class Curve(Mechanism):
        """A current given as a formula."""

        ions: ClassVar[tuple[str, ...]] = ("K",)
        opaque: ClassVar[bool] = hidden

        def current(self, s: LocalState) -> Mapping[str, Any]:
            """Return the formula's value."""
            return {"K": s.pA * function(s.V / s.mV, s.xp)}

    return Curve()


def clamped(*mechanisms: Mechanism, **changes: Any) -> Membrane:
    """Return a membrane of mechanisms between the reference solutions."""
    given: dict[str, Any] = {
        "inside": Solution(concentrations=_INSIDE),
        "outside": Solution(concentrations=_OUTSIDE),
        "temperature": "310.15 K",
        "area": "1000 um^2",
        "species": SPECIES,
    }
    return Membrane(mechanisms=mechanisms, **{**given, **changes})


def _polynomial(*zeros: float, scale: float) -> Callable[[Any, Any], Any]:
    def value(v: Any, xp: Any) -> Any:
        product: Any = scale
        for zero in zeros:
            product = product * (v - zero)
        return product

    return value


def ohmic(ion: str, density: str, reversal: str | None = None) -> CustomChannel:
    """Return a channel with a straight I-V curve."""
    return CustomChannel(name=ion.lower(), density=density, permeation=Ohmic(ion, reversal))


def _reference(permeability: str, gating: Boltzmann, **changes: Any) -> Membrane:
    return clamped(
        CustomChannel(name="k2p", density=permeability, permeation=GHK(K=1), gating=gating),
        CustomChannel(name="nalcn", density="4e-8 cm/s", permeation=GHK(Na=1, K=1 / 1.1)),
        CustomChannel(
            name="clc2",
            density="0.02 mS/cm^2",
            permeation=Ohmic("Cl"),
            gating=Boltzmann(V_half="-90 mV", z_g=-1),
        ),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
        **changes,
    )


def reference_a() -> Membrane:
    """Return the membrane A with one resting state."""
    return _reference("1e-6 cm/s", Boltzmann(V_half="-40 mV", z_g=0.2))


def reference_a2(**changes: Any) -> Membrane:
    """Return its bistable variant A2."""
    return _reference("3e-6 cm/s", Boltzmann(V_half="-80 mV", z_g=-3), **changes)


def reference_b() -> Membrane:
    """Return the pump-leak cell B, of five unknowns."""
    return Membrane(
        mechanisms=[
            ohmic("Na", "0.02 mS/cm^2"),
            ohmic("K", "0.35 mS/cm^2"),
            ohmic("Cl", "0.2 mS/cm^2"),
            Cotransporter(name="kcc2", density="0.02 mS/cm^2"),
            CubicPump(name="pump", density="1000 uA/cm^2"),
        ],
        inside=Solution(
            concentrations={"Na": "14 mM", "K": "123 mM", "Cl": "5 mM"},
            impermeant="156.1 mM",
            impermeant_valence=-0.85,
        ),
        outside=Solution(
            concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "119 mM"}, impermeant="29.5 mM"
        ),
        temperature="310.15 K",
        area="7.853981633974483e-6 cm^2",
        species=SPECIES,
        compartments=Compartments(
            free=("Na", "K", "Cl"),
            volume="1.9634954084936207 pL",
            swells=True,
            impermeant_amount="3.065e-13 mol",
            water_permeability="0.015 cm/s",
        ),
    )


def _swelling() -> Membrane:
    """Return a cell that nothing keeps from swelling: leaks, impermeant solute, and no pump."""
    return Membrane(
        mechanisms=[ohmic(ion, "0.1 mS/cm^2") for ion in ("Na", "K", "Cl")],
        inside=Solution(
            concentrations={"Na": "14 mM", "K": "123 mM", "Cl": "5 mM"},
            impermeant="155 mM",
            impermeant_valence=-0.85,
        ),
        outside=Solution(concentrations={"Na": "145 mM", "K": "3.5 mM", "Cl": "148.5 mM"}),
        temperature="310.15 K",
        area="785 um^2",
        species=SPECIES,
        compartments=Compartments(free=("Na", "K", "Cl"), volume="1963 fL", swells=True),
    )


def _by_voltage_alone() -> Membrane:
    """Return a cell whose one free ion is fixed by its charge: it rests where its flux vanishes."""
    return clamped(
        curve(_polynomial(-80.0, -55.0, -20.0, scale=1e-4)),
        compartments=Compartments(free=("K",), volume="1000 fL", charge="electroneutral"),
    )


_TRIPLE: Final = ("stable", "unstable", "stable")

CLAMPED: Final = (
    Known(
        name="a current that cannot be traced",
        make=lambda: clamped(
            curve(_polynomial(-70.0, scale=2.0), opaque=True), range=("-100 mV", "-40 mV")
        ),
        states=((-70.0, "stable"),),
        provable=False,
    ),
    Known(
        name="two ohmic conductances",
        make=lambda: clamped(ohmic("K", "10 nS", "-90 mV"), ohmic("Na", "2 nS", "60 mV")),
        states=((-65.0, "stable"),),
    ),
    Known(
        name="Goldman, Hodgkin and Katz",
        make=lambda: clamped(
            CustomChannel(name="leak", density="0.1 fL/ms", permeation=GHK(K=1, Na=0.05, Cl=0.2))
        ),
        states=(
            (
                _VT * math.log((4 + 0.05 * 145 + 0.2 * 8) / (140 + 0.05 * 15 + 0.2 * 110)),
                "stable",
            ),
        ),
    ),
    Known(
        name="a gate at rest at one quarter",
        make=lambda: clamped(
            HalfOpen(name="k", density="20 nS", permeation=Ohmic("K", "-90 mV")),
            ohmic("Na", "1 nS", "60 mV"),
        ),
        states=((-65.0, "stable"),),
    ),
    Known(
        name="a rest at V = 0",
        make=lambda: clamped(
            CustomChannel(name="leak", density="0.1 fL/ms", permeation=GHK(K=1)),
            inside=Solution(concentrations={"K": "100 mM"}),
            outside=Solution(concentrations={"K": "100 mM"}),
        ),
        states=((0.0, "stable"),),
    ),
    Known(name="reference membrane A", make=reference_a, states=((-65.4423779834206, "stable"),)),
    Known(
        name="reference membrane A2",
        make=reference_a2,
        states=tuple(
            zip((-78.8909617037568, -61.5796747521194, -33.3284076778746), _TRIPLE, strict=True)
        ),
    ),
    Known(
        name="reference membrane A2 between -70 and -40 mV",
        make=lambda: reference_a2(range=("-70 mV", "-40 mV")),
        states=((-61.5796747521194, "unstable"),),
    ),
    Known(
        name="a cubic",
        make=lambda: clamped(curve(_polynomial(-80.0, -60.0, -20.5, scale=1e-4))),
        states=tuple(zip((-80.0, -60.0, -20.5), _TRIPLE, strict=True)),
    ),
    Known(
        name="two states a fifth of a millivolt apart",
        make=lambda: clamped(curve(_polynomial(-60.0, -59.8, scale=1.0))),
        states=((-60.0, "unstable"), (-59.8, "stable")),
    ),
)

#: A formula that is no number anywhere, and one that jumps across zero.
_NOWHERE: Final[Callable[[Any, Any], Any]] = lambda v, xp: xp.log(v - 1000.0)  # noqa: E731
_JUMPING: Final[Callable[[Any, Any], Any]] = lambda v, xp: xp.where(v < -40.0, -5.0, 5.0)  # noqa: E731

NOT_CLAMPED: Final = (
    Hopeless(
        name="a reversal potential out of range",
        make=lambda: clamped(ohmic("K", "10 nS", "-90 mV"), range=("-50 mV", "50 mV")),
        statuses=("none in range",),
    ),
    Hopeless(
        name="inward current alone",
        make=lambda: clamped(curve(lambda v, xp: -1.0 - xp.exp(v / 50.0))),
        statuses=("none in range",),
    ),
    Hopeless(
        name="every density at zero",
        make=lambda: clamped(ohmic("K", "0 nS", "-90 mV"), ohmic("Na", "0 nS", "60 mV")),
        statuses=("unphysical",),
    ),
    Hopeless(
        name="a current that is no number",
        make=lambda: clamped(curve(_NOWHERE)),
        statuses=("unphysical",),
    ),
    Hopeless(
        name="a current that jumps across zero",
        make=lambda: clamped(curve(_JUMPING)),
        statuses=("unphysical", "not converged"),
    ),
)

STEADY: Final = (
    Known(
        name="reference membrane B",
        make=reference_b,
        states=((-89.5020897245741, "stable"),),
        inside={"Na": 14.5316450128964, "K": 122.258488464853, "Cl": 4.10305073861312},
        volume_fL=1963.39921778179,
    ),
    Known(
        name="three states at one concentration",
        make=_by_voltage_alone,
        states=tuple(zip((-80.0, -55.0, -20.0), _TRIPLE, strict=True)),
    ),
)
NOT_STEADY: Final = (
    Hopeless(
        name="a current that nothing balances",
        make=lambda: clamped(
            curve(lambda v, xp: -1.0 + 0.0 * v),
            compartments=Compartments(free=("K",), volume="1000 fL"),
        ),
        statuses=("runs away",),
    ),
    Hopeless(name="a cell without a pump", make=_swelling, statuses=("runs away",)),
)
