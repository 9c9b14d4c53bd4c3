"""Members drawn from distributions: every member a pure function of definition, seed and index."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from .._errors import CompositionError, near
from ._distribution import Law
from ._names import Varied

#: Members are drawn in blocks of this many, each with random numbers of its own.
BLOCK = 65_536
DESIGNS = ("random", "latin hypercube", "sobol")
#: Points of a Sobol sequence, and so the most members it has.
_SOBOL_BITS = 32


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Draws:
    """Members drawn from distributions.

    Args:
        varied: what is drawn.
        laws: one each.
        size: how many members.
        seed: of all random numbers.
        design: one of `DESIGNS`.
        mixing: lower triangular factor of the correlation matrix of the underlying normal
            deviates, shape (n, n); None where all are independent.
    """

    varied: tuple[Varied, ...]
    laws: tuple[Law, ...]
    size: int
    seed: int
    design: str = "random"
    mixing: Any = None

    def columns(self, start: int, stop: int) -> dict[str, Any]:
        """Return draws of the members between two indices."""
        whole = np.empty((len(self.laws), stop - start))  # (n_varied, n_members)
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            first = block * BLOCK
            begin, end = max(start, first), min(stop, first + BLOCK)
            self._fill(whole[:, begin - start : end - start], block, begin - first, end - first)
        return {of.name: row for of, row in zip(self.varied, whole, strict=True)}

    def as_table(self) -> dict[str, Any]:
        """Return plain data that tells it from any other."""
        return {
            "design": self.design,
            "members": self.size,
            "seed": self.seed,
            "laws": {
                of.name: [str(value) for value in attrs.astuple(law)]
                for of, law in zip(self.varied, self.laws, strict=True)
            },
            "mixing": None if self.mixing is None else self.mixing.tolist(),
        }

    def _fill(self, out: Any, block: int, begin: int, end: int) -> None:
        """Write members `begin` to `end` of a block into `out`, shape (n_varied, end - begin)."""
        mixed = self._mixed
        takes = ["normal" if row in mixed else law.takes for row, law in enumerate(self.laws)]
        if self.design == "random":
            for row, of, kind in zip(out, self.varied, takes, strict=True):
                stream = _stream(self.seed, of.name, block)
                # from the block's beginning, so that a member does not depend on who else is asked
                drawn = stream.standard_normal(end) if kind == "normal" else stream.random(end)
                row[:] = drawn[begin:]
                if kind == "uniform":
                    row += 2.0**-54
        else:
            points = self._hypercube if self.design == "latin hypercube" else self._sobol
            out[:] = points(block)[begin:end].T
            takes = ["normal" if row in mixed else "uniform" for row in range(len(takes))]
            for row in mixed:
                out[row] = _normal(out[row])
        if mixed:
            out[mixed] = _mixed(self.mixing[np.ix_(mixed, mixed)], out[mixed])
        for row, law, kind in zip(out, self.laws, takes, strict=True):
            row[:] = law.from_normal(row) if kind == "normal" else law.from_uniform(row)

    @cached_property
    def _mixed(self) -> list[int]:
        """Which are correlated with any other."""
        if self.mixing is None:
            return []
        apart = np.eye(len(self.laws))
        off = (self.mixing != apart).any(axis=1) | (self.mixing.T != apart).any(axis=1)
        return [int(row) for row in np.flatnonzero(off)]

    def _hypercube(self, block: int) -> Any:
        """Return a Latin hypercube of a whole block, shape (n_members, n_varied)."""
        from scipy.stats import qmc

        count = min(BLOCK, self.size - block * BLOCK)
        stream = _stream(self.seed, self.design, block)
        points = qmc.LatinHypercube(len(self.laws), **{_rng_name(): stream}).random(count)
        return np.maximum(points, 2.0**-54)

    def _sobol(self, block: int) -> Any:
        """Return a block of the Sobol sequence, shape (BLOCK, n_varied).

        In Gray code order points are sums (exclusive or) of direction numbers, so a whole block
        differs from the first by one constant.
        """
        first, directions = self._sobol_parts
        shift = np.zeros_like(first[0])
        for bit in range(block.bit_length()):
            if block >> bit & 1:
                shift ^= directions[bit]
        return (np.bitwise_xor(first, shift) + 0.5) * 2.0**-_SOBOL_BITS

    @cached_property
    def _sobol_parts(self) -> tuple[Any, Any]:
        """The first block as integers, and what each doubling of the block's number adds."""
        from scipy.stats import qmc

        def whole(points: Any) -> Any:
            return (points * 2.0**_SOBOL_BITS).astype(np.uint64)

        stream = _stream(self.seed, self.design, 0)
        engine = qmc.Sobol(len(self.laws), bits=_SOBOL_BITS, **{_rng_name(): stream})
        first = whole(engine.random(BLOCK))
        directions = []
        at = BLOCK
        while at < self.size:
            engine.fast_forward(at - engine.num_generated)
            directions.append(whole(engine.random(1))[0] ^ first[0])
            at *= 2
        return first, directions


def _mixed(mixing: Any, deviates: Any) -> Any:
    """Return correlated deviates; added up in a fixed order, whatever the shape.

    A matrix product would not do: how it adds up depends on how many members there are.
    """
    found = np.empty_like(deviates)
    for row, weights in zip(found, mixing, strict=True):
        row[:] = 0.0
        for weight, other in zip(weights, deviates, strict=True):
            if weight:
                row += weight * other
    return found


def _normal(u: Any) -> Any:
    from scipy.special import ndtri

    return ndtri(u)


def _stream(seed: int, name: str, block: int) -> np.random.Generator:
    """Return the random numbers of one name in one block.

    The name counts, so that varying one thing more leaves the draws of the others as they are.
    """
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")
    sequence = np.random.SeedSequence([seed, *words.tolist()], spawn_key=(block,))
    return np.random.Generator(np.random.SFC64(sequence))


def _rng_name() -> str:
    """Return what this SciPy calls a source of random numbers."""
    from scipy.stats import qmc

    return "rng" if "rng" in inspect.signature(qmc.Sobol).parameters else "seed"


def checked_design(design: str, size: int) -> str:
    """Return a sampling design.

    Raises:
        CompositionError: none of that name, or more members than it has.
    """
    if design not in DESIGNS:
        raise CompositionError(
            f"sampling: no design {design!r}{near(str(design), DESIGNS)}; there are "
            f"{', '.join(DESIGNS)}"
        )
    if design == "sobol" and size > 2**_SOBOL_BITS:
        raise CompositionError(
            f"sampling: the Sobol sequence has 2^{_SOBOL_BITS} members, got {size}; use 'random'"
        )
    return design


def mixing_matrix(
    names: Sequence[str], matrix: Sequence[Sequence[object]], drawn: Mapping[str, int]
) -> Any:
    """Return the factor that correlates drawn deviates.

    Args:
        names: which are correlated.
        matrix: their correlations, shape (n, n).
        drawn: position of everything that is drawn, by name.

    Returns:
        Lower triangular, shape (n_drawn, n_drawn).

    Raises:
        CompositionError: no correlation matrix, with what is wrong.
    """
    for name in names:
        if name not in drawn:
            raise CompositionError(
                f"correlation: {name!r} is not drawn from a distribution{near(name, drawn)}"
            )
    if len(set(names)) != len(names):
        raise CompositionError("correlation: a name is there twice")
    try:
        given = np.array(matrix, dtype=float)
    except (TypeError, ValueError) as error:
        raise CompositionError("correlation: matrix must hold numbers, row by row") from error
    count = len(names)
    if given.shape != (count, count):
        shape = "x".join(str(length) for length in given.shape)
        raise CompositionError(
            f"correlation: {count} names need a matrix of {count}x{count}, got {shape}"
        )
    if not np.isfinite(given).all() or (np.abs(given) > 1).any():
        raise CompositionError("correlation: correlations lie between -1 and 1")
    if not (np.diag(given) == 1).all():
        raise CompositionError("correlation: everything correlates with itself by 1: the diagonal")
    if not (given == given.T).all():
        row, column = np.argwhere(given != given.T)[0]
        raise CompositionError(
            f"correlation: {names[row]} with {names[column]} is {given[row, column]:g}, but the "
            f"other way round {given[column, row]:g}"
        )
    smallest = float(np.linalg.eigvalsh(given)[0])
    if smallest < 1e-10:
        raise CompositionError(
            "correlation: no variables can be correlated like this: the matrix is not positive "
            f"definite (its smallest eigenvalue is {smallest:.3g}); weaken some correlations"
        )
    whole = np.eye(len(drawn))
    where = [drawn[name] for name in names]
    whole[np.ix_(where, where)] = given
    return np.linalg.cholesky(whole)
