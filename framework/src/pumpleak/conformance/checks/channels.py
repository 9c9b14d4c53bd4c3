"""Rules for channels."""
