"""What a config can be made from: mappings, parsed arguments, flags, files, OmegaConf."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gitrack.record.values import mapping_from, text_from

_YAML = (".yaml", ".yml", ".json")
_WANDB = frozenset(("desc", "value"))


def config_from(source: Any) -> dict[str, Any]:
    """
    Return settings as a dict, whatever they come as.

    Parameters
    ----------
    source : mapping, argparse.Namespace, absl flags, dataclass, OmegaConf, pydantic or attrs \
object, or path of a YAML file
        The settings. Absl's own flags do not count.

    Raises
    ------
    TypeError
        If it holds no settings.
    ValueError
        If it is a file that cannot be read as YAML settings.
    OSError
        If it is a file that cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        return _from_file(Path(source))
    omegaconf = sys.modules.get("omegaconf")
    if omegaconf is not None and omegaconf.OmegaConf.is_config(source):
        # An interpolation that does not resolve stays as it was written.
        try:
            found = omegaconf.OmegaConf.to_container(source, resolve=True)
        except Exception:  # noqa: BLE001 - OmegaConf has a tree of errors of its own
            found = omegaconf.OmegaConf.to_container(source, resolve=False)
        source = found
    elif hasattr(source, "flag_values_dict") and hasattr(source, "flags_by_module_dict"):
        source = _from_flags(source)
    elif callable(getattr(source, "model_dump", None)) and not isinstance(source, type):
        source = source.model_dump()
    elif fields := getattr(type(source), "__attrs_attrs__", None):
        source = {field.name: getattr(source, field.name) for field in fields}
    items = mapping_from(source)
    if items is None:
        raise TypeError(f"a config is a mapping, not a {type(source).__name__}")
    return {text_from(key): value for key, value in items.items()}


def chosen(
    config: Mapping[str, Any],
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
) -> dict[str, Any]:
    """
    Return the settings that `include` names, all where it is None, without those of `exclude`.

    Raises
    ------
    ValueError
        If both are given.
    """
    if include and exclude:
        raise ValueError("config_include_keys and config_exclude_keys do not go together")
    kept = set(config) if include is None or not list(include) else set(include)
    return {key: value for key, value in config.items() if key in kept - set(exclude or ())}


def _from_flags(flags: Any) -> dict[str, Any]:
    """Return flags without those that absl itself brings."""
    modules: Mapping[str, Any] = flags.flags_by_module_dict()
    foreign = {
        name
        for module, found in modules.items()
        if module.split(".")[0] == "absl"
        for flag in found
        for name in (flag.name, flag.short_name)
    }
    values: Mapping[str, Any] = flags.flag_values_dict()
    return {name: value for name, value in values.items() if name not in foreign}


def _from_file(path: Path) -> dict[str, Any]:
    import yaml

    if path.suffix.lower() not in _YAML:
        raise ValueError(f"{path} is no YAML file")
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read as YAML") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no mapping")
    settings: dict[str, Any] = {}
    for key, value in found.items():
        if key == "wandb_version":
            continue
        # W&B's own files say {key: {desc: …, value: …}}.
        wrapped = isinstance(value, dict) and "value" in value and set(value) <= _WANDB
        settings[text_from(key)] = value["value"] if wrapped else value
    return settings
