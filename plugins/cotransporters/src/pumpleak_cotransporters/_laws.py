"""Rate laws of transport without a net charge, each zero exactly where the affinity is.

A transporter says what one cycle moves; which of its ions bind inside, which outside, and how often
each counts, follows from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pumpleak import LocalState, Transporter, quantity

#: A rate at activity 1: a molar flux or a count, of the cell or per area.
RATES = tuple(
    quantity(example).dimension
    for example in ("1e-10 mol/s/cm^2", "1 amol/ms", "1000 / um^2", "1000 transporters")
)
#: What a law that is also a driving force takes beside: a conductance, of the cell or per area.
CONDUCTANCES = tuple(quantity(example).dimension for example in ("20 uS/cm^2", "1 nS"))


class LogRatio(Transporter):
    """Base: flux in proportion to the affinity, the logarithm of what is over what would balance.

    A density given as a conductance g stands for cycles of g/F per volt of affinity over F; one
    given as a molar flux, for cycles at an affinity of RT.
    """

    def driving_force(self, s: LocalState) -> Any:
        """Return the affinity over F, a voltage."""
        return affinity_voltage(self, s)

    def activity(self, s: LocalState) -> Any:
        """Return the affinity over RT."""
        return affinity_voltage(self, s) / s.VT


def affinity_voltage(transporter: Transporter, s: LocalState) -> Any:
    """Return the affinity of a cycle of an ATP-free transporter over F, mV.

    It is what the ions set free: for each its number times its driving force, valence included.
    """
    force = transporter.charge_out({ion: s.z[ion] for ion in transporter.stoichiometry}) * s.V
    for ion, count in transporter.stoichiometry.items():
        force = force - count * s.z[ion] * s.E[ion]
    return force


def product_difference(transporter: Transporter, s: LocalState, reference: Any) -> Any:
    """Return (product of what a cycle takes - product of what it delivers) over `reference`.

    Args:
        transporter: what moves.
        s: where.
        reference: the concentration that each factor is measured against.
    """
    taken: Any = 1.0
    delivered: Any = 1.0
    for here, there, copies, _ in _sides(transporter, s):
        taken = taken * (here / reference) ** copies
        delivered = delivered * (there / reference) ** copies
    return taken - delivered


def saturable(transporter: Transporter, s: LocalState, half: Mapping[str, Any]) -> Any:
    """Return the rate relative to saturation of a carrier whose sites fill independently.

    The common modular rate law with the same half saturation on both sides, which makes it
    consistent with thermodynamics.

    Args:
        transporter: what moves.
        s: where.
        half: half saturation by ion.

    References:
        Liebermeister, Uhlendorf & Klipp 2010, Bioinformatics 26:1528.
    """
    taken: Any = 1.0
    delivered: Any = 1.0
    filled_here: Any = 1.0
    filled_there: Any = 1.0
    for here, there, copies, ion in _sides(transporter, s):
        a = s.xp.let(here / half[ion], f"{ion}_taken")
        b = s.xp.let(there / half[ion], f"{ion}_delivered")
        taken, delivered = taken * a**copies, delivered * b**copies
        filled_here = filled_here * (1 + a) ** copies
        filled_there = filled_there * (1 + b) ** copies
    return (taken - delivered) / (filled_here + filled_there - 1)


def _sides(transporter: Transporter, s: LocalState) -> Iterator[tuple[Any, Any, int, str]]:
    """Yield, per ion, its concentration where a cycle takes and delivers it, and how many."""
    for ion, count in transporter.stoichiometry.items():
        here, there = (s.inside, s.outside) if count > 0 else (s.outside, s.inside)
        yield here[ion], there[ion], abs(count), ion
