"""What TensorBoard's writers leave in their event files."""
