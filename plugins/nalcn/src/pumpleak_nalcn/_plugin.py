"""What this plugin supplies, as text; the physics is imported when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from pumpleak.host import FilterRecord, MechanismRecord, hookimpl

_CHANNELS = (
    ("NALCN", ("Na", "K"), "the sodium leak: Na and K, blocked by outside Ca and Mg"),
    ("NALCNCa", ("Na", "K", "Ca"), "NALCN that also carries a little Ca"),
)
_FILTERS = (
    ("EEKE", "NALCN: the lysine weakens the field; Na like K, divalents poorly"),
    ("EKEE", "NALCN's other motif: same net charge, hence the same ratios as EEKE"),
    ("EEEE", "calcium channel's four glutamates: a strong field that catches Ca"),
)


@hookimpl
def pumpleak_mechanisms() -> Iterator[MechanismRecord]:
    """Register the channels."""
    for name, ions, summary in _CHANNELS:
        yield MechanismRecord(
            name=name,
            factory=f"pumpleak_nalcn.nalcn:{name}",
            summary=summary,
            kind="channel",
            ions=ions,
        )


@hookimpl
def pumpleak_filters() -> Iterator[FilterRecord]:
    """Register the selectivity filters."""
    for name, summary in _FILTERS:
        yield FilterRecord(name=name, factory=f"pumpleak_nalcn.filters:{name}", summary=summary)
