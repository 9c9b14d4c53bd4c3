"""The reference membranes as plain equations, for the tools that take any.

Voltages in mV, concentrations in mM, currents in uA/cm2, conductances in mS/cm2, permeabilities in
cm/s, amounts in mol, volumes in cm3; outward current is positive. Nothing of pumpleak is used.
"""

from __future__ import annotations

import math
from typing import Any

F = 96485.33212
VT = 8.314462618 * 310.15 / F * 1000  # mV
K_IN, NA_IN, CL_IN = 140.0, 15.0, 8.0
NA_OUT, CL_OUT = 145.0, 110.0
#: The members of A differ in these, besides K outside.
NOMINAL_A = {"P_K": 1e-6, "P_Na": 4e-8, "g_Cl": 0.02, "I_max": 1.5}
#: What A2 changes: permeability, gating charge and half-activation of its potassium channel.
GATE_A, GATE_A2 = (0.2, -40.0), (-3.0, -80.0)
P_K_A2 = 3e-6
#: Where solvers of A start, mV, and where solvers of A2 do.
START_A = -65.0
STARTS_A2 = (-65.0, -62.0, -61.0)

SIGMA = (math.exp(NA_OUT / 67.3) - 1) / 7
PUMP_NA = 1 / (1 + (10 / NA_IN) ** 1.5)

AREA = 7.853981634e-6
W0 = 1.963495408e-9
N_X, Z_X = 3.065e-13, -0.85
OSM, CL_OUT_B, NA_AND_K = 297.0, 119.0, 148.5
START_B = {"V": -89.5, "Na": 14.0, "K": 123.0, "Cl": 5.0, "w": W0}


def current_a(xp: Any, V: Any, p: Any, gate: tuple[float, float] = GATE_A) -> Any:
    """Return A's outward current.

    Args:
        xp: a module with exp.
        V: voltage.
        p: P_K, P_Na, g_Cl, I_max, K outside.
        gate: gating charge and half-activation of the potassium channel.
    """
    P_K, P_Na, g_Cl, I_max, K_out = p
    u = V / VT
    e = xp.exp(-u)

    def ghk(P: Any, inside: Any, outside: Any) -> Any:
        return P * F * u * (inside - outside * e) / (1 - e)

    charge, half = gate
    k2p = ghk(P_K, K_IN, K_out) / (1 + xp.exp(-charge * (V - half) / VT))
    nalcn = ghk(P_Na, NA_IN, NA_OUT) + ghk(P_Na / 1.1, K_IN, K_out)
    clc2 = g_Cl / (1 + xp.exp((V + 90) / VT)) * (V + VT * math.log(CL_OUT / CL_IN))
    voltage = 1 + 0.1245 * xp.exp(-0.1 * u) + 0.0365 * SIGMA * e
    pump = I_max * PUMP_NA * K_out / (K_out + 1.5) / voltage
    return k2p + nalcn + clc2 + pump


def currents_b(xp: Any, V: Any, Na: Any, K: Any, Cl: Any, p: Any) -> tuple[Any, Any, Any]:
    """Return B's outward currents of Na, K and Cl.

    Args:
        xp: a module with log.
        V: voltage.
        Na: inside.
        K: inside.
        Cl: inside.
        p: gNa, gK, gCl, gKCC2, pump, K outside.
    """
    g_Na, g_K, g_Cl, g_kcc2, I_p, K_out = p
    Na_out = NA_AND_K - K_out
    E_Na, E_K = VT * xp.log(Na_out / Na), VT * xp.log(K_out / K)
    E_Cl = -VT * xp.log(CL_OUT_B / Cl)
    pump = I_p * (Na / Na_out) ** 3
    kcc2 = g_kcc2 * (E_Cl - E_K)
    return (
        g_Na * (V - E_Na) + 3 * pump,
        g_K * (V - E_K) - 2 * pump + kcc2,
        g_Cl * (V - E_Cl) - kcc2,
    )
