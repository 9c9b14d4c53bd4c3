"""A and B with C that CasADi generates: its residuals and exact Jacobians in a Newton loop.

CasADi writes one step, the solution of its linear system included; a loop in C around it damps,
stops a member once its step is small, and goes on to the next.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np
from equations import (
    AREA,
    GATE_A,
    GATE_A2,
    N_X,
    OSM,
    P_K_A2,
    START_A,
    START_B,
    STARTS_A2,
    W0,
    Z_X,
    F,
    current_a,
    currents_b,
)
from protocol import members, report

_LOOP = """
#include <math.h>
#include "{name}.c"
void solve(long members, const double *p, const double *start, double *x) {{
    double step[{unknowns}];
    for (long m = 0; m < members; m++) {{
        double *now = x + m * {unknowns};
        for (int j = 0; j < {unknowns}; j++) now[j] = start[j];
        const double *arg[2] = {{now, p + m * {parameters}}};
        double *res[1] = {{step}};
        for (int i = 0; i < 60; i++) {{
            {name}(arg, res, 0, 0, 0);
            double worst = 0;
            for (int j = 0; j < {unknowns}; j++) worst = fmax(worst, fabs(step[j]));
            double damp = worst > {longest} ? {longest} / worst : 1;
            for (int j = 0; j < {unknowns}; j++) now[j] += damp * step[j];
            if (worst < {small}) break;
            if (i == 59 || !(worst < 1e300)) {{ now[0] = NAN; break; }}
        }}
    }}
}}
"""


def compiled(name: str, x: Any, p: Any, residual: Any, longest: float, small: float) -> Any:
    """Return the C function that solves members of one system."""
    folder = Path(sys.argv[1])
    step = -ca.solve(ca.jacobian(residual, x), residual)
    function = ca.Function(name, [x, p], [step])
    writer = ca.CodeGenerator(f"{name}.c")
    writer.add(function)
    writer.generate(f"{folder}/")
    loop = folder / f"{name}_loop.c"
    loop.write_text(
        _LOOP.format(
            name=name,
            unknowns=x.numel(),
            parameters=p.numel(),
            longest=longest,
            small=small,
        )
    )
    library = folder / f"{name}.so"
    options = ["-O3", "-march=native", "-shared", "-fPIC"]
    subprocess.run(["gcc", *options, str(loop), "-o", str(library), "-lm"], check=True)
    solve = ctypes.CDLL(str(library)).solve
    pointer = np.ctypeslib.ndpointer(np.float64, flags="C")
    solve.argtypes = [ctypes.c_long, pointer, pointer, pointer]
    solve.restype = None
    return solve


def membrane_a(name: str, gate: tuple[float, float]) -> Any:
    """Return the solver of A or its bistable variant: one unknown, mV."""
    x, p = ca.SX.sym("V"), ca.SX.sym("p", 5)
    return compiled(name, x, p, current_a(ca, x, ca.vertsplit(p), gate), 20.0, 1e-9)


def membrane_b() -> Any:
    """Return the solver of B: voltage over 100 mV, logarithms of concentrations and of volume."""
    x, p = ca.SX.sym("x", 5), ca.SX.sym("p", 6)
    Na, K, Cl, w = (ca.exp(x[i]) for i in range(1, 5))
    currents = currents_b(ca, 100 * x[0], Na, K, Cl, ca.vertsplit(p))
    # Charge inside is what the capacitor holds, in mM: tiny beside the ions, but it is the voltage.
    charge = Na + K - Cl + Z_X * N_X / (w * W0) * 1e6 - x[0] * 1e-7 * AREA / (F * w * W0) * 1e6
    inside = Na + K + Cl + N_X / (w * W0) * 1e6
    residual = ca.vertcat(*currents, charge, inside - OSM)
    return compiled("step_b", x, p, residual, 1.0, 1e-11)


def main() -> None:
    """Solve and report."""
    drawn_a = np.ascontiguousarray(members("A")[:, :200_000].T)
    drawn_b = np.ascontiguousarray(members("B")[:, :100_000].T)
    a, a2, b = membrane_a("step_a", GATE_A), membrane_a("step_a2", GATE_A2), membrane_b()
    logs = np.log([START_B["Na"], START_B["K"], START_B["Cl"], 1.0])
    start_b = np.array([START_B["V"] / 100, *logs])

    def solve(call: Any, drawn: Any, start: Any) -> Any:
        found = np.empty((len(drawn), len(start)))
        call(len(drawn), drawn, start, found)
        return found[:, 0]

    def from_starts() -> list[Any]:
        p = np.array([[P_K_A2, 4e-8, 0.02, 1.5, 4.0]])
        found = [float(solve(a2, p, np.array([start]))[0]) for start in STARTS_A2]
        return [V if np.isfinite(V) else None for V in found]

    report(
        {
            "A": (lambda: solve(a, drawn_a, np.array([START_A])), len(drawn_a)),
            "B": (lambda: 100 * solve(b, drawn_b, start_b), len(drawn_b)),
        },
        from_starts,
        f"CasADi {ca.__version__}, generated C, gcc -O3 -march=native",
    )


if __name__ == "__main__":
    main()
