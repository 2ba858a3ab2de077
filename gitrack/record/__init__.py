"""Recording: from a running script to a committed run."""
