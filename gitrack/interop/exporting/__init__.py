"""Recorded runs as files that other tools read."""
