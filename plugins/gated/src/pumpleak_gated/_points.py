"""Reference points: what the published formulas give, worked out beside this code."""

from __future__ import annotations

from typing import Any

from pumpleak import ReferencePoint


def by_hand(V: str, current: str, **given: Any) -> ReferencePoint:
    """Return a point in a mammalian cell at 37 degC.

    Args:
        V: membrane potential.
        current: total outward current, by the formulas at 30 digits.
        given: what is not as usual.
    """
    usual: dict[str, Any] = {
        "inside": {"K": "140 mM", "Na": "12 mM"},
        "outside": {"K": "4 mM", "Na": "145 mM"},
        "temperature": "37 degC",
        "tolerance": 1e-9,
        "source": "the published formulas, by hand",
    }
    return ReferencePoint(V=V, current=current, **{**usual, **given})
