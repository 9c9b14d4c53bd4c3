"""Rules for solvers: every state, the right word where there is none, no false promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ...equilibria._equilibria import Equilibria
from ...equilibria._problem import ClampedProblem
from ...equilibria._steady import SteadyProblem
from ...membranes._membrane import Membrane
from .._check import broken, check, not_applicable
from .._membranes import CLAMPED, NOT_CLAMPED, NOT_STEADY, STEADY, Hopeless, Known
from .._subject import Subject

_CLOSE_MV: Final = 1e-6
_CLOSE: Final = 1e-7
_BALANCED: Final = 1e-9
_STATUSES: Final = ("found", "none in range", "unphysical", "runs away", "not converged")
#: What a guarantee is worth, by its first word.
_RANKS: Final = {"local": 0, "searched": 1, "proved": 2}
_RANGE: Final = re.compile(r"\[(?P<low>[^,\]]+), *(?P<high>[^\]]+)\]")


def _known(subject: Subject) -> tuple[Known, ...]:
    return CLAMPED if _mode(subject) == "clamped" else STEADY


def _hopeless(subject: Subject) -> tuple[Hopeless, ...]:
    return NOT_CLAMPED if _mode(subject) == "clamped" else NOT_STEADY


def _mode(subject: Subject) -> str:
    record: Any = subject.record
    if record.mode not in ("clamped", "steady"):
        not_applicable(f"the kit knows no answers for solvers of mode {record.mode!r}")
    return str(record.mode)


def _problem(subject: Subject, membrane: Membrane) -> Any:
    return (ClampedProblem if _mode(subject) == "clamped" else SteadyProblem)(membrane)


def _solved(subject: Subject, item: Known | Hopeless, prove: bool = False) -> Any:
    """Return what the solver says of a membrane; asked once, remembered with the subject."""
    memory: dict[Any, Any] = vars(subject).setdefault("_solved", {})
    key = item.name, prove
    if key not in memory:
        options = {"prove": True} if prove else {}
        memory[key] = subject.thing(_problem(subject, item.make()), **options)
    found = memory[key]
    if not isinstance(found, Equilibria):
        broken(f"{item.name}: it returned {type(found).__name__}, and must return Equilibria")
    return found


def _told(found: Equilibria) -> str:
    states = ", ".join(f"{state.V_mV:.7g} mV" for state in found) or "no state"
    return f"{found.status!r}: {states}"


@check(
    "C090",
    "solver",
    fix="Search finer, or from more starts, until every state of the set is found.",
)
def finds_all_known_states(subject: Subject) -> None:
    """It finds every resting state of a set of membranes whose states are known, and no other."""
    for item in _known(subject):
        found = _solved(subject, item)
        got, expected = [state.V_mV for state in found], [v for v, _ in item.states]
        if found.status != "found" or len(got) != len(expected):
            wanted = ", ".join(f"{v:.7g} mV" for v in expected)
            broken(f"{item.name} rests at {wanted}; it says {_told(found)}")
        for v, known in zip(got, expected, strict=True):
            if not abs(v - known) <= _CLOSE_MV:
                broken(f"{item.name} rests at {known:.13g} mV; it says {v:.13g} mV")
        for ion, value in item.inside.items():
            if not abs(found[0].inside_mM[ion] - value) <= _CLOSE * value:
                broken(
                    f"{item.name} rests at {value:.10g} mM {ion} inside; it says "
                    f"{found[0].inside_mM[ion]:.10g}"
                )
        if item.volume_fL and not abs(found[0].volume_fL - item.volume_fL) <= (
            _CLOSE * item.volume_fL
        ):
            broken(f"{item.name} rests at {item.volume_fL:.10g} fL; it says {found[0].volume_fL}")


@check(
    "C091",
    "solver",
    fix="Return no state where there is none, and the status that the contract has for the case.",
)
def right_status_where_nothing_rests(subject: Subject) -> None:
    """Of membranes that do not rest it says so, in the right word and with what to do."""
    for item in _hopeless(subject):
        found = _solved(subject, item)
        if found.status not in item.statuses or len(found):
            broken(
                f"{item.name} does not rest ({' or '.join(item.statuses)}); it says {_told(found)}"
            )
        if not found.message.strip():
            broken(f"{item.name}: it does not say what to do")


@check(
    "C092",
    "solver",
    fix="Promise what was done: 'local', 'searched [a, b] mV', or 'proved complete in [a, b] mV'.",
)
def honours_its_guarantee(subject: Subject) -> None:
    """It delivers what its record promises, and promises nothing that it did not do."""
    record: Any = subject.record
    promised = _rank(record.guarantee)
    if promised is None:
        broken(f"its record promises {record.guarantee!r}; begin with one of {', '.join(_RANKS)}")
    provable = _mode(subject) == "clamped" and "prove" in record.guarantee
    for item in _known(subject):
        for prove in (False, True) if provable else (False,):
            found = _solved(subject, item, prove)
            given = _rank(found.guarantee)
            if given is None:
                broken(f"{item.name}: it gives the guarantee {found.guarantee!r}")
            least = 2 if prove and item.provable else promised
            if given < least:
                broken(
                    f"{item.name}: it promises {record.guarantee!r}, and gives {found.guarantee!r}"
                )
            if given == 2 and not item.provable:
                broken(f"{item.name}: nothing can be proved of it, but it says {found.guarantee!r}")
            if given > 0:
                _covers(item, found)


def _rank(guarantee: str) -> int | None:
    return _RANKS.get(re.split(r"[\s,;:]", str(guarantee).strip(), maxsplit=1)[0])


def _covers(item: Known, found: Equilibria) -> None:
    """Refuse a guarantee whose range holds known states that were not found."""
    stated = _RANGE.search(found.guarantee)
    low, high = found.problem.membrane.range
    if stated is not None:
        low, high = float(stated["low"]), float(stated["high"])
        if found.mode == "clamped" and (low, high) != found.problem.membrane.range:
            broken(
                f"{item.name}: the range is {found.problem.membrane.range} mV, but its "
                f"guarantee says {found.guarantee!r}"
            )
    for v, _ in item.states:
        near = any(abs(state.V_mV - v) <= _CLOSE_MV for state in found)
        if low <= v <= high and not near:
            broken(f"{item.name}: it says {found.guarantee!r}, and missed the state at {v:.7g} mV")


@check(
    "C093",
    "solver",
    fix="Return RestingState or SteadyState of the problem given, polished until nothing is left.",
)
def states_are_at_rest_and_rightly_judged(subject: Subject) -> None:
    """In each state nothing net flows, and each is stable or not as it is known to be."""
    for item in _known(subject):
        found = _solved(subject, item)
        for state in found:
            if found.mode == "clamped":
                # beside the state: at equilibrium nothing flows at all
                gross = found.problem.gross(state.V_mV + 1.0, state._pools)
                left = abs(state.residual_pA) / gross
            else:
                left = state.residual
            if not left <= _BALANCED:
                broken(f"{item.name}: at {state.V_mV:.9g} mV {left:.3g} of all flows is left over")
            known = [kind for v, kind in item.states if abs(v - state.V_mV) < 1e-3]
            kind = "unstable" if state.kind == "saddle" else state.kind
            if known and kind != known[0]:
                broken(f"{item.name}: the state at {state.V_mV:.7g} mV is {known[0]}, not {kind}")


@check(
    "C094",
    "solver",
    fix="Draw random starts from the seed given, and keep nothing between calls.",
)
def finds_the_same_again(subject: Subject) -> None:
    """The same problem gives the same states, to the last bit, whatever was solved before."""
    for item in _known(subject)[-3:]:
        first = [_bits(state) for state in _solved(subject, item)]
        again = subject.thing(_problem(subject, item.make()))
        second = [_bits(state) for state in again]
        if first != second:
            broken(f"{item.name}: it found {len(first)} states and then {len(second)} others")


def _bits(state: Any) -> tuple[Any, ...]:
    return (state.V_mV, *(tuple(state.y) if hasattr(state, "y") else state._pools))


@check(
    "C095",
    "solver",
    fix="Copy what is changed; the problem and its membrane belong to the caller.",
)
def leaves_the_problem_untouched(subject: Subject) -> None:
    """Problem and membrane are after a search what they were before."""
    for item in _known(subject)[-3:]:
        problem = _problem(subject, item.make())
        before = _state_of(problem)
        subject.thing(problem)
        after = _state_of(problem)
        for name, value in before.items():
            if after[name] != value:
                broken(f"{item.name}: its {name} was {value}, and is {after[name]} afterwards")


def _state_of(problem: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "parameters": tuple(problem.p),
        "membrane's values": tuple(sorted(problem.membrane.values.items())),
        "range": problem.membrane.range,
    }
    for name in ("low", "high", "names"):
        found[name] = getattr(problem, name, None)
    for name in ("start", "scale"):
        value = getattr(problem, name, None)
        found[name] = None if value is None else np.asarray(value).tobytes()
    return found


@check(
    "C096",
    "solver",
    fix="Return Equilibria(problem=..., states=in order of voltage, status=..., message=...).",
)
def keeps_the_contract(subject: Subject) -> None:
    """It returns equilibria of the problem given, in order, with a status that fits, signed."""
    record: Any = subject.record
    every: list[Known | Hopeless] = [*_known(subject), *_hopeless(subject)]
    for item in every:
        found = _solved(subject, item)
        for sentence in _breaches(found, record.mode):
            broken(f"{item.name}: {sentence}")


def _breaches(found: Equilibria, mode: str) -> Iterator[str]:
    voltages = [state.V_mV for state in found]
    if found.mode != mode:
        yield f"its record says {mode} ions, and it solved for {found.mode} ions"
    if found.status not in _STATUSES:
        yield f"the status {found.status!r} is none of {', '.join(_STATUSES)}"
    if (found.status == "found") != bool(voltages):
        yield f"it says {found.status!r} with {len(voltages)} states"
    if voltages != sorted(voltages) or len(set(voltages)) != len(voltages):
        yield f"its states are not in order of voltage, each once: {voltages}"
    if not found.solver.strip():
        yield "it does not say which solver it is"
    if any(state.problem is not found.problem for state in found):
        yield "its states belong to another problem"
    if not found.message.strip():
        yield "it has no message"
