"""Populations: a membrane, and how its members differ from it.

>>> from pumpleak.population import LogNormal
>>> LogNormal(median="0.8 / um^2", cv=0.3).as_table()
{'distribution': 'lognormal', 'median': '0.8 / um^2', 'cv': 0.3}
"""

from ._axes import Grid as Grid
from ._distribution import Distribution as Distribution
from ._distribution import LogNormal as LogNormal
from ._distribution import LogUniform as LogUniform
from ._distribution import Normal as Normal
from ._distribution import Uniform as Uniform
from ._file import load_population as load_population
from ._population import Correlation as Correlation
from ._population import Population as Population
from ._population import Table as Table
from ._summary import Binning as Binning
from ._summary import Histogram as Histogram
from ._summary import Map as Map
from ._summary import Moments as Moments
from ._summary import Quantiles as Quantiles
from ._summary import Summary as Summary

__all__ = [
    "Binning",
    "Correlation",
    "Distribution",
    "Grid",
    "Histogram",
    "LogNormal",
    "LogUniform",
    "Map",
    "Moments",
    "Normal",
    "Population",
    "Quantiles",
    "Summary",
    "Table",
    "Uniform",
    "load_population",
]
