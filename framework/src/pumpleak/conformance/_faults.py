"""Where physics does not run: at which voltages, and in which of the kit's solutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np

from .._errors import PhysicsError
from ._bench import Bench, Conditions

_VOLTAGES: Final = 101
_EVERYWHERE: Final = "at every voltage"


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong in one of the kit's solutions.

    Args:
        what: the first thing.
        raised: whether that was an exception, not a number that is none.
        solution: by name.
        where: which voltages, in words.
    """

    what: str
    raised: bool
    solution: str
    where: str


def found_faults(bench: Bench, *, traced: bool) -> list[Fault]:
    """Return what goes wrong, solution by solution.

    Args:
        bench: the mechanism in its membrane.
        traced: whether its equations can be had; arrays are tried then, and plain Python where
            they fail, for it says more.
    """
    voltages = bench.voltages(_VOLTAGES)
    found = []
    for solution, conditions in bench.varied():
        bad = _in_arrays(bench, voltages, conditions) if traced else {}
        if bad or not traced:
            bad = _alone(bench, voltages, conditions) or bad
        if bad:
            what, raised = bad[min(bad)]
            where = _where(sorted(bad), voltages)
            found.append(Fault(what=what, raised=raised, solution=solution, where=where))
    return found


def _in_arrays(bench: Bench, voltages: Any, conditions: Conditions) -> dict[int, tuple[str, bool]]:
    try:
        currents, _ = bench.parts(voltages, conditions)
    except PhysicsError as error:
        return dict.fromkeys(range(len(voltages)), (str(error), True))
    return {
        int(position): (f"its current of {ion} is {current[position]:g}", False)
        for ion, current in currents.items()
        for position in np.flatnonzero(~np.isfinite(current))
    }


def _alone(bench: Bench, voltages: Any, conditions: Conditions) -> dict[int, tuple[str, bool]]:
    """Return what goes wrong in plain Python, and whether it raised, by position."""
    found: dict[int, tuple[str, bool]] = {}
    for position, v in enumerate(voltages):
        try:
            currents = bench.currents(float(v), conditions)
        except PhysicsError as error:
            found[position] = str(error), True
            continue
        for ion, current in currents.items():
            if not np.isfinite(current):
                found[position] = f"its current of {ion} is {current:g}", False
    return found


def _where(bad: list[int], voltages: Any) -> str:
    low, high = (float(voltages[position]) for position in (bad[0], bad[-1]))
    if len(bad) == len(voltages):
        return _EVERYWHERE
    if len(bad) == 1:
        return f"at {low:.4g} mV"
    if len(bad) == bad[-1] - bad[0] + 1:
        return f"from {low:.4g} to {high:.4g} mV"
    return f"at {len(bad)} of {len(voltages)} voltages from {low:.4g} to {high:.4g} mV"


def told(faults: Sequence[Fault], bench: Bench, trouble: str) -> str:
    """Return in a sentence what goes wrong and where.

    Args:
        faults: at least one.
        bench: in which they were found.
        trouble: why its equations cannot be had, if they cannot.
    """
    first, tried = faults[0], len(list(bench.varied()))
    what = first.what if first.raised else trouble or first.what
    if len(faults) < tried:
        others = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        return f"{what}; so it is {first.where} in '{first.solution}'{others} of {tried} solutions"
    everywhere = first.where == _EVERYWHERE
    return what if everywhere else f"{what}; so it is {first.where}, in every solution tried"
