"""Rules for solutions."""
