"""Locks: a membrane runs only with the plugins and cards that it was locked with.

A lock says what must be here; it is no guard against code that already runs in this interpreter,
since what changes pumpleak itself changes what looks.
"""

from __future__ import annotations

from ._cards import card_states as card_states
from ._check import LIBRARIES as LIBRARIES
from ._check import Comparison as Comparison
from ._check import compare as compare
from ._check import libraries as libraries
from ._check import named_in as named_in
from ._check import notes as notes
from ._check import plugin_owners as plugin_owners
from ._check import require as require
from ._file import Lock as Lock
from ._file import LockedCard as LockedCard
from ._file import LockedDistribution as LockedDistribution
from ._file import lock_path as lock_path
from ._file import read_lock as read_lock
from ._file import read_tables as read_tables
from ._installed import Installed as Installed
from ._installed import as_installed as as_installed
from ._installed import digest as digest
from ._installed import installed as installed
from ._installed import read_record as read_record
