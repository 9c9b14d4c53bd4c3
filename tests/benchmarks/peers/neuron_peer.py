"""A and B with NEURON, each as a mechanism in NMODL, one section a member.

A: implicit steps so long that each is one of Newton's, from finitialize on. B: CVODE with a time
step for each member, until the slowest disturbance has died out. Only running is timed: sections
are built, and given their parameters, before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from equations import (
    AREA,
    GATE_A,
    GATE_A2,
    N_X,
    P_K_A2,
    START_A,
    START_B,
    STARTS_A2,
    W0,
    Z_X,
    F,
)
from protocol import members, report

#: How many members are solved at a time.
A_MEMBERS, B_MEMBERS = 20_000, 500
STEPS_A = 8
#: ms; the slowest disturbance of the nominal B dies out in 37 s.
END_B = 1e6


def compiled() -> Any:
    """Compile the mechanisms into the folder of work and return NEURON with them loaded."""
    from neuron import h

    folder = Path(sys.argv[1])
    mechanisms = folder / "mechanisms"
    mechanisms.mkdir()
    for file in Path(__file__).parent.glob("*.mod"):
        shutil.copy(file, mechanisms)
    tool = Path(sys.executable).with_name("nrnivmodl")
    tools = os.pathsep.join((str(tool.parent), os.environ["PATH"]))
    subprocess.run(
        [str(tool), "mechanisms"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PATH": tools},
    )
    [library] = folder.glob("*/libnrnmech.so")
    h.nrn_load_dll(str(library))
    return h


def sections(h: Any, mechanism: str, names: tuple[str, ...], drawn: Any) -> list[Any]:
    """Return one section a member, with its parameters."""
    found = []
    for member in drawn.T:
        section = h.Section()
        section.nseg, section.cm = 1, 1.0
        section.L = section.diam = 10.0
        section.insert(mechanism)
        for name, value in zip(names, member, strict=True):
            setattr(section(0.5), f"{name}_{mechanism}", float(value))
        found.append(section)
    return found


def reader(h: Any, cells: list[Any]) -> Callable[[], Any]:
    """Return a call that reads every cell's voltage at once, mV."""
    pointers, read = h.PtrVector(len(cells)), h.Vector(len(cells))
    for i, cell in enumerate(cells):
        pointers.pset(i, cell(0.5)._ref_v)

    def voltages() -> Any:
        pointers.gather(read)
        return np.array(read.as_numpy())

    return voltages


def run_a(h: Any, voltages: Callable[[], Any], start: float) -> Any:
    """Return where steps of 1e9 ms lead, mV; nan where the last two still differ."""
    h.CVode().active(0)
    h.dt = 1e9
    h.finitialize(start)
    for _ in range(STEPS_A - 1):
        h.fadvance()
    before = voltages()
    h.fadvance()
    after = voltages()
    return np.where(np.abs(after - before) < 1e-3, after, np.nan)


def run_b(h: Any, voltages: Callable[[], Any]) -> Any:
    """Return the voltages after `END_B`, mV."""
    steps = h.CVode()
    steps.active(1)
    steps.use_local_dt(1)
    steps.atol(1e-6)
    h.finitialize(START_B["V"])
    steps.solve(END_B)
    return voltages()


def main() -> None:
    """Solve and report."""
    h = compiled()
    names_a = ("PK", "PNa", "gCl", "Imax", "Kout", "charge", "half")
    names_b = ("gNa", "gK", "gCl", "gKCC2", "Ip", "Kout", "nNa0", "nK0", "nCl0", "w0")
    w, K, Cl = W0 * 1e9, START_B["K"], START_B["Cl"]
    capacitor = START_B["V"] * 1e-9 * AREA / F * 1e15
    Na = (capacitor - Z_X * N_X * 1e15) / w - K + Cl  # so that charge and voltage agree
    a2 = sections(h, "refa", names_a, np.array([[P_K_A2, 4e-8, 0.02, 1.5, 4.0, *GATE_A2]]).T)
    at_rest = [float(run_a(h, reader(h, a2), start)[0]) for start in STARTS_A2]
    a2.clear()
    state: dict[str, Any] = {}

    def solve(name: str) -> Any:
        if name not in state:
            state.clear()  # NEURON advances whatever sections there are
            drawn = members(name)[:, : A_MEMBERS if name == "A" else B_MEMBERS]
            gate = [np.full(drawn.shape[1], value) for value in GATE_A]
            amounts = [np.full(drawn.shape[1], value) for value in (Na * w, K * w, Cl * w, w)]
            state["cells"] = (
                sections(h, "refa", names_a, np.array([*drawn, *gate]))
                if name == "A"
                else sections(h, "refb", names_b, np.array([*drawn, *amounts]))
            )
            state[name] = reader(h, state["cells"])
        return run_a(h, state["A"], START_A) if name == "A" else run_b(h, state["B"])

    report(
        {"A": (lambda: solve("A"), A_MEMBERS), "B": (lambda: solve("B"), B_MEMBERS)},
        lambda: [V if np.isfinite(V) else None for V in at_rest],
        f"NEURON {h.nrnversion(5)}; A: dt = 1e9 ms, {STEPS_A} steps; B: CVODE, atol 1e-6",
    )


if __name__ == "__main__":
    main()
