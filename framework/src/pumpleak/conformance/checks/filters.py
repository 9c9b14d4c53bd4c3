"""Rules for filters."""
