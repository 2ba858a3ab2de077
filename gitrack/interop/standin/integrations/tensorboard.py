"""``wandb.tensorboard``."""

from typing import Any

from gitrack.record.notice import warn_once

__all__ = ["patch", "unpatch"]


def patch(*_arguments: Any, **_options: Any) -> None:
    """Have event files recorded, as ``init(sync_tensorboard=True)`` does."""
    warn_once("tensorboard", "wandb.tensorboard.patch(): what SummaryWriter writes is not recorded")


def unpatch() -> None:
    """Do nothing: no class was changed."""
