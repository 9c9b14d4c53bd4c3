"""What a number is of: quantities with units, physical constants."""
