"""What this distribution registers; imports no numerics."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.host import MechanismRecord, hookimpl

_PUMPS = (
    ("NaK", "nak", "Na/K-ATPase: Hill laws in inside Na and outside K, voltage, temperature"),
    ("Constant", "constant", "Na/K-ATPase that nothing modulates"),
    ("Cubic", "cubic", "Na/K-ATPase driven by (Na_in/Na_out)^3 (Duesterwald 2018)"),
    ("Linear", "linear", "Na/K-ATPase driven by Na_in/Na_out (Duesterwald 2018)"),
    ("LuoRudy", "luo_rudy", "Na/K-ATPase of heart models (Luo & Rudy 1994)"),
    ("Switched", "switched", "Na/K-ATPase switched by Na_in and K_out (Huebel & Dahlem 2014)"),
    ("TwoSite", "two_site", "Na/K-ATPase with two classes of sodium sites (Hamada 2003)"),
    ("FifteenState", "fifteen_state", "Na/K-ATPase as a reversible cycle of 15 states (Pan 2018)"),
)


@hookimpl
def pumpleak_mechanisms() -> Iterator[MechanismRecord]:
    """Register the pumps."""
    for name, module, summary in _PUMPS:
        yield MechanismRecord(
            name=name,
            factory=f"pumpleak_atpase.{module}:{name}",
            summary=summary,
            kind="pump",
            ions=("Na", "K"),
        )
