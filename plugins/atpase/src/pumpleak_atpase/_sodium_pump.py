"""What every Na/K-ATPase here has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pumpleak import Claims, LocalState, Transporter


class SodiumPump(Transporter):
    """3 Na out, 2 K in, 1 ATP; a subclass says how fast.

    References:
        Rakowski, Gadsby & De Weer 1989, J Gen Physiol 93:903 (stoichiometry).
    """

    stoichiometry: ClassVar[Mapping[str, int]] = {"Na": 3, "K": -2}
    atp: ClassVar[int] = 1
    claims: ClassVar[Claims] = Claims(
        irreversible="a law of binding alone: ATP is taken to pay for every cycle"
    )


def voltage_factor(
    s: LocalState, shallow: Any = 0.1245, steep: Any = 0.0365, K_back: Any = None
) -> Any:
    """Return the voltage dependence of the pump in heart models, 1 at strong depolarisation.

    Hyperpolarisation slows the pump, the more so the more sodium there is outside to bind back.

    Args:
        s: local state.
        shallow: size of the term that a tenth of the voltage moves.
        steep: size of the term that the whole voltage moves.
        K_back: scale of outside sodium; by default 67.3 mM.
    """
    u = s.xp.let(s.V / s.VT, "u")
    scale = 67.3 * s.mM if K_back is None else K_back
    sodium = (s.xp.exp(s.outside.Na / scale) - 1) / 7
    return 1 / (1 + shallow * s.xp.exp(-0.1 * u) + steep * sodium * s.xp.exp(-u))
