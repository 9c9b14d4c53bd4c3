"""Steady ions as equations: balances of the free ions, charge and water, closed into one system.

The mechanisms' own equations stay as they were traced; what was a held concentration there becomes
an unknown here, and area, capacitance and the space outside may follow the volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import sympy

from .._errors import CompositionError
from ..parts._compartments import WATER, Compartments
from ..parts._mechanism import NONSPECIFIC
from ..parts._transporter import Transporter
from ..units._quantity import CAPACITANCE
from ._conserved import Conserved, conserved
from ._equations import Equations, Tape, ordered, trace

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

Expr = Any  # SymPy ships no types
VOLUME, VOLTAGE = sympy.Symbol("volume"), sympy.Symbol("V")


@attrs.frozen(kw_only=True, eq=False)
class Closure:
    """The closed system of one membrane, by structure.

    Args:
        equations: of the mechanisms.
        definitions: what follows from the unknowns: outside concentrations, area, capacitance.
        free: ions whose inside concentration is unknown.
        balances: ions whose net current must vanish.
        totals: conserved combinations of inside amounts, which take the place of the others.
        charge: charge inside minus what the voltage needs, pA ms (fC).
        osmosis: osmolarity inside minus outside, mM; None where the volume is held.
        net: net outward current by free ion, pA.
        parameters: names of all inputs that are not unknown.
    """

    equations: Equations
    definitions: Tape
    free: tuple[str, ...]
    balances: tuple[str, ...]
    totals: tuple[Conserved, ...]
    charge: Expr
    osmosis: Expr
    held_charge: Expr
    swells: bool
    net: Mapping[str, Expr]
    parameters: tuple[str, ...]


def close(membrane: Membrane) -> Closure:
    """Close a membrane's equations for steady ions.

    Raises:
        CompositionError: it lacks what steady ions need, or carries a current of no named ion.
    """
    compartments = membrane.compartments
    if compartments is None:
        raise CompositionError(
            "steady ions need to know what is free: give [steady] with free = ['Na', 'K', 'Cl'] "
            "and "
            "volume = '2 pL'"
        )
    _refuse_unaccountable(membrane, compartments)
    equations = trace(membrane)
    symbol = sympy.Symbol
    inside = {ion: symbol(f"inside.{ion}") for ion in membrane.inside.concentrations}
    outside = {ion: symbol(f"outside.{ion}") for ion in membrane.outside.concentrations}
    valence = {ion: record.valence for ion, record in membrane.species.items()}
    definitions: dict[Expr, Expr] = {}
    space = symbol("outside_volume")
    finite = compartments.outside_volume is not None
    if finite:
        if compartments.swells:
            space = symbol("both_volumes") - VOLUME
        for ion in compartments.free:
            definitions[outside[ion]] = (symbol(f"total.{ion}") - VOLUME * inside[ion]) / space
    if compartments.shape != "fixed":
        area = symbol("area")
        definitions[area] = (
            (36 * sympy.Float(sympy.pi) * VOLUME**2) ** sympy.Rational(1, 3)
            if compartments.shape == "sphere"
            else 2 * sympy.sqrt(sympy.Float(sympy.pi) * symbol("length") * VOLUME)
        )
        if membrane.capacitance.dimension != CAPACITANCE:
            definitions[symbol("capacitance")] = symbol("specific_capacitance") * area
    ions_inside = VOLUME * sympy.Add(*(valence[ion] * inside[ion] for ion in inside))
    fixed = symbol("impermeant") * symbol("impermeant_valence")
    held = symbol("faraday") * (ions_inside + fixed)
    if compartments.charge == "capacitance":
        charge = held - symbol("capacitance") * VOLTAGE
    else:
        charge = held - symbol("start_charge")
    impermeant_outside = symbol("outside_impermeant") / (space if finite else 1)
    osmosis = (
        sympy.Add(*inside.values())
        + symbol("impermeant") / VOLUME
        - sympy.Add(*outside.values())
        - impermeant_outside
    )
    net: dict[str, Expr] = {
        ion: sympy.Add(*(i for (_, other), i in equations.currents.items() if other == ion))
        for ion in compartments.free
    }
    _refuse_floating_voltage(membrane, compartments)
    totals, balances = conserved(compartments.free, movements(membrane, compartments))
    unknown = {inside[ion] for ion in compartments.free} | set(definitions)
    own = [name for name in equations.parameters if symbol(name) not in unknown]
    extra = sorted(
        str(item)
        for item in set().union(
            held.free_symbols, charge.free_symbols, osmosis.free_symbols,
            *(expr.free_symbols for expr in definitions.values()),
        )
        if item not in unknown and str(item) not in own and item not in (VOLTAGE, VOLUME)
    )  # fmt: skip
    names = [*own, *extra, *(f"conserved.{i}" for i in range(len(totals))), "water_permeability"]
    if "area" not in names and symbol("area") not in unknown:
        names.append("area")
    return Closure(
        equations=equations,
        definitions=tuple(definitions.items()),
        free=compartments.free,
        balances=balances,
        totals=totals,
        charge=charge,
        osmosis=osmosis,
        held_charge=held,
        swells=compartments.swells,
        net=net,
        parameters=tuple(dict.fromkeys(names)),
    )


def resting_tape(closure: Closure) -> Tape:
    """Return the tape with gates at rest, in terms of V, concentrations and volume."""
    return ordered((*closure.definitions, *closure.equations.at_rest()))


def resting_unknowns(closure: Closure) -> list[Expr]:
    """Return what is solved for: V, concentrations, volume, pools."""
    return [
        VOLTAGE,
        *(sympy.Symbol(f"inside.{ion}") for ion in closure.free),
        *((VOLUME,) if closure.swells else ()),
        *(pool.symbol for pool in closure.equations.pools()),
    ]


def resting_residuals(closure: Closure) -> list[Expr]:
    """Return what vanishes at rest: balances, totals, charge, osmosis, pool changes."""
    inside = {ion: sympy.Symbol(f"inside.{ion}") for ion in closure.free}
    totals = [
        VOLUME * sympy.Add(*(weight * inside[ion] for ion, weight in total.weights.items()))
        - sympy.Symbol(f"conserved.{position}")
        for position, total in enumerate(closure.totals)
    ]
    balances = [closure.net[ion] for ion in closure.balances]
    osmosis = [closure.osmosis] if closure.swells else []
    return [
        *balances,
        *totals,
        closure.charge,
        *osmosis,
        *(p.rate for p in closure.equations.pools()),
    ]


@attrs.frozen(kw_only=True, eq=False)
class Flow:
    """The system in time.

    Args:
        tape: definitions in terms of the variables.
        variables: amounts of the free ions, then volume, then V where it is one, then states.
        names: of the variables.
        rates: of change of each, per ms.
        voltage: V in terms of the variables.
    """

    tape: Tape
    variables: tuple[Expr, ...]
    names: tuple[str, ...]
    rates: tuple[Expr, ...]
    voltage: Expr


def flow(closure: Closure, membrane: Membrane) -> Flow:
    """Return the rates of change of amounts, volume, gates and pools.

    With charge on the capacitor, V follows from the amounts. Strictly electroneutral, V is charged
    by the net current while the first free ion's amount follows from the others'.
    """
    compartments = membrane.compartments
    assert compartments is not None
    symbol = sympy.Symbol
    valence = {ion: membrane.species[ion].valence for ion in closure.free}
    amounts = {ion: symbol(f"amount.{ion}") for ion in closure.free}
    capacitive = compartments.charge == "capacitance"
    follows = None if capacitive else closure.free[0]
    definitions: dict[Expr, Expr] = dict(closure.definitions)
    for ion in closure.free:
        definitions[symbol(f"inside.{ion}")] = amounts[ion] / VOLUME
    others = sympy.Add(
        *(
            membrane.species[ion].valence * symbol(f"inside.{ion}") * VOLUME
            for ion in membrane.inside.concentrations
            if ion not in closure.free
        )
    )
    impermeant = symbol("impermeant") * symbol("impermeant_valence")
    if capacitive:
        charge = (
            sympy.Add(*(valence[ion] * amounts[ion] for ion in closure.free)) + others + impermeant
        )
        definitions[VOLTAGE] = symbol("faraday") * charge / symbol("capacitance")
    else:
        rest = sympy.Add(*(valence[ion] * amounts[ion] for ion in closure.free if ion != follows))
        need = symbol("start_charge") / symbol("faraday") - others - impermeant - rest
        definitions[amounts[follows]] = need / valence[follows]  # type: ignore[index]
    free = [ion for ion in closure.free if ion != follows]
    variables = [amounts[ion] for ion in free]
    rates = [-closure.net[ion] / (valence[ion] * symbol("faraday")) for ion in free]
    names = [f"amount.{ion}" for ion in free]
    if closure.swells:
        variables.append(VOLUME)
        rates.append(
            symbol("area") * symbol("water_permeability") * sympy.Float(WATER) * closure.osmosis
        )
        names.append("volume")
    if not capacitive:
        variables.append(VOLTAGE)
        # What holds a held ion brings its charge along: only the free ions' currents charge V.
        rates.append(-sympy.Add(*closure.net.values()) / symbol("capacitance"))
        names.append("V")
    for state in closure.equations.states:
        variables.append(state.symbol)
        rates.append(state.rate)
        names.append(state.name)
    return Flow(
        tape=ordered((*definitions.items(), *closure.equations.tape)),
        variables=tuple(variables),
        names=tuple(names),
        rates=tuple(rates),
        voltage=VOLTAGE,
    )


def movements(membrane: Membrane, compartments: Compartments) -> list[dict[str, int]]:
    """Return, per independent movement, how many of each free ion it takes out."""
    found = []
    for mechanism in membrane.mechanisms:
        if isinstance(mechanism, Transporter):
            moved = {
                ion: count
                for ion, count in mechanism.stoichiometry.items()
                if ion in compartments.free
            }
            found.append(moved)
        else:
            found += [{ion: 1} for ion in mechanism.carried() if ion in compartments.free]
    return [movement for movement in found if movement]


def _refuse_unaccountable(membrane: Membrane, compartments: Compartments) -> None:
    for ion in compartments.free:
        for side in ("inside", "outside"):
            given = getattr(membrane, side).concentrations.get(ion)
            if given is None or not given.value > 0:
                raise CompositionError(
                    f"{side}.{ion}: {ion} is free, so its concentration {side} must be given, "
                    "above zero"
                )
    for mechanism in membrane.mechanisms:
        if NONSPECIFIC in mechanism.carried():
            raise CompositionError(
                f"{mechanism.label} carries a nonspecific current, so no ion's balance can be "
                "closed; "
                "say which ion carries it, or stay with clamped ions"
            )
        if mechanism.fixed_reversals():
            raise CompositionError(
                f"{mechanism.label} has a fixed reversal potential, which steady ions would "
                "contradict; "
                "leave reversal out so that it follows the concentrations"
            )


def _refuse_floating_voltage(membrane: Membrane, compartments: Compartments) -> None:
    """Refuse strict electroneutrality where nothing moves charge: any V would do."""
    if compartments.charge != "electroneutral":
        return
    charges = [
        sum(count * membrane.species[ion].valence for ion, count in movement.items())
        for movement in movements(membrane, compartments)
    ]
    if not any(charges):
        raise CompositionError(
            "no mechanism moves charge, so that strict electroneutrality leaves V undetermined; "
            'set charge = "capacitance" in [steady], or give a channel'
        )
