"""What this plugin supplies, as text; the physics is imported when somebody asks for it."""

from __future__ import annotations

from pumpleak.host import FilterRecord, MechanismRecord, hookimpl


@hookimpl
def pumpleak_mechanisms() -> list[MechanismRecord]:
    """Register the channels."""
    return [
        MechanismRecord(
            name="ClC1",
            factory="pumpleak_clc.clc1:ClC1",
            summary="ClC-1: the resting chloride conductance of skeletal muscle, two gates",
            kind="channel",
            ions=("Cl",),
        ),
        MechanismRecord(
            name="ClC2",
            factory="pumpleak_clc.clc2:ClC2",
            summary="ClC-2: chloride channel that opens on hyperpolarisation and inside Cl",
            kind="channel",
            ions=("Cl",),
        ),
    ]


@hookimpl
def pumpleak_filters() -> list[FilterRecord]:
    """Register the selectivity filter."""
    return [
        FilterRecord(
            name="amide-dipole",
            factory="pumpleak_clc.filters:AMIDES",
            summary="CLC amide dipoles: a positive place; anions only, Cl > Br > I",
        )
    ]
