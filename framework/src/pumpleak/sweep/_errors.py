"""What a sweep refuses."""

from __future__ import annotations

from .._errors import PumpleakError


class SweepError(PumpleakError, ValueError):
    """A sweep that cannot begin or go on, with the reason and what to do."""
