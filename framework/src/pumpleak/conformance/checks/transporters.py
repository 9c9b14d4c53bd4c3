"""Rules for transporters."""
