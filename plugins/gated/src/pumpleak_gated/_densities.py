"""What the density of a channel with a default may be given as."""

from __future__ import annotations

from pumpleak import quantity

#: A conductance or a count, of the cell or per area: whatever the default itself is written in.
CONDUCTANCE_OR_COUNT = tuple(
    quantity(example).dimension for example in ("1 mS/cm^2", "1 nS", "1 /um^2", "1 channel")
)
