"""Rules for solvers."""
