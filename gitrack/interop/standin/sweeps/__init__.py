"""Searches for good settings, described as W&B describes sweeps, run here."""
