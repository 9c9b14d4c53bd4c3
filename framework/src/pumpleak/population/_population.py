"""A population: one membrane, and how its members differ from it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import operator
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError, near
from ..membranes._given import membrane_of
from ..membranes._membrane import Membrane
from ..membranes._problems import short, under
from ._axes import Axis, Grid, Listed, combined, listed, together
from ._distribution import Distribution
from ._draws import Draws, checked_design, mixing_matrix
from ._kinds import file_of, list_of, names_of, table_of, truth_of
from ._names import Varied, canonical, varied
from ._table import TableAxis, read_table

if TYPE_CHECKING:
    import xarray

    from ._summary import Summary

#: More members than these no exact sum can hold.
MOST_MEMBERS = 10**11
MODES = ("clamped", "steady")


def _outputs(given: Iterable[str] | str) -> tuple[str, ...]:
    return names_of("outputs", given, "such as ['ATP_per_s']")


def _vary(given: object) -> Mapping[str, Any]:
    return table_of("vary", given, "such as {'outside.K': ['3 mM', '6 mM']}")


def _together(given: object) -> Mapping[str, Any]:
    found = table_of("together", given, "such as {'outside.K': ['3 mM', '6 mM']}")
    return {
        name: list_of(f"together.{name}", row, "such as ['3 mM', '6 mM']")
        for name, row in found.items()
    }


def _summaries(given: object) -> tuple[Summary, ...]:
    from ._summary import Summary

    found = (
        [given] if isinstance(given, Summary) else list_of("summary", given, "such as [Moments()]")
    )
    for position, item in enumerate(found):
        if not isinstance(item, Summary):
            raise CompositionError(
                f"summary[{position}]: expected a Histogram, Quantiles, Moments or Map, got "
                f"{short(item)}"
            )
    return tuple(found)


def _all_states(given: object) -> bool:
    return truth_of("all_states", given)


@attrs.frozen(kw_only=True)
class Table:
    """Members from a file, a row each.

    Args:
        file: CSV or Parquet; read piece by piece, never whole.
        units: by heading or name, where a heading has none of its own.
        columns: heading to name, where the heading is not the name.
        ignore: headings of columns to leave aside.
    """

    file: str | os.PathLike[str]
    units: Mapping[str, str] = attrs.field(factory=dict)
    columns: Mapping[str, str] = attrs.field(factory=dict)
    ignore: Sequence[str] = ()


@attrs.frozen(kw_only=True)
class Correlation:
    """Which drawn numbers go together, and how closely.

    Args:
        of: their names.
        matrix: correlations of the normal deviates under the distributions (a Gaussian copula): of
            lognormal numbers, those of their logarithms.
    """

    of: Sequence[str]
    matrix: Sequence[Sequence[float]]


@attrs.frozen(eq=False, slots=False, repr=False)
class Population:
    """One membrane, and how its members differ from it.

    Members are all combinations of what is listed, of the rows of a table, and of draws from
    distributions; the last of these changes fastest. A member is a pure function of the
    definition, the seed and its index.

    Args:
        membrane: a membrane, or the path of its file.
        vary: name to a list of values, a `Grid`, a distribution, or one value; names are those of
            `Membrane.evolve`, and ``"K.out"`` and ``"K.in"`` are short for ``"outside.K"`` and
            ``"inside.K"``.
        members: how many to draw from the distributions.
        seed: of the draws.
        sampling: ``"random"``, ``"latin hypercube"`` or ``"sobol"``.
        correlation: of drawn numbers.
        together: name to a list each, of one length, that go together row by row.
        table: a `Table`, or its path.
        mode: ``"clamped"`` or ``"steady"``; may be left out where the membrane has no compartments.
        all_states: whether every state of each member is wanted.
        outputs: more numbers of each state, such as ``"ATP_per_s"`` or
            ``"current.pump.Na"``.
        summary: reductions on the way, see `Population.summarise`.

    Raises:
        CompositionError: a name the membrane does not have, values that cannot be.
        UnitError: a bare number where a unit belongs, or another dimension.
        FileError: the file is not a membrane.
    """

    membrane: Membrane = attrs.field(converter=membrane_of)
    vary: Mapping[str, Any] = attrs.field(factory=dict, converter=_vary)
    members: int | None = attrs.field(default=None, kw_only=True)
    seed: int = attrs.field(default=0, kw_only=True)
    sampling: str = attrs.field(default="random", kw_only=True)
    correlation: Correlation | None = attrs.field(default=None, kw_only=True)
    together: Mapping[str, Sequence[Any]] = attrs.field(
        factory=dict, converter=_together, kw_only=True
    )
    table: Table | str | os.PathLike[str] | None = attrs.field(default=None, kw_only=True)
    mode: str = attrs.field(default="", kw_only=True)
    all_states: bool = attrs.field(default=False, converter=_all_states, kw_only=True)
    outputs: tuple[str, ...] = attrs.field(default=(), converter=_outputs, kw_only=True)
    summary: tuple[Summary, ...] = attrs.field(default=(), converter=_summaries, kw_only=True)
    axes: tuple[Axis, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "mode", _mode(self.membrane, self.mode))
        object.__setattr__(self, "axes", tuple(self._made_axes()))
        seen: set[str] = set()
        for of in self.varied:
            if of.name in seen:
                raise CompositionError(f"{of.name}: it is varied twice")
            seen.add(of.name)
            if of.name in self.unknowns:
                raise CompositionError(
                    f"{of.name}: it is free at steady ions, so it is found and not given"
                )
        if not self.axes:
            raise CompositionError(
                'vary: nothing varies; give for example {"outside.K": ["3 mM", ...]}'
            )
        if self.size > MOST_MEMBERS:
            raise CompositionError(f"members: {self.size} are too many (at most {MOST_MEMBERS})")
        if len(set(self.outputs)) != len(self.outputs):
            raise CompositionError("outputs: one is named twice")
        if self.outputs:
            from ..many import check_outputs

            check_outputs(self.membrane, self.mode, self.outputs)
        if self.summary:
            from ._summary import reductions

            reductions(self)

    def __repr__(self) -> str:
        names = ", ".join(of.name for of in self.varied)
        return f"Population({self.membrane.name!r}, {self.size} members: {names})"

    def __len__(self) -> int:
        return self.size

    def _made_axes(self) -> Iterator[Axis]:
        drawn: dict[Varied, Distribution] = {}
        for name, given in self.vary.items():
            of = varied(self.membrane, name)
            if isinstance(given, Distribution):
                drawn[of] = given
            elif isinstance(given, Grid):
                yield given.axis(of)
            elif isinstance(given, str | int | float) or not isinstance(given, Iterable):
                yield listed(of, [given])
            elif isinstance(given, Mapping):
                raise CompositionError(
                    f"{name}: expected a list, a Grid or a distribution, got a table"
                )
            else:
                yield listed(of, given)
        if self.together:
            columns = {varied(self.membrane, name): row for name, row in self.together.items()}
            yield together(columns)
        if self.table is not None:
            yield self._table_axis(self.table)
        if drawn:
            yield self._draws(drawn)
            return
        for field, given in (("members", self.members), ("correlation", self.correlation)):
            if given is not None:
                raise CompositionError(
                    f"{field}: nothing is drawn from a distribution, so it has no meaning"
                )

    def _table_axis(self, given: Table | str | os.PathLike[str]) -> TableAxis:
        if isinstance(given, Table):
            with under("table"):
                return read_table(
                    given.file,
                    lambda name: varied(self.membrane, name),
                    units=given.units,
                    rename=given.columns,
                    ignore=given.ignore,
                )
        where = file_of("table", given, "cells.csv")
        return read_table(where, lambda name: varied(self.membrane, name), field="table")

    def _draws(self, drawn: Mapping[Varied, Distribution]) -> Draws:
        size = self.members
        if size is None:
            raise CompositionError("members: say how many to draw, such as members = 10000")
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise CompositionError(f"members: expected a whole number above zero, got {size!r}")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            raise CompositionError(f"seed: expected a whole number from 0, got {self.seed!r}")
        names = [of.name for of in drawn]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise CompositionError(f"{twice}: it is varied twice")
        mixing = None
        if self.correlation is not None:
            if not isinstance(self.correlation, Correlation):
                raise CompositionError(
                    "correlation: expected a Correlation(of=..., matrix=...), got "
                    f"{short(self.correlation)}"
                )
            of = list_of("correlation.of", self.correlation.of, "such as ['outside.K']")
            mixing = mixing_matrix(
                [canonical(name) for name in names_of("correlation.of", of, "such as 'outside.K'")],
                self.correlation.matrix,
                {name: position for position, name in enumerate(names)},
            )
        return Draws(
            varied=tuple(drawn),
            laws=tuple(given.law(of) for of, given in drawn.items()),
            size=size,
            seed=self.seed,
            design=checked_design(self.sampling, size),
            mixing=mixing,
        )

    @property
    def size(self) -> int:
        """How many members there are."""
        return math.prod(axis.size for axis in self.axes)

    @cached_property
    def varied(self) -> tuple[Varied, ...]:
        """What varies, in the order of the axes."""
        return tuple(of for axis in self.axes for of in axis.varied)

    @cached_property
    def unknowns(self) -> tuple[str, ...]:
        """What is found of each member beside V: concentrations, volume and pools that are free."""
        if self.mode != "steady":
            from ..equilibria._rest import problem

            return tuple(pool.name for pool in problem(self.membrane).kernel.pools)
        from ..equilibria._steady import SteadyProblem

        return SteadyProblem(self.membrane).names[1:]

    @property
    def grid(self) -> tuple[Listed, ...]:
        """The listed axes, one number each: dimensions of their own in results."""
        return tuple(axis for axis in self.axes if isinstance(axis, Listed) and axis.is_grid)

    def listed_values(self, name: str) -> Any:
        """Return the rising values of a listed number, shape (n,); None if it is not listed."""
        for axis in self.grid:
            if axis.varied[0].name == name:
                return np.sort(axis.values[0])
        return None

    def values(self, start: int = 0, stop: int | None = None) -> dict[str, Any]:
        """Return what makes the members between two indices differ.

        Args:
            start: index of the first member.
            stop: index after the last; by default all.

        Returns:
            Arrays of shape (stop - start,) by name, in pumpleak's unit set.

        Raises:
            CompositionError: an index that is no whole number.
            IndexError: no such members.
        """
        start = self._index("start", start)
        stop = self.size if stop is None else self._index("stop", stop)
        if not 0 <= start <= stop <= self.size:
            raise IndexError(f"members are counted from 0 to {self.size}, got {start} to {stop}")
        return combined(self.axes, start, stop)

    def _index(self, what: str, given: Any) -> int:
        with contextlib.suppress(TypeError):
            if not isinstance(given, bool):
                return operator.index(given)
        fix = f"give a member's index, from 0 to {self.size}"
        if isinstance(given, str):
            named = [of.name for of in self.varied]
            fix = f"values() returns arrays by name: {', '.join(named)}{near(given, named)}"
        raise CompositionError(f"{what}: expected a whole number, got {short(given)}; {fix}")

    def definition(self) -> dict[str, Any]:
        """Return plain data that tells this population from any other, versions aside."""
        from ._provenance import membrane_definition

        return {
            "membrane": membrane_definition(self.membrane),
            "axes": [axis.as_table() for axis in self.axes],
            "mode": self.mode,
            "all_states": self.all_states,
            "outputs": list(self.outputs),
            "summary": [item.as_table() for item in self.summary],
        }

    @cached_property
    def digest(self) -> str:
        """Hash of the definition."""
        text = json.dumps(self.definition(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def solve(self, *, threads: int | None = None) -> xarray.Dataset:
        """Solve every member, and keep every state.

        Args:
            threads: of the kernel; by default one a processor.

        Returns:
            A labelled dataset with units. Listed numbers are dimensions; with `all_states` there is
            a row a state instead, with its member's index.

        Raises:
            CompositionError: xarray is not installed.
            PhysicsError: a mechanism's function is impossible.
        """
        from ._dataset import solved_dataset

        return solved_dataset(self, threads)

    def summarise(self, *, threads: int | None = None) -> xarray.Dataset:
        """Solve every member, and keep only the summary: memory does not grow with the number.

        Args:
            threads: of the kernel; by default one a processor.

        Returns:
            A dataset with counts by status and kind, and what `summary` asks for.

        Raises:
            CompositionError: xarray is not installed.
            PhysicsError: a mechanism's function is impossible.
        """
        from ._dataset import summary_dataset
        from ._solve import summarised

        return summary_dataset(self, summarised(self, threads))


def _mode(membrane: Membrane, given: str) -> str:
    if given in MODES:
        if given == "steady" and membrane.compartments is None:
            raise CompositionError(
                "mode: steady ions need to know what is free: give the membrane [steady]"
            )
        return given
    if given:
        raise CompositionError(
            f"mode: 'clamped' or 'steady', got {given!r}{near(str(given), MODES)}"
        )
    if membrane.compartments is not None:
        raise CompositionError(
            "mode: this membrane has [steady]; say mode = 'clamped' to hold its concentrations, or "
            "mode = 'steady' to let them rest too"
        )
    return "clamped"


def table_path(path: str, beside: Path | None) -> Path:
    """Return a path as a file beside another names it."""
    return Path(path) if beside is None else beside / path
