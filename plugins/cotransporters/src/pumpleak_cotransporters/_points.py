"""Reference points: what the published laws give, worked out beside this code."""

from __future__ import annotations

from typing import Any

from pumpleak import ReferencePoint


def by_hand(V: str, current: object, **given: Any) -> ReferencePoint:
    """Return a point in a mammalian cell at 37 degC.

    Args:
        V: membrane potential.
        current: by the law at 30 digits, of each ion or in total.
        given: what is not as usual.
    """
    usual: dict[str, Any] = {
        "inside": {"Na": "12 mM", "K": "140 mM", "Cl": "6 mM"},
        "outside": {"Na": "145 mM", "K": "4 mM", "Cl": "110 mM"},
        "temperature": "37 degC",
        "tolerance": 1e-9,
        "source": "the published law, by hand",
    }
    return ReferencePoint(V=V, current=current, **{**usual, **given})
