"""Cotransporters, exchangers and the calcium pump for pumpleak."""
