"""Membranes in time, with events."""
