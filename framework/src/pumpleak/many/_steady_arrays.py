"""Steady ions over members in arrays: residuals, stability, and the way there in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..equations._kernel import Compiled
from ..equilibria._steady import SteadyProblem
from ._arrays import ArrayOf, kinds_of, solved
from ._members import rows as rows_of
from ._result import STATUS
from ._steady import Sources, manifold

#: As in `SteadyState.kind`.
_ROUNDING = 1e-13
_NEWTON_STEPS = 80
_TIGHT = 1e-13
#: As the solver of single membranes: what a finite space outside has left of an ion is a small
#: difference of large numbers, so that its current is rounded.
_BALANCED = 1e-8
_STEP_MV = 20.0
_HALVINGS = 30
#: In time: the largest change of a variable in a step, when to lengthen it, how many steps.
_CHANGE, _SMALL_CHANGE, _MOST_TIME_STEPS = 0.25, 0.1, 600
_FIRST_MS, _LONG_MS = 1e-3, 1e14
#: The longest step, over the time constant of what grows: longer ones would lead to saddles.
_LEAVING = 0.3
#: Beyond this a cell has run away: volumes over their start, concentrations in mM.
_SWOLLEN, _GONE_MM, _BRINE_MM = 1e3, 1e-9, 1e4
_MOST_MV = 2000.0


class SteadyArrays:
    """Steady ions over members.

    Symbols are V in mV, then logarithms of concentrations (mM), volume (fL) and pools.

    Args:
        problem: of what all members have in common.
        extra: its other sources.
        leaves: inputs of the closed system, numbers or arrays of shape (n,).
    """

    def __init__(self, problem: SteadyProblem, extra: Sources, leaves: Mapping[str, Any]) -> None:
        self.problem, self.extra, self.leaves = problem, extra, leaves
        self._residual = self._of(problem._kernel)
        self._states = self._of(extra.states)
        self._moving = self._of(problem._movement[1])

    def _of(self, compiled: Compiled) -> ArrayOf:
        return ArrayOf(compiled, self.extra.parameters, self.leaves)

    def inputs(self, symbols: Any) -> list[Any]:
        """Return V, concentrations, volume and pools, each of shape (m,), of symbols (m, n)."""
        return [symbols[:, 0], *np.exp(symbols[:, 1:].T)]

    def residual(self, symbols: Any, rows: Any) -> tuple[Any, Any]:
        """Return residuals over their scale (m, n), and Jacobians by the symbols (m, n, n)."""
        inputs = self.inputs(symbols)
        n = len(inputs)
        found = np.array(self._residual(inputs, rows))  # (n + n n, m)
        by = np.array([np.ones(len(rows)), *inputs[1:]])
        scale = self.problem.scale
        jacobian = found[n:].reshape(n, n, len(rows)) * by[None] / scale[:, None, None]
        return (found[:n] / scale[:, None]).T, np.moveaxis(jacobian, 2, 0)

    def parts(self, symbols: Any, rows: Any) -> list[Any]:
        """Return each current, cycle rate and open probability, each of shape (m,)."""
        return self._of(self.extra.parts)(self.inputs(symbols), rows)

    # --- Newton ---------------------------------------------------------------------------------

    def newton(self, start: Any, rows: Any) -> tuple[Any, Any]:
        """Return where Newton's steps lead, (m, n), and whether that is a rest, (m,)."""
        symbols = start.copy()
        going = np.arange(len(rows))
        arrived = np.zeros(len(rows), dtype=bool)
        best = np.full(len(rows), np.inf)
        for _ in range(_NEWTON_STEPS):
            values, jacobian = self.residual(symbols[going], rows[going])
            with np.errstate(all="ignore"):
                step = solved(jacobian, -values)
                size = np.abs(step)
                size[:, 0] /= _STEP_MV
                longest = size.max(axis=1)
            fine = np.isfinite(longest)
            going, step, longest = going[fine], step[fine], longest[fine]
            if not len(going):
                break
            symbols[going] = self._stepped(symbols[going], step, longest, rows[going])
            done = (longest <= _TIGHT) | ((longest < 1e-9) & (longest >= best[going]))
            best[going] = longest
            arrived[going[done]] = True
            going = going[~done]
            if not len(going):
                break
        with np.errstate(all="ignore"):
            worst = np.abs(self.residual(symbols, rows)[0]).max(axis=1)
            inside = (worst <= _BALANCED) & (np.abs(symbols[:, 0]) < _MOST_MV)
            inside &= self.room(symbols, rows) > 0.0
            ions = symbols[:, 1 : 1 + len(self.problem.closure.free)]
            inside &= (np.exp(ions) > _GONE_MM).all(axis=1)
        return symbols, arrived & inside

    def _stepped(self, symbols: Any, step: Any, longest: Any, rows: Any) -> Any:
        share = 1.0 / np.maximum(longest, 1.0)
        for _ in range(_HALVINGS):
            out = ~(self.room(symbols + share[:, None] * step, rows) > 0.0)
            if not out.any():
                break
            share[out] *= 0.5
        return symbols + share[:, None] * step

    def room(self, symbols: Any, rows: Any) -> Any:
        """Return the least of what is left outside, mM or fL, (m,); infinite with a bath."""
        problem = self.problem
        if problem.compartments.outside_volume is None:
            return np.full(len(rows), np.inf)
        values = rows_of(self.leaves, rows)
        by = dict(zip(problem.names, self.inputs(symbols), strict=True))
        volume = by.get("volume", values["volume"])
        space = values["outside_volume"]
        if problem.closure.swells:
            space = values["both_volumes"] - volume
        left = [
            (values[f"total.{ion}"] - volume * by[f"inside.{ion}"]) / space
            for ion in problem.closure.free
        ]
        return np.min([np.where(space > 0.0, item, -1.0) for item in left], axis=0)

    # --- stability ------------------------------------------------------------------------------

    def kinds(self, symbols: Any, rows: Any) -> Any:
        """Return codes into `KINDS` of states, (m,)."""
        with np.errstate(all="ignore"):
            reduced = self.jacobians(symbols, rows)
            sound = np.isfinite(reduced).all(axis=(1, 2))
            slowest = np.full(len(rows), np.nan)
            if sound.any():
                real = np.abs(np.linalg.eigvals(reduced[sound]).real)
                slowest[sound] = real.min(axis=1)
            marginal = ~(slowest > _ROUNDING * np.abs(reduced).max(axis=(1, 2)))
        return kinds_of(reduced, marginal)

    def jacobians(self, symbols: Any, rows: Any, *, measured: bool = True) -> Any:
        """Return Jacobians in time on the conserved manifold, per ms, shape (m, n, n).

        Args:
            symbols: shape (m, n).
            rows: which members, (m,).
            measured: whether variables are measured by their sizes at the state; gates by 1, so
                that one that is nearly shut does not blow up the matrix.
        """
        variables = self._variables(symbols, rows)  # (n, m)
        with np.errstate(all="ignore"):
            _, jacobian = self._in_time(variables, rows)
            gates = {
                state.name for state in self.problem.closure.equations.states if not state.bounds
            }
            names = self.problem._movement[0]
            size = np.array(
                [
                    np.ones(len(rows)) if name in gates else np.maximum(np.abs(value), 1e-12)
                    for name, value in zip(names, variables, strict=True)
                ]
            ).T
            if not measured:
                size = np.ones_like(size)
            scaled = jacobian * size[:, None, :] / size[:, :, None]
            kept, gone, share = manifold(self.problem)
            reduced = scaled[:, kept][:, :, kept]
            for k, g in enumerate(gone):
                follows = share[k][None, :] * size[:, kept] / size[:, [g]]
                reduced = reduced + scaled[:, kept, g][:, :, None] * follows[:, None, :]
        return reduced

    def _variables(self, symbols: Any, rows: Any) -> Any:
        """Return the variables in time, shape (n, m)."""
        inputs = self.inputs(symbols)
        by = dict(zip(self.problem.names, inputs, strict=True))
        states = self._states(inputs, rows)
        equations = self.problem.closure.equations
        by |= {state.name: value for state, value in zip(equations.states, states, strict=True)}
        volume = by.get("volume", rows_of(self.leaves, rows)["volume"])
        for ion in self.problem.closure.free:
            by[f"amount.{ion}"] = volume * by[f"inside.{ion}"]
        return np.array(
            [np.broadcast_to(by[name], len(rows)) for name in self.problem._movement[0]]
        )

    def _in_time(self, variables: Any, rows: Any) -> tuple[Any, Any]:
        """Return rates of change (m, n) and their Jacobians (m, n, n), per ms, of (n, m)."""
        n = len(variables)
        found = np.array(self._moving(list(variables), rows))
        jacobian = found[n + 1 : n + 1 + n * n].reshape(n, n, len(rows))
        return found[:n].T, np.moveaxis(jacobian, 2, 0)

    # --- in time --------------------------------------------------------------------------------

    def followed(self, start: Any, rows: Any) -> tuple[Any, Any]:
        """Follow members in time by implicit steps, until they rest or run away.

        Args:
            start: symbols to begin at, (m, n).
            rows: which members, (m,).

        Returns:
            Symbols at the end (m, n), and codes into `STATUSES` (m,): "found" where it rests.
        """
        problem = self.problem
        names = problem._movement[0]
        x = self._variables(start, rows).T.copy()  # (m, n)
        first = x.copy()
        most = self._most(names, rows)
        positive = np.array([name.startswith("amount.") or name == "volume" for name in names])
        step = np.full(len(rows), _FIRST_MS)
        elapsed = np.zeros(len(rows))
        status = np.full(len(rows), STATUS["not converged"], dtype=np.uint8)
        going = np.arange(len(rows))
        identity = np.eye(len(names))
        volume = names.index("volume") if "volume" in names else None
        for _ in range(_MOST_TIME_STEPS):
            here = x[going]
            rates, jacobian = self._in_time(here.T, rows[going])
            step[going] = np.minimum(step[going], _LEAVING / fastest_growth(jacobian))
            with np.errstate(all="ignore"):
                change = solved(identity / step[going, None, None] - jacobian, rates)
                size = np.where(positive, np.abs(here), np.maximum(np.abs(here), 1.0))
                # Nor may a step take more than a share of what is left outside.
                size = np.minimum(size, most[going] - here)
                largest = (np.abs(change) / size).max(axis=1)
            fine = largest <= _CHANGE
            x[going[fine]] += change[fine]
            elapsed[going[fine]] += step[going[fine]]
            step[going] *= np.where(largest <= _SMALL_CHANGE, 3.0, np.where(fine, 1.0, 0.2))
            over = elapsed[going] > _LONG_MS
            away = np.zeros(len(going), dtype=bool)
            if volume is not None:
                ratio = x[going, volume] / first[going, volume]
                away = (ratio > _SWOLLEN) | (ratio < 1.0 / _SWOLLEN)
            status[going[away]] = STATUS["runs away"]
            going = going[~(over | away | ~(step[going] > 1e-12))]
            if not len(going):
                break
        symbols = self._symbols(x, start, rows)
        tried = np.flatnonzero(status != STATUS["runs away"])
        if len(tried):
            polished, rests = self.newton(symbols[tried], rows[tried])
            symbols[tried] = polished
            status[tried[rests]] = STATUS["found"]
            lost = tried[~rests]
            if len(lost):
                ended = self._symbols(x[lost], start[lost], rows[lost])
                ions = np.exp(ended[:, 1 : 1 + len(problem.closure.free)])
                gone = ((ions < _GONE_MM) | (ions > _BRINE_MM)).any(axis=1)
                gone |= self.room(ended, rows[lost]) < _GONE_MM
                status[lost[gone]] = STATUS["runs away"]
        return symbols, status

    def _most(self, names: Sequence[str], rows: Any) -> Any:
        """Return the largest value that each variable can have, (m, n): with a bath there is none.

        Args:
            names: of the variables in time.
            rows: which members, (m,).
        """
        most = np.full((len(rows), len(names)), np.inf)
        if self.problem.compartments.outside_volume is not None:
            values = rows_of(self.leaves, rows)
            for position, name in enumerate(names):
                if name == "volume":
                    most[:, position] = values["both_volumes"]
                elif name.startswith("amount."):
                    most[:, position] = values[f"total.{name.removeprefix('amount.')}"]
        return most

    def _symbols(self, x: Any, start: Any, rows: Any) -> Any:
        """Return the symbols of variables in time (m, n)."""
        names = self.problem._movement[0]
        by = dict(zip(names, x.T, strict=True))
        values = rows_of(self.leaves, rows)
        volume = by.setdefault("volume", values["volume"])
        with np.errstate(all="ignore"):
            by["V"] = self._moving(list(x.T), rows)[len(names)]
            for ion in self.problem.closure.free:
                if f"amount.{ion}" in by:
                    by[f"inside.{ion}"] = by[f"amount.{ion}"] / volume
            for ion in self.problem.closure.free:
                if f"inside.{ion}" not in by:
                    by[f"inside.{ion}"] = self._neutralising(ion, {**values, **by})
            symbols = np.array([np.broadcast_to(by[name], len(x)) for name in self.problem.names]).T
            symbols[:, 1:] = np.log(np.maximum(symbols[:, 1:], 1e-300))
        return np.where(np.isfinite(symbols), symbols, start)

    def _neutralising(self, ion: str, values: Mapping[str, Any]) -> Any:
        """Return the concentration, mM, of the one ion that follows from electroneutrality."""
        membrane = self.problem.membrane
        charge = values["start_charge"] / values["faraday"]
        charge = charge - values["impermeant"] * values["impermeant_valence"]
        for other in membrane.inside.concentrations:
            if other != ion:
                valence = membrane.species[other].valence
                charge = charge - valence * values["volume"] * values[f"inside.{other}"]
        return charge / membrane.species[ion].valence / values["volume"]


def fastest_growth(jacobian: Any) -> Any:
    """Return the largest real part of the eigenvalues of Jacobians (m, n, n), above zero, (m,)."""
    found = np.full(len(jacobian), np.finfo(float).tiny)
    sound = np.isfinite(jacobian).all(axis=(1, 2))
    if sound.any():
        largest = np.linalg.eigvals(jacobian[sound]).real.max(axis=1)
        found[sound] = np.maximum(found[sound], largest)
    return found


def symbols_of(problem: SteadyProblem, y: Sequence[float]) -> Any:
    """Return a kernel's symbols from scaled unknowns, shape (n,)."""
    symbols = np.array(y, dtype=float)
    symbols[0] *= problem.thermal
    for position, name in enumerate(problem.names):
        if name == "volume":
            symbols[position] += np.log(problem.values["volume"])
    return symbols
