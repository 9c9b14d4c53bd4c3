"""Where Newton's method begins: a polynomial in the members' own values.

It is fitted to members spread around the membrane by a fixed design, not to the members that are
asked for, so that nobody's result depends on who else is solved.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from ._nodes import MEMBER, UNIFORM, Graph, Node

#: With more values than this, products of two different ones are left out.
_MOST_PAIRED = 6
_SPREAD, _WIDEST = 0.22, 0.6
_PER_TERM = 12
_LEAST_MEMBERS = 64


@attrs.frozen(kw_only=True, eq=False)
class Fit:
    """A polynomial start.

    Args:
        names: values that it depends on, all above zero in the membrane.
        terms: which of them are multiplied in each term.
    """

    names: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> Fit:
        """Return the polynomial of second degree in these values."""
        count = range(len(names))
        pairs: Any = itertools.combinations_with_replacement(count, 2)
        if len(names) > _MOST_PAIRED:
            pairs = ((i, i) for i in count)
        terms = ((), *((i,) for i in count), *pairs)
        return cls(names=tuple(names), terms=terms)

    def nodes(self, graph: Graph, unknowns: int) -> list[Node]:
        """Return the start of every unknown, with coefficients ``fit.<unknown>.<term>``."""
        away = []
        for name in self.names:
            value, centre = graph.leaf(name, MEMBER), graph.leaf(f"fit.centre.{name}", UNIFORM)
            away.append((value - centre) / (value + centre))
        return [self._polynomial(graph, away, f"fit.{k}") for k in range(unknowns)]

    def _polynomial(self, graph: Graph, away: Sequence[Node], prefix: str) -> Node:
        """Return the polynomial, what has a factor in common taken together."""
        inner: dict[int, list[Node]] = {}
        whole = []
        for position, factors in enumerate(self.terms):
            term = graph.leaf(f"{prefix}.{position}", UNIFORM)
            if not factors:
                whole.append(term)
                continue
            first, *others = factors
            for other in others:
                term = term * away[other]
            inner.setdefault(first, []).append(term)
        for first, terms in inner.items():
            whole.append(away[first] * graph.add((1.0, term) for term in terms))
        return graph.add((1.0, term) for term in whole)

    def design(self, centres: Mapping[str, float]) -> dict[str, Any]:
        """Return values of members to fit to, each of shape (m,)."""
        draw = np.random.default_rng(20)
        count = max(_LEAST_MEMBERS, _PER_TERM * len(self.terms))
        found = {}
        for name in self.names:
            away = np.clip(draw.normal(0.0, _SPREAD, count), -_WIDEST, _WIDEST)
            away[0] = 0.0  # the membrane itself
            found[name] = centres[name] * (1.0 + away) / (1.0 - away)
        return found

    def coefficients(
        self, centres: Mapping[str, float], values: Mapping[str, Any], symbols: Any
    ) -> dict[str, float]:
        """Return the uniform leaves of `nodes`.

        Args:
            centres: values of the membrane itself.
            values: of members that were solved, each of shape (m,).
            symbols: their unknowns, shape (unknowns, m).
        """
        table = self._table(centres, values)
        found = {f"fit.centre.{name}": float(centres[name]) for name in self.names}
        for k, symbol in enumerate(symbols):
            fitted = np.linalg.lstsq(table, symbol, rcond=None)[0]
            found |= {f"fit.{k}.{i}": float(value) for i, value in enumerate(fitted)}
        return found

    def predicted(
        self,
        coefficients: Mapping[str, float],
        centres: Mapping[str, float],
        values: Mapping[str, Any],
        unknown: int,
    ) -> Any:
        """Return where an unknown's symbol begins, shape (m,)."""
        return self._table(centres, values) @ np.array(
            [coefficients[f"fit.{unknown}.{i}"] for i in range(len(self.terms))]
        )

    def _table(self, centres: Mapping[str, float], values: Mapping[str, Any]) -> Any:
        """Return every term at every member, shape (m, terms)."""
        away = [
            (values[name] - centres[name]) / (values[name] + centres[name]) for name in self.names
        ]
        count = len(away[0])
        return np.stack(
            [
                np.prod([away[i] for i in factors], axis=0) if factors else np.ones(count)
                for factors in self.terms
            ],
            axis=1,
        )

    def constant(self, centres: Mapping[str, float], symbols: Any) -> dict[str, float]:
        """Return the uniform leaves of a start that is the same for all.

        Args:
            centres: values of the membrane itself.
            symbols: where to begin, shape (unknowns,).
        """
        found = {f"fit.centre.{name}": float(centres[name]) for name in self.names}
        for k, symbol in enumerate(symbols):
            found |= {f"fit.{k}.{i}": 0.0 for i in range(len(self.terms))}
            found[f"fit.{k}.0"] = float(symbol)
        return found
