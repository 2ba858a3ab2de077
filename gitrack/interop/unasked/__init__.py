"""Runs of scripts that never ask for one: begun when they write their first event file."""
