"""Distributions that members are drawn from, with units; each knows how far it can reach."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from .._errors import CompositionError, PumpleakError, near
from ..units._quantity import NUMBER, quantity
from ._names import Varied

#: No draw lies further out, in standard deviations: one in 1e16 would.
REACH = 8.2
_CV_EXAMPLE = "cv = 0.3"


@attrs.frozen(kw_only=True)
class Law:
    """A distribution of one varied number, in pumpleak's unit set.

    Args:
        centre, width: mean and standard deviation, of the logarithm where `logarithmic`.
        low, high: no draw lies outside.
        logarithmic: whether the logarithm is normal, or uniform.
        flat: uniform between `low` and `high` instead of normal.
    """

    centre: float
    width: float
    low: float = -math.inf
    high: float = math.inf
    logarithmic: bool = False
    flat: bool = False

    @property
    def cut(self) -> bool:
        """Whether it is a normal distribution cut at an end."""
        return not self.flat and (math.isfinite(self.low) or math.isfinite(self.high))

    @property
    def takes(self) -> str:
        """What draws are made of: ``"normal"`` deviates, or ``"uniform"`` ones in (0, 1)."""
        return "uniform" if self.flat or self.cut else "normal"

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        if self.flat:
            return self.low, self.high
        ends = (self.centre - REACH * self.width, self.centre + REACH * self.width)
        low, high = (math.exp(min(end, 700.0)) for end in ends) if self.logarithmic else ends
        return max(low, self.low), min(high, self.high)

    def from_normal(self, z: Any) -> Any:
        """Return draws in place of standard normal deviates of shape (n,)."""
        if self.takes == "uniform":
            from scipy.special import ndtr

            return self.from_uniform(ndtr(z, out=z))
        np.clip(z, -REACH, REACH, out=z)
        z *= self.width
        z += self.centre
        return np.exp(z, out=z) if self.logarithmic else z

    def from_uniform(self, u: Any) -> Any:
        """Return draws in place of uniform deviates in (0, 1), of shape (n,)."""
        from scipy.special import ndtri

        ends = self._inner_ends
        if self.flat:
            u *= ends[1] - ends[0]
            u += ends[0]
            if self.logarithmic:
                np.exp(u, out=u)
        else:
            if self.cut:
                # far in the upper tail only differences from 1 keep their digits, so turn it over
                turned = ends[0] > 0.0
                first, last = (-ends[1], -ends[0]) if turned else ends
                below, above = _ndtr(first), _ndtr(last)
                u *= above - below
                u += below
                ndtri(u, out=u)
                if turned:
                    np.negative(u, out=u)
            else:
                ndtri(u, out=u)
                np.clip(u, -REACH, REACH, out=u)
            u *= self.width
            u += self.centre
            if self.logarithmic:
                np.exp(u, out=u)
        return np.clip(u, *self.reach, out=u)

    @property
    def _inner_ends(self) -> tuple[float, float]:
        """Ends as what is transformed sees them: in logarithms, in standard deviations."""
        ends = (self.low, self.high)
        if self.logarithmic:
            ends = (math.log(ends[0]) if ends[0] > 0 else -math.inf, math.log(ends[1]))
        if self.flat:
            return ends
        low, high = ((end - self.centre) / self.width for end in ends)
        return low, high


def _ndtr(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@attrs.frozen(kw_only=True)
class Distribution(abc.ABC):
    """A distribution as a user writes it."""

    @abc.abstractmethod
    def law(self, of: Varied) -> Law:
        """Return it in pumpleak's unit set."""

    def as_table(self) -> dict[str, Any]:
        """Return it as a population file would hold it."""
        table: dict[str, Any] = {"distribution": _NAMES[type(self)]}
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if value is not None:
                table[field.name] = value if isinstance(value, int | float) else str(value)
        return table


def _ends(of: Varied, low: object, high: object) -> tuple[float, float]:
    first = -math.inf if low is None else of.checked(low)
    last = math.inf if high is None else of.checked(high)
    if not first < last:
        raise CompositionError(f"{of.name}: low must be below high, got {low} and {high}")
    return first, last


def _positive(of: Varied, what: str, value: float, given: object) -> float:
    if not (value > 0 and math.isfinite(value)):
        raise CompositionError(f"{of.name}: {what} must be above zero, got {str(given)!r}")
    return value


def _within_reach(of: Varied, law: Law) -> Law:
    """Refuse a law that could draw what the membrane cannot be.

    Raises:
        CompositionError: its reach goes beyond the limits, or an end cuts all of it away.
    """
    low, high = law.reach
    if not low < high:
        raise CompositionError(f"{of.name}: nothing is left between low and high")
    if law.cut:
        first, last = law._inner_ends
        if first > 0.0:
            first, last = -last, -first
        if not _ndtr(last) - _ndtr(first) > 1e-12:
            raise CompositionError(
                f"{of.name}: less than 1e-12 of the distribution lies between low and high"
            )
    for end, word in ((low, "low"), (high, "high")):
        if of.limits.broken(np.array([end])) is not None:
            raise CompositionError(
                f"{of.name}: this distribution can draw {of.text(end)}, but {of.limits.why}; "
                f'give {word} = "..." to cut it, or use a lognormal distribution'
            )
    return law


@attrs.frozen(kw_only=True)
class Normal(Distribution):
    """A normal distribution, perhaps cut at its ends.

    Args:
        mean: such as ``"4 mM"``.
        sd: standard deviation before it is cut, such as ``"0.5 mM"``.
        cv: the same over the mean; one of the two.
        low, high: no draw lies outside.

    >>> Normal(mean="4 mM", sd="0.5 mM", low="2 mM").as_table()
    {'distribution': 'normal', 'mean': '4 mM', 'sd': '0.5 mM', 'low': '2 mM'}
    """

    mean: object
    sd: object = None
    cv: object = None
    low: object = None
    high: object = None

    def law(self, of: Varied) -> Law:
        """Return it in pumpleak's unit set.

        Raises:
            UnitError: a value of another dimension.
            CompositionError: no distribution, or one that can draw what cannot be.
        """
        mean = of.number(self.mean)
        if (self.sd is None) == (self.cv is None):
            raise CompositionError(
                f'{of.name}: a normal distribution needs sd = "..." or {_CV_EXAMPLE}, one of the '
                "two"
            )
        if self.sd is not None:
            width = _positive(of, "sd", of.spread(self.sd), self.sd)
        else:
            width = _positive(of, "cv", _ratio(of, "cv", self.cv), self.cv) * abs(mean)
        low, high = _ends(of, self.low, self.high)
        return _within_reach(of, Law(centre=mean, width=width, low=low, high=high))


@attrs.frozen(kw_only=True)
class LogNormal(Distribution):
    """A lognormal distribution, perhaps cut at its ends.

    Args:
        median: such as ``"0.8 / um^2"``.
        cv: standard deviation over mean, of the whole distribution.
        sigma: standard deviation of the natural logarithm; one of the two.
        low, high: no draw lies outside.
    """

    median: object
    cv: object = None
    sigma: object = None
    low: object = None
    high: object = None

    def law(self, of: Varied) -> Law:
        """Return it in pumpleak's unit set.

        Raises:
            UnitError: a value of another dimension.
            CompositionError: no distribution, or one that can draw what cannot be.
        """
        median = _positive(of, "median", of.number(self.median), self.median)
        if (self.cv is None) == (self.sigma is None):
            raise CompositionError(
                f"{of.name}: a lognormal distribution needs {_CV_EXAMPLE} or sigma = 0.3, "
                "one of the two"
            )
        if self.sigma is not None:
            width = _positive(of, "sigma", _ratio(of, "sigma", self.sigma), self.sigma)
        else:
            cv = _positive(of, "cv", _ratio(of, "cv", self.cv), self.cv)
            width = math.sqrt(math.log1p(cv * cv))
        if width * REACH > 300:
            raise CompositionError(
                f"{of.name}: a spread of {width:.3g} in logarithms is no biology"
            )
        low, high = _ends(of, self.low, self.high)
        if high <= 0:
            raise CompositionError(f"{of.name}: high must be above zero, got {str(self.high)!r}")
        return _within_reach(
            of, Law(centre=math.log(median), width=width, low=low, high=high, logarithmic=True)
        )


@attrs.frozen(kw_only=True)
class Uniform(Distribution):
    """Every value between two ends is as likely.

    Args:
        low, high: the ends, such as ``"2 mM"``.
    """

    low: object
    high: object

    def law(self, of: Varied) -> Law:
        """Return it in pumpleak's unit set.

        Raises:
            UnitError: a value of another dimension.
            CompositionError: no distribution, or one that can draw what cannot be.
        """
        low, high = _ends(of, self.low, self.high)
        return _within_reach(of, Law(centre=0.0, width=1.0, low=low, high=high, flat=True))


@attrs.frozen(kw_only=True)
class LogUniform(Distribution):
    """Every ratio between two ends is as likely.

    Args:
        low, high: the ends, above zero.
    """

    low: object
    high: object

    def law(self, of: Varied) -> Law:
        """Return it in pumpleak's unit set.

        Raises:
            UnitError: a value of another dimension.
            CompositionError: no distribution, or one that can draw what cannot be.
        """
        low, high = _ends(of, self.low, self.high)
        _positive(of, "low", low, self.low)
        law = Law(centre=0.0, width=1.0, low=low, high=high, flat=True, logarithmic=True)
        return _within_reach(of, law)


def _ratio(of: Varied, what: str, given: object) -> float:
    try:
        return quantity(given, NUMBER).value
    except PumpleakError as error:
        raise CompositionError(f"{of.name}: {what}: {error}") from error


DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "normal": Normal,
    "lognormal": LogNormal,
    "uniform": Uniform,
    "loguniform": LogUniform,
}
_NAMES = {cls: name for name, cls in DISTRIBUTIONS.items()}


def distribution_from(name: str, table: Mapping[str, object]) -> Distribution:
    """Return the distribution that a table describes.

    Args:
        name: whose it is, for messages.
        table: with ``distribution`` and its parameters.

    Raises:
        CompositionError: no such distribution, or a parameter it does not have.
    """
    kind = table["distribution"]
    cls = DISTRIBUTIONS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise CompositionError(
            f"{name}: no distribution {kind!r}{near(str(kind), DISTRIBUTIONS)}; there are "
            f"{', '.join(DISTRIBUTIONS)}"
        )
    fields = [field.name for field in attrs.fields(cls)]
    needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    given = {key: value for key, value in table.items() if key != "distribution"}
    for key in given:
        if key not in fields:
            raise CompositionError(
                f"{name}: a {kind} distribution has no {key!r}{near(key, fields)}; it has "
                f"{', '.join(fields)}"
            )
    for key in needed:
        if key not in given:
            raise CompositionError(f"{name}: a {kind} distribution needs {key}")
    return cls(**given)
