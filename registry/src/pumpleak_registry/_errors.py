"""The exceptions of the registry.

PumpleakError
└── RegistryError        anything refused; carries a numbered code, what is wrong, and a fix
    └── RecordError      … a record of the index that does not say what it must
"""

from __future__ import annotations

from pumpleak._errors import PumpleakError


class RegistryError(PumpleakError):
    """Something that the registry refuses, with nothing changed.

    Args:
        code: the numbered code, ``R101``; docs/reference/registry-index.md lists them.
        cause: what is wrong, and what was got.
        fix: what to do about it.
    """

    def __init__(self, code: str, cause: str, fix: str) -> None:
        self.code = code
        self.cause = cause
        self.fix = fix
        super().__init__(f"{code}: {cause}; {fix}")


class RecordError(RegistryError, ValueError):
    """A record of the index that does not say what it must."""

    def __init__(self, cause: str, fix: str) -> None:
        super().__init__("R001", cause, fix)
