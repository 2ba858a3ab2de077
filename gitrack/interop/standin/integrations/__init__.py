"""The callbacks of ``wandb.integration``: W&B's classes and metric names, gitrack's runs."""
