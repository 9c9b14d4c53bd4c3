"""Which registry is meant, where what was fetched of it is kept, and why it is trusted.

Nothing here imports TUF: a search in what was fetched before needs none.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import attrs
import platformdirs

from pumpleak._atomic import written_whole

from .._errors import RegistryError
from ..layout import FIRST_ROOT, METADATA_DIR

VARIABLE = "PUMPLEAK_REGISTRY"
_APP = "pumpleak"
_LARGEST_ROOT = 512_000


def data_folder() -> Path:
    """Return the user's folder for pumpleak's data."""
    return Path(platformdirs.user_data_path(_APP, appauthor=False))


def embedded() -> Path:
    """Return where the registry stands that needs no server: the user's own."""
    return data_folder() / "registry"


@attrs.frozen(kw_only=True)
class Place:
    """A registry, by where it is.

    Args:
        location: a folder's absolute path, or a URL without a slash at its end.
    """

    location: str

    @property
    def folder(self) -> Path | None:
        """The folder, if it is one."""
        return None if self.location.startswith(("http://", "https://")) else Path(self.location)

    @property
    def key(self) -> str:
        """A short name that no other registry has."""
        return hashlib.sha256(self.location.encode()).hexdigest()[:16]

    @property
    def state(self) -> Path:
        """The folder that holds what was fetched and verified of it."""
        return data_folder() / "client" / self.key

    def address(self, path: str) -> str:
        """Return where a file of the registry is to be had."""
        return f"{self.location}/{path}"


def place(given: str | None) -> Place:
    """Return the registry that is meant: as given, as PUMPLEAK_REGISTRY says, or the user's own.

    Args:
        given: a folder or an http(s) URL.

    Raises:
        RegistryError: it is neither, or the folder is no registry.
    """
    text = given or os.environ.get(VARIABLE, "").strip()
    try:
        url = urlsplit(text if "://" in text else "")
        known = url.scheme in ("", "file") or bool(url.scheme in ("http", "https") and url.hostname)
        _ = url.port  # is read when it is asked for
    except ValueError:
        known = False
    if known and url.hostname and url.scheme != "file":
        return Place(location=text.rstrip("/"))
    if known and url.scheme:
        text = unquote(url.path)
    elif not known:
        raise RegistryError(
            "R501",
            f"a registry is a folder or an http(s) address (got {text!r})",
            "give --registry FOLDER or --registry URL",
        )
    folder = Path(text).expanduser().resolve() if text else embedded()
    if not (folder / METADATA_DIR).is_dir():
        fix = (
            "give the folder that holds metadata/ and targets/"
            if text
            else f"give --registry FOLDER or URL, set {VARIABLE}, or make a registry of your own "
            "with 'pumpleak registry init'"
        )
        raise RegistryError("R501", f"there is no registry in {folder}", fix)
    return Place(location=str(folder))


def trusted_root(where: Place, given: str | os.PathLike[str] | None) -> bytes:
    """Return the root that a registry is trusted by: the one kept, or else the one given.

    Args:
        where: the registry.
        given: the file that the registry's keeper handed out; needed once.

    Raises:
        RegistryError: no root was ever given; or it is another than was given before.
    """
    offered = None if given is None else _read_root(Path(given))
    kept = _pins().get(where.location)
    if kept is None:
        return _own_root(where) if offered is None else offered
    if offered is not None and hashlib.sha256(offered).hexdigest() != kept:
        raise RegistryError(
            "R503",
            f"{given} is not the root by which {where.location} is trusted since the first time",
            f"ask its keeper which is right; to trust this one, take the line of the registry out "
            f"of {_pin_file()}",
        )
    stored = _root_file(kept)
    data = _read_root(stored)
    if hashlib.sha256(data).hexdigest() != kept:
        raise RegistryError(
            "R503",
            f"{stored} is not the root that was kept there",
            f"delete it, take the line out of {_pin_file()}, and give --root FILE again",
        )
    return data


def keep_root(where: Place, root: bytes) -> None:
    """Trust a registry by a root from now on, once all that it serves fits that root."""
    pins = _pins()
    if where.location in pins:
        return
    sha256 = hashlib.sha256(root).hexdigest()
    _root_file(sha256).parent.mkdir(parents=True, exist_ok=True)
    # the root first: a line without its root would bar the registry
    with written_whole(_root_file(sha256)) as temporary:
        temporary.write_bytes(root)
    text = json.dumps({"format": 1, "roots": {**pins, where.location: sha256}}, indent=2)
    with written_whole(_pin_file()) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def fetched_from(given: str | None) -> Place | None:
    """Return the registry that a lock is to name, if any is trusted here; None if none is.

    Args:
        given: the registry, if the user names one: it must be one then.

    Raises:
        RegistryError: what the user names is no registry.
    """
    try:
        where = place(given)
    except RegistryError:
        if given is not None:
            raise
        return None
    return where if given is not None or where.location in _pins() else None


def _own_root(where: Place) -> bytes:
    # whoever can write into the user's own folder can write into the pins as well
    if where.location == str(embedded()):
        return _read_root(embedded() / FIRST_ROOT)
    raise RegistryError(
        "R502",
        f"{where.location} is not trusted yet",
        "give --root FILE once: the registry's first root (1.root.json), as its keeper handed it "
        "to you, not as the registry itself serves it",
    )


def _read_root(path: Path) -> bytes:
    fix = "give --root FILE: the registry's first root, 1.root.json"
    try:
        if path.stat().st_size > _LARGEST_ROOT:
            raise RegistryError("R502", f"{path} is too large for a root", fix)
        data = path.read_bytes()
    except OSError as error:
        raise RegistryError(
            "R502", f"the root {path} cannot be read ({error.strerror})", fix
        ) from error
    # whether it holds is for TUF to say; what is no root at all is told by its name
    try:
        is_root = json.loads(data)["signed"]["_type"] == "root"
    except (ValueError, KeyError, TypeError, RecursionError):
        is_root = False
    if not is_root:
        raise RegistryError("R502", f"{path} is no root of a registry", fix)
    return data


def _config() -> Path:
    return Path(platformdirs.user_config_path(_APP, appauthor=False))


def _pin_file() -> Path:
    return _config() / "registries.json"


def _root_file(sha256: str) -> Path:
    return _config() / "roots" / f"{sha256}.root.json"


def _pins() -> dict[str, str]:
    path = _pin_file()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise RegistryError(
            "R503", f"{path} cannot be read ({error})", "mend it, or delete it and give --root FILE"
        ) from error
    roots = data.get("roots") if isinstance(data, dict) else None
    if not isinstance(roots, dict) or not all(isinstance(v, str) for v in roots.values()):
        raise RegistryError(
            "R503", f"{path} holds no roots", "mend it, or delete it and give --root FILE"
        )
    return roots
