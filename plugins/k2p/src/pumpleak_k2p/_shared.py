"""What two-pore-domain channels share: nearly constant opening, warmth, protons."""

from __future__ import annotations

from typing import Any

import attrs

from pumpleak import GHK, Channel, Claims, LocalState, Permeation, PhysicsError, parameter

#: The share of heat-driven opening that is read as "the threshold is reached here".
_AT_THRESHOLD = 0.05


class K2P(Channel):
    """Base of the family: a population that flickers, and whose average hardly sees the voltage.

    A channel writes ``open_probability(self, s)`` from `flicker` and what else acts on it.

    Args:
        V_half: voltage at which half of the channels are open, if nothing else closes them.
        z_g: gating charge, elementary charges; 0.1 is less than 5 points over any 50 mV.
    """

    V_half = parameter("0 mV", source="assumed", bounds=(-200, 200), doc="half opening")
    z_g = parameter(0.1, source="assumed", bounds=(-2, 2), doc="gating charge")
    claims = Claims(monotone="rising")

    def flicker(self, s: LocalState) -> Any:
        """Return the average open probability as far as voltage sets it, 0..1."""
        return 1 / (1 + s.xp.exp(-self.z_g * (s.V - self.V_half) / s.VT))


class Warmed(Permeation):
    """Permeation that speeds up with temperature, by a constant factor every 10 K.

    Unitary value and density hold at `T_reference`.

    Args:
        pore: permeation at the reference temperature.
        Q10: factor for 10 K.
        T_reference: where the pore's values hold.
        interval: 10 K, to which the factor refers.

    References:
        Hille 2001, Ion Channels of Excitable Membranes.
    """

    pore: Permeation = attrs.field()
    Q10 = parameter(
        1.4, source="assumed, after Hille 2001: 1.3-1.6 for permeation", bounds=(0.5, 5)
    )
    T_reference = parameter("22 degC", source="assumed: room temperature", bounds=(-20, 60))
    interval = parameter("10 K", source="by definition of Q10", bounds=(10, 10))

    def carried(self) -> tuple[str, ...]:
        """Return the ions of the pore."""
        return self.pore.carried()

    def currents(self, s: LocalState, maximum: Any, dimension: Any) -> dict[str, Any]:
        """Return the pore's currents at the membrane's temperature."""
        factor = self.Q10 ** ((s.T - self.T_reference) / self.interval)
        return self.pore.currents(s, maximum * factor, dimension)


def potassium_pore(source: str, *, Na: float = 0.03, measured: bool = False) -> GHK:
    """Return constant-field permeation of K and a little Na.

    Args:
        source: where P_Na/P_K comes from.
        Na: P_Na/P_K.
        measured: whether it was measured there.
    """
    # Symmetrical 150 mM KCl is how most of these unitary conductances were taken.
    return GHK(
        K=1,
        Na=Na,
        symmetric="150 mM",
        source=f"{source}; symmetrical 150 mM assumed",
        measured=measured,
    )


def opened_by_heat(s: LocalState, threshold: Any, enthalpy: Any, cold: Any) -> Any:
    """Return the share of channels that heat has made available, 0..1, smooth in T.

    Two states with an enthalpy between them, above a share that is open in the cold. A threshold
    read by eye from a record is taken as the temperature where 5 % of the rest has opened.

    Args:
        s: local state.
        threshold: temperature of the threshold.
        enthalpy: of opening, per mole.
        cold: share open far below the threshold.
    """
    odds = s.xp.exp(enthalpy / s.R * (1 / threshold - 1 / s.T))
    odds_at_threshold = _AT_THRESHOLD / (1 - _AT_THRESHOLD)
    return cold + (1 - cold) * odds / (odds + 1 / odds_at_threshold)


def closed_by_outside_acid(s: LocalState, midpoint: Any, hill: Any) -> Any:
    """Return the share of channels that outside protons leave open, 0..1; one half at `midpoint`.

    Args:
        s: local state.
        midpoint: pH of half inhibition.
        hill: Hill coefficient.

    Raises:
        PhysicsError: the membrane does not say its outside pH, and no value would be innocent.
    """
    if "H" not in s.outside:
        raise PhysicsError(
            "outside acid closes this channel, but the membrane gives no pH outside; "
            "add pH to the outside solution, such as pH = 7.4"
        )
    return 1 / (1 + 10 ** (hill * (midpoint - s.outside.pH)))


def opened_by_inside_acid(s: LocalState, midpoint: Any, hill: Any) -> Any:
    """Return the share of channels that inside protons open, 0..1; one half at `midpoint`.

    An inside without pH has no acid stimulus: at a cell's own pH the share is below 1 %.

    Args:
        s: local state.
        midpoint: pH of half activation.
        hill: Hill coefficient.
    """
    if "H" not in s.inside:
        return 0.0
    return 1 / (1 + 10 ** (hill * (s.inside.pH - midpoint)))
