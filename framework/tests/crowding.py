"""Membranes of many members: the reference, a bistable one, and each member solved alone."""

from __future__ import annotations

import numpy as np
from building import K2P, NALCN, ClC2, LuoRudyPump, membrane

import pumpleak as pl
from pumpleak.equilibria._problem import ClampedProblem
from pumpleak.many._members import leaves, rows


def reference(**changes):
    return membrane(
        K2P(**{"name": "k2p", "density": "1e-6 cm/s", **changes}),
        NALCN(name="nalcn", density="4e-8 cm/s"),
        ClC2(name="clc2", density="0.02 mS/cm^2"),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
    )


def bistable():
    gating = pl.Boltzmann(V_half="-80 mV", z_g=-3)
    return membrane(
        K2P(name="k2p", density="3e-6 cm/s", gating=gating),
        NALCN(name="nalcn", density="4e-8 cm/s"),
        ClC2(name="clc2", density="0.02 mS/cm^2"),
        LuoRudyPump(name="pump", density="1.5 uA/cm^2"),
    )


def spread(cell, count, *names, seed=0, sigma=0.3):
    draw = np.random.default_rng(seed)
    return {name: cell.values[name] * draw.lognormal(0.0, sigma, count) for name in names}


def alone(cell, values, member):
    """The states of one member by the solver of single membranes."""
    given_ = {name: float(value) for name, value in rows(leaves(cell, values), member).items()}
    from pumpleak.membranes._lookup import solver_named

    _, solve = solver_named(None, "clamped")
    return solve(ClampedProblem(cell, given_), prove=False)


DENSITIES = ("k2p.density", "nalcn.density", "clc2.density", "pump.density")
