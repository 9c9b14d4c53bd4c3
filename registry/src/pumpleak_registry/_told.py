"""How a command ends that cannot do what it was asked: in words, with one exit code for all.

0 is done; 1 is an answer that is no: nothing found, a file not admitted, not as locked; 2 is used
wrongly, refused, or could not be done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click


class Refused(click.ClickException):
    """What the user can mend: a paragraph, exit code 2."""

    exit_code = 2


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn errors into a paragraph, without traceback."""
    from pumpleak._errors import PumpleakError

    try:
        yield
    except PumpleakError as error:
        raise Refused(str(error)) from error
    except BrokenPipeError:
        raise  # a reader that stopped reading is for click to handle
    except OSError as error:
        what = error.strerror or str(error)
        if isinstance(error, PermissionError):
            what += "; see its permissions, and whose it is"
        raise Refused(f"{error.filename}: {what}" if error.filename else what) from error
