"""Na/K-ATPases for pumpleak."""
