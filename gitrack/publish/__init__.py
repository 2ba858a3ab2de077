"""From records to a static site."""
