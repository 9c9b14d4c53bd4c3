"""Reductions on the way: what is asked of a population as a whole, without keeping its members."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from .._errors import CompositionError, near
from ..membranes._problems import short, under
from ._bins import Bins, bins_around, even_bins, given_bins
from ._outcomes import Outcome, outcome
from ._reduce import Counted, HistogramOf, MapOf, MomentsOf, QuantilesOf, Reduction

if TYPE_CHECKING:
    from ._population import Population

#: So many fine bins give the quantiles.
_FINE = 100_000
_ONLY = ("stable", "unstable", "saddle", "marginal")


@attrs.frozen(kw_only=True)
class Summary(abc.ABC):
    """One thing asked of a population as a whole."""

    @abc.abstractmethod
    def reduction(self, population: Population) -> Reduction:
        """Return what carries it out.

        Raises:
            CompositionError: members have no such number.
            UnitError: a bin of another dimension.
        """

    def as_table(self) -> dict[str, Any]:
        """Return it as a population file would hold it."""
        table: dict[str, Any] = {"kind": _KIND_OF[type(self)]}
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if value is not None and value != field.default:
                table[field.name] = _plain(value)
        return table


def _plain(value: object) -> Any:
    if isinstance(value, Binning):
        return value.as_table()
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return str(value)


@attrs.frozen(kw_only=True)
class Binning:
    """How one number is sorted into bins.

    Args:
        of: its name; a listed or gridded parameter needs no more, and has a bin a value.
        low, high: ends with units, such as ``"-100 mV"``.
        bins: how many.
        spacing: ``"linear"`` or ``"log"``.
        edges: instead of these, the edges, with units.
    """

    of: str
    low: object = None
    high: object = None
    bins: int = 50
    spacing: str = "linear"
    edges: Sequence[object] | None = None

    def resolved(self, population: Population) -> tuple[Outcome, Bins, Any]:
        """Return what it bins, the bins, and what stands for each, shape (n,)."""
        of = _of(population, self.of)
        if self.edges is not None:
            if self.low is not None or self.high is not None:
                raise CompositionError("edges: give these, or low and high, not both")
            with under("edges", joint=": "):
                edges = [of.number(edge) for edge in _list(self.edges, "edges with units")]
            bins = given_bins(edges)
            return of, bins, bins.middles
        if self.low is None and self.high is None:
            values = population.listed_values(of.name)
            if values is not None:
                return of, bins_around(values), values
        low, high = _ends(population, of, self.low, self.high)
        bins = even_bins(low, high, self.bins, self.spacing)
        return of, bins, bins.middles

    def as_table(self) -> dict[str, Any]:
        """Return it as a population file would hold it."""
        return {
            field.name: _plain(value)
            for field in attrs.fields(type(self))
            if (value := getattr(self, field.name)) is not None
        }


def _ends(population: Population, of: Outcome, low: object, high: object) -> tuple[float, float]:
    first, last = population.membrane.range if of.name == "V" else (None, None)
    with under("low", joint=": "):
        first = first if low is None else of.number(low)
    with under("high", joint=": "):
        last = last if high is None else of.number(high)
    if first is None or last is None:
        lost = "low" if first is None else "high"
        raise CompositionError(
            f"{lost}: bins need low and high, such as low = '{of.dimension.example}'"
        )
    return first, last


@attrs.frozen(kw_only=True)
class Histogram(Summary):
    """How many states fall into each bin, counted exactly.

    Args:
        of: what is counted, ``"V"`` or another name of results.
        low, high, bins, spacing, edges: the bins; V has the membrane's range if nothing is said.
        only: only states of this kind, such as ``"stable"``.
    """

    of: str = "V"
    low: object = None
    high: object = None
    bins: int = 200
    spacing: str = "linear"
    edges: Sequence[object] | None = None
    only: str | None = None

    def reduction(self, population: Population) -> Reduction:
        """Return what carries it out."""
        of, bins, middles = Binning(
            of=self.of,
            low=self.low,
            high=self.high,
            bins=self.bins,
            spacing=self.spacing,
            edges=self.edges,
        ).resolved(population)
        return HistogramOf(of=of, bins=bins, middles=middles, only=_only(self.only))


@attrs.frozen(kw_only=True)
class Quantiles(Summary):
    """Quantiles, each known to within half a fine bin.

    Args:
        of: of what.
        probabilities: such as ``(0.05, 0.5, 0.95)``.
        low, high: between which fine bins lie; V has the membrane's range if nothing is said.
        bins: how many fine bins.
        spacing: ``"linear"`` or ``"log"``.
        only: only states of this kind.
    """

    of: str = "V"
    probabilities: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    low: object = None
    high: object = None
    bins: int = _FINE
    spacing: str = "linear"
    only: str | None = None

    def reduction(self, population: Population) -> Reduction:
        """Return what carries it out."""
        of = _of(population, self.of)
        given = _list(self.probabilities, "probabilities", "probabilities: ")
        if not given or not all(
            isinstance(item, Real) and 0.0 <= float(item) <= 1.0 for item in given
        ):
            raise CompositionError(
                f"probabilities: numbers between 0 and 1, and at least one, got {short(given)}"
            )
        wanted = np.array(given, dtype=float)
        low, high = _ends(population, of, self.low, self.high)
        bins = even_bins(low, high, self.bins, self.spacing)
        return QuantilesOf(of=of, bins=bins, probabilities=wanted, only=_only(self.only))


@attrs.frozen(kw_only=True)
class Moments(Summary):
    """Number, mean, standard deviation, least and largest.

    Args:
        of: of what.
        only: only states of this kind.
    """

    of: str = "V"
    only: str | None = None

    def reduction(self, population: Population) -> Reduction:
        """Return what carries it out."""
        return MomentsOf(of=_of(population, self.of), only=_only(self.only))


@attrs.frozen(kw_only=True)
class Map(Summary):
    """Means over bins of one or two other numbers, with how many are unstable or have no state.

    Args:
        by: one or two `Binning`; a name alone for a listed or gridded parameter.
        of: whose mean and standard deviation.
    """

    by: Sequence[Binning | str]
    of: str = "V"

    def reduction(self, population: Population) -> Reduction:
        """Return what carries it out."""
        given = _list(self.by, "names or Binning", "by: ")
        if not 1 <= len(given) <= 2:
            raise CompositionError(f"by: a map is by one or two numbers, got {len(given)}")
        found = []
        for position, item in enumerate(given):
            if isinstance(item, str):
                with under(f"by[{position}]", joint=": "):
                    outcome(population, item)
                    found.append(Binning(of=item).resolved(population))
                continue
            if not isinstance(item, Binning):
                raise CompositionError(
                    f"by[{position}]: expected a name or a Binning, got {short(item)}"
                )
            with under(f"by[{position}]"):
                found.append(item.resolved(population))
        return MapOf(
            of=_of(population, self.of),
            by=tuple(item[0] for item in found),
            bins=tuple(item[1] for item in found),
            middles=tuple(item[2] for item in found),
        )


SUMMARIES: dict[str, type[Summary]] = {
    "histogram": Histogram,
    "quantiles": Quantiles,
    "moments": Moments,
    "map": Map,
}
_KIND_OF = {cls: name for name, cls in SUMMARIES.items()}


def _of(population: Population, name: str) -> Outcome:
    with under("of", joint=": "):
        return outcome(population, name)


def _list(given: object, what: str, path: str = "") -> list[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise CompositionError(f"{path}expected a list of {what}, got {short(given)}")
    return list(given)


def _only(given: str | None) -> str | None:
    if given is not None and given not in _ONLY:
        raise CompositionError(
            f"only: one of {', '.join(_ONLY)}, got {given!r}{near(str(given), _ONLY)}"
        )
    return given


def summary_from(table: Mapping[str, Any]) -> Summary:
    """Return the summary that a table describes.

    Raises:
        CompositionError: no such summary, or a field it does not have.
    """
    kind = table.get("kind")
    cls = SUMMARIES.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise CompositionError(
            f"kind: one of {', '.join(SUMMARIES)}, got {kind!r}{near(str(kind), SUMMARIES)}"
        )
    given = {key: value for key, value in table.items() if key != "kind"}
    _check_fields(f"a {kind}", given, cls)
    if cls is Map:
        by = given.get("by")
        if isinstance(by, str | Mapping):
            by = [by]
        if not isinstance(by, list):
            raise CompositionError("by: a map needs by = [...], one or two names or tables")
        given["by"] = [_binning(item, f"by[{position}]") for position, item in enumerate(by)]
    return cls(**given)


def _binning(given: object, path: str) -> Binning | str:
    if isinstance(given, str):
        return given
    if not isinstance(given, Mapping):
        raise CompositionError(f"{path}: expected a name or a table, got {given!r}")
    with under(path):
        _check_fields("bins", given, Binning)
    if "of" not in given:
        raise CompositionError(f"{path}: bins need of, the name of what is binned")
    return Binning(**given)


def _check_fields(what: str, given: Mapping[str, object], cls: Any) -> None:
    fields = [field.name for field in attrs.fields(cls)]
    for key in given:
        if key not in fields:
            raise CompositionError(
                f"{key}: {what} has no such field{near(str(key), fields)}; there are "
                f"{', '.join(fields)}"
            )


def reductions(population: Population) -> tuple[Reduction, ...]:
    """Return what carries out all that is asked of a population, counts first.

    Raises:
        CompositionError: a summary that does not fit, or two that are the same.
    """
    found: list[Reduction] = [Counted(all_states=population.all_states)]
    for position, summary in enumerate(population.summary):
        with under(f"summary[{position}]"):
            made = summary.reduction(population)
        if any(made.label == other.label for other in found):
            raise CompositionError(f"summary[{position}]: {made.label} is asked for twice")
        found.append(made)
    return tuple(found)
