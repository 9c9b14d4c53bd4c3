"""Voltage-gated and inward-rectifying channels for pumpleak."""
