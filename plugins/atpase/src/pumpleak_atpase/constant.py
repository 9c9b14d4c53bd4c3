"""A sodium pump that nothing modulates."""

from __future__ import annotations

from typing import Any

from pumpleak import LocalState

from ._sodium_pump import SodiumPump


class Constant(SodiumPump):
    """Runs at the rate that its density says, whatever voltage and concentrations are.

    For textbook arguments (pump current as a constant in the balance), and as a control.
    """

    def activity(self, s: LocalState) -> Any:
        """Return 1."""
        return 1.0
