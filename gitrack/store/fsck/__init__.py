"""Checking everything that is recorded, and what of it can be repaired."""
