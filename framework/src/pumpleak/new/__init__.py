"""New distributions from a template, and their updates when the template has moved on.

Nothing here imports any physics; copier, which renders the template, is imported when it is used.
"""

from ._make import make as make
from ._names import KINDS as KINDS
from ._update import Updated as Updated
from ._update import update as update

__all__ = ["KINDS", "Updated", "make", "update"]
