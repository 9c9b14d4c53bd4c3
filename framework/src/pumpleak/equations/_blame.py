"""Naming the owner of whatever goes wrong inside a mechanism's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs.exceptions import FrozenInstanceError

from .._errors import PhysicsError, PumpleakError, near
from .._place import place
from ..parts._local import LocalState

if TYPE_CHECKING:
    from ..membranes._membrane import Membrane
    from ..parts._mechanism import Mechanism


class Owner:
    """How messages name a mechanism, worked out when one has to be told.

    Asking every plugin whose class this is costs more than most mechanisms' physics, which is
    run again and again where it cannot be traced.

    Args:
        membrane: that has the mechanism.
        mechanism: which.
    """

    __slots__ = ("_mechanism", "_membrane")

    def __init__(self, membrane: Membrane, mechanism: Mechanism) -> None:
        self._membrane, self._mechanism = membrane, mechanism

    def __str__(self) -> str:
        return self._membrane.owner_of(self._mechanism)


class blame:  # noqa: N801 - reads as a statement
    """Name the owner in whatever goes wrong inside a mechanism's own code."""

    __slots__ = ("_class", "_owner")

    def __init__(self, owner: str | Owner, cls: type) -> None:
        """Watch what is within.

        Args:
            owner: how messages name the mechanism.
            cls: its class, which says whose files are the author's.
        """
        self._owner, self._class = owner, cls

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, Exception | SystemExit):  # a plugin may not end the program
            return
        modules = {base.__module__.partition(".")[0] for base in self._class.__mro__}
        where = place(error, modules - {"pumpleak", "builtins"})
        at = f" ({where})" if where else ""
        if isinstance(error, PumpleakError):
            owner = str(self._owner)
            if owner in str(error):
                return
            known = type(error) if isinstance(error, PhysicsError) else PhysicsError
            raise known(f"{owner}: {error}{at}") from error
        raise PhysicsError(f"{self._owner}: {self._told(error)}{at}") from error

    def _told(self, error: Exception | SystemExit) -> str:
        """Return what an exception means, and what to do where that is known."""
        if isinstance(error, FrozenInstanceError):
            return (
                "it keeps a value between calls, but its physics must be a pure function; give it "
                "a gate or a pool with states(self, s)"
            )
        if isinstance(error, AttributeError) and error.name is not None:
            known = [name for name in dir(error.obj) if not name.startswith("_")]
            if type(error.obj).__module__.startswith("pumpleak.numbers."):
                return (
                    f"s.xp has no {error.name!r}{near(error.name, known)}; it has "
                    f"{', '.join(known)}; write it with these, or declare it opaque"
                )
            told = f"{type(error.obj).__name__} has no {error.name!r}{near(error.name, known)}"
            if isinstance(error.obj, LocalState):
                given = sorted(name for name in vars(error.obj) if name != "owner")
                told += f"; s hands over {', '.join(given)}"
            return told
        if getattr(self._class, "card", None) is not None:
            return f"its equations cannot be worked out: {error}"
        told = f"its physics raised {type(error).__name__}: {error}"
        if isinstance(error, TypeError) or type(error).__name__ == "SympifyError":
            # an expression stands where a number was wanted: float(), math, numpy, sympy, //, if
            told += (
                "; use the functions of s.xp, and s.xp.where instead of if, or declare it opaque"
            )
        return told
