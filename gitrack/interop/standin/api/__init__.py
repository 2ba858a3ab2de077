"""``wandb.Api``: questions about what is recorded here."""
