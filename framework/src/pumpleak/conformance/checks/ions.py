"""Rules for ions."""
