"""Wandb's errors: scripts that catch them catch ours."""

from gitrack.errors import ArtifactNotFoundError, GitrackError, RunNotFoundError, UsageError

__all__ = [
    "AuthenticationError",
    "CommError",
    "ConfigError",
    "Error",
    "MissingArtifactError",
    "MissingRunError",
    "UnsupportedError",
    "UsageError",
]

Error = GitrackError


class CommError(GitrackError):
    """Something that W&B would ask its server for, and that is not recorded here."""


class AuthenticationError(CommError):
    """Never raised: there is no account."""


class UnsupportedError(UsageError):
    """Something that cannot be done here."""


class ConfigError(GitrackError):
    """Never raised: a config takes any value, and says once what it cannot keep."""


class MissingRunError(RunNotFoundError, CommError, ValueError):
    """A run that is not recorded, as W&B's Api reports it."""


class MissingArtifactError(ArtifactNotFoundError, CommError, ValueError):
    """An artifact that is not recorded, as W&B's Api reports it."""
