"""What a membrane is made of: ions, solutions, channels, transporters, compartments."""
