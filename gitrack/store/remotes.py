"""Where large data is sent to: a DVC remote, by the setting or by the user's own DVC project."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gitrack.errors import ConfigError, DataError, GitrackError
from gitrack.resources import data_dir
from gitrack.settings import read_settings
from gitrack.store.repository import Repository

#: The sub-folder of a remote that is the user's own, so that neither's ``dvc gc`` meets the other.
SUB_FOLDER = "gitrack"
CONFIG = ".dvc/config"
_NAME = "gitrack"
_SETTING = "data_remote"
#: What of a remote's options anyone may read; all others may hold secrets or this machine's paths.
_PUBLIC = (
    "account_name", "allow_anonymous_login", "endpointurl", "oss_endpoint", "port",
    "projectname", "region", "user",
)  # fmt: skip
#: Options of a remote that names objects otherwise: a folder of its own below it need not.
_VERSIONED = ("version_aware", "worktree")
#: Schemes whose addresses name a person without a secret.
_PERSONAL = ("ssh", "sftp", "hdfs")
_MOST = 1 << 16  # bytes of a branch's configuration


@dataclass(frozen=True)
class Remote:
    """
    A DVC remote.

    Attributes
    ----------
    url : str
        Its address, or an absolute path.
    options : mapping of str to Any
        As DVC's configuration has them, credentials among them; never written anywhere.
    """

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The address without credentials."""
        return without_credentials(self.url)

    @property
    def folder(self) -> Path | None:
        """The folder, if it is one of this machine."""
        parts = urlsplit(self.url)
        if parts.scheme == "file":
            return Path(parts.path)
        return None if parts.scheme else Path(self.url)

    def database(self) -> Any:
        """
        Open it as dvc-data's ``HashFileDB``.

        Raises
        ------
        DataError
            If DVC does not know its kind, or lacks the package for it.
        """
        import dvc.data_cloud
        from dvc.exceptions import DvcException
        from dvc.fs import ConfigError as FilesystemError
        from dvc.fs import RemoteMissingDepsError, get_cloud_fs, known_implementations

        scheme = urlsplit(self.url).scheme
        if scheme and scheme not in known_implementations:
            raise DataError(self.shown, f"DVC knows no remote of the kind {scheme}://")
        try:
            kind, options, path = get_cloud_fs({}, url=self.url, **self.options)
            filesystem = kind(**options)
            return dvc.data_cloud.Remote(_NAME, path, filesystem, **options).odb
        except (ImportError, RemoteMissingDepsError) as error:
            raise DataError(self.shown, f"pip install 'dvc[{scheme}]' first") from error
        except (DvcException, FilesystemError) as error:
            raise DataError(self.shown, one_line(error)) from error


def find_remote(repository: Repository) -> Remote | None:
    """
    Find where a repository's large data goes.

    The setting ``data_remote`` first: an address, a path, or the name of a remote of the user's
    own DVC project. Then that project's default remote, then what an experiments branch says, from
    wherever it was cloned. In a remote of the user's own DVC project, ours is a sub-folder.

    Raises
    ------
    ConfigError
        If the setting names nothing that there is, or the DVC project's configuration is broken.
    """
    own = _own_remotes(repository)
    wanted = read_settings(repository.work_tree).data_remote
    if wanted is None:
        default = own.default
        return own.below(default) if default else _remote_of_branches(repository, own)
    if wanted.lower() in own.remotes:
        return own.below(wanted.lower())
    if "://" not in wanted and not any(mark in wanted for mark in "/\\.~"):
        raise ConfigError(
            _SETTING, f"no DVC remote is named {wanted!r} here (a folder is written ./{wanted})"
        )
    return own.at(_absolute(wanted, repository))


class _OwnRemotes:
    """The remotes of the user's DVC configuration: of the project, this machine, this person."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.remotes: Mapping[str, Mapping[str, Any]] = config.get("remote", {})
        self.default: str | None = config.get("core", {}).get("remote")
        self._config = config

    def below(self, name: str) -> Remote:
        """Return our sub-folder of a remote."""
        from dvc.exceptions import DvcException
        from dvc.fs import get_fs_config

        try:
            options = dict(get_fs_config(self._config, name=name))
        except (DvcException, KeyError) as error:
            raise ConfigError(CONFIG, f"the remote {name!r}: {one_line(error)}") from error
        address, mark, query = str(options.pop("url")).partition("?")
        return Remote(f"{address.rstrip('/')}/{SUB_FOLDER}{mark}{query}", _usable(options))

    def at(self, url: str) -> Remote:
        """Return a remote by its address, with the options of the own one that holds it."""
        best: Mapping[str, Any] = {}
        for options in self.remotes.values():
            address = str(options["url"]).rstrip("/")
            closer = len(address) > len(str(best.get("url", "")))
            if closer and (url == address or url.startswith(f"{address}/")):
                best = options
        return Remote(url, _usable({key: best[key] for key in best if key != "url"}))


def _usable(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in _VERSIONED}


def _own_remotes(repository: Repository) -> _OwnRemotes:
    """Read DVC's configuration as the user's own ``dvc`` does in the work tree."""
    from dvc.config import Config
    from dvc.exceptions import DvcException

    project = None if repository.work_tree is None else repository.work_tree / ".dvc"
    there = project is not None and project.is_dir()
    try:
        return _OwnRemotes(Config(str(project) if there else None))
    except (DvcException, OSError) as error:
        raise ConfigError(CONFIG, one_line(error)) from error


def _absolute(place: str, repository: Repository) -> str:
    """Return an address as it is, and a path as an absolute one."""
    if "://" in place:
        return place
    start = repository.work_tree or repository.common_dir
    return os.path.abspath(start / Path(place).expanduser())  # noqa: PTH100 - links stay


def _remote_of_branches(repository: Repository, own: _OwnRemotes) -> Remote | None:
    """Find the remote that an experiments branch names."""
    from gitrack.store.reader import Reader

    for tip in dict.fromkeys(Reader(repository).branches().values()):
        section = _section(_config_at(repository, tip))
        if isinstance(url := section.get("url"), str) and url:
            found = own.at(url)
            public = {key: section[key] for key in _PUBLIC if key in section}
            return Remote(url, {**public, **found.options})
    return None


def branch_config(
    repository: Repository, remote: Remote | None, parent: str | None
) -> dict[str, bytes]:
    """
    Return the DVC configuration that a branch should have, where it has another.

    Parameters
    ----------
    repository : Repository
        Where the branch is.
    remote : Remote or None
        Where its data goes.
    parent : str or None
        The commit to compare with; None on a new branch.

    Returns
    -------
    dict
        ``.dvc/config`` and its content, or nothing.
    """
    if remote is None:
        return {}
    config = _config_at(repository, parent)
    wanted = {"url": remote.shown}
    wanted |= {key: str(remote.options[key]) for key in _PUBLIC if key in remote.options}
    if _section(config) == wanted and config.get("core", {}).get("remote") == _NAME:
        return {}
    config.setdefault("core", {})["remote"] = _NAME
    config[f'remote "{_NAME}"'] = wanted
    return {CONFIG: b"".join(line.encode() + b"\n" for line in config.write())}


def _config_at(repository: Repository, commit: str | None) -> Any:
    """Read a branch's DVC configuration, as anyone may have written it."""
    from configobj import ConfigObj, ConfigObjError

    content = (data_dir("templates") / "branch" / CONFIG).read_bytes()
    if commit is not None:
        try:
            content = repository.git.run("cat-file", "blob", f"{commit}:{CONFIG}")[:_MOST]
        except GitrackError:
            content = b""
    lines = content.decode("utf-8", "replace").splitlines()
    try:
        return ConfigObj(lines, interpolation=False, list_values=True)
    except ConfigObjError:
        return ConfigObj(interpolation=False)


def _section(config: Any) -> dict[str, Any]:
    return dict(config.get(f'remote "{_NAME}"', {}))


def without_credentials(url: str) -> str:
    """
    Take what may be a secret out of an address: passwords, tokens, signed queries.

    Examples
    --------
    >>> without_credentials("https://me:secret@host/data?sig=abc")
    'https://host/data'
    >>> without_credentials("ssh://ada:secret@host:22/data")
    'ssh://ada@host:22/data'
    """
    if "://" not in url:
        return url
    parts = urlsplit(url)
    who, mark, host = parts.netloc.rpartition("@")
    person = who.partition(":")[0] + mark if parts.scheme in _PERSONAL else ""
    return urlunsplit((parts.scheme, person + host, parts.path, "", ""))


def one_line(error: BaseException) -> str:
    """Return what an error of DVC's or of a file system's says, in one line."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(without_secrets(said).split())


def without_secrets(text: str) -> str:
    """Take credentials out of the addresses in a text."""
    return " ".join(without_credentials(word) if "://" in word else word for word in text.split())
