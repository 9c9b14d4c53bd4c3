"""Solvers for pumpleak: every resting state of a membrane."""
