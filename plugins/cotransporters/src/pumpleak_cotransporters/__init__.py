"""Cotransporters and exchangers for pumpleak."""
