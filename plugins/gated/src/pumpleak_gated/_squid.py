"""What the Hodgkin-Huxley gates share: their source, and how temperature speeds them up."""

from __future__ import annotations

from typing import Any, Final

from pumpleak import LocalState, ReferencePoint, parameter

SOURCE: Final = "Hodgkin & Huxley 1952, J Physiol 117:500, doi 10.1113/jphysiol.1952.sp004764"


def in_squid(V: str, current: str) -> ReferencePoint:
    """Return the current that 1000 um^2 of the paper's membrane carry in squid blood.

    Args:
        V: membrane potential; the paper's resting voltage is -65 mV.
        current: by the paper's formulas at 30 digits.
    """
    return ReferencePoint(
        V=V,
        inside={"K": "400 mM", "Na": "50 mM"},
        outside={"K": "20 mM", "Na": "440 mM"},
        temperature="6.3 degC",
        current=current,
        tolerance=1e-9,
        source=f"{SOURCE}: its formulas and conductance, by hand",
    )


def resting_voltage() -> Any:
    """Return the parameter that places the paper's voltages, counted from rest."""
    return parameter(
        "-65 mV",
        source="assumed: the usual modern convention; the paper counts from rest",
        bounds=(-120, 20),
        doc="voltage that the paper counts from",
    )


def q10() -> Any:
    """Return the parameter for the rates' temperature factor."""
    return parameter(3.0, source=SOURCE, bounds=(1, 10), doc="rates' factor per 10 K")


def reference() -> Any:
    """Return the parameter for the temperature of the paper's rates."""
    return parameter("6.3 degC", source=SOURCE, measured=True, bounds=(-20, 60))


def ten_kelvin() -> Any:
    """Return the parameter for the step that a Q10 is defined for."""
    return parameter("10 K", source="by definition of Q10", bounds=(10, 10))


def speed(s: LocalState, factor: Any, at: Any, step: Any) -> Any:
    """Return how much faster the rates are than at the paper's temperature."""
    return s.xp.let(s.xp.exp(s.xp.log(factor) * (s.T - at) / step), "phi")
