"""The numbers that a membrane has as a whole: how each is read, and its default."""

from __future__ import annotations

from .._errors import CompositionError, UnitError
from ._quantity import (
    AREA,
    CAPACITANCE,
    GAS,
    MOLAR_CHARGE,
    MOLAR_ENERGY,
    TEMPERATURE,
    VOLTAGE,
    Dimension,
    Quantity,
    per_area,
    quantity,
)

SCALARS: dict[str, tuple[Dimension, ...]] = {
    "temperature": (TEMPERATURE,),
    "area": (AREA,),
    "capacitance": (per_area(CAPACITANCE), CAPACITANCE),
    "dG_ATP": (MOLAR_ENERGY,),
    "gas_constant": (GAS,),
    "faraday": (MOLAR_CHARGE,),
}


DEFAULTS = {
    "capacitance": ("1 uF/cm^2", "assumed, after Hille 2001, ch. 1"),
    "dG_ATP": ("-57 kJ/mol", "assumed, a textbook value for brain and heart"),
    "range": ("-200 mV .. 150 mV", "beyond every reversal potential in cells"),
}


TEMPERATURES_K = (250.0, 380.0)


def _scalar(field: str, given: object) -> Quantity:
    try:
        return quantity(given, SCALARS[field])
    except UnitError as error:
        raise UnitError(f"{field}: {error}") from error


# One named function a field: type checkers then know that text with a unit is welcome.
def read_temperature(given: object) -> Quantity:
    return _scalar("temperature", given)


def read_area(given: object) -> Quantity:
    return _scalar("area", given)


def read_capacitance(given: object) -> Quantity:
    return _scalar("capacitance", given)


def read_hydrolysis(given: object) -> Quantity:
    return _scalar("dG_ATP", given)


def read_gas_constant(given: object) -> Quantity:
    return _scalar("gas_constant", given)


def read_faraday(given: object) -> Quantity:
    return _scalar("faraday", given)


def check_scalar(field: str, value: object) -> None:
    """Read one scalar field of a membrane by itself.

    Raises:
        UnitError: not a quantity of the field's dimension.
        CompositionError: a range that is none.
    """
    if field == "range":
        if isinstance(value, list):
            for end in value:
                if isinstance(end, float):  # a float is mV in Python, where the name says so
                    raise UnitError(f"range: expected voltages such as '-200 mV', got {end!r}")
        read_range(value)
    else:
        _scalar(field, value)


def read_range(given: object) -> tuple[float, float]:
    try:
        ends = [] if isinstance(given, str) else list(given)  # type: ignore[call-overload]
        low, high = ends
    except (TypeError, ValueError) as error:
        raise CompositionError(
            f"range: expected two voltages such as ['-200 mV', '150 mV'], got {given!r}"
        ) from error
    try:
        read = [
            float(end) if isinstance(end, float) else quantity(end, VOLTAGE).value
            for end in (low, high)
        ]
    except UnitError as error:
        raise UnitError(f"range: {error}") from error
    if not read[0] < read[1]:
        raise CompositionError(f"range: the first voltage must be below the second, got {given!r}")
    if read[0] < -1000 or read[1] > 1000:
        raise CompositionError(f"range: no membrane stands {given!r}; stay within -1 V .. 1 V")
    return read[0], read[1]
