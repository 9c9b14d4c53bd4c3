"""Naming the owner of whatever goes wrong inside a mechanism's own code."""

from __future__ import annotations

from typing import Any

from attrs.exceptions import FrozenInstanceError

from .._errors import PhysicsError, PumpleakError, near
from .._place import place


class blame:  # noqa: N801 - reads as a statement
    """Name the owner in whatever goes wrong inside a mechanism's own code."""

    def __init__(self, owner: str, cls: type) -> None:
        """Watch what is within.

        Args:
            owner: how messages name the mechanism.
            cls: its class, which says whose files are the author's.
        """
        self.owner = owner
        self.is_card = getattr(cls, "card", None) is not None
        modules = {base.__module__.partition(".")[0] for base in cls.__mro__}
        self.packages = modules - {"pumpleak", "builtins"}

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception):
            return
        where = place(error, self.packages)
        at = f" ({where})" if where else ""
        if isinstance(error, PumpleakError):
            if self.owner in str(error):
                return
            known = type(error) if isinstance(error, PhysicsError) else PhysicsError
            raise known(f"{self.owner}: {error}{at}") from error
        raise PhysicsError(f"{self.owner}: {self._told(error)}{at}") from error

    def _told(self, error: Exception) -> str:
        """Return what an exception means, and what to do where that is known."""
        if isinstance(error, FrozenInstanceError):
            return (
                "it keeps a value between calls, but its physics must be a pure function; give it "
                "a gate or a pool with states(self, s)"
            )
        if isinstance(error, AttributeError) and error.name is not None:
            known = [name for name in dir(error.obj) if not name.startswith("_")]
            return f"{type(error.obj).__name__} has no {error.name!r}{near(error.name, known)}"
        if self.is_card:
            return f"its equations cannot be worked out: {error}"
        told = f"its physics raised {type(error).__name__}: {error}"
        if isinstance(error, TypeError):
            # an expression stands where a number was wanted: float(), math, numpy, //, if
            told += (
                "; use the functions of s.xp, and s.xp.where instead of if, or declare it opaque"
            )
        return told
