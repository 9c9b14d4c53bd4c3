"""Quantities with units, at the edge only: text in, one float in pumpleak's unit set out."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from .._errors import UnitError

if TYPE_CHECKING:
    import pint


class Dimension(NamedTuple):
    """Exponents of voltage, current, time, amount, length and temperature."""

    voltage: float = 0
    current: float = 0
    time: float = 0
    amount: float = 0
    length: float = 0
    temperature: float = 0

    def times(self, other: Dimension, power: float = 1) -> Dimension:
        """Return the dimension of ``self * other**power``."""
        return Dimension(*(a + power * b for a, b in zip(self, other, strict=True)))

    @property
    def words(self) -> str:
        """What an electrophysiologist calls it, with the unit pumpleak uses inside."""
        named = _NAMES.get(self)
        return named[0] if named else f"a quantity in {self.unit}"

    @property
    def unit(self) -> str:
        """The unit of this dimension in pumpleak's own set, such as ``"nS"``."""
        if self in _NAMES:
            return _NAMES[self][1]
        parts = [
            unit if power == 1 else f"{unit}^{power:g}"
            for unit, power in zip(("mV", "pA", "ms", "amol", "um", "K"), self, strict=True)
            if power
        ]
        return " ".join(parts)

    @property
    def example(self) -> str:
        """A value that a file would hold, such as ``"0.3 mS/cm^2"``."""
        return _NAMES[self][2] if self in _NAMES else f"1 {self.unit}"


NUMBER = Dimension()
VOLTAGE = Dimension(voltage=1)
CURRENT = Dimension(current=1)
TIME = Dimension(time=1)
AMOUNT = Dimension(amount=1)
LENGTH = Dimension(length=1)
TEMPERATURE = Dimension(temperature=1)
AREA = Dimension(length=2)
VOLUME = Dimension(length=3)
RATE = Dimension(time=-1)
CONDUCTANCE = Dimension(current=1, voltage=-1)
RESISTANCE = Dimension(current=-1, voltage=1)
CAPACITANCE = Dimension(current=1, time=1, voltage=-1)
CONCENTRATION = Dimension(amount=1, length=-3)
PERMEABILITY = Dimension(length=3, time=-1)
AMOUNT_FLUX = Dimension(amount=1, time=-1)
MOLAR_ENERGY = Dimension(voltage=1, current=1, time=1, amount=-1)
MOLAR_CHARGE = Dimension(current=1, time=1, amount=-1)
GAS = MOLAR_ENERGY.times(TEMPERATURE, -1)


def per_area(dimension: Dimension) -> Dimension:
    """Return the dimension per membrane area.

    >>> per_area(PERMEABILITY).words
    'a permeability'
    """
    return dimension.times(AREA, -1)


_NAMES: dict[Dimension, tuple[str, str, str]] = {
    NUMBER: ("a pure number", "1", "0.5"),
    VOLTAGE: ("a voltage", "mV", "-70 mV"),
    CURRENT: ("a current", "pA", "30 pA"),
    TIME: ("a time", "ms", "5 ms"),
    AMOUNT: ("an amount", "amol", "3 amol"),
    LENGTH: ("a length", "um", "10 um"),
    TEMPERATURE: ("a temperature", "K", "37 degC"),
    AREA: ("an area", "um^2", "1000 um^2"),
    VOLUME: ("a volume", "fL", "2 pL"),
    RATE: ("a rate", "1/ms", "150 /s"),
    CONDUCTANCE: ("a conductance", "nS", "10 nS"),
    RESISTANCE: ("a resistance", "GOhm", "200 MOhm"),
    CAPACITANCE: ("a capacitance", "pF", "20 pF"),
    CONCENTRATION: ("a concentration", "mM", "4 mM"),
    PERMEABILITY: ("a whole-cell permeability", "fL/ms", "0.1 fL/ms"),
    AMOUNT_FLUX: ("a molar flux", "amol/ms", "1 amol/ms"),
    MOLAR_ENERGY: ("a molar energy", "J/mol", "-57 kJ/mol"),
    MOLAR_CHARGE: ("a molar charge", "pA ms/amol", "96485 C/mol"),
    GAS: ("a molar heat capacity", "J/(mol K)", "8.314 J/(mol K)"),
    per_area(NUMBER): ("a count per area", "1/um^2", "0.8 / um^2"),
    per_area(CURRENT): ("a current density", "pA/um^2", "1.5 uA/cm^2"),
    per_area(CONDUCTANCE): ("a conductance per area", "nS/um^2", "0.3 mS/cm^2"),
    per_area(CAPACITANCE): ("a capacitance per area", "pF/um^2", "1 uF/cm^2"),
    per_area(PERMEABILITY): ("a permeability", "um/ms", "1e-6 cm/s"),
    per_area(AMOUNT_FLUX): ("a molar flux per area", "amol/ms/um^2", "1e-10 mol/s/cm^2"),
}

_UNITS = (
    "femto- = 1e-15 = f-",
    "pico- = 1e-12 = p-",
    "nano- = 1e-9 = n-",
    "micro- = 1e-6 = u- = µ- = μ-",
    "milli- = 1e-3 = m-",
    "centi- = 1e-2 = c-",
    "deci- = 1e-1 = d-",
    "kilo- = 1e3 = k-",
    "mega- = 1e6 = M-",
    "giga- = 1e9 = G-",
    "atto- = 1e-18 = a-",
    "volt = [voltage] = V",
    "ampere = [current] = A",
    "second = [time] = s = sec",
    "mole = [amount] = mol",
    "meter = [length] = m",
    "kelvin = [temperature]; offset: 0 = K",
    "degree_Celsius = kelvin; offset: 273.15 = °C = celsius = degC",
    "minute = 60 * second = min",
    "hour = 60 * minute = h",
    "hertz = 1 / second = Hz",
    "siemens = ampere / volt = S",
    "ohm = volt / ampere = Ω = Ohm",
    "coulomb = ampere * second = C",
    "farad = coulomb / volt = F",
    "joule = coulomb * volt = J",
    "calorie = 4.184 * joule = cal",
    "watt = joule / second = W",
    "pascal = joule / meter ** 3 = Pa",
    "bar = 1e5 * pascal",
    "liter = 1e-3 * meter ** 3 = L = l = litre",
    "molar = mole / liter = M",
    "osmole = mole = osmol = Osm",
    "angstrom = 1e-10 * meter = Å",
    "percent = 0.01 = %",
    "channel = 1 = channels",
    "pump = 1 = pumps",
    "transporter = 1 = transporters",
)
_DIMENSIONS = ("voltage", "current", "time", "amount", "length", "temperature")
#: Powers of ten from SI to pumpleak's set: V -> mV, A -> pA, s -> ms, mol -> amol, m -> um, K.
_DECADES = (3, 12, 3, 18, 6, 0)
_TEXT = re.compile(
    r"""\s*(?P<number>[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)\b)
    \s*(?P<unit>.*?)\s*$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
#: Names, joined by * / or a space, with powers: a digit anywhere else is a number gone astray, as
#: the comma's 5 in "1,5 mM" is.
_UNIT_TEXT = re.compile(
    r"(?:1(?=\s*/))?(?:[\s*/()]|(?:[^\W\d]|[°%])+|(?:\^|\*\*)\s*\(?[+-]?\d{1,2}(?:\.\d{1,3})?\)?)*"
)
#: What a decimal comma leaves behind the number: ",5 mM".
_DECIMALS = re.compile(r",(\d+)(?![\d,.])(.*)", re.DOTALL)
#: A power of a power, such as m^9^9^9, which the unit library would work out for hours.
_POWER_OF_POWER = re.compile(r"(?:\^|\*\*)[\s\d.()+-]*(?:\^|\*\*)")
_LONGEST = 200


@attrs.frozen(repr=False, eq=True)
class Quantity:
    """A magnitude with its unit as given, and its value in pumpleak's unit set.

    Args:
        magnitude: the number as written.
        unit: the unit as written; empty for a pure number.
        value: the same in mV, pA, nS, pF, ms, mM, fL, amol, um, K.
        dimension: what it is a quantity of.
    """

    magnitude: float
    unit: str
    value: float
    dimension: Dimension

    def __str__(self) -> str:
        return f"{repr(self.magnitude).removesuffix('.0')} {self.unit}".strip()

    def __repr__(self) -> str:
        return f"Quantity('{self}')"


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[Any]:
    # Pint's full unit file costs a sixth of a second to read; physiology needs these few.
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None, on_redefinition="ignore")
    for line in _UNITS:
        registry.define(line)
    return registry


@lru_cache(maxsize=512)
def _unit(text: str) -> tuple[Dimension, float, float]:
    """Return (dimension, factor, offset): value = (magnitude + offset) * factor."""
    registry = _registry()
    spelled = text.replace("μ", "µ")
    if not _UNIT_TEXT.fullmatch(spelled) or _POWER_OF_POWER.search(spelled):
        raise UnitError(f"unknown unit {text!r}; write for example 'mM', 'S/cm^2', '1/um^2'")
    if spelled.startswith("/"):
        spelled = "1" + spelled
    try:
        if spelled in ("", "1"):
            return NUMBER, 1.0, 0.0
        if spelled in ("degC", "°C", "celsius", "degree_Celsius"):
            return TEMPERATURE, 1.0, 273.15
        parsed = registry.parse_expression(spelled)
        base: Any = registry.Quantity(1, parsed.units).to_base_units() * parsed.magnitude
        powers = {str(key).strip("[]"): float(power) for key, power in base.dimensionality.items()}
        factor = float(base.magnitude)
    except Exception as error:  # Pint raises a dozen kinds, tokenize errors among them
        raise UnitError(
            f"unknown unit {text!r}; write for example 'mM', 'S/cm^2', '1/um^2'"
        ) from error
    if powers.keys() - set(_DIMENSIONS) or not math.isfinite(factor) or factor <= 0:
        raise UnitError(f"unknown unit {text!r}; write for example 'mM', 'S/cm^2', '1/um^2'")
    dimension = Dimension(*(_whole(powers.get(name, 0.0)) for name in _DIMENSIONS))
    decades = sum(d * p for d, p in zip(_DECADES, dimension, strict=True))
    return dimension, _decimal(factor, decades), 0.0


def _whole(power: float) -> float:
    return int(power) if power == int(power) else power


def _decimal(factor: float, decades: float) -> float:
    """Return factor * 10**decades, exact where a double can be: 1e-3 * 10**3 is 1."""
    if decades == int(decades):
        mantissa, exponent = f"{factor:.15e}".split("e")
        return float(f"{mantissa}e{int(exponent) + int(decades)}")
    return float(factor * 10.0**decades)


def quantity(given: object, dimension: Dimension | tuple[Dimension, ...] | None = None) -> Quantity:
    """Read a quantity.

    Args:
        given: text such as ``"80 pS"``, a Pint quantity, a `Quantity`, or a number where a pure
            number is wanted.
        dimension: what it must be (one, or any of several); None takes whatever it is.

    Returns:
        The quantity with its value in pumpleak's unit set.

    Raises:
        UnitError: not a number with a unit, not finite, or of another dimension.

    >>> quantity("37 degC").value
    310.15
    >>> quantity("0.3 mS/cm^2")
    Quantity('0.3 mS/cm^2')
    """
    read = _read(given, dimension)
    if not math.isfinite(read.value):
        raise UnitError(f"expected a finite number, got {_short(given)}")
    if dimension is not None:
        allowed = (dimension,) if isinstance(dimension, Dimension) else dimension
        if read.dimension not in allowed:
            wanted = " or ".join(f"{item.words} such as '{item.example}'" for item in allowed)
            raise UnitError(f"expected {wanted}, got '{read}' ({read.dimension.words})")
    return read


def _read(given: object, dimension: Dimension | tuple[Dimension, ...] | None) -> Quantity:
    if isinstance(given, Quantity):
        return given
    if isinstance(given, bool) or given is None:
        raise UnitError(f"expected {_wanted(dimension)}, got {_short(given)}")
    if isinstance(given, str):
        match = _TEXT.match(given) if len(given) <= _LONGEST else None
        if match is None:
            raise UnitError(f"expected {_wanted(dimension)}, got {_short(given)}")
        try:
            magnitude = float(match["number"])
        except ValueError as error:
            raise UnitError(f"expected {_wanted(dimension)}, got {_short(given)}") from error
        if comma := _DECIMALS.match(match["unit"]):
            point = f"{match['number']}.{comma[1]}{comma[2]}"
            raise UnitError(f"got {_short(given)}; write a decimal point, '{point}'")
        return _made(magnitude, match["unit"])
    if hasattr(given, "magnitude") and hasattr(given, "units"):
        return _made(float(given.magnitude), f"{given.units:~C}".replace("**", "^"))
    try:
        magnitude = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise UnitError(f"expected {_wanted(dimension)}, got {_short(given)}") from error
    if (
        dimension is None
        or dimension == NUMBER
        or (not isinstance(dimension, Dimension) and NUMBER in dimension)
    ):
        return Quantity(magnitude, "", magnitude, NUMBER)
    raise UnitError(
        f"expected {_wanted(dimension)}, got the bare number {_short(given)}; give its unit"
    )


def _made(magnitude: float, unit: str) -> Quantity:
    dimension, factor, offset = _unit(unit)
    return Quantity(magnitude, unit, (magnitude + offset) * factor, dimension)


def _wanted(dimension: Dimension | tuple[Dimension, ...] | None) -> str:
    if dimension is None:
        return "a number with a unit"
    allowed = (dimension,) if isinstance(dimension, Dimension) else dimension
    return " or ".join(f"{item.words} such as '{item.example}'" for item in allowed)


def _short(given: object) -> str:
    # a file spells it so
    text = f"the truth value {str(given).lower()}" if isinstance(given, bool) else repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def internal(value: float, dimension: Dimension) -> Quantity:
    """Return the quantity of a value that is already in pumpleak's unit set.

    >>> internal(-65.0, VOLTAGE)
    Quantity('-65 mV')
    """
    unit = "" if dimension == NUMBER else dimension.unit
    return Quantity(float(value), unit, float(value), dimension)
