"""Where gitrack meets other tools: importers, the stand-in for wandb, callbacks of frameworks."""
