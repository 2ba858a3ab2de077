"""Runs of other tools, read from their files and kept as runs like any other."""
