"""The cells that the benchmarks solve, and populations of them in which every cell differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import pumpleak as pl

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


class Cell(NamedTuple):
    """A membrane's text, and in which mode it is solved."""

    text: str
    mode: str

    @property
    def membrane(self) -> pl.Membrane:
        """The membrane itself."""
        return pl.loads(self.text)


def example(file: str, mode: str) -> Cell:
    """Return a cell of the documentation's examples."""
    return Cell((EXAMPLES / file).read_text(encoding="utf-8"), mode)


#: The reference membranes and the bundled neuron.
CELLS = {
    "A, clamped": example("reference_a.toml", "clamped"),
    "B, steady": example("reference_b.toml", "steady"),
    "neuron, clamped": example("neuron.toml", "clamped"),
    "neuron, steady": example("neuron_steady.toml", "steady"),
}


def population(membrane: pl.Membrane, count: int) -> dict[str, Any]:
    """Return values of cells that differ in every density and in K outside, for `solve_many`.

    Na outside makes up for K, so that charge and osmolarity outside stay as they are.
    """
    rng = np.random.default_rng(0)
    values = {
        name: value * rng.lognormal(0, 0.3, count)
        for name, value in membrane.values.items()
        if name.endswith(".density")
    }
    values["outside.K"] = rng.uniform(2, 8, count)
    together = membrane.values["outside.K"] + membrane.values["outside.Na"]
    values["outside.Na"] = together - values["outside.K"]
    return values


_KINDS = (
    'permeation = {{ kind = "ghk", Na = 1, K = 0.9 }}\ndensity = "{small} cm/s"',
    'permeation = {{ kind = "ghk", K = 1 }}\ndensity = "{large} cm/s"\n'
    'gating = {{ kind = "boltzmann", V_half = "{half} mV", z_g = 0.5 }}',
    'permeation = {{ kind = "ohmic", ion = "Cl" }}\ndensity = "{ohmic} mS/cm^2"\n'
    'gating = {{ kind = "boltzmann", V_half = "{half} mV", z_g = -1 }}',
    'permeation = {{ kind = "ohmic", ion = "K" }}\ndensity = "{ohmic} mS/cm^2"',
)


def with_mechanisms(count: int) -> Cell:
    """Return A's solutions with so many channels of four kinds, no two alike, clamped."""
    text = CELLS["A, clamped"].text.split("[[mechanism]]")[0]
    for i in range(count):
        numbers = {
            "small": 4e-8 * (1 + i / 20),
            "large": 1e-6 / (1 + i),
            "ohmic": 0.02 / (1 + i),
            "half": -40 - i,
        }
        body = _KINDS[i % len(_KINDS)].format(**numbers)
        text += f'[[mechanism]]\nuse = "channel"\nname = "m{i}"\n{body}\n\n'
    return Cell(text, "clamped")


_FREE = ("Na", "K", "Cl", "volume", "Rb", "Cs", "Br", "Li")


def with_free(count: int) -> Cell:
    """Return B with so many of its ions and volume free, 1 to 8; each added ion has a leak.

    Every one of these cells has a stable steady state: sodium is pumped, the others rest at
    equilibrium.
    """
    free = _FREE[:count]
    ions = [f'"{name}"' for name in free if name != "volume"]
    text = CELLS["B, steady"].text.replace(
        'free = ["Na", "K", "Cl"]', f"free = [{', '.join(ions)}]"
    )
    if "volume" not in free:
        text = text.replace("swells = true\n", "")
        text = text.replace('water_permeability = "0.015 cm/s"\n', "")
    inside, outside, leaks = "", "", ""
    for ion in free[4:]:
        inside += f'{ion} = "20 mM"\n'
        outside += f'{ion} = "1 mM"\n'
        leaks += (
            f'\n[[mechanism]]\nuse = "channel"\nname = "leak_{ion}"\ndensity = "0.05 mS/cm^2"\n'
            f'permeation = {{ kind = "ohmic", ion = "{ion}" }}\n'
        )
    text = text.replace("[outside]\n", f"{inside}\n[outside]\n{outside}")
    return Cell(text + leaks, "steady")
