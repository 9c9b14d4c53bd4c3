"""Key files: made, kept strictly, and found again by the role and the key's identifier.

A private key is one PEM file ``ROLE.IDENTIFIER.pem`` (PKCS 8, Ed25519), optionally encrypted with a
passphrase, readable by its owner alone. Beside it stands ``ROLE.IDENTIFIER.pub.pem``, which may be
handed to anybody. The identifier is the first 12 digits of the TUF key identifier, so a rotated key
never overwrites the one before, and a key that is not in the folder can be named.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

import attrs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from ._errors import RegistryError

#: Asked for the passphrase of a file; None means that there is none.
Passphrase = Callable[[Path], str | None]

_SHORT = 12


def no_passphrase(_: Path) -> str | None:
    """Say that a key file has no passphrase."""
    return None


def short(key: Key) -> str:
    """Return the part of a key's identifier that file names and messages use."""
    return str(key.keyid)[:_SHORT]


def make_key(folder: str | os.PathLike[str], role: str, passphrase: str | None = None) -> Key:
    """Make a key pair and write both files; return the public key.

    Args:
        folder: made if it is missing, for its owner alone.
        role: what the key is for; begins the files' names.
        passphrase: encrypts the private file; None leaves it in clear, with mode 600.

    Raises:
        RegistryError: the passphrase is empty, or the folder cannot be written.
    """
    if passphrase is not None and not passphrase:
        raise RegistryError(
            "R203", "the passphrase is empty", "give one, or ask for a key without passphrase"
        )
    where = Path(folder)
    private = Ed25519PrivateKey.generate()
    public = SSlibKey.from_crypto(private.public_key())
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    stem = f"{role}.{short(public)}"
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(
            where / f"{stem}.pem",
            private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock),
            0o600,
        )
        _write(
            where / f"{stem}.pub.pem",
            private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            0o644,
        )
    except OSError as error:
        raise RegistryError(
            "R202",
            f"the key for {role} cannot be written ({error.strerror}: {error.filename})",
            "give a folder of your own with --keys",
        ) from None
    return public


def _write(path: Path, data: bytes, mode: int) -> None:
    # created with its final mode, so that it is never readable for a moment
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read_public(path: str | os.PathLike[str]) -> Key:
    """Read a public key that somebody handed over.

    Raises:
        RegistryError: it is no Ed25519 public key in PEM form.
    """
    fix = "hand over the file ROLE.IDENTIFIER.pub.pem that 'pumpleak registry key' wrote"
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise RegistryError("R202", f"{path} cannot be read ({error.strerror})", fix) from None
    if b"PRIVATE" in text:
        raise RegistryError(
            "R204",
            f"{path} is a private key, which its owner must not give away",
            f"{fix}; a private key that went over a network should be rotated",
        )
    try:
        public = load_pem_public_key(text)
    except ValueError:
        raise RegistryError("R202", f"{path} is no public key in PEM form", fix) from None
    if not isinstance(public, Ed25519PublicKey):
        raise RegistryError("R202", f"{path} is not an Ed25519 key", fix)
    return SSlibKey.from_crypto(public)


def _shown(folder: Path) -> str:
    return str(folder) if folder.is_dir() else f"{folder} (no such folder)"


def _paths(given: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    return tuple(map(Path, given))


@attrs.frozen(kw_only=True)
class KeyRing:
    """The folders in which private keys are looked for.

    Args:
        folders: searched in this order.
        passphrase: asked for the passphrase of an encrypted file.
    """

    folders: tuple[Path, ...] = attrs.field(converter=_paths)
    passphrase: Passphrase = no_passphrase

    @property
    def home(self) -> Path:
        """The folder that new keys are written to."""
        if not self.folders:
            raise RegistryError("R201", "no folder of keys was given", "give one with --keys")
        return self.folders[0]

    def has(self, key: Key) -> bool:
        """Return whether the private part of a key stands in one of the folders."""
        return self._find(key) is not None

    def signer(self, role: str, keys: Iterable[Key]) -> CryptoSigner:
        """Return a signer for one of the keys that a role trusts.

        Raises:
            RegistryError: none of the private keys is here, its file is open to others, or its
                passphrase is wrong; the message names the role and the keys that would do.
        """
        wanted = list(keys)
        for key in wanted:
            if (path := self._find(key)) is not None:
                return self._load(path, key)
        names = " or ".join(f"*.{short(key)}.pem" for key in wanted) or "none is trusted"
        looked = ", ".join(map(_shown, self.folders)) or "no folder"
        raise RegistryError(
            "R201",
            f"the private key of {role} is needed, and is not in {looked} (wanted: {names})",
            "add the folder that holds it with another --keys, or ask its keeper to run this",
        )

    def _find(self, key: Key) -> Path | None:
        for folder in self.folders:
            for path in sorted(folder.glob(f"*.{short(key)}.pem")):
                return path
        return None

    def _load(self, path: Path, key: Key) -> CryptoSigner:
        try:
            mode = path.stat().st_mode
            text = path.read_bytes()
        except OSError as error:
            raise RegistryError(
                "R202", f"key file {path} cannot be read ({error.strerror})", "see its permissions"
            ) from None
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise RegistryError(
                "R205",
                f"key file {path} is open to others (mode {stat.S_IMODE(mode):o})",
                f"run 'chmod 600 {path}', and rotate the key if somebody may have read it",
            )
        encrypted = b"ENCRYPTED" in text
        secret = self.passphrase(path) if encrypted else None
        try:
            private = load_pem_private_key(text, secret.encode() if secret else None)
        except (ValueError, TypeError):
            cause = "its passphrase is missing or wrong" if encrypted else "it is no private key"
            raise RegistryError(
                "R203", f"key file {path} cannot be opened: {cause}", "give the right one"
            ) from None
        if not isinstance(private, Ed25519PrivateKey) or not isinstance(key, SSlibKey):
            raise RegistryError("R202", f"key file {path} is not an Ed25519 key", "make a new one")
        signer = CryptoSigner(private)
        if signer.public_key.keyid != key.keyid:
            raise RegistryError(
                "R202",
                f"key file {path} holds another key than its name says",
                "restore it from its backup",
            )
        return signer


class NewKeys:
    """Keys that are made for a change, which may yet be given up.

    Args:
        ring: the first of its folders receives them.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._made: list[Path] = []

    def make(self, role: str) -> Key:
        """Make a key for a role, as `make_key` does."""
        home = self._ring.home
        new = [folder for folder in (home, *home.parents) if not folder.exists()]
        key = make_key(home, role, self._ring.passphrase(home / f"{role}.pem"))
        self._made += [*home.glob(f"{role}.{short(key)}.*"), *new]
        return key

    def keep(self) -> None:
        """Keep them: the change is made."""
        self._made.clear()

    def unmake(self) -> None:
        """Remove them: the change was given up, and nobody trusts them."""
        for path in self._made:
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        self._made.clear()
