"""Changing the key of a role, so that every reader can follow at every moment.

A delegated role (a lab, the catalogue) gets its new key from ``targets`` in one change. The keys of
``targets``, ``snapshot`` and ``timestamp`` stand in the root: what they sign is first signed by the
old and the new key, which holds under both roots, and the new root comes last. A root key is
replaced by a root that enough keys of the old root and of the new one have signed.

Where the old key of a top-level role is lost, the new root has to come first, and between the moves
of two files nobody can read the registry; cut just there, the next command finishes it.
"""

from __future__ import annotations

from collections.abc import Callable

from securesystemslib.signer import Key
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from . import layout
from ._errors import RegistryError
from ._signing import Signing
from .keys import KeyRing, short

_TOP = (Targets.type, Snapshot.type, Timestamp.type)


def rotate(
    signing: Signing,
    ring: KeyRing,
    role: str,
    replace: str | None,
    public: Key | None,
    make: Callable[[str], Key],
) -> tuple[str, ...]:
    """Put the change of a key into a signing; return what was done."""
    if role == Root.type:
        return _root(signing, replace, make)
    if replace is not None:
        raise RegistryError("R208", f"{role} has one key", "leave --replace to the root")
    if role in _TOP:
        return _top(signing, role, make)
    name = role if role == layout.CATALOGUE_ROLE else layout.lab_role(role)
    if name not in signing.state.delegated:
        known = ", ".join([Root.type, *_TOP, layout.CATALOGUE_ROLE, *signing.state.labs])
        raise RegistryError("R208", f"there is no role {role!r}", f"name one of: {known}")
    old = signing.state.keys(name)
    signing.need(Targets.type)
    new = public or make(name)
    signing.retrust(name, new)
    return (
        f"{role} is signed by {short(new)} from now on; {_listed(old)} is not trusted any more.",
        _where(ring, public),
    )


def _top(signing: Signing, role: str, make: Callable[[str], Key]) -> tuple[str, ...]:
    old = signing.state.keys(role)
    new = make(role)
    root = signing.root()
    for key in old:
        root.revoke_key(key.keyid, role)
    root.add_key(new, role)
    signing.sign_by_both(role, new)
    return (
        f"{role} is signed by {short(new)} from now on; {_listed(old)} is not trusted any more.",
        f"The root has version {root.version}; who knows the first root follows it.",
    )


def _root(signing: Signing, replace: str | None, make: Callable[[str], Key]) -> tuple[str, ...]:
    root = signing.root()
    if replace is None:
        return (f"Signed the root anew, as version {root.version}.",)
    keys = signing.state.keys(Root.type)
    found = [key for key in keys if len(replace) >= 6 and key.keyid.startswith(replace)]
    if len(found) != 1:
        raise RegistryError(
            "R208",
            f"no root key begins with {replace!r}",
            f"name one of: {_listed(keys)}",
        )
    new = make("root")
    root.revoke_key(found[0].keyid, Root.type)
    root.add_key(new, Root.type)
    return (
        f"The root key {_listed(found)} is replaced by {short(new)}.",
        f"The root has version {root.version}; who knows the first root follows it.",
    )


def _listed(keys: list[Key]) -> str:
    return ", ".join(map(short, keys))


def _where(ring: KeyRing, public: Key | None) -> str:
    return "Its private key is elsewhere." if public else f"The new key is in {ring.home}."
