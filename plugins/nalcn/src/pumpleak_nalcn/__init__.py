"""The sodium leak channel NALCN for pumpleak."""
