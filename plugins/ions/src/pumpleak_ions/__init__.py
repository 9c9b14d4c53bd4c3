"""Ion species and named solutions."""
