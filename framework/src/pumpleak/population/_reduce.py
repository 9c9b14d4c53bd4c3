"""Carrying reductions out: states of one block into a tally, and a whole tally into numbers."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs
import numpy as np

from ._bins import Bins
from ._exact import exact_sums, totals
from ._outcomes import Outcome
from ._tally import ADD, MAX, MIN, Tally, sums_of, with_sums

STATUSES = ("found", "none in range", "unphysical", "runs away", "not converged")
KINDS = ("stable", "unstable", "saddle", "marginal", "none")
_FOUND = STATUSES.index("found")
_STABLE = KINDS.index("stable")
#: Members with this many states or more are counted together.
_MOST_STATES = 8
Variables = dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]]


@attrs.frozen(kw_only=True, eq=False)
class Block:
    """Solved members that are reduced together.

    Args:
        members: how many members.
        values: by name, one row a state, shape (n_states,); members without a state have one row.
        status, kind: codes, shape (n_states,).
        retried: shape (n_states,).
        member: index of each row's member, from 0; None where rows are members.
    """

    members: int
    values: Mapping[str, Any]
    status: Any
    kind: Any
    retried: Any
    member: Any = None

    def found(self, only: str | None) -> Any:
        """Return which rows are states, perhaps of one kind only."""
        found = self.status == _FOUND
        return found if only is None else found & (self.kind == KINDS.index(only))


@attrs.frozen(kw_only=True, eq=False)
class Reduction(abc.ABC):
    """One reduction of a given population."""

    @property
    @abc.abstractmethod
    def label(self) -> str:
        """What its variables are called in results."""

    @abc.abstractmethod
    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""

    @abc.abstractmethod
    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return variables and coordinates, each (dimensions, values, attributes)."""


@attrs.frozen(kw_only=True, eq=False)
class Counted(Reduction):
    """How many members and states there are, by status and kind.

    Args:
        all_states: whether every state of a member was asked for.
    """

    all_states: bool

    @property
    def label(self) -> str:
        """What its variables are called."""
        return "count"

    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""
        found = {
            f"count.members{ADD}": np.array([block.members], dtype=np.int64),
            f"count.status{ADD}": np.bincount(block.status, minlength=len(STATUSES)),
            f"count.kind{ADD}": np.bincount(block.kind, minlength=len(KINDS)),
            f"count.retried{ADD}": np.array([np.count_nonzero(block.retried)], dtype=np.int64),
        }
        if self.all_states:
            rows = block.found(None)
            each = np.bincount(block.member[rows], minlength=block.members)
            found[f"count.states{ADD}"] = np.bincount(
                np.minimum(each, _MOST_STATES), minlength=_MOST_STATES + 1
            )
            stable = np.bincount(block.member[block.found("stable")], minlength=block.members)
            found[f"count.stable{ADD}"] = np.bincount(
                np.minimum(stable, _MOST_STATES), minlength=_MOST_STATES + 1
            )
        return found

    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return counts, and fractions of states."""
        status, kind = tally[f"count.status{ADD}"], tally[f"count.kind{ADD}"]
        states = int(status[_FOUND])
        unstable = states - int(kind[_STABLE])
        one = {"units": "1"}
        found: Variables = {
            "members": ((), int(tally[f"count.members{ADD}"][0]), one),
            "by_status": (("of_status",), status, {"long_name": "rows by status", **one}),
            "by_kind": (("of_kind",), kind, {"long_name": "states by kind", **one}),
            "retried_rows": (
                (),
                int(tally[f"count.retried{ADD}"][0]),
                {"long_name": "rows that took the robust path", **one},
            ),
            "fraction_not_stable": (
                (),
                unstable / states if states else math.nan,
                {"long_name": "states that are not stable, of all states", **one},
            ),
        }
        coordinates: Variables = {
            "of_status": (("of_status",), list(STATUSES), {}),
            "of_kind": (("of_kind",), list(KINDS), {}),
        }
        if self.all_states:
            words = [str(n) for n in range(_MOST_STATES)] + [f"{_MOST_STATES} or more"]
            coordinates["of_states"] = (("of_states",), words, {})
            for name, what in (("states", "states"), ("stable", "stable states")):
                found[f"members_by_{name}"] = (
                    ("of_states",),
                    tally[f"count.{name}{ADD}"],
                    {"long_name": f"members by how many {what} they have", **one},
                )
        return found, coordinates


def _chosen(block: Block, of: Outcome, only: str | None) -> Any:
    """Return the values of the rows that are states of a kind, shape (n,)."""
    rows = block.found(only)
    values = block.values[of.name]
    return values if rows.all() else values[rows]


def _label(what: str, of: Outcome, only: str | None) -> str:
    return f"{of.name}.{what}" if only is None else f"{of.name}.{only}.{what}"


def _binned(bins: Bins, values: Any) -> Any:
    """Return counts below, in each bin, and above, shape (n_bins + 2,)."""
    return np.bincount(bins.index(values) + 1, minlength=bins.count + 2)


@attrs.frozen(kw_only=True, eq=False)
class HistogramOf(Reduction):
    """Counts by bin."""

    of: Outcome
    bins: Bins
    middles: Any
    only: str | None

    @property
    def label(self) -> str:
        """What its variables are called."""
        return _label("histogram", self.of, self.only)

    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""
        return {f"{self.label}{ADD}": _binned(self.bins, _chosen(block, self.of, self.only))}

    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return counts with the middles and edges of their bins."""
        counts = tally[f"{self.label}{ADD}"]
        along = f"{self.label}.bin"
        attributes = {
            "units": "1",
            "long_name": f"states by {self.of.words}",
            "below": int(counts[0]),
            "above": int(counts[-1]),
        }
        unit = {"units": self.of.unit}
        return {self.label: ((along,), counts[1:-1], attributes)}, {
            along: ((along,), self.middles, {"long_name": f"middle: {self.of.words}", **unit}),
            f"{along}.low": ((along,), self.bins.edges[:-1], unit),
            f"{along}.high": ((along,), self.bins.edges[1:], unit),
        }


@attrs.frozen(kw_only=True, eq=False)
class QuantilesOf(Reduction):
    """Quantiles from fine bins."""

    of: Outcome
    bins: Bins
    probabilities: Any
    only: str | None

    @property
    def label(self) -> str:
        """What its variables are called."""
        return _label("quantile", self.of, self.only)

    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""
        return {f"{self.label}{ADD}": _binned(self.bins, _chosen(block, self.of, self.only))}

    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return the middle of the bin that holds each quantile, and how far off it can be."""
        counts = tally[f"{self.label}{ADD}"]
        padded = np.concatenate([[-math.inf], self.bins.edges, [math.inf]])
        upto = np.cumsum(counts)
        total = int(upto[-1])
        values, errors = [], []
        for probability in self.probabilities:
            # the smallest value that at least this share does not exceed
            rank = max(math.ceil(Fraction(float(probability)) * total), 1)
            at = int(np.searchsorted(upto, rank))
            if not total:
                values.append(math.nan)
                errors.append(math.nan)
            elif at in (0, len(counts) - 1):
                values.append(-math.inf if at == 0 else math.inf)
                errors.append(math.inf)
            else:
                values.append(0.5 * (padded[at] + padded[at + 1]))
                errors.append(0.5 * (padded[at + 1] - padded[at]))
        along = f"{self.label}.probability"
        unit = {"units": self.of.unit}
        return {
            self.label: ((along,), values, {"long_name": f"quantiles of {self.of.words}", **unit}),
            f"{self.label}.error": (
                (along,),
                errors,
                {"long_name": "at most so far from the exact quantile", **unit},
            ),
        }, {along: ((along,), self.probabilities, {"units": "1"})}


def _spread(count: int, total: Fraction, squares: Fraction) -> float:
    """Return the standard deviation (n - 1) from exact sums."""
    if count < 2:
        return math.nan
    variance = (squares - total * total / count) / (count - 1)
    return math.sqrt(max(float(variance), 0.0))


@attrs.frozen(kw_only=True, eq=False)
class MomentsOf(Reduction):
    """Number, mean, standard deviation and extremes."""

    of: Outcome
    only: str | None

    @property
    def label(self) -> str:
        """What its variables are called."""
        return _label("moments", self.of, self.only)

    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""
        values = _chosen(block, self.of, self.only)
        found = {
            f"{self.label}.n{ADD}": np.array([len(values)], dtype=np.int64),
            f"{self.label}.min{MIN}": np.array([values.min(initial=math.inf)]),
            f"{self.label}.max{MAX}": np.array([values.max(initial=-math.inf)]),
        }
        with_sums(found, f"{self.label}.sum", exact_sums(values))
        with_sums(found, f"{self.label}.squares", exact_sums(values * values))
        return found

    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return the moments."""
        count = int(tally[f"{self.label}.n{ADD}"][0])
        total = sum(totals(sums_of(tally, f"{self.label}.sum")), Fraction(0))
        squares = sum(totals(sums_of(tally, f"{self.label}.squares")), Fraction(0))
        head = self.label.removesuffix(".moments")
        unit = {"units": self.of.unit}
        least, most = tally[f"{self.label}.min{MIN}"][0], tally[f"{self.label}.max{MAX}"][0]
        words = self.of.words
        return {
            f"{head}.count": ((), count, {"units": "1", "long_name": f"states with {words}"}),
            f"{head}.mean": (
                (),
                float(total / count) if count else math.nan,
                {"long_name": f"mean of {words}", **unit},
            ),
            f"{head}.sd": (
                (),
                _spread(count, total, squares),
                {"long_name": f"standard deviation of {words}", **unit},
            ),
            f"{head}.min": (
                (),
                float(least) if count else math.nan,
                {"long_name": f"least {words}", **unit},
            ),
            f"{head}.max": (
                (),
                float(most) if count else math.nan,
                {"long_name": f"largest {words}", **unit},
            ),
        }, {}


@attrs.frozen(kw_only=True, eq=False)
class MapOf(Reduction):
    """Means, spreads and fractions over bins of other numbers."""

    of: Outcome
    by: tuple[Outcome, ...]
    bins: tuple[Bins, ...]
    middles: tuple[Any, ...]

    @property
    def label(self) -> str:
        """What its variables are called."""
        return f"{self.of.name}.by.{'.'.join(item.name for item in self.by)}"

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(bins.count for bins in self.bins)

    def tally(self, block: Block) -> Tally:
        """Return what one block adds."""
        cells = np.zeros(len(block.status), dtype=np.intp)
        within = np.ones(len(block.status), dtype=bool)
        for outcome, bins in zip(self.by, self.bins, strict=True):
            values = block.values[outcome.name]
            known = np.isfinite(values)
            index = bins.index(values if known.all() else np.where(known, values, math.inf))
            within &= (index >= 0) & (index < bins.count) & known
            cells = cells * bins.count + index
        count = math.prod(self._shape)
        states = within & block.found(None)
        stable = states & (block.kind == _STABLE)
        inside = cells[states]
        found = {
            f"{self.label}.rows{ADD}": np.bincount(cells[within], minlength=count),
            f"{self.label}.n{ADD}": np.bincount(inside, minlength=count),
            f"{self.label}.stable{ADD}": np.bincount(cells[stable], minlength=count),
            f"{self.label}.outside{ADD}": np.array([np.count_nonzero(~within)], dtype=np.int64),
        }
        values = block.values[self.of.name][states]
        with_sums(found, f"{self.label}.sum", exact_sums(values, inside, count))
        with_sums(found, f"{self.label}.squares", exact_sums(values * values, inside, count))
        return found

    def variables(self, tally: Mapping[str, Any]) -> tuple[Variables, Variables]:
        """Return means, spreads and fractions by bin."""
        counts = tally[f"{self.label}.n{ADD}"].tolist()
        empty = [Fraction(0)] * len(counts)
        sums = totals(sums_of(tally, f"{self.label}.sum")) or empty
        squares = totals(sums_of(tally, f"{self.label}.squares")) or empty
        means = [float(s / n) if n else math.nan for s, n in zip(sums, counts, strict=True)]
        spreads = [_spread(n, s, q) for n, s, q in zip(counts, sums, squares, strict=True)]
        rows = tally[f"{self.label}.rows{ADD}"]
        stable = tally[f"{self.label}.stable{ADD}"]
        with np.errstate(invalid="ignore", divide="ignore"):
            unstable = (np.array(counts) - stable) / np.array(counts)
            without = (rows - np.array(counts)) / rows
        along = tuple(f"{self.label}.{item.name}" for item in self.by)
        unit = {"units": self.of.unit}
        outside = {"outside": int(tally[f"{self.label}.outside{ADD}"][0])}
        words = self.of.words
        found: Variables = {
            f"{self.label}.count": (along, counts, {"units": "1", **outside}),
            f"{self.label}.mean": (along, means, {"long_name": f"mean of {words}", **unit}),
            f"{self.label}.sd": (along, spreads, {"long_name": f"spread of {words}", **unit}),
            f"{self.label}.not_stable": (
                along,
                unstable,
                {"long_name": "states that are not stable, of those in the bin", "units": "1"},
            ),
            f"{self.label}.without_state": (
                along,
                without,
                {"long_name": "members without a state, of those in the bin", "units": "1"},
            ),
        }
        shaped: Variables = {
            name: (dims, np.reshape(values, self._shape), attributes)
            for name, (dims, values, attributes) in found.items()
        }
        coordinates: Variables = {
            name: ((name,), middles, {"long_name": item.words, "units": item.unit})
            for name, middles, item in zip(along, self.middles, self.by, strict=True)
        }
        return shaped, coordinates
