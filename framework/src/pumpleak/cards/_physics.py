"""Read the physics of a card: equations to trees, names to what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import EquationError, PumpleakError, near
from ..membranes._problems import short
from ..parts._gating import Boltzmann, Constant, Gating, TwoState
from ..parts._mechanism import NONSPECIFIC
from ..parts._part import part_fields
from ..parts._permeation import GHK, Ohmic, Permeation
from ._limits import EXPONENT
from ._model import (
    CardParameter,
    GateText,
    PartText,
    PermeationText,
    Physics,
    PoolText,
    SchemeText,
)
from ._parameters import read_parameters, reserved
from ._parse import is_name
from ._scope import GIVEN, Scope
from ._table import Table
from ._tree import Node

GATINGS: Mapping[str, type[Gating]] = {
    "constant": Constant,
    "boltzmann": Boltzmann,
    "two-state": TwoState,
}
PERMEATIONS = ("ohmic", "ghk", "equations")
RATE_LAWS = ("activity", "cycle_rate", "driving_force")
_ION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}")
_GATE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}\.[A-Za-z][A-Za-z0-9_]{0,39}")
_RATE = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,39}) *-> *([A-Za-z][A-Za-z0-9_]{0,39})")
_MOST_MOVED = 20


def read_physics(
    table: Table, kind: str, parameters: Mapping[str, CardParameter], cls: type
) -> Physics:
    """Read the table [physics].

    Args:
        table: that table.
        kind: of the mechanism.
        parameters: of the card.
        cls: that the mechanism will be a subclass of.
    """
    definitions = table.equations("let")
    currents = _by_ion(table, "currents")
    gates = {name: _gate(entry) for name, entry in table.tables("gates")}
    pools = {
        name: pool for name, entry in table.tables("pools") if (pool := _pool(entry)) is not None
    }
    schemes = {name: _scheme(entry) for name, entry in table.tables("schemes")}
    links = _links(table, parameters, cls)
    needs = _needs(table)
    known: dict[str, Any] = {}
    laws: tuple[str, ...] = ()
    if table.has("currents"):
        if not currents:
            table.wrong("currents", "names no ion")
    elif kind == "channel":
        laws = ("open_probability",)
        known["permeation"] = _permeation(table)
        known["gating"] = _gating(table)
        if table.has("gating") and (gates or table.has("open_probability")):
            table.wrong("gating", "stands beside gates or open_probability; give one of them")
    else:
        laws = (*RATE_LAWS, "affinity")
        known["stoichiometry"] = _stoichiometry(table)
        known["atp"] = _atp(table)
        if not any(table.has(law) for law in RATE_LAWS):
            table.wrong("activity", f"missing; give one of {', '.join(RATE_LAWS)}, or currents")
    equations = {law: node for law in laws if (node := table.equation(law)) is not None}
    physics = Physics(
        definitions=definitions,
        equations=equations,
        currents=currents,
        gates=gates,
        pools=pools,
        schemes=schemes,
        links=links,
        needs=needs,
        **known,
    )
    _refuse_twice(table, parameters, physics)
    _check(table, physics, parameters)
    table.done()
    return physics


def _by_ion(table: Table, key: str) -> dict[str, Node]:
    found = table.equations(key)
    for ion in found:
        if not _ION.fullmatch(ion):
            table.wrong(f"{key}.{ion}", "is no symbol of an ion")
    return found


def _gate(table: Table) -> GateText:
    parts = {key: table.equation(key) for key in ("alpha", "beta", "steady", "tau", "scale")}
    power = table.number("power")
    if power is not None and not 0 < power <= EXPONENT:
        table.wrong("power", f"must be above 0 and at most {EXPONENT}, got {power!r}")
    given = {key for key in ("alpha", "beta", "steady", "tau") if table.has(key)}
    if given not in ({"alpha", "beta"}, {"steady"}, {"steady", "tau"}):
        table.wrong("alpha", "a gate has alpha and beta, or steady with or without tau")
    table.done()
    return GateText(power=1 if power is None else power, **parts)


def _pool(table: Table) -> PoolText | None:
    lowest = table.quantity("lowest", None)
    highest = table.quantity("highest", None)
    change = table.equation("change")
    table.done()
    if lowest is None or highest is None or change is None:
        table.wrong("change", "a pool has lowest and highest, with units, and change")
        return None
    if lowest.dimension != highest.dimension or not 0 < lowest.value < highest.value:
        table.wrong("lowest", "must be above zero and below 'highest', of the same dimension")
        return None
    return PoolText(lowest=str(lowest), highest=str(highest), change=change)


def _scheme(table: Table) -> SchemeText:
    states = tuple(table.listed("states"))
    if len(states) < 2 or len({*map(str, states)}) < len(states) or not all(map(is_name, states)):
        table.wrong("states", f"expected two or more names of states, got {short(states)}")
        states = ()
    rates: dict[tuple[str, str], Node] = {}
    within = table.table("rates")
    for key in within.given:
        match = _RATE.fullmatch(key)
        node = within.equation(key)
        if match is None or match[1] not in states or match[2] not in states:
            within.wrong(ascii(key)[:60], "expected 'from -> to', both of the scheme's states")
        elif node is not None:
            rates[match[1], match[2]] = node
    table.done()
    return SchemeText(states=states, rates=rates)


def _links(table: Table, parameters: Mapping[str, CardParameter], cls: type) -> dict[str, str]:
    found = {}
    for name, gate in table.table("links").named():
        if not isinstance(gate, str) or not _GATE.fullmatch(gate):
            table.wrong(f"links.{name}", f"expected a gate such as 'kdr.n', got {short(gate)}")
        elif name in parameters or name in reserved(cls) or name in ("density", "unitary"):
            table.wrong(f"links.{name}", "means something else already; give it another name")
        else:
            found[name] = gate
    return found


def _needs(table: Table) -> tuple[str, ...] | None:
    if not table.has("needs"):
        return None
    ions = table.listed("needs")
    if not all(isinstance(ion, str) and _ION.fullmatch(ion) for ion in ions):
        table.wrong("needs", f"expected a list of ions, got {short(ions)}")
        return None
    return tuple(ions)


def _stoichiometry(table: Table) -> dict[str, int]:
    found = {}
    for ion, count in table.table("stoichiometry").named():
        if not _ION.fullmatch(ion) or type(count) is not int or not 0 < abs(count) <= _MOST_MOVED:
            table.wrong(
                f"stoichiometry.{ion}",
                f"expected how many a cycle moves out (negative: in), got {short(count)}",
            )
        else:
            found[ion] = count
    if not found:
        table.wrong("stoichiometry", "missing; give for example { Na = 3, K = -2 }")
    return found


def _atp(table: Table) -> int:
    count = table.take("atp")
    if count is None:
        return 0
    if type(count) is not int or not 0 <= count <= _MOST_MOVED:
        table.wrong("atp", f"expected how many ATP a cycle spends, got {short(count)}")
        return 0
    return count


def _kind(table: Table, kinds: Iterable[str]) -> str | None:
    kind = table.take("kind")
    if kind in tuple(kinds):
        return str(kind)
    table.wrong(
        "kind",
        f"expected one of {', '.join(kinds)}, got {short(kind)}{near(str(kind)[:100], kinds)}",
    )
    return None


def _gating(table: Table) -> PartText | None:
    if not table.has("gating"):
        return None
    within = table.table("gating")
    kind = _kind(within, GATINGS)
    if kind is None:
        return None
    fields = [field.name for field in part_fields(GATINGS[kind])]
    values = {name: value for name in fields if (value := _plain(within, name)) is not None}
    within.done()
    return _part(within, kind, values)


def _permeation(table: Table) -> PartText | PermeationText | None:
    if not table.has("permeation"):
        table.wrong("permeation", 'missing; give for example { kind = "ghk", K = 1, Na = 0.03 }')
        return None
    within = table.table("permeation")
    kind = _kind(within, PERMEATIONS)
    if kind == "equations":
        return _written(within)
    if kind is None:
        return None
    values = {
        name: value
        for name in ("source", "measured", "symmetric" if kind == "ghk" else "reversal")
        if (value := _plain(within, name)) is not None
    }
    if kind == "ohmic":
        values["ion"] = within.take("ion")
        if not isinstance(values["ion"], str) or not _ION.fullmatch(values["ion"]):
            within.wrong("ion", f"expected an ion such as 'K', got {short(values['ion'])}")
            return None
        if values["ion"] == NONSPECIFIC and "reversal" not in values:
            within.wrong("reversal", "missing; a nonspecific current needs one")
    else:
        ions = [key for key in within.given if key not in ("kind", *values)]
        values["ratios"] = {ion: within.number(ion) for ion in ions if _ION.fullmatch(ion)}
    within.done()
    return _part(within, kind, values)


def _plain(table: Table, key: str) -> Any:
    value = table.take(key)
    if value is None:
        return None
    if key == "measured":
        return table.truth(key)
    if key == "source":
        return table.prose(key) or None
    if isinstance(value, str):
        return value[:100]
    return table.number(key)


def _part(table: Table, kind: str, values: dict[str, Any]) -> PartText | None:
    found = PartText(kind=kind, values=values)
    try:
        part_of(found)
    except PumpleakError as error:
        table.reading.problems.add(table.path, str(error))
        return None
    return found


def part_of(text: PartText) -> Gating | Permeation:
    """Return the gating or permeation that a card names.

    Raises:
        PumpleakError: what its class refuses.
    """
    values = dict(text.values)
    if text.kind == "ohmic":
        return Ohmic(values.pop("ion"), **values)
    if text.kind == "ghk":
        return GHK(values.pop("ratios"), **values)
    return GATINGS[text.kind](**values)


def _written(table: Table) -> PermeationText | None:
    parameters = read_parameters(table, "parameters", Permeation)
    definitions = table.equations("let")
    conductance, permeability = _by_ion(table, "conductance"), _by_ion(table, "permeability")
    if not conductance and not permeability:
        table.wrong("conductance", "give the currents of open channels, by ion, here or in "
                    "'permeability'; 'maximum' is the conductance of all of them")  # fmt: skip
    if conductance and permeability and list(conductance) != list(permeability):
        table.wrong("permeability", "names other ions than 'conductance', or in another order")
    _refuse_given(table, "let", definitions, parameters, "maximum")
    every = {f"let.{name}": node for name, node in definitions.items()}
    every |= {f"conductance.{ion}": node for ion, node in conductance.items()}
    every |= {f"permeability.{ion}": node for ion, node in permeability.items()}
    _check_all(table, every, parameters=parameters, definitions=definitions, extra=("maximum",))
    table.done()
    return PermeationText(
        parameters=parameters,
        definitions=definitions,
        conductance=conductance,
        permeability=permeability,
    )


def _refuse_given(
    table: Table,
    key: str,
    names: Iterable[str],
    parameters: Mapping[str, CardParameter],
    *extra: str,
) -> None:
    for name in names:
        if name in GIVEN or name in parameters or name in extra:
            table.wrong(f"{key}.{name}", "means something else already; give it another name")


def _refuse_twice(table: Table, parameters: Mapping[str, CardParameter], physics: Physics) -> None:
    _refuse_given(table, "let", physics.definitions, parameters)
    states = list(physics.states)
    for name in dict.fromkeys(states):
        if name in parameters or states.count(name) > 1:
            table.wrong(name, "is the name of two states, or of a parameter too; rename one")


def _check(table: Table, physics: Physics, parameters: Mapping[str, CardParameter]) -> None:
    every: dict[str, Node | None] = {
        **{f"let.{name}": node for name, node in physics.definitions.items()},
        **physics.equations,
        **{f"currents.{ion}": node for ion, node in physics.currents.items()},
        **{f"pools.{name}.change": pool.change for name, pool in physics.pools.items()},
    }
    for name, gate in physics.gates.items():
        for key in ("alpha", "beta", "steady", "tau", "scale"):
            every[f"gates.{name}.{key}"] = getattr(gate, key)
    for name, scheme in physics.schemes.items():
        for (a, b), node in scheme.rates.items():
            every[f"schemes.{name}.rates.{a} -> {b}"] = node
    _check_all(
        table,
        every,
        parameters=parameters,
        definitions=physics.definitions,
        own=physics.states,
        links=physics.links,
    )


def _check_all(table: Table, every: Mapping[str, Node | None], **names: Any) -> None:
    try:
        scope = Scope(**names)
    except EquationError as error:
        table.wrong("let", str(error))
        return
    for path, node in every.items():
        if node is not None and not table.reading.hopeless:
            table.attempt(path, lambda node=node: scope.check(node))  # type: ignore[misc]
