"""What this distribution registers; imports no numerics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pumpleak.host import MechanismRecord, hookimpl

_Kind = Literal["channel", "pump", "cotransporter", "exchanger"]

# name of the law by log ratio, module, kind, ions, what a cycle does
_ELECTRONEUTRAL: tuple[tuple[str, str, _Kind, tuple[str, ...], str], ...] = (
    ("KCC2", "kcc2", "cotransporter", ("K", "Cl"), "K-Cl cotransporter, 1 K 1 Cl out"),
    ("NKCC1", "nkcc1", "cotransporter", ("Na", "K", "Cl"), "Na-K-Cl cotransporter, 1:1:2 in"),
    ("NCC", "ncc", "cotransporter", ("Na", "Cl"), "Na-Cl cotransporter, 1 Na 1 Cl in"),
    ("NHE", "nhe", "exchanger", ("Na", "H"), "Na/H exchanger, 1 Na in for 1 H out"),
    ("AE", "ae", "exchanger", ("Cl", "HCO3"), "Cl/HCO3 exchanger, 1 Cl in for 1 HCO3 out"),
)
_LAWS = (
    ("", "by driving force"),
    ("Product", "by product difference"),
    ("Saturable", "with sites that fill"),
)
_CALCIUM: tuple[tuple[str, str, _Kind, tuple[str, ...], str], ...] = (
    ("NCX", "ncx", "exchanger", ("Na", "Ca"), "Na/Ca exchanger, 3 Na : 1 Ca (Luo & Rudy 1994)"),
    ("NCXLogRatio", "ncx", "exchanger", ("Na", "Ca"), "Na/Ca exchanger, 3:1, by driving force"),
    ("PMCA", "pmca", "pump", ("Ca", "H"), "Ca-ATPase, 1 Ca out for 2 H in, Michaelis law"),
    ("PMCAReversible", "pmca", "pump", ("Ca", "H"), "Ca-ATPase that stops where ATP cannot pay"),
)


@hookimpl
def pumpleak_mechanisms() -> Iterator[MechanismRecord]:
    """Register the transporters."""
    entries = [
        (name + suffix, module, kind, ions, f"{summary}, {law}")
        for name, module, kind, ions, summary in _ELECTRONEUTRAL
        for suffix, law in _LAWS
    ]
    for name, module, kind, ions, summary in (*entries, *_CALCIUM):
        yield MechanismRecord(
            name=name,
            factory=f"pumpleak_cotransporters.{module}:{name}",
            summary=summary,
            kind=kind,
            ions=ions,
        )
