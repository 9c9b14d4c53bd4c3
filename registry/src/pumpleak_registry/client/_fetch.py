"""Fetching for TUF, from folders as from servers: bounds on bytes, time and version numbers."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

#: What a whole file may take; a body that drips in slower holds the client up on purpose.
DEADLINE_S = 600.0
_SILENCE_S = 20
_CHUNK = 1 << 18
#: A registry that signs once a second needs eleven days for it.
LARGEST_STEP = 1_000_000
_VERSIONED = re.compile(r"(?P<version>\d+)\.(?P<role>[^/]+)\.json")
_NOT_FOUND = 404


class FastForwardError(DownloadError):
    """Metadata whose version number is further ahead than honest signing can have come."""


class SlowError(DownloadError):
    """A body that took too long as a whole."""


class Fetcher(FetcherInterface):
    """Fetches from a folder or a server, and remembers the last file for messages.

    Args:
        base: the registry's location, the beginning of every address.
        folder: the same as a folder, if it is one.
        trusted: the folder of metadata verified before; a version number is measured by it.
    """

    def __init__(self, base: str, folder: Path | None, trusted: Path) -> None:
        self._base = base
        self._folder = folder
        self._trusted = trusted
        #: The last file asked for, relative to the registry, and what came as its bytes.
        self.path = ""
        self.body = b""

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Download metadata; refuse a version number that leaps.

        Raises:
            DownloadError: it is not to be had, too long, too slow, or leaps.
        """
        self.body = b""
        data = super().download_bytes(url, max_length)
        self.body = data
        self._refuse_leap()
        return data

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.path = unquote(url.removeprefix(self._base).lstrip("/"))
        if self._folder is None:
            return self._receive(url)
        return self._read(self._folder / self.path)

    def _read(self, path: Path) -> Iterator[bytes]:
        root = self._folder
        assert root is not None
        try:
            # a link must not make the client read what is outside of the registry
            inside = path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
            handle = path.open("rb")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DownloadHTTPError(f"{path} is not there", _NOT_FOUND) from error
        except OSError as error:
            raise DownloadError(str(error.strerror)) from error
        with handle:
            if not inside:
                raise DownloadError(f"{path} leads out of the registry")
            while chunk := handle.read(_CHUNK):
                yield chunk

    def _receive(self, url: str) -> Iterator[bytes]:
        began = time.monotonic()
        request = urllib.request.Request(url, headers={"User-Agent": "pumpleak-registry"})
        try:
            with urllib.request.urlopen(request, timeout=_SILENCE_S) as response:
                while chunk := response.read1(_CHUNK):
                    if time.monotonic() - began > DEADLINE_S:
                        raise SlowError(f"it took more than {DEADLINE_S:g} s")
                    yield chunk
        except HTTPError as error:
            error.close()
            raise DownloadHTTPError(f"the server says {error.code}", error.code) from error
        except TimeoutError as error:
            raise SlowError(f"nothing came for {_SILENCE_S} s") from error
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)  # urllib wraps what the system said
            raise DownloadError(getattr(reason, "strerror", None) or str(reason)) from error

    def _refuse_leap(self) -> None:
        name = self.path.rpartition("/")[2]
        match = _VERSIONED.fullmatch(name)
        if match:
            role, version = match["role"], int(match["version"])
        else:
            role, version = name.removesuffix(".json"), version_of(self.body)
        before = 0
        try:
            before = version_of((self._trusted / f"{role}.json").read_bytes())
        except OSError:
            return  # seen for the first time: there is nothing to leap from
        if before and version > before + LARGEST_STEP:
            raise FastForwardError(f"{name} is version {version}, and the last one was {before}")


def version_of(data: bytes) -> int:
    """Return the version that metadata gives itself; 0 if it cannot be read."""
    try:
        version = json.loads(data)["signed"]["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return version if isinstance(version, int) else 0
