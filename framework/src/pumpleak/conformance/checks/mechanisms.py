"""Rules for whatever carries ions: channels and transporters alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from ..._errors import DimensionError, PhysicsError
from ...equations._evaluate import settled
from ...equations._trace import run
from ...membranes._membrane import Membrane
from ...numbers._dimensional import DimensionSystem
from ...parts._claims import ReferencePoint
from ...parts._gating import Gating
from ...parts._local import LocalState
from ...parts._mechanism import NONSPECIFIC, Mechanism
from ...parts._part import Part, part_fields
from ...parts._solution import Solution
from ...units._quantity import Quantity, quantity
from .._bench import Bench, membrane_of
from .._check import KINDS, MECHANISMS, broken, check, not_applicable
from .._faults import found_faults, told
from .._subject import Subject

_SAME: Final = 1e-9
_DIFFERENCE_MV: Final = 1e-3
_ABOUT_ZERO_MV: Final = 1e-2
#: Where a reference point says that no current flows.
_NOTHING_PA: Final = 1e-9


@check(
    "C001",
    *KINDS,
    fix="Make its module importable and its defaults complete, and let its record say what it is.",
    in_card="Give a density that its kind can take, and let kind and ions fit its equations.",
)
def it_can_be_had(subject: Subject) -> None:
    """It imports, can be made as it stands, and is what its record says."""
    if subject.trouble:
        broken(subject.trouble)
    record: Any = subject.record
    if subject.kind in MECHANISMS:
        bench = subject.made()
        said = set(getattr(record, "ions", bench.ions))
        if said != set(bench.ions):
            broken(
                f"its record says that it carries {', '.join(sorted(said))}, but it carries "
                f"{', '.join(bench.ions)}"
            )
    elif subject.kind == "ion" and record is not None:
        _same_ion(subject.thing, record)


def _same_ion(ion: Any, record: Any) -> None:
    if (record.name, record.valence) != (ion.name, ion.valence):
        broken(
            f"its record says {record.name} of valence {record.valence:+d}, but it is {ion.name} "
            f"of valence {ion.valence:+d}"
        )


@check(
    "C002",
    *MECHANISMS,
    fix="Divide by a reference value or a unit such as s.mV; write s.xp.where in place of if.",
    in_card="Divide by a parameter of the same dimension, or by a unit such as mV.",
)
def dimensions_consistent(subject: Subject) -> None:
    """Every term of its physics has the dimension that its place asks for."""
    try:
        run(subject.bench.membrane, DimensionSystem())
    except DimensionError as error:
        broken(str(error), _WHOLE if "is a current density" in str(error) else "")
    except PhysicsError:
        not_applicable("its physics does not run: C003 says why")


_WHOLE: Final = "Multiply by the membrane's area: a mechanism returns the whole membrane's current."


@check(
    "C003",
    *MECHANISMS,
    fix="Mend what is named; pumpleak.evaluate runs the physics by hand, for a debugger to follow.",
    in_card="Look in its equations for a division by zero, or a root or a logarithm of what is "
    "negative; where(V < a, x, y) works out both x and y.",
)
def physics_runs(subject: Subject) -> None:
    """Its physics runs as plain Python and with symbols, and gives finite currents."""
    bench = subject.bench
    trouble = ""
    try:
        bench.run(-60.0, bench.standard())
        bench.fresh_problem()
    except DimensionError as error:
        not_applicable(f"C002 failed first: {error}")
    except PhysicsError as error:
        trouble = str(error)
    faults = found_faults(bench, traced=not trouble)
    if faults:
        broken(told(faults, bench, trouble), "" if faults[0].raised or subject.is_card else _FINITE)
    if trouble:  # with symbols alone
        broken(trouble, "" if subject.is_card else _SYMBOLS)


_FINITE: Final = "Look for a division by zero, or a root or a logarithm of what is negative."
_SYMBOLS: Final = (
    "Use s.xp's functions, not those of math or numpy, and s.xp.where instead of if; or declare it "
    "opaque."
)


@check(
    "C004",
    *MECHANISMS,
    fix="Let its physics depend on nothing but what it is handed: no random numbers, no memory.",
)
def deterministic(subject: Subject) -> None:
    """The same inputs give the same bits, in whatever order and however often they are asked."""
    first, second = subject.bench, subject.fresh()
    conditions = first.standard()
    forth = [float(v) for v in first.voltages(5)]
    seen = {v: first.currents(v, conditions) for v in forth}
    for v in reversed(forth):
        for bench in (first, second):
            again = bench.currents(v, conditions)
            if again != seen[v]:
                broken(f"at {v:.4g} mV it gave {_told(seen[v])}, and then {_told(again)}")


def _told(currents: Mapping[str, float]) -> str:
    return ", ".join(f"{ion} {current!r} pA" for ion, current in currents.items())


@check(
    "C005",
    *MECHANISMS,
    fix="Return new values; never write to the state handed over, to an option, or to the class.",
)
def inputs_untouched(subject: Subject) -> None:
    """It changes neither what it is handed nor itself."""
    bench = subject.fresh()
    before = _print_of(bench.mechanism)
    alone = settled(membrane_of(_Witness(name="witness"), _NO_CLAIMS), {"V": -60.0})
    with_it = membrane_of(bench.mechanism, bench.claims, _Witness(name="witness"), own=bench.own)
    found = settled(with_it, {"V": -60.0, **bench.pools(bench.standard())})
    # the witness stands last, so that it sees what the others left
    expected = alone.currents["witness", NONSPECIFIC]
    if found.currents["witness", NONSPECIFIC] != expected:
        broken("a mechanism listed after it no longer sees the concentrations of the membrane")
    after = _print_of(bench.mechanism)
    for name, value in before.items():
        if after.get(name) != value:
            broken(f"its {name} was {value}, and is {after.get(name)} after its physics ran")


class _Witness(Mechanism):
    """Its current is a sum of all that it sees."""

    ions: ClassVar[tuple[str, ...]] = (NONSPECIFIC,)

    def current(self, s: LocalState) -> dict[str, Any]:
        seen = s.V / s.mV
        for place, side in enumerate((s.inside, s.outside)):
            for ion in _SEEN:
                seen = seen + (place + 1) * side[ion] / s.mM
        return {NONSPECIFIC: s.pA * seen}


_SEEN: Final = ("Na", "K", "Cl", "Ca", "Mg", "H", "HCO3")
_NO_CLAIMS: Final = Mechanism.claims


def _print_of(mechanism: Mechanism) -> dict[str, str]:
    """Return all that an instance and its classes hold, as text by name."""
    found = {f"field {name}": text for name, text in _fields(mechanism, "")}
    for cls in type(mechanism).__mro__:
        if cls in (object, Part, Mechanism, Gating):
            continue
        for name, value in vars(cls).items():
            if not name.startswith("__") and isinstance(value, list | dict | set | int | float):
                found[f"{cls.__name__}.{name}"] = repr(value)
    return found


def _fields(part: Part, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field in part_fields(type(part)):
        value = getattr(part, field.name)
        if isinstance(value, Part):
            found += _fields(value, f"{prefix}{field.name}.")
        elif isinstance(value, np.ndarray):
            found.append((prefix + field.name, value.tobytes().hex()))
        else:
            found.append((prefix + field.name, repr(value)))
    return found


@check(
    "C006",
    *MECHANISMS,
    fix="Write the formula once, for any number system; do not ask what kind of number s.V is.",
)
def vectorised_equals_scalar(subject: Subject) -> None:
    """Many voltages at once give what its plain Python gives one by one."""
    bench = subject.bench
    for name, conditions in bench.varied():
        voltages = bench.voltages(17)
        many, _ = bench.parts(voltages, conditions)
        scale = max(bench.scale(conditions), bench.scale(bench.standard()))
        for position, v in enumerate(voltages):
            for ion, current in bench.currents(float(v), conditions).items():
                other = float(many[ion][position])
                if not abs(current - other) <= _SAME * max(abs(current), 1e-3 * scale):
                    broken(
                        f"its current of {ion} at {v:.4g} mV is {other:.10g} pA in an array and "
                        f"{current:.10g} pA by itself ({name})"
                    )


@check(
    "C007",
    *MECHANISMS,
    fix="Join branches so that their slopes meet, and interpolate tables; exact slopes are used.",
)
def derivative_matches_differences(subject: Subject) -> None:
    """The exact slope of its current is that of finite differences of its plain Python."""
    bench = subject.bench
    h = _DIFFERENCE_MV
    for name, conditions in bench.varied():
        voltages = bench.voltages(23)
        current, slope = bench.total(voltages, conditions)
        steepest = float(np.abs(slope).max())
        largest = float(np.abs(current).max())
        for v, exact in zip(voltages, slope, strict=True):
            at = {k: _total(bench, float(v) + k * h, conditions) for k in (-2, -1, 1, 2)}
            found = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * h)
            if not abs(found - exact) <= 1e-5 * (abs(exact) + 1e-3 * steepest) + 1e-9 * largest:
                broken(
                    f"at {v:.4g} mV its slope is {exact:.8g} nS, but differences over {h:g} mV "
                    f"give {found:.8g} nS ({name})"
                )


def _total(bench: Bench, v: float, conditions: Mapping[str, float]) -> float:
    return math.fsum(bench.run(v, conditions).currents.values())


@check(
    "C008",
    *MECHANISMS,
    fix="Use s.xp.exprelr(x) = x/(exp(x) - 1) for 0/0, and no absolute value of the voltage.",
    in_card="Use exprelr(x) = x/(exp(x) - 1) for 0/0, and no absolute value of the voltage.",
)
def smooth_through_zero(subject: Subject) -> None:
    """Its current is finite at V = 0 and goes through it without step or corner."""
    bench = subject.bench
    h = _ABOUT_ZERO_MV
    voltages = np.array([-2 * h, -h, -1e-6, 0.0, 1e-6, h, 2 * h, -1.0, 1.0])
    for name, conditions in bench.varied():
        for ion, current in bench.parts(voltages, conditions)[0].items():
            if not np.isfinite(current).all():
                broken(f"its current of {ion} is no finite number at V = 0 ({name})")
            far, near, beside = current[[0, 6]].sum(), current[[1, 5]].sum(), current[[2, 4]]
            joined = (4 * near - far) / 6
            scale = float(np.abs(current).max())
            gap = max(abs(current[3] - joined), float(np.abs(beside - current[3]).max()))
            if not gap <= 1e-6 * scale + 1e-300:
                broken(
                    f"its current of {ion} is {current[3]:.8g} pA at V = 0, and its neighbours "
                    f"lead to {joined:.8g} pA ({name})"
                )


@check(
    "C009",
    *MECHANISMS,
    fix="Let the density enter once, as a factor of every current.",
)
def proportional_to_density(subject: Subject) -> None:
    """Twice as many carry twice the current."""
    bench = subject.bench
    density = getattr(bench.mechanism, "density", None)
    if not isinstance(density, Quantity):
        not_applicable("it has no density")
    twice = bench.remade(density=f"{2 * density.magnitude!r} {density.unit}")
    conditions = bench.standard()
    for v in bench.voltages(7):
        once, double = bench.currents(float(v), conditions), twice.currents(float(v), conditions)
        for ion, current in once.items():
            if not abs(double[ion] - 2 * current) <= _SAME * abs(current):
                broken(
                    f"its current of {ion} at {v:.4g} mV is {current:.8g} pA at '{density}' and "
                    f"{double[ion]:.8g} pA at twice that"
                )


@check(
    "C010",
    *MECHANISMS,
    fix="Correct the formula or a parameter, or the reference point if that is what is wrong.",
)
def reference_points_reproduced(subject: Subject) -> None:
    """It carries the currents that its author says it must."""
    if not subject.claims.references:
        not_applicable("its claims hold no reference points")
    bench = subject.bench
    own = [info.path for info in bench.mechanism.parameters() if not info.is_default]
    own = [path for path in own if path != "density"]
    if own:
        not_applicable(f"its {', '.join(own)} is not what its author chose")
    for number, point in enumerate(subject.claims.references, start=1):
        try:
            found = _currents_at(bench, point)
        except PhysicsError as error:  # its solutions are its author's, and no other check's
            where = f"reference point {number} ({point.V}, {point.source})"
            raise PhysicsError(f"{where}: {error}") from error
        wanted = point.current
        pairs = (
            {"": (wanted.value, math.fsum(found.values()))}
            if isinstance(wanted, Quantity)
            else {f" of {ion}": (given.value, found.get(ion, 0.0)) for ion, given in wanted.items()}
        )
        for which, (expected, current) in pairs.items():
            if not abs(current - expected) <= max(point.tolerance * abs(expected), _NOTHING_PA):
                broken(
                    f"reference point {number} ({point.V}, {point.source}): its current{which} is "
                    f"{current:.8g} pA, and must be {expected:.8g} pA within {point.tolerance:g}"
                )


def _currents_at(bench: Bench, point: ReferencePoint) -> dict[str, float]:
    """Return the mechanism's current of each ion under the conditions of a reference point, pA."""
    made = bench.mechanism.with_values(point.values)
    beside = bench.membrane.mechanisms[1:]
    membrane = Membrane(
        mechanisms=(made, *beside),
        inside=_solution(point.inside),
        outside=_solution(point.outside),
        temperature=point.temperature,
        area=bench.membrane.area,
        species=bench.membrane.species,
    )
    held = {
        name if "." in name else f"{made.label}.{name}": quantity(given).value
        for name, given in point.states.items()
    }
    run = settled(membrane, {**held, "V": point.V.value})
    return {ion: run.currents[made.label, ion] for ion in bench.ions}


def _solution(given: Mapping[str, Any]) -> Solution:
    ions = {ion: value for ion, value in given.items() if ion != "pH"}
    return Solution(concentrations=ions, pH=given.get("pH"))
