"""Sweeps: populations solved chunk by chunk, on one machine or many, into a store that can go on.

>>> from pumpleak.sweep import run, status  # doctest: +SKIP
>>> run("neurons.toml", "neurons.zarr", workers=2)  # doctest: +SKIP
"""

from ._errors import SweepError as SweepError
from ._open import open_result as open_result
from ._run import Finished as Finished
from ._run import run as run
from ._status import Progress as Progress
from ._status import status as status

__all__ = ["Finished", "Progress", "SweepError", "open_result", "run", "status"]
