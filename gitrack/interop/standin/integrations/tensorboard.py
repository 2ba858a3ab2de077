"""``wandb.tensorboard``."""

import os
from typing import Any

from gitrack.record.session import follow_tensorboard, session

__all__ = ["patch", "unpatch"]


def patch(
    save: Any = True,  # noqa: ARG001 - taken for W&B's sake
    tensorboard_x: Any = None,  # noqa: ARG001
    pytorch: Any = None,  # noqa: ARG001
    root_logdir: str | os.PathLike[str] = "",
) -> None:
    """Have event files recorded, as ``init(sync_tensorboard=True)`` does."""
    follow_tensorboard(root_logdir)


def unpatch() -> None:
    """Follow no event files in runs that begin from now on; no class was changed."""
    session.event_root = None
