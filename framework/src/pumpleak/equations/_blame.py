"""Naming the owner of whatever goes wrong inside a mechanism's own code."""

from __future__ import annotations

from typing import Any

from attrs.exceptions import FrozenInstanceError

from .._errors import PhysicsError, PumpleakError, near


class blame:  # noqa: N801 - reads as a statement
    """Name the owner in whatever goes wrong inside a mechanism's own code."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception):
            return
        if isinstance(error, PumpleakError):
            if self.owner in str(error):
                return
            if isinstance(error, PhysicsError):
                raise type(error)(f"{self.owner}: {error}") from error
            raise PhysicsError(f"{self.owner}: {error}") from error
        if isinstance(error, FrozenInstanceError):
            raise PhysicsError(
                f"{self.owner}: it keeps a value between calls, but its physics must be a pure "
                "function; give it a gate or a pool with states(self, s)"
            ) from error
        if isinstance(error, AttributeError) and error.name is not None:
            known = [name for name in dir(error.obj) if not name.startswith("_")]
            raise PhysicsError(
                f"{self.owner}: {type(error.obj).__name__} has no {error.name!r}"
                f"{near(error.name, known)}"
            ) from error
        raise PhysicsError(
            f"{self.owner}: its physics raised {type(error).__name__}: {error}; "
            "use the functions of s.xp, and s.xp.where instead of if, or declare it opaque"
        ) from error
