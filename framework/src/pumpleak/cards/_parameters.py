"""Read the parameters of a card, and the names that they may not have."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from functools import lru_cache

from .._errors import UnitError
from ..parts._channel import Channel
from ..parts._mechanism import Mechanism
from ..parts._permeation import Permeation
from ..parts._transporter import Transporter
from ..units._quantity import Dimension, quantity
from ._limits import PARAMETERS, UNIT_CHARS
from ._model import CardParameter
from ._scope import GIVEN
from ._table import Table

#: What pumpleak itself declares; a card may say more about them, or leave them out.
AMOUNTS = ("density", "unitary", "turnover")


@lru_cache(maxsize=4)
def reserved(cls: type) -> frozenset[str]:
    """Return names that a parameter of a subclass would overwrite, or that mean something else."""
    taken = {*dir(cls), *GIVEN, "name", "card", "maximum", "ions", "pools", "source", "measured"}
    taken |= {*vars(cls).get("__annotations__", {}), "current", "states", "gates", "rates"}
    taken |= {"open_probability", "activity", "cycle_rate", "driving_force", "affinity"}
    return frozenset(taken - {*AMOUNTS} - {"reversal"})


def form_of(kind: str, direct: bool) -> type[Mechanism]:
    """Return the class that a card's mechanism is a subclass of."""
    if direct:
        return Mechanism
    return Channel if kind == "channel" else Transporter


def read_parameters(table: Table, key: str, cls: type) -> dict[str, CardParameter]:
    """Read a table of parameters.

    Args:
        table: that it stands in.
        key: its name there.
        cls: that the fields will belong to.
    """
    found = {}
    for name, entry in table.tables(key, PARAMETERS):
        if table.reading.hopeless:
            break
        if name in reserved(cls) or keyword.iskeyword(name):
            table.wrong(f"{key}.{name}", "means something else already; give it another name")
        made = _parameter(entry, optional=name in AMOUNTS and cls is not Permeation)
        if made is not None:
            found[name] = made
    return found


def _parameter(table: Table, *, optional: bool) -> CardParameter | None:
    unit = table.prose("unit", lines=False) if table.has("unit") else ""
    if len(unit) > UNIT_CHARS:
        table.wrong("unit", f"has more than {UNIT_CHARS} characters")
        unit = ""
    magnitude = table.number("value")
    if magnitude is None and not optional:
        if not table.has("value"):
            table.wrong("value", "missing; give a number")
        return None
    value = None
    if magnitude is not None:
        value = table.attempt("unit", lambda: quantity(f"{magnitude!r} {unit}"))
    accepts = tuple(text for text in table.listed("accepts") if isinstance(text, str))
    dimensions = table.attempt("accepts", lambda: dimensions_of(accepts))
    if value is not None and dimensions and value.dimension not in dimensions:
        table.wrong("accepts", f"does not list the unit of the value itself, {unit!r}")
    low, high = table.number("at_least"), table.number("at_most")
    if magnitude is not None and not (
        (low is None or low <= magnitude) and (high is None or magnitude <= high)
    ):
        table.wrong("value", f"{magnitude!r} is outside its own bounds, at_least and at_most")
    uncertainty = table.number("uncertainty")
    if uncertainty is not None and uncertainty < 0:
        table.wrong("uncertainty", f"must not be negative, got {uncertainty!r}")
    made = CardParameter(
        value=value,
        source=table.prose("source", needed="give a reference, or 'assumed'"),
        measured=table.truth("measured"),
        uncertainty=uncertainty,
        bounds=(low, high),
        accepts=accepts,
        doc=table.prose("doc"),
    )
    table.done()
    return None if magnitude is not None and value is None else made


def dimensions_of(units: Iterable[str]) -> tuple[Dimension, ...]:
    """Return the dimensions of some units.

    Raises:
        UnitError: one is unknown.
    """
    found = []
    for unit in units:
        if len(unit) > UNIT_CHARS:
            raise UnitError(f"a unit has more than {UNIT_CHARS} characters")
        found.append(quantity(f"1 {unit}").dimension)
    return tuple(dict.fromkeys(found))
