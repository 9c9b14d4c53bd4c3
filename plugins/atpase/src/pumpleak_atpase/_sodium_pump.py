"""What every Na/K-ATPase here has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import LocalState, Transporter


class SodiumPump(Transporter):
    """3 Na out, 2 K in, 1 ATP; a subclass says how fast.

    References:
        Rakowski, Gadsby & De Weer 1989, J Gen Physiol 93:903 (stoichiometry).
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1


def voltage_factor(s: LocalState) -> Any:
    """Return the voltage dependence of the pump in heart models, 1 at strong depolarisation.

    Hyperpolarisation slows the pump, the more so the more sodium there is outside to bind back.
    """
    u = s.xp.let(s.V / s.VT)
    sodium = (s.xp.exp(s.outside.Na / (67.3 * s.mM)) - 1) / 7
    return 1 / (1 + 0.1245 * s.xp.exp(-0.1 * u) + 0.0365 * sodium * s.xp.exp(-u))
