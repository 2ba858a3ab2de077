"""What is more than a number: a class a kind, spooled at the call, encoded later."""
