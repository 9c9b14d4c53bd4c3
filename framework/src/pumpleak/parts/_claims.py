"""What an author claims of a mechanism, an ion, a filter or a solver, for others to check.

Claims change no number. The conformance kit reads them: over which voltages a channel is meant,
whether its open probability rises or falls, which currents it must reproduce, and where it is known
to break a rule, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from .._errors import CompositionError
from ..units._quantity import CURRENT, TEMPERATURE, VOLTAGE, Quantity, quantity

Direction = Literal["rising", "falling"]


def _voltages(given: Any) -> tuple[Quantity, Quantity]:
    try:
        low, high = given
    except (TypeError, ValueError) as error:
        raise CompositionError(
            f"voltage: expected two voltages such as ('-120 mV', '60 mV'), got {given!r}"
        ) from error
    ends = quantity(low, VOLTAGE), quantity(high, VOLTAGE)
    if not ends[0].value < ends[1].value:
        raise CompositionError(f"voltage: the first must be below the second, got {given!r}")
    return ends


def _currents(given: Any) -> Quantity | dict[str, Quantity]:
    if isinstance(given, Mapping):
        return {str(ion): quantity(value, CURRENT) for ion, value in given.items()}
    return quantity(given, CURRENT)


def _voltage(given: Any) -> Quantity:
    return quantity(given, VOLTAGE)


def _temperature(given: Any) -> Quantity:
    return quantity(given, TEMPERATURE)


def _points(given: Iterable[ReferencePoint]) -> tuple[ReferencePoint, ...]:
    return tuple(given)


def _types(given: Iterable[type]) -> tuple[type, ...]:
    return tuple(given)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def _reasons(given: Any) -> dict[str, str]:
    reasons = dict(given)
    for code, reason in reasons.items():
        if not isinstance(reason, str) or not reason.strip():
            raise CompositionError(
                f"expected_failures: {code} needs a reason in words, got {reason!r}"
            )
    return reasons


@attrs.frozen(kw_only=True, eq=False)
class ReferencePoint:
    """The current that a mechanism must carry under stated conditions.

    Args:
        V: membrane potential.
        inside, outside: concentrations by ion; ``pH`` sets the protons.
        temperature: such as ``"22 degC"``.
        current: total outward current, or the current of each ion.
        values: parameters of this point, the density first: ``{"density": "1 channel"}``.
        states: gates and pools that are held, those of others by their full name, as in
            ``"HuebelK.n"``; other gates are at their steady value.
        tolerance: relative, of `current`; a current of zero is met to 1e-9 pA.
        source: where the number is from: a reference, or which independent calculation.

    >>> ReferencePoint(
    ...     V="0 mV", inside={"K": "150 mM"}, outside={"K": "5 mM"}, temperature="22 degC",
    ...     current="6.1 pA", values={"density": "1 channel"}, tolerance=0.02, source="assumed",
    ... ).current
    Quantity('6.1 pA')
    """

    V: Quantity = attrs.field(converter=_voltage)
    inside: Mapping[str, object]
    outside: Mapping[str, object]
    temperature: Quantity = attrs.field(converter=_temperature)
    current: Quantity | Mapping[str, Quantity] = attrs.field(converter=_currents)
    values: Mapping[str, object] = attrs.field(factory=dict)
    states: Mapping[str, object] = attrs.field(factory=dict)
    tolerance: float = 1e-6
    source: str

    def __attrs_post_init__(self) -> None:
        if not 0 < self.tolerance < 1:
            raise CompositionError(
                f"tolerance: a reference point needs a share in 0..1, got {self.tolerance!r}"
            )
        if not str(self.source or "").strip():
            raise CompositionError("source: a reference point says where its number is from")


@attrs.frozen(kw_only=True, eq=False)
class Claims:
    """What an author claims, as the class attribute ``claims`` of a mechanism.

    For what is no class (an ion, a solution, a filter, a solver) a dictionary ``CLAIMS`` beside it
    in its module holds them, by the object's name there.

    Args:
        voltage: the range in which a channel is meant to hold.
        monotone: ``"rising"`` or ``"falling"``: how the open probability goes with the voltage.
        irreversible: why a transporter's law never runs backward, though nature's would.
        beside: classes of mechanisms whose gates it reads.
        references: currents that it must reproduce.
        order: a filter's ions, most permeant first.
        expected_failures: code of a check to the reason why it must fail here; where it does not,
            the claim is wrong, and that is a failure too.

    Raises:
        CompositionError: a range that is none, or a failure without a reason.
        UnitError: a value of the wrong dimension.

    >>> Claims(monotone="rising", voltage=("-100 mV", "40 mV")).voltage[0]
    Quantity('-100 mV')
    """

    voltage: tuple[Quantity, Quantity] = attrs.field(
        default=_voltages(("-150 mV", "100 mV")), converter=_voltages
    )
    monotone: Direction | None = attrs.field(
        default=None, validator=attrs.validators.in_((None, "rising", "falling"))
    )
    irreversible: str | None = None
    beside: tuple[type, ...] = attrs.field(default=(), converter=_types)
    references: tuple[ReferencePoint, ...] = attrs.field(default=(), converter=_points)
    order: tuple[str, ...] = attrs.field(default=(), converter=_names)
    expected_failures: Mapping[str, str] = attrs.field(factory=dict, converter=_reasons)
