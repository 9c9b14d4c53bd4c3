"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path


def check_place(path: str | os.PathLike[str]) -> None:
    """Refuse a file that could not be written, before anything long begins.

    Raises:
        OSError: its folder is not there, or nothing may be written into it; the error names `path`.
    """
    folder = Path(path).parent
    if not folder.is_dir():
        number = errno.ENOTDIR if folder.exists() else errno.ENOENT
    elif not os.access(folder, os.W_OK | os.X_OK):
        number = errno.EACCES
    else:
        return
    raise OSError(
        number, f"{os.strerror(number)} ({folder} must be a folder to write in)", str(path)
    )


@contextlib.contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the name of a new file to write; rename it to `path` only when all went well.

    Args:
        path: where the file shall stand in the end.

    Yields:
        A temporary name beside it, so that the rename stays on one file system and is atomic.

    Raises:
        OSError: it cannot be written; the error names `path`, not the temporary name.
    """
    where = Path(path)
    temporary = where.with_name(f".{where.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, where)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(where)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
