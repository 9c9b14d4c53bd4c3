"""Many membranes with steady ions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import CompositionError
from ..equations._steady_values import steady_values
from ..equilibria._steady import SteadyProblem
from ..units._quantity import CAPACITANCE
from ._built import Built, shared
from ._emit import CannotWrite
from ._machine import default_threads
from ._members import check_within, leaves, limits, own_value, rows
from ._result import KIND, STATUS, ManyRests, slower
from ._stability import basis
from ._steady import Sources, build_steady, check_outputs, output_names, sources, with_atp
from ._steady_arrays import SteadyArrays, symbols_of
from ._steady_states import all_states, starts

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane

#: A fit further off than this, over a step's size, is worse than a constant.
_WORST_FIT = 0.7
#: Members looked at again together, so that memory stays bounded.
_TOGETHER = 8192


class ManySteady:
    """A membrane made ready for many members with steady ions.

    Args:
        membrane: what all members have in common; it has compartments.
        names: what they differ in.
        outputs: what else to compute.
    """

    def __init__(
        self, membrane: Membrane, names: tuple[str, ...], outputs: tuple[str, ...]
    ) -> None:
        self.membrane, self.names, self.outputs = membrane, names, outputs
        self.problem = SteadyProblem(membrane)
        check_outputs(self.problem, outputs)
        self.extra: Sources = sources(self.problem.closure)
        self.own: dict[str, Any] = dict(self.problem.values)
        self.scale = {f"scale.{i}": float(size) for i, size in enumerate(self.problem.scale)}
        pair = {name: np.full(2, own_value(membrane, name)) for name in names}
        moved = self.given(pair)
        self.columns = tuple(name for name in self.extra.parameters if np.ndim(moved[name]))
        self.rest, self.rests = self._own_rest()
        self.notes: tuple[str, ...] = ()
        try:
            self.built = self._built()
        except CannotWrite as reason:
            self.notes = (slower(reason),)
            return
        self.machine = self.built.machine
        self.start = self._fitted()
        arrays = SteadyArrays(self.problem, self.extra, self.own)
        own = arrays.jacobians(self.rest[None], np.zeros(1, dtype=int), measured=False)[0]
        self.uniforms = self.machine.uniforms(
            {
                **self.own,
                **self.scale,
                **self.start,
                **basis(own),
                **limits(membrane, self.built.program.columns, names),
            }
        )

    @classmethod
    def of(cls, membrane: Membrane, names: tuple[str, ...], outputs: tuple[str, ...]) -> ManySteady:
        """Return the one of a membrane; made once."""
        kept = vars(membrane).setdefault("_many", {})
        key = ("steady", names, outputs)
        if key not in kept:
            kept[key] = cls(membrane, names, outputs)
        made: ManySteady = kept[key]
        return made

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return every input of the closed system, an array where members differ.

        A cell whose impermeant solute is inferred keeps it in another bath, as with `evolve`;
        where the inside differs, so does what makes up for it.
        """
        found: dict[str, Any] = leaves(self.membrane, values)
        if self.membrane.capacitance.dimension != CAPACITANCE and "capacitance" in values:
            found["specific_capacitance"] = values["capacitance"]
        kept: dict[str, Any] = {}
        if not any(name.startswith("inside.") for name in values):
            kept = {
                name: self.problem.values[name] for name in ("impermeant", "impermeant_valence")
            }
        totals = self.problem.closure.totals
        return steady_values(self.membrane, totals, kept=kept, given=found)[0]

    # --- making ready ---------------------------------------------------------------------------

    def _own_rest(self) -> tuple[Any, bool]:
        """Return the symbols (n,) of the membrane's own steady state, and whether it has one."""
        arrays = SteadyArrays(self.problem, self.extra, self.own)
        start = symbols_of(self.problem, self.problem.start)[None]
        only = np.zeros(1, dtype=int)
        found, rests = arrays.newton(start, only)
        if rests[0] and arrays.kinds(found, only)[0] == KIND["stable"]:
            return found[0], True
        followed, status = arrays.followed(start, only)
        if status[0] == STATUS["found"]:
            return followed[0], True
        return (found[0], True) if rests[0] else (start[0], False)

    def _built(self) -> Built:
        values = dict(self.own) | self.scale
        for name, symbol in zip(self.problem.names, self.rest, strict=True):
            values["V" if name == "V" else f"log.{name}"] = float(symbol)
        # A capacitance per area is no column itself: what it is a factor of, is.
        fitted = tuple(
            name
            for name in self.columns
            if name in self.names and 0.0 < self.own[name] == own_value(self.membrane, name)
        )
        decade = round(np.log10(self.own["volume"]))  # of the volume that bounds are around
        return shared(
            ("steady", self.problem.closure, self.columns, fitted, self.outputs, decade),
            values,
            lambda: build_steady(
                self.problem, self.extra, self.columns, values, fitted, self.outputs
            ),
        )

    def _fitted(self) -> dict[str, float]:
        """Return the start's coefficients."""
        fit = self.built.fit
        constant = fit.constant(self.own, self.rest)
        if not fit.names or not self.rests:
            return constant
        centres = {name: own_value(self.membrane, name) for name in self.names}
        design = fit.design({name: self.own[name] for name in fit.names})
        count = len(design[fit.names[0]])
        varied = {name: design.get(name, np.full(count, value)) for name, value in centres.items()}
        try:
            given = self.given(varied)
        except CompositionError:  # the design reaches further than a cell can
            return constant
        arrays = SteadyArrays(self.problem, self.extra, given)
        found, rests = arrays.newton(np.tile(self.rest, (count, 1)), np.arange(count))
        if rests.sum() < 2 * len(fit.terms):
            return constant
        values = {name: np.broadcast_to(given[name], count)[rests] for name in fit.names}
        symbols = found[rests].T
        coefficients = fit.coefficients(self.own, values, symbols)
        for k, symbol in enumerate(symbols):
            off = fit.predicted(coefficients, self.own, values, k) - symbol
            size = self.built.program.unknowns[k].size
            if np.sqrt(np.mean(off**2)) > _WORST_FIT * size:
                return constant
        return coefficients

    def asks_solver(self, *, all_states: bool) -> bool:
        """Return whether the solver of single membranes takes part."""
        return all_states

    # --- every state ----------------------------------------------------------------------------

    def solve_all(self, values: Mapping[str, Any]) -> ManyRests:
        """Search every state of members.

        Args:
            values: by name, each of shape (n,).
        """
        check_within(self.membrane, values)
        members = len(next(iter(values.values())))
        arrays = SteadyArrays(self.problem, self.extra, self.given(values))
        own = self._own_states()
        begin = starts(own, own.shape[1], len(self.problem.closure.free))
        of, symbols = all_states(arrays, begin, members)
        lone = np.setdiff1d(np.arange(members), of)
        status = np.full(len(of), STATUS["found"], dtype=np.uint8)
        if len(lone):
            _, ended = arrays.followed(np.tile(self.rest, (len(lone), 1)), lone)
            of = np.concatenate([of, lone])
            symbols = np.concatenate([symbols, np.full((len(lone), own.shape[1]), np.nan)])
            status = np.concatenate([status, ended])
            order = np.argsort(of, kind="stable")
            of, symbols, status = of[order], symbols[order], status[order]
        there = ~np.isnan(symbols[:, 0])
        # Followed in time it rests where no start led: the state is not known here.
        status[~there & (status == STATUS["found"])] = STATUS["not converged"]
        kind = np.full(len(of), KIND["none"], dtype=np.uint8)
        residual = np.full(len(of), np.nan)
        outputs = {name: np.full(len(of), np.nan) for name in self.outputs}
        if there.any():
            kind[there] = arrays.kinds(symbols[there], of[there])
            residual[there] = np.abs(arrays.residual(symbols[there], of[there])[0]).max(axis=1)
            if outputs:
                parts = with_atp(self.problem, arrays.parts(symbols[there], of[there]))
                by = dict(zip(output_names(self.problem), parts, strict=True))
                for name, array in outputs.items():
                    array[there] = by[name]
        inputs = arrays.inputs(symbols)
        return ManyRests(
            mode="steady",
            members=members,
            V_mV=inputs[0],
            unknowns=dict(zip(self.problem.names[1:], inputs[1:], strict=True)),
            residual=residual,
            slope_nS=np.empty(0),
            status=status,
            kind=kind,
            retried=np.zeros(len(of), dtype=bool),
            outputs=outputs,
            state_of=of,
        )

    def _own_states(self) -> Any:
        """Return the symbols of all steady states of the membrane itself, or of its start."""
        from ..equilibria._rest import steady

        states = steady(self.membrane).states
        if not states:
            return self.rest[None]
        return np.array([symbols_of(self.problem, state.y) for state in states])

    # --- solving --------------------------------------------------------------------------------

    def solve(
        self, values: Mapping[str, Any], *, all_states: bool, threads: int | None
    ) -> ManyRests:
        """Solve for members.

        Args:
            values: by name, each of shape (n,).
            all_states: whether to search every state.
            threads: how many to use; None is one a processor.
        """
        if all_states:
            return self.solve_all(values)
        if self.notes:
            return self._uncompiled(values)
        unseen = {name: array for name, array in values.items() if name not in self.columns}
        check_within(self.membrane, unseen)
        members = len(next(iter(values.values())))
        given = self.given(values)
        columns = [np.broadcast_to(given[name], members) for name in self.built.program.columns]
        numbers, (status, kind) = self.machine.run(
            columns, self.uniforms, threads=threads or default_threads(), members=members
        )
        n = len(self.built.names)
        result = ManyRests(
            mode="steady",
            members=members,
            V_mV=numbers[0],
            unknowns=dict(zip(self.built.names[1:], numbers[1:n], strict=True)),
            residual=numbers[n],
            slope_nS=np.empty(0),
            status=status,
            kind=kind,
            retried=np.zeros(members, dtype=bool),
            outputs=dict(zip(self.outputs, numbers[n + 1 :], strict=True)),
        )
        doubtful = np.flatnonzero(kind)
        if len(doubtful) and (status[doubtful] == STATUS["unphysical"]).any():
            check_within(self.membrane, values)
        self._all_with_care(result, given, doubtful)
        return result

    def _uncompiled(self, values: Mapping[str, Any]) -> ManyRests:
        """Solve every member by NumPy."""
        check_within(self.membrane, values)
        members = len(next(iter(values.values())))

        def lost() -> Any:
            return np.full(members, np.nan)

        result = ManyRests(
            mode="steady",
            members=members,
            V_mV=lost(),
            unknowns={name: lost() for name in self.problem.names[1:]},
            residual=lost(),
            slope_nS=np.empty(0),
            status=np.full(members, STATUS["not converged"], dtype=np.uint8),
            kind=np.full(members, KIND["none"], dtype=np.uint8),
            retried=np.zeros(members, dtype=bool),
            outputs={name: lost() for name in self.outputs},
        )
        self._all_with_care(result, self.given(values), np.arange(members))
        return result

    def _all_with_care(self, result: ManyRests, given: Mapping[str, Any], doubtful: Any) -> None:
        for first in range(0, len(doubtful), _TOGETHER):
            self._with_care(result, given, doubtful[first : first + _TOGETHER])

    def _with_care(self, result: ManyRests, given: Mapping[str, Any], doubtful: Any) -> None:
        """Look again at members that did not converge, or not to a certainly stable state."""
        arrays = SteadyArrays(self.problem, self.extra, rows(given, doubtful))
        numbers = np.stack(
            [result.V_mV[doubtful], *(u[doubtful] for u in result.unknowns.values())], axis=1
        )
        symbols = numbers.copy()
        with np.errstate(all="ignore"):
            symbols[:, 1:] = np.log(numbers[:, 1:])
        found = result.status[doubtful] == STATUS["found"]
        stable = np.zeros(len(doubtful), dtype=bool)
        index = np.arange(len(doubtful))
        if found.any():
            kinds = arrays.kinds(symbols[found], index[found])
            result.kind[doubtful[found]] = kinds
            stable[found] = kinds == KIND["stable"]
        again = index[~stable]
        if not len(again):
            return
        result.retried[doubtful[again]] = True
        start = np.tile(self.rest, (len(again), 1))
        tried, rests = arrays.newton(start, again)
        kinds = np.full(len(again), KIND["none"], dtype=np.uint8)
        if rests.any():
            kinds[rests] = arrays.kinds(tried[rests], again[rests])
        status = np.where(rests, STATUS["found"], STATUS["not converged"]).astype(np.uint8)
        late = np.flatnonzero(kinds != KIND["stable"])
        if len(late):
            followed, ended = arrays.followed(start[late], again[late])
            rest = ended == STATUS["found"]
            better = np.full(len(late), KIND["none"], dtype=np.uint8)
            if rest.any():
                better[rest] = arrays.kinds(followed[rest], again[late[rest]])
            # A state that is there, though not stable, stands until a stable one is found.
            take = (rest & (better == KIND["stable"])) | ~rests[late]
            tried[late[take]] = followed[take]
            status[late[take]], kinds[late[take]] = ended[take], better[take]
            keep = late[~rests[late] & (found[again[late]])]
            keep = keep[status[keep] != STATUS["found"]]
            tried[keep] = symbols[again[keep]]
            status[keep] = STATUS["found"]
            kinds[keep] = result.kind[doubtful[again[keep]]]
        self._put(result, arrays, doubtful, again, tried, status, kinds)

    def _put(
        self,
        result: ManyRests,
        arrays: SteadyArrays,
        doubtful: Any,
        again: Any,
        symbols: Any,
        status: Any,
        kinds: Any,
    ) -> None:
        """Write what was found of members into the result; nan where nothing rests."""
        where = doubtful[again]
        there = status == STATUS["found"]
        inputs = arrays.inputs(symbols)
        result.V_mV[where] = np.where(there, inputs[0], np.nan)
        for array, value in zip(result.unknowns.values(), inputs[1:], strict=True):
            array[where] = np.where(there, value, np.nan)
        with np.errstate(all="ignore"):
            worst = np.abs(arrays.residual(symbols, again)[0]).max(axis=1)
        result.residual[where] = np.where(there, worst, np.nan)
        result.status[where], result.kind[where] = status, kinds
        if self.outputs:
            parts = with_atp(self.problem, arrays.parts(symbols, again))
            by = dict(zip(output_names(self.problem), parts, strict=True))
            for name, array in result.outputs.items():
                array[where] = np.where(there, by[name], np.nan)
