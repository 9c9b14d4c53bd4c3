"""Opening what a sweep stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ._errors import SweepError
from ._folder import Folder

if TYPE_CHECKING:
    import xarray


def open_result(out: str | os.PathLike[str]) -> xarray.Dataset:
    """Open a sweep's store; the same as ``xarray.open_zarr``, but not of one that is not complete.

    Args:
        out: the store.

    Raises:
        SweepError: no sweep has been here, or it is not complete.
    """
    from ..population._dataset import needs_xarray

    folder = Folder(out)
    folder.definition()
    if not folder.is_finished:
        raise SweepError(
            f"{out}: the sweep is not complete; see 'pumpleak sweep --status {out}', or open what "
            "is there with xarray.open_zarr"
        )
    found: xarray.Dataset = needs_xarray().open_zarr(out)
    return found
