"""Runs in git: one door to the repository, one way in, one way out."""
