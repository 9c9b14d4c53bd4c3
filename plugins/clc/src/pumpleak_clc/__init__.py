"""CLC chloride channels for pumpleak."""
