"""The stand-in for ``wandb``: what scripts written for W&B get under ``gitrack exec``."""
