"""What tests of sweeps share: a small population, and a transporter that fails on demand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from building import K2P, NALCN, membrane, reference_a2

import pumpleak as pl
from pumpleak.population import (
    Grid,
    Histogram,
    LogNormal,
    LogUniform,
    Moments,
    Population,
    Quantiles,
)

#: The smallest chunk that there is.
CHUNK = 4096


def small(members: int = 3 * CHUNK + 100, **more: Any) -> Population:
    given: dict[str, Any] = {
        "members": members,
        "seed": 1,
        "summary": [Histogram(), Moments(), Quantiles(bins=1000)],
        **more,
    }
    vary = {
        "outside.K": LogUniform(low="2 mM", high="20 mM"),
        "pump.density": LogNormal(median="1.5 uA/cm^2", cv=0.4),
    }
    return Population(reference_a2(), vary, **given)


def here(population: Any, out: Path, **more: Any) -> Any:
    """Sweep in this process, in the smallest chunks."""
    from pumpleak.sweep import run

    return run(population, out, **{"workers": 0, "chunk": CHUNK, **more})


class Brittle(pl.Transporter):
    """A pump that raises where the file of a flag is, for potassium above 9.99 mM."""

    stoichiometry = {"Na": 3, "K": -2}
    atp = 1
    opaque = True
    flag = ""

    def activity(self, s: Any) -> Any:
        if s.outside.K > 9.99 and Path(type(self).flag).exists():
            raise RuntimeError("no data above 9.99 mM")
        return 0.1


def brittle(points: int) -> Population:
    """Return a population of which only the last member fails, if the flag is there."""
    made = membrane(K2P(density="1e-6 cm/s"), NALCN(density="4e-8 cm/s"),
                    Brittle(name="pump", density="1 uA/cm^2"))  # fmt: skip
    return Population(made, {"outside.K": Grid(low="3 mM", high="10 mM", points=points)})


def bits(out: Path) -> dict[str, str]:
    """Return the hash of every file that holds data or metadata, by path in the store."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".pumpleak" not in path.parts
    }
