"""What this plugin supplies, as text; the physics is imported when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.host import FilterRecord, MechanismRecord, hookimpl

_CHANNELS = (
    ("TREK1", "K2P2.1: large background K channel, opened by heat and inside acid"),
    ("TREK2", "K2P10.1: as TREK1, with an earlier threshold than TRAAK"),
    ("TRAAK", "K2P4.1: background K channel that heat opens above about 31 degC"),
    ("TASK1", "K2P3.1: background K channel closed by outside acid near pH 7.2"),
    ("TASK3", "K2P9.1: background K channel closed by outside acid near pH 6.4"),
    ("TWIK1", "K2P1.1: background K channel that lets Na in when outside K is low"),
    ("THIK1", "K2P13.1: background K channel of small conductance"),
    ("TRESK", "K2P18.1: background K channel of sensory neurons"),
)


@hookimpl
def pumpleak_mechanisms() -> Iterator[MechanismRecord]:
    """Register the channels."""
    for name, summary in _CHANNELS:
        yield MechanismRecord(
            name=name,
            factory=f"pumpleak_k2p.{name.lower()}:{name}",
            summary=summary,
            kind="channel",
            ions=("K", "Na"),
        )


@hookimpl
def pumpleak_filters() -> Iterator[FilterRecord]:
    """Register the selectivity filter."""
    yield FilterRecord(
        name="TVGYG",
        factory="pumpleak_k2p.filters:TVGYG",
        summary="K2P carbonyl cage: rigid, sized for K; P_K >> P_Na",
    )
