"""Numbers as a physiologist writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_EXPONENT = re.compile(r"e([+-])0*(\d+)$")
#: Fixed decimals up to here; beyond, powers of ten.
_LARGEST, _SMALLEST = 1e6, 1e-5
_MS_PER_DAY = 8.64e7
#: Up to so many ms in so large a unit.
_DURATIONS = ((1e4, 1.0, "ms"), (7.2e6, 1e3, "s"), (1.728e8, 3.6e6, "h"))


def rounded(value: float | None, digits: int = 4) -> str:
    """Return a number with so many significant digits; empty for None.

    >>> rounded(1301.28), rounded(8.1724e6, 3), rounded(float("inf"))
    ('1301', '8.17e6', 'inf')
    """
    if value is None:
        return ""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if value == 0 or _SMALLEST <= size < _LARGEST:
        return f"{value:.{_decimals(size, digits)}f}"
    return _power(value, digits)


def fixed(value: float | None, decimals: int = 2) -> str:
    """Return a number with so many decimals; empty for None.

    >>> fixed(-65.44238), fixed(-0.001)
    ('-65.44', '0.00')
    """
    if value is None:
        return ""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def column(values: Sequence[float | None], digits: int = 4) -> list[str]:
    """Return numbers to the same decimals, so many digits for the largest.

    >>> column([0.94772, -1.48647, None, 3e-6])
    ['0.948', '-1.486', '', '3.0e-6']
    """
    sizes = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if largest and not _SMALLEST <= largest < _LARGEST:
        return [rounded(value, digits) for value in values]
    decimals = _decimals(largest, digits)
    found = []
    for value in values:
        text = fixed(value, decimals)
        if value and math.isfinite(value) and not text.strip("-0."):
            text = _power(value, 2)  # never show as zero what is not
        found.append(text)
    return found


def duration(ms: float) -> str:
    """Return a time in the unit that suits it.

    >>> duration(7.646), duration(5e4), duration(6.2651e7), duration(3e9)
    ('7.646 ms', '50.00 s', '17.40 h', '34.72 days')
    """
    for longest, size, unit in _DURATIONS:
        if ms < longest:
            return f"{rounded(ms / size)} {unit}"
    return f"{rounded(ms / _MS_PER_DAY)} days"


def _decimals(size: float, digits: int) -> int:
    return max(0, digits - 1 - math.floor(math.log10(size))) if size else 0


def _power(value: float, digits: int) -> str:
    def shorter(match: re.Match[str]) -> str:
        return f"e{match[1].strip('+')}{match[2]}"

    return _EXPONENT.sub(shorter, f"{value:.{digits - 1}e}")
