"""Many membranes at once: compiled kernels over arrays of members."""

from ._result import KINDS as KINDS
from ._result import STATUSES as STATUSES
from ._result import ManyRests as ManyRests
from ._solve import check_outputs as check_outputs
from ._solve import solve_many as solve_many
