"""What is more than a number: one class a kind, spooled at the call, encoded beside the training."""
