"""What varies from member to member, as arrays of the equations' own inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import CompositionError
from ..membranes._given import refuse_masked
from ..membranes._problems import near_value, short
from ..units._quantity import CAPACITANCE, CONCENTRATION, NUMBER, Dimension, quantity
from ..units._scalars import TEMPERATURES_K

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

Values = Mapping[str, Any]
#: What sets how much there is of something, and cannot be negative.
_AMOUNTS = ("density", "unitary", "turnover")
_LARGEST = float(np.finfo(float).max)


def variable_names(membrane: Membrane) -> list[str]:
    """Return the names that may vary from member to member."""
    sides = [
        f"{side}.pH"
        for side, solution in (("inside", membrane.inside), ("outside", membrane.outside))
        if "H" in solution.concentrations
    ]
    values = [name for name in membrane.values if name != "area" or not _sets_area(membrane)]
    return [*values, *sides]


def _sets_area(membrane: Membrane) -> bool:
    return membrane.compartments is not None and membrane.compartments.sets_area


def checked(membrane: Membrane, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as arrays of one length.

    Args:
        membrane: whose members these are.
        values: by name, each of shape (n,), in pumpleak's own units.

    Raises:
        CompositionError: an unknown name, what is no number, shapes that differ, no members.
    """
    known = variable_names(membrane)
    found: dict[str, Any] = {}
    if not hasattr(values, "items"):  # a data frame will do
        raise CompositionError(
            f"values: expected arrays by name, such as {{'temperature': [309.0, 310.0]}}, got a "
            f"{type(values).__name__}"
        )
    for name, given in values.items():
        if not isinstance(name, str):
            raise CompositionError(
                f"values: names are text, such as 'temperature', got {short(name)}"
            )
        if name == "area" and membrane.compartments is not None and name not in known:
            raise CompositionError(
                f"area: it follows the volume of this {membrane.compartments.shape}, so members "
                "cannot differ in it"
            )
        if name not in known:
            raise CompositionError(
                f"no value {name!r} that members could differ in{near_value(name, known)}; there "
                f"are: {', '.join(known)}"
            )
        found[name] = _numbers(membrane, name, given)
    for side in ("inside", "outside"):
        if f"{side}.pH" in found and f"{side}.H" in found:
            raise CompositionError(f"{side}.pH and {side}.H are the same; give one of them")
    lengths = {name: len(array) for name, array in found.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise CompositionError(
            f"expected arrays of one length, one value a member, got {lengths or 'none'}"
        )
    return found


def _numbers(membrane: Membrane, name: str, given: Any) -> Any:
    """Return values as floats, shape (n,).

    Raises:
        CompositionError: they are no real numbers, or not one a member.
    """
    refuse_masked(name, given)
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise CompositionError(
            f"{name}: expected one value a member, got lists of different lengths"
        ) from error
    if array.ndim > 1:
        raise CompositionError(f"{name}: expected one value a member, got shape {array.shape}")
    if array.dtype.kind not in "biuf" and array.size:
        raise CompositionError(
            f"{name}: expected numbers {_in_unit(membrane, name)}, got {short(given)}"
        )
    return np.ascontiguousarray(array, dtype=np.float64)


def check_within(membrane: Membrane, values: Values) -> None:
    """Refuse values that cannot be.

    Args:
        membrane: whose members these are.
        values: by name, each of shape (n,).

    Raises:
        CompositionError: a value out of bounds, or no number; the message names the member.
    """
    for name, array in values.items():
        low, high = bounds(membrane, name)
        # Written so that what is no number is outside too.
        if not (array.min() >= low and array.max() <= high):
            first = int(np.argmax(~((array >= low) & (array <= high))))
            raise CompositionError(
                f"{name}: member {first} has {float(array[first])!r}, but it must be "
                f"{_demand(low, high, _unit(membrane, name))}; leave such members out, or truncate "
                "the distribution"
            )


def _unit(membrane: Membrane, name: str) -> str:
    """Return the unit in which a value is given here; empty for a pure number."""
    dimension = _dimension(membrane, name)
    return "" if dimension == NUMBER else dimension.unit


def _dimension(membrane: Membrane, name: str) -> Dimension:
    head, _, rest = name.partition(".")
    if not rest:
        whole: Dimension = getattr(membrane, name).dimension
        return whole
    if rest == "pH":
        return NUMBER
    if name in membrane.values and head in ("inside", "outside"):
        return CONCENTRATION
    parameters = membrane.mechanism(head).parameters()
    return next(info.value.dimension for info in parameters if info.path == rest)


def _in_unit(membrane: Membrane, name: str) -> str:
    unit = _unit(membrane, name)
    return f"in {unit}, such as 4.0 for 4 {unit}" if unit else "without a unit"


def _demand(low: float, high: float, unit: str) -> str:
    """Return what a value must be, without the ends of what a double can hold."""
    ends = []
    if low == np.finfo(float).tiny:
        ends.append("above zero")
    elif low > -_LARGEST:
        ends.append(f"at least {low:g} {unit}".strip() if low else "zero or more")
    if high < _LARGEST:
        ends.append(f"at most {high:g} {unit}".strip())
    elif unit:
        ends.append(f"finite, in {unit}")
    return " and ".join(ends) or "finite"


def limits(membrane: Membrane, columns: Sequence[str], names: Iterable[str]) -> dict[str, float]:
    """Return ``low.<column>`` and ``high.<column>`` of columns: bounds where a name is one.

    Args:
        membrane: whose members these are.
        columns: inputs of the equations that differ.
        names: what members differ in.
    """
    found: dict[str, float] = {}
    for column in columns:
        ends = bounds(membrane, column) if column in names else (-np.inf, np.inf)
        found[f"low.{column}"], found[f"high.{column}"] = map(float, ends)
    return found


def bounds(membrane: Membrane, name: str) -> tuple[float, float]:
    """Return the least and largest value that makes sense."""
    tiny = np.finfo(float).tiny
    head, _, rest = name.partition(".")
    if name == "temperature":
        return TEMPERATURES_K
    if not rest:
        return tiny, _LARGEST
    if rest == "pH":
        return 0.0, 14.0
    if head in ("inside", "outside"):
        carried = {ion for mechanism in membrane.mechanisms for ion in mechanism.needed()}
        return (tiny if rest in carried else 0.0), 1e4
    for info in membrane.mechanism(head).parameters():
        if info.path == rest:
            low, high = (
                None if end is None else quantity(f"{end!r} {info.value.unit}".strip()).value
                for end in info.bounds
            )
            least = 0.0 if rest in _AMOUNTS else -_LARGEST
            return max(least, -_LARGEST if low is None else low), _LARGEST if high is None else high
    return -_LARGEST, _LARGEST


def leaves(membrane: Membrane, values: Values) -> dict[str, Any]:
    """Return every input of the equations, an array where members differ, else a number.

    Args:
        membrane: what all members have in common.
        values: as from `checked`.
    """
    found: dict[str, Any] = dict(membrane.values)
    per_area = membrane.capacitance.dimension != CAPACITANCE
    for name, array in values.items():
        head, _, rest = name.partition(".")
        if rest == "pH":
            found[f"{head}.H"] = 1000.0 * 10.0**-array
        elif name == "capacitance" and per_area:
            continue  # with the area, below
        else:
            found[name] = array
    if per_area:
        specific = values.get("capacitance", membrane.capacitance.value)
        found["capacitance"] = specific * found["area"]
    return found


def rows(values: Values, index: Any) -> dict[str, Any]:
    """Return some members' values: arrays are indexed, numbers stay."""
    return {name: value[index] if np.ndim(value) else value for name, value in values.items()}


def own_value(membrane: Membrane, name: str) -> float:
    """Return the membrane's own value of what may vary, in pumpleak's own unit."""
    head, _, rest = name.partition(".")
    if rest == "pH":
        return float(3.0 - np.log10(membrane.values[f"{head}.H"]))
    if name == "capacitance":
        return membrane.capacitance.value
    return membrane.values[name]
