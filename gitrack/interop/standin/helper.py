"""``wandb.helper``."""

from collections.abc import Iterable
from typing import Any

from gitrack.record.config_source import chosen, config_from


def parse_config(
    params: Any, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, Any]:
    """
    Return settings as a dict, those that are included or not excluded.

    Examples
    --------
    >>> parse_config({"lr": 0.1, "verbose": True}, exclude=["verbose"])
    {'lr': 0.1}
    """
    return chosen(config_from(params), include, exclude)
