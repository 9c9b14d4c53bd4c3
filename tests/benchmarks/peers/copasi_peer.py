"""A and B with COPASI's steady-state task, the models as ordinary differential equations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import basico
import COPASI
import numpy as np
from equations import (
    AREA,
    CL_IN,
    CL_OUT,
    CL_OUT_B,
    GATE_A,
    GATE_A2,
    K_IN,
    N_X,
    NA_AND_K,
    NA_IN,
    NA_OUT,
    OSM,
    P_K_A2,
    PUMP_NA,
    SIGMA,
    START_A,
    START_B,
    STARTS_A2,
    VT,
    W0,
    Z_X,
    F,
)
from protocol import members, report

PARAMETERS_A = {"PK": 1e-6, "PNa": 4e-8, "gCl": 0.02, "Imax": 1.5, "Kout": 4.0}
PARAMETERS_B = {"gNa": 0.02, "gK": 0.35, "gCl": 0.2, "gKCC2": 0.02, "Ip": 1000.0, "Kout": 3.5}


class Model:
    """A model in COPASI whose parameters and start can be set without a detour.

    Args:
        parameters: their values by name.
        equations: expressions by name, in terms of quantities in braces.
        rates: of the unknowns, by name.
        starts: of the unknowns, by name.
    """

    def __init__(
        self,
        parameters: dict[str, float],
        equations: dict[str, str],
        rates: dict[str, str],
        starts: dict[str, float],
    ) -> None:
        self.data = basico.new_model(name="membrane")
        for name, value in parameters.items():
            basico.add_parameter(name, value, model=self.data)
        for name, value in starts.items():
            basico.add_parameter(name, value, model=self.data)
        for name, text in equations.items():
            basico.add_parameter(name, type="assignment", expression=braced(text), model=self.data)
        for name, text in rates.items():
            basico.set_parameters(
                name, exact=True, type="ode", expression=braced(text), model=self.data
            )
        self.model = self.data.getModel()
        assert self.model.compileIfNecessary()
        values = self.model.getModelValues()
        self.of = {name: values.getByName(name) for name in (*parameters, *starts, *equations)}
        self.starts = starts
        self.task = self.data.getTask("Steady-State")
        # what speeds it up and is not asked for
        problem = self.task.getProblem()
        problem.setJacobianRequested(False)
        problem.setStabilityAnalysisRequested(False)
        # Newton's method alone first, which is twice as fast; then with integration, as by default
        self.integrates = self.task.getMethod().getParameter("Use Integration")
        self.changed = COPASI.ObjectStdVector()
        for name in (*parameters, *starts):
            self.changed.append(self.of[name].getInitialValueReference())

    def solved(self, numbers: dict[str, float], wanted: str) -> float:
        """Return a quantity at the steady state reached; nan where COPASI says it found none."""
        for name, value in numbers.items():
            self.of[name].setInitialValue(float(value))
        self.model.updateInitialValues(self.changed)
        for integrates in (False, True):
            if integrates != self.integrates.getBoolValue():
                self.integrates.setBoolValue(integrates)
            if self.task.process(True) and self.task.getResult() in (
                COPASI.CSteadyStateMethod.found,
                COPASI.CSteadyStateMethod.foundEquilibrium,
            ):
                return float(self.of[wanted].getValue())
        return float("nan")

    def population(self, names: Sequence[str], drawn: Any, wanted: str) -> Any:
        """Return the quantity of every member, each from the same start."""
        return np.array(
            [
                self.solved({**self.starts, **dict(zip(names, member, strict=True))}, wanted)
                for member in drawn.T
            ]
        )


def braced(text: str) -> str:
    """Return an expression with its quantities as COPASI names them: $V$ is Values[V]."""
    parts = text.split("$")
    return "".join(f"{{Values[{part}]}}" if i % 2 else part for i, part in enumerate(parts))


def membrane_a(gate: tuple[float, float], parameters: dict[str, float]) -> Model:
    """Return A or its bistable variant; dV/dt = -I/C."""
    charge, half = gate

    def ghk(P: str, inside: float, outside: str) -> str:
        return f"({P})*{F}*$u$*({inside}-{outside}*$e$)/(1-$e$)"

    equations = {
        "u": f"$V$/{VT}",
        "e": "exp(-$u$)",
        "k2p": f"{ghk('$PK$', K_IN, '$Kout$')}/(1+exp({-charge / VT}*($V$+{-half})))",
        "nalcn": f"{ghk('$PNa$', NA_IN, str(NA_OUT))}+{ghk('$PNa$/1.1', K_IN, '$Kout$')}",
        "clc": f"$gCl$/(1+exp(($V$+90)/{VT}))*($V$+{VT}*log({CL_OUT}/{CL_IN}))",
        "pump": f"$Imax$*{PUMP_NA}*$Kout$/($Kout$+1.5)"
        f"/(1+0.1245*exp(-0.1*$u$)+{0.0365 * SIGMA}*$e$)",
    }
    rate = {"V": "-($k2p$+$nalcn$+$clc$+$pump$)"}
    return Model(parameters, equations, rate, {"V": START_A})


def membrane_b() -> Model:
    """Return B in fmol and pL; its voltage follows from the charge inside."""
    area_F = AREA / F * 1e15 * 1e-6  # uA/cm2 -> fmol/s
    equations = {
        "Na": "$nNa$/$w$",
        "K": "$nK$/$w$",
        "Cl": "$nCl$/$w$",
        "V": f"({F}*1e-15*($nNa$+$nK$-$nCl$+({Z_X * N_X * 1e15}))/{1e-6 * AREA})*1000",
        "Naout": f"{NA_AND_K}-$Kout$",
        "ENa": f"{VT}*log($Naout$/$Na$)",
        "EK": f"{VT}*log($Kout$/$K$)",
        "ECl": f"-{VT}*log({CL_OUT_B}/$Cl$)",
        "pump": "$Ip$*($Na$/$Naout$)^3",
        "kcc2": "$gKCC2$*($ECl$-$EK$)",
    }
    rates = {
        "nNa": f"-{area_F}*($gNa$*($V$-$ENa$)+3*$pump$)",
        "nK": f"-{area_F}*($gK$*($V$-$EK$)-2*$pump$+$kcc2$)",
        "nCl": f"{area_F}*($gCl$*($V$-$ECl$)-$kcc2$)",
        # cm2 cm/s cm3/mol mol/cm3 = cm3/s; 1e9 of them are pL
        "w": f"{AREA * 0.015 * 18 * 1e-6 * 1e9}*($Na$+$K$+$Cl$+{N_X * 1e15}/$w$-{OSM})",
    }
    w = W0 * 1e9
    K, Cl = START_B["K"], START_B["Cl"]
    capacitor = START_B["V"] * 1e-3 * 1e-6 * AREA / F * 1e15
    Na = (capacitor - Z_X * N_X * 1e15) / w - K + Cl  # so that the start is at its voltage
    starts = {"nNa": Na * w, "nK": K * w, "nCl": Cl * w, "w": w}
    return Model(PARAMETERS_B, equations, rates, starts)


def main() -> None:
    """Solve and report."""
    drawn_a, drawn_b = members("A")[:, :10_000], members("B")[:, :5_000]
    a, b = membrane_a(GATE_A, PARAMETERS_A), membrane_b()
    a2 = membrane_a(GATE_A2, {**PARAMETERS_A, "PK": P_K_A2})

    def from_starts() -> list[Any]:
        found = [a2.solved({"V": start}, "V") for start in STARTS_A2]
        return [V if np.isfinite(V) else None for V in found]

    report(
        {
            "A": (lambda: a.population(list(PARAMETERS_A), drawn_a, "V"), drawn_a.shape[1]),
            "B": (lambda: b.population(list(PARAMETERS_B), drawn_b, "V"), drawn_b.shape[1]),
        },
        from_starts,
        f"COPASI {COPASI.CVersion.VERSION.getVersion()}, steady-state task",
    )


if __name__ == "__main__":
    main()
