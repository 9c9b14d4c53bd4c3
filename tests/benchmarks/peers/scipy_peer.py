"""A with SciPy's vectorised bracketing solver; from a start, A2 with its general one."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from equations import GATE_A2, P_K_A2, STARTS_A2, current_a
from protocol import members, report
from scipy.optimize import elementwise, root


def main() -> None:
    """Solve and report."""
    drawn = members("A")[:, :100_000]

    def solve() -> Any:
        found = elementwise.find_root(
            lambda V, *p: current_a(np, V, p), (-200.0, 150.0), args=tuple(drawn)
        )
        return np.where(found.success, found.x, np.nan)

    def from_starts() -> list[Any]:
        p = (P_K_A2, 4e-8, 0.02, 1.5, 4.0)
        found = [root(lambda V: current_a(np, V, p, GATE_A2), start) for start in STARTS_A2]
        return [float(one.x[0]) if one.success else None for one in found]

    note = f"SciPy {scipy.__version__}, optimize.elementwise.find_root; A2: optimize.root"
    report({"A": (solve, drawn.shape[1])}, from_starts, note)


if __name__ == "__main__":
    main()
