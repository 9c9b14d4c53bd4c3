"""Following a moving membrane from one event to the next with a stiff integrator."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np

from ._moving import Moving

#: Of scaled coordinates, in which 1 is RT/F, or the amount or volume at the start.
_RELATIVE, _ABSOLUTE = 1e-8, 1e-9
#: Tolerances stand so far above rounding; Newton's method within BDF asks for 1e-4 of them.
_ABOVE, _WELL_ABOVE = 100.0, 2e4
#: Beside an unstable state: steps a fraction of its growth time, until it has been left.
_SHARE, _LEFT, _LONGEST = 0.5, 1e-3, 100.0
#: A real part below this share of its eigenvalue is rounding.
_CERTAIN = 1e-9


@attrs.frozen(kw_only=True, eq=False)
class Stretch:
    """A stretch of time without events.

    Args:
        times_ms: of what was asked for and reached, from the stretch's start, shape (k,).
        x: variables then, shape (n, k).
        end_ms: where it ended.
        last: variables there, shape (n,).
        trouble: why it ended early, in words; None if it did not.
        failed: whether it was the integrator that gave up.
    """

    times_ms: Any
    x: Any
    end_ms: float
    last: Any
    trouble: str | None = None
    failed: bool = False


class _Scaled:
    """A moving membrane in scaled coordinates, zero at the stretch's start."""

    def __init__(self, moving: Moving, x: Any) -> None:
        self.moving = moving
        self.origin = np.array(x, dtype=float)
        self.matrix, self.rounding = moving.coordinates(self.origin)
        self.inverse = np.linalg.inv(self.matrix)

    def x(self, y: Any) -> Any:
        """Return the variables, shape (n,) or (n, k)."""
        origin = self.origin if np.ndim(y) == 1 else self.origin[:, None]
        return origin + self.inverse @ y

    def rates(self, _: float, y: Any) -> Any:
        return self.matrix @ self.moving.rates(self.x(y))

    def jacobian(self, _: float, y: Any) -> Any:
        return self.matrix @ self.moving.jacobian(self.x(y)) @ self.inverse

    def growing_per_ms(self) -> Any:
        """Return the eigenvalues of small disturbances of the start that grow."""
        matrix = self.jacobian(0.0, np.zeros(len(self.origin)))
        if not np.isfinite(matrix).all():
            return np.empty(0)
        found = np.linalg.eigvals(matrix)
        return found[found.real > _CERTAIN * np.abs(found)]


def follow(
    moving: Moving,
    x: Any,
    times_ms: Sequence[float],
    until_ms: float,
    progress: Callable[[float], None] | None = None,
) -> Stretch:
    """Follow a membrane from its variables on.

    Args:
        moving: what to follow.
        x: variables at the start, shape (n,).
        times_ms: from the start, rising, when to look; none after `until_ms`.
        until_ms: where the stretch ends.
        progress: called with the time reached, ms.
    """
    scaled = _Scaled(moving, x)
    wanted = np.asarray(times_ms, dtype=float)
    at = _At(scaled, wanted, until_ms, progress)
    growing = scaled.growing_per_ms()
    if growing.size:
        # An implicit method with long steps damps what really grows, so it would stay for ever.
        at.run(
            at_most=_SHARE / float(np.abs(growing).max()),
            until=min(until_ms, _LONGEST / float(growing.real.max())),
            leave=_LEFT,
        )
    if at.trouble is None:
        at.run()
    return at.stretch()


class _At:
    """How far one stretch has come."""

    def __init__(
        self, scaled: _Scaled, wanted: Any, until: float, progress: Callable[[float], None] | None
    ) -> None:
        self.scaled = scaled
        self.wanted = wanted
        self.until = until
        self.progress = progress
        self.time = 0.0
        self.y = np.zeros(len(scaled.origin))
        self.given = int(np.searchsorted(wanted, 0.0, side="right"))
        self.seen: list[Any] = [self.y[:, None]] * self.given
        self.trouble: str | None = None
        self.failed = False

    def run(
        self, at_most: float = np.inf, until: float | None = None, leave: float | None = None
    ) -> None:
        """Step on.

        Args:
            at_most: longest step, ms.
            until: ms; by default the stretch's end.
            leave: stop as soon as a coordinate has moved so far.
        """
        from scipy.integrate import BDF, LSODA

        end = self.until if until is None else until
        # Where the fast one gives up, the slow one may not.
        for method, above in ((LSODA, _ABOVE), (BDF, _WELL_ABOVE)):
            if self.time >= end:
                return
            try:
                solver = method(
                    self.scaled.rates,
                    self.time,
                    self.y,
                    end,
                    max_step=at_most,
                    rtol=_RELATIVE,
                    atol=np.maximum(_ABSOLUTE, above * self.scaled.rounding),
                    jac=self.scaled.jacobian,
                )
                self.failed = not self._stepped(solver, leave)
            except ValueError:  # SciPy's answer to rates that are not finite
                self.failed = True
            if not self.failed or self.trouble is not None:
                return
        self.trouble = f"the integrator gave up ({self._where()})"

    def _stepped(self, solver: Any, leave: float | None) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SciPy's LSODA warns where it also says that it failed
            while solver.status == "running":
                with np.errstate(all="ignore"):
                    solver.step()
                if solver.status == "failed" or not np.isfinite(solver.y).all():
                    return False
                self._look(solver)
                self.time, self.y = float(solver.t), np.array(solver.y)
                self.trouble = self.scaled.moving.trouble(self.scaled.x(self.y))
                if self.progress is not None:
                    self.progress(self.time)
                if self.trouble is not None:
                    return True
                if leave is not None and np.abs(self.y).max() > leave:
                    return True
        return True

    def _look(self, solver: Any) -> None:
        """Take the wanted times that this step has passed."""
        reached = int(np.searchsorted(self.wanted, solver.t, side="right"))
        if reached > self.given:
            between = solver.dense_output()
            self.seen.append(between(self.wanted[self.given : reached]))
            self.given = reached

    def _where(self) -> str:
        values = ", ".join(
            f"{name} {value:.4g}"
            for name, value in zip(self.scaled.moving.names, self.scaled.x(self.y), strict=True)
        )
        return f"at {values}"

    def stretch(self) -> Stretch:
        """Return what was seen."""
        seen = np.hstack(self.seen) if self.seen else np.empty((len(self.y), 0))
        return Stretch(
            times_ms=self.wanted[: self.given],
            x=self.scaled.x(seen),
            end_ms=self.time,
            last=self.scaled.x(self.y),
            trouble=self.trouble,
            failed=self.failed,
        )
