"""A config from whatever scripts have: mappings, objects, flags, files."""

import argparse
import dataclasses
import json
import subprocess
import sys

import pytest

import gitrack
from gitrack.record.config_source import chosen, config_from


@dataclasses.dataclass
class Model:
    depth: int = 2


@dataclasses.dataclass
class Options:
    lr: float = 0.1
    model: Model = dataclasses.field(default_factory=Model)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"lr": 0.1, 3: "x"}, {"lr": 0.1, "3": "x"}),
        (argparse.Namespace(lr=0.1), {"lr": 0.1}),
        (Model(3), {"depth": 3}),
    ],
)
def test_settings_come_as_mappings_and_objects(source, expected):
    assert config_from(source) == expected


@pytest.mark.parametrize("source", [3, [1, 2], object(), None, Options])
def test_what_holds_no_settings_is_refused(source):
    with pytest.raises(TypeError, match="a config is a mapping"):
        config_from(source)


def test_a_yaml_file_is_read_plain_and_in_wandbs_own_form(tmp_path):
    plain, wrapped = tmp_path / "a.yaml", tmp_path / "b.yml"
    plain.write_text("lr: 0.1\nmodel:\n  value: 3\n  depth: 2\n")
    wrapped.write_text("wandb_version: 1\nlr:\n  desc: rate\n  value: 0.2\nseed:\n  value: 1\n")
    assert config_from(plain) == {"lr": 0.1, "model": {"value": 3, "depth": 2}}
    assert config_from(str(wrapped)) == {"lr": 0.2, "seed": 1}


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [", "a: !!python/object:os.system x", "\udc00"])
def test_a_file_that_holds_no_settings_is_refused(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"a\.yaml"):
        config_from(path)


def test_a_config_that_cannot_be_read_does_not_end_the_script(begin, capsys):
    with begin(config="missing.yaml") as run:
        run.config.lr = 0.1
    assert "config" in capsys.readouterr().err
    assert gitrack.load(run.id).config == {"lr": 0.1}


def test_pydantic_attrs_and_omegaconf_objects_are_settings(begin):
    attr = pytest.importorskip("attr")
    omegaconf = pytest.importorskip("omegaconf")
    pydantic = pytest.importorskip("pydantic")
    plan = pydantic.create_model("Plan", lr=(float, 0.1), inner=(dict, {"a": 1}))
    shape = attr.make_class("Shape", {"width": attr.ib(default=3)})
    assert config_from(plan()) == {"lr": 0.1, "inner": {"a": 1}}
    assert config_from(shape()) == {"width": 3}
    tree = omegaconf.OmegaConf.create({"lr": 0.1, "warm": "${lr}", "net": {"widths": [1, 2]}})
    broken = omegaconf.OmegaConf.create({"a": "${nothing}", "b": 1})
    assert config_from(tree) == {"lr": 0.1, "warm": 0.1, "net": {"widths": [1, 2]}}
    assert config_from(broken) == {"a": "${nothing}", "b": 1}
    with begin(config=tree) as run:
        run.config["net"] = tree.net
    assert gitrack.load(run.id).config == {"lr": 0.1, "warm": 0.1, "net": {"widths": [1, 2]}}


def test_of_absl_flags_the_programs_own_are_taken(tmp_path):
    pytest.importorskip("absl")
    script = tmp_path / "train.py"
    script.write_text(
        "import json\nfrom absl import app, flags\n"
        "from gitrack.record.config_source import config_from\n"
        "flags.DEFINE_float('lr', 0.1, '')\nflags.DEFINE_list('layers', ['1'], '')\n"
        "app.run(lambda _: print(json.dumps(config_from(flags.FLAGS))))\n"
    )
    done = subprocess.run(
        [sys.executable, script, "--lr=0.5"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"lr": 0.5, "layers": ["1"]}


def test_keys_are_included_or_excluded_never_both():
    config = {"a": 1, "b": 2, "c": 3}
    assert chosen(config) == config
    assert chosen(config, include=["a", "z"]) == {"a": 1}
    assert chosen(config, exclude=["a"]) == {"b": 2, "c": 3}
    with pytest.raises(ValueError, match="do not go together"):
        chosen(config, ["a"], ["b"])


def test_a_value_that_must_not_change_stays_with_a_warning(begin, capsys):
    with begin(config={"lr": 0.1}) as run:
        run.config.update({"lr": 0.2, "seed": 1}, allow_val_change=False)
        run.config.update({"lr": 0.1}, allow_val_change=False)
        assert run.config.lr == 0.1
        run.config.update({"lr": 0.3}, allow_val_change=True)
    assert capsys.readouterr().err.count("config.lr") == 1
    assert gitrack.load(run.id).config == {"lr": 0.3, "seed": 1}
