"""Two-pore-domain potassium channels for pumpleak."""
