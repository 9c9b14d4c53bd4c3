"""Many membranes with their ions clamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equilibria._problem import ClampedProblem
from ._arrays import ClampedArrays
from ._built import Built, shared
from ._clamped import Lowering, build_clamped, check_outputs, output_names, with_atp
from ._emit import CannotWrite
from ._fold import expanded
from ._machine import Machine, default_threads
from ._members import check_within, leaves, limits, own_value, rows
from ._nodes import MEMBER
from ._program import Program
from ._result import KIND, STATUS, ManyRests, point_by_point, slower
from ._scan import Found, all_zeros
from ._stability import basis

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

_FIT_STEPS = 30
#: A fit further off than this, mV, is worse than a constant.
_WORST_FIT_MV = 15.0
_FALLBACK_MV = -65.0
#: Zeros nearer than this, mV, are one where the current between them is this share of all.
_NEAR_MV, _ROUNDING = 1e-3, 1e-14


class ManyClamped:
    """A membrane made ready for many members.

    Args:
        membrane: what all members have in common.
        names: what they differ in.
        outputs: what else to compute.
    """

    def __init__(
        self, membrane: Membrane, names: tuple[str, ...], outputs: tuple[str, ...]
    ) -> None:
        from ..equilibria._rest import problem

        self.membrane, self.outputs = membrane, outputs
        self.problem: ClampedProblem = problem(membrane)
        check_outputs(self.problem, outputs)
        self.own = leaves(membrane, {})
        pair = {name: np.full(2, own_value(membrane, name)) for name in names}
        moved = leaves(membrane, pair)
        self.columns = tuple(
            name for name in self.problem.equations.parameters if np.ndim(moved[name])
        )
        self.rest = self._own_rest()
        opaque = dict.fromkeys(label for label, _ in self.problem.equations.opaques)
        self.notes = (point_by_point(opaque),) if opaque else ()
        if not opaque:
            try:
                self.built = self._built()
            except CannotWrite as reason:
                self.notes = (slower(reason),)
        self.compilable = not self.notes
        if self.compilable:
            self.machine = self.built.machine
            self.start = self._fitted(names)
            arrays = ClampedArrays(self.problem, self.own)
            own = arrays.jacobians([np.array([value]) for value in self.rest], np.zeros(1, int))[0]
            ends = limits(membrane, self.built.program.columns, names)
            self.uniforms = self.machine.uniforms({**self.own, **self.start, **basis(own), **ends})

    @classmethod
    def of(
        cls, membrane: Membrane, names: tuple[str, ...], outputs: tuple[str, ...]
    ) -> ManyClamped:
        """Return the one of a membrane; made once."""
        kept = vars(membrane).setdefault("_many", {})
        key = ("clamped", names, outputs)
        if key not in kept:
            kept[key] = cls(membrane, names, outputs)
        made: ManyClamped = kept[key]
        return made

    # --- making ready ---------------------------------------------------------------------------

    def _own_rest(self) -> tuple[float, ...]:
        """Return V and pools of the membrane itself: of a stable state if there is one."""
        if self.problem.has_pools:
            from ..equilibria._rest import rest

            states = rest(self.membrane).states
            states = tuple(state for state in states if state.stable) or states
            if states:
                return (states[0].V_mV, *states[0]._pools)
            starts = [pool.bounds for pool in self.problem.kernel.pools]
            return (_FALLBACK_MV, *(float(np.sqrt(b[0] * b[1])) for b in starts if b))
        arrays = ClampedArrays(self.problem, self.own)
        found = all_zeros(self.problem, arrays.total, 1)
        if not len(found.rows):
            return (_FALLBACK_MV,)
        kind, _ = arrays.kinds([found.voltage], found.rows)
        stable = found.voltage[kind == KIND["stable"]]
        return (float(stable[0] if len(stable) else found.voltage[0]),)

    @cached_property
    def _values(self) -> dict[str, float]:
        """Every leaf's value at the membrane's own rest."""
        values = {**self.own, "V": self.rest[0]}
        for pool, value in zip(self.problem.kernel.pools, self.rest[1:], strict=True):
            values[f"log.{pool.name}"] = float(np.log(value))
        return values

    def _built(self) -> Built:
        fitted = tuple(name for name in self.columns if self.own[name] > 0.0)
        key = (
            "clamped",
            self.problem.equations,
            self.columns,
            fitted,
            self.outputs,
            (self.problem.low, self.problem.high),
        )
        return shared(
            key,
            self._values,
            lambda: build_clamped(self.problem, self.columns, self._values, fitted, self.outputs),
        )

    def _fitted(self, names: Sequence[str]) -> dict[str, float]:
        """Return the start's coefficients."""
        fit, own = self.built.fit, self.own
        symbols = np.array([self.rest[0], *np.log(self.rest[1:])])
        constant = fit.constant(own, symbols)
        if not fit.names or self.problem.has_pools:
            return constant
        design = fit.design(own)
        arrays = ClampedArrays(self.problem, {**own, **design})
        voltage = np.full(len(design[fit.names[0]]), self.rest[0])
        index = np.arange(len(voltage))
        step = np.full(len(voltage), np.inf)
        for _ in range(_FIT_STEPS):
            current, slope = arrays.total(voltage, index)
            with np.errstate(all="ignore"):
                step = np.clip(-current / slope, -30.0, 30.0)
            voltage = np.clip(voltage + step, self.problem.low, self.problem.high)
        good = (np.abs(step) < 1e-6) & (arrays.total(voltage, index)[1] > 0.0)
        if good.sum() < 2 * len(fit.terms):
            return constant
        values = {name: value[good] for name, value in design.items()}
        found = fit.coefficients(own, values, voltage[None, good])
        off = fit.predicted(found, own, values, 0) - voltage[good]
        return found if np.sqrt(np.mean(off**2)) < _WORST_FIT_MV else constant

    def asks_solver(self, *, all_states: bool) -> bool:
        """Return whether the solver of single membranes takes part."""
        return self.problem.has_pools

    # --- solving --------------------------------------------------------------------------------

    def solve(
        self, values: Mapping[str, Any], *, all_states: bool, threads: int | None
    ) -> ManyRests:
        """Solve for members.

        Args:
            values: by name, each of shape (n,).
            all_states: whether to return every state.
            threads: how many to use; None is one a processor.
        """
        threads = threads or default_threads()
        given = leaves(self.membrane, values)
        members = len(next(iter(values.values())))
        unseen = {
            name: array
            for name, array in values.items()
            if all_states or not self.compilable or name not in self.columns
        }
        check_within(self.membrane, unseen)
        if all_states:
            return self._states(given, members, threads)
        if not self.compilable:
            return self._with_care(self._empty(members), given, np.arange(members), threads)
        columns = [given[name] for name in self.built.program.columns]
        numbers, (status, kind) = self.machine.run(
            columns, self.uniforms, threads=threads, members=members
        )
        count = 1 + len(self.problem.kernel.pools)
        result = ManyRests(
            mode="clamped",
            members=members,
            V_mV=numbers[0],
            unknowns=dict(zip(self.built.names[1:], numbers[1:count], strict=True)),
            residual=numbers[count],
            slope_nS=numbers[count + 1],
            status=status,
            kind=kind,
            retried=np.zeros(members, dtype=bool),
            outputs=dict(zip(self.outputs, numbers[count + 2 :], strict=True)),
        )
        doubtful = np.flatnonzero(kind)
        if not len(doubtful):
            return result
        if (status[doubtful] == STATUS["unphysical"]).any():
            check_within(self.membrane, values)
        uncertain = doubtful[status[doubtful] == STATUS["found"]]
        if len(uncertain):
            arrays = ClampedArrays(self.problem, rows(given, uncertain))
            inputs = [result.V_mV[uncertain], *(u[uncertain] for u in result.unknowns.values())]
            kind[uncertain] = arrays.kinds(inputs, np.arange(len(uncertain)))[0]
        return self._with_care(result, given, doubtful[kind[doubtful] != KIND["stable"]], threads)

    def _empty(self, members: int) -> ManyRests:
        def lost() -> Any:
            return np.full(members, np.nan)

        return ManyRests(
            mode="clamped",
            members=members,
            V_mV=lost(),
            unknowns={pool.name: lost() for pool in self.problem.kernel.pools},
            residual=lost(),
            slope_nS=lost(),
            status=np.full(members, STATUS["not converged"], dtype=np.uint8),
            kind=np.full(members, KIND["none"], dtype=np.uint8),
            retried=np.zeros(members, dtype=bool),
            outputs={name: lost() for name in self.outputs},
        )

    def _with_care(
        self, result: ManyRests, given: Mapping[str, Any], doubtful: Any, threads: int
    ) -> ManyRests:
        """Look again at members that did not converge, or not to a stable state."""
        if not len(doubtful):
            return result
        few = rows(given, doubtful)
        states = self._states(few, len(doubtful), threads)
        result.retried[doubtful] = True
        away = np.abs(states.V_mV - self.rest[0]) + 1e6 * (states.kind != KIND["stable"])
        order = np.lexsort((away, states.member))
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(states.member[order]) != 0
        best = order[first]
        where = doubtful[states.member[best]]
        for name in ("V_mV", "residual", "slope_nS", "status", "kind"):
            getattr(result, name)[where] = getattr(states, name)[best]
        for group in ("unknowns", "outputs"):
            for name, array in getattr(result, group).items():
                array[where] = getattr(states, group)[name][best]
        return result

    # --- every state ----------------------------------------------------------------------------

    def _states(self, given: Mapping[str, Any], members: int, threads: int) -> ManyRests:
        """Return every state of every member; one row without a state where there is none."""
        if self.problem.has_pools:
            return self._one_by_one(given, members)
        arrays = ClampedArrays(self.problem, given)
        total = self._compiled_total(arrays, threads) if self.compilable else arrays.total
        found = all_zeros(self.problem, total, members)
        apart = self._apart(arrays, found)
        lone = np.setdiff1d(np.arange(members), found.rows)
        member = np.concatenate([found.rows[apart], lone])
        voltage = np.concatenate([found.voltage[apart], np.full(len(lone), np.nan)])
        order = np.lexsort((voltage, member))
        member, voltage = member[order], voltage[order]
        there = ~np.isnan(voltage)
        kind = np.full(len(member), KIND["none"], dtype=np.uint8)
        slope, residual = np.full((2, len(member)), np.nan)
        outputs = {name: np.full(len(member), np.nan) for name in self.outputs}
        if there.any():
            kind[there], slope[there] = arrays.kinds([voltage[there]], member[there])
            residual[there] = arrays.total(voltage[there], member[there])[0]
            if self.outputs:
                parts = with_atp(self.problem, arrays.parts([voltage[there]], member[there]))
                by = dict(zip(output_names(self.problem), parts, strict=True))
                for name, array in outputs.items():
                    array[there] = by[name]
        status = np.where(
            there,
            STATUS["found"],
            np.where(found.sound[member], STATUS["none in range"], STATUS["unphysical"]),
        ).astype(np.uint8)
        return ManyRests(
            mode="clamped",
            members=members,
            state_of=member,
            V_mV=voltage,
            unknowns={},
            residual=residual,
            slope_nS=slope,
            status=status,
            kind=kind,
            retried=np.zeros(len(member), dtype=bool),
            outputs=outputs,
        )

    @staticmethod
    def _apart(arrays: ClampedArrays, found: Found) -> Any:
        """Return which zeros are not one with that before: at a fold rounding makes several."""
        apart = np.ones(len(found.rows), dtype=bool)
        near = np.flatnonzero((np.diff(found.rows) == 0) & (np.diff(found.voltage) < _NEAR_MV))
        if len(near):
            between = 0.5 * (found.voltage[near] + found.voltage[near + 1])
            current = arrays.total(between, found.rows[near])[0]
            gross = arrays.gross([between], found.rows[near])
            apart[near[np.abs(current) <= _ROUNDING * gross] + 1] = False
        return apart

    @cached_property
    def _totals(self) -> Machine:
        """Total current and slope of V, gates at rest, as a kernel."""
        columns = ("V", *self.columns)
        lowering = Lowering(self.problem.equations.parameters, self.columns)
        voltage = lowering.graph.leaf("V", MEMBER)
        found = lowering.run(self.problem.kernel.rest, [voltage])[:2]
        graph = lowering.graph
        outputs = tuple(expanded(graph, found))
        return Machine(Program(graph=graph, columns=columns, outputs=outputs))

    def _compiled_total(self, arrays: ClampedArrays, threads: int) -> Any:
        machine, given = self._totals, arrays.leaves
        uniforms = machine.uniforms(self.own)

        def total(voltage: Any, members: Any) -> tuple[Any, Any]:
            if not len(voltage):
                return voltage, voltage
            columns = [given[name][members] for name in self.columns]
            (current, slope), _ = machine.run([voltage, *columns], uniforms, threads=threads)
            # Kernels overflow earlier than NumPy: 1/infinity is no number there.
            lost = ~(np.isfinite(current) & np.isfinite(slope))
            if lost.any():
                current[lost], slope[lost] = arrays.total(voltage[lost], members[lost])
            return current, slope

        return total

    def _one_by_one(self, given: Mapping[str, Any], members: int) -> ManyRests:
        """Solve each member as a membrane of its own: pools have no faster way that is complete."""
        from ._one_by_one import solved_one_by_one

        return solved_one_by_one(self.membrane, self.problem, given, members, self.outputs)
